"""The catalogue over HTTP: formats, error messages, and the OpenAPI description."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from markupsafe import escape

from tests import EXPECTED_ANSWERS
from tutela import release
from tutela.catalog.catalog import Catalog
from tutela.engine.worker_pool import WorkerPool
from tutela.web.api import validation
from tutela.web.app import create_app

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
QUERY_URL = "/queries/jurisdictions-lacking"
PARAMETERS = {"criterion": "simple-possession"}


@pytest.fixture(scope="module")
def client(built: release.Release) -> Iterator[TestClient]:
    with TestClient(create_app(WorkerPool(built), built)) as client:
        yield client


def test_the_catalogue_is_listed_with_parameters_and_urls(client: TestClient, catalog: Catalog) -> None:
    response = client.get("/queries")
    assert (response.headers["content-type"], response.headers["vary"].split(",")[0]) == ("application/json", "Accept")
    queries = {query["name"]: query for query in response.json()["questions"]}
    assert list(queries) == list(catalog.queries)
    example = queries["jurisdictions-lacking"]
    assert example["address"] == QUERY_URL
    assert example["parameters"][0]["type"] == "criterion"
    assert set(example["columns"]) >= {"jurisdiction", "name"}
    assert client.get(example["example"]).status_code == 200
    # No query has a parameter named `format`, which selects the format of the answer.
    assert not any(parameter["name"] == "format" for query in queries.values() for parameter in query["parameters"])


def test_queries_have_an_answer_to_their_example_in_html(client: TestClient) -> None:
    for query in client.get("/queries").json()["questions"][::5]:
        with (EXPECTED_ANSWERS / f"{query['name']}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        page = client.get(query["example"], headers=BROWSER)
        assert page.status_code == 200, query["name"]
        assert f"<p>{len(rows)} result" in page.text


@pytest.mark.parametrize(
    ("accept", "format_name", "media_type"),
    [
        ("*/*", None, "application/sparql-results+json"),
        ("application/json", None, "application/json"),
        ("application/sparql-results+xml", None, "application/sparql-results+xml; charset=utf-8"),
        ("text/csv", None, "text/csv; charset=utf-8"),
        ("text/tab-separated-values", None, "text/tab-separated-values; charset=utf-8"),
        ("text/html", None, "text/html; charset=utf-8"),
        ("image/png", "json", "application/sparql-results+json"),
        ("text/html", "csv", "text/csv; charset=utf-8"),
        ("text/csv", "html", "text/html; charset=utf-8"),
        (None, "xml", "application/sparql-results+xml; charset=utf-8"),
        (None, "tsv", "text/tab-separated-values; charset=utf-8"),
    ],
)
def test_an_answer_has_the_requested_format(
    client: TestClient, accept: str | None, format_name: str | None, media_type: str
) -> None:
    params = {**PARAMETERS, **({"format": format_name} if format_name else {})}
    response = client.get(QUERY_URL, params=params, headers={"accept": accept} if accept else {})
    assert (response.status_code, response.headers["content-type"], response.headers["vary"].split(",")[0]) == (
        200,
        media_type,
        "Accept",
    )


def test_all_formats_have_the_same_rows(client: TestClient) -> None:
    texts = {
        format_name: client.get(QUERY_URL, params={**PARAMETERS, "format": format_name}).text
        for format_name in ("json", "csv", "tsv", "xml")
    }
    rows = json.loads(texts["json"])["results"]["bindings"]
    assert [row["name"] for row in csv.DictReader(io.StringIO(texts["csv"]))] == [row["name"]["value"] for row in rows]
    assert len(texts["tsv"].splitlines()) == len(rows) + 1
    assert len(list(ET.fromstring(texts["xml"]).iter("{http://www.w3.org/2005/sparql-results#}result"))) == len(rows)  # noqa: S314


def test_parameters_change_the_answer_and_defaults_are_optional(client: TestClient) -> None:
    albania = client.get("/queries/bound-by", params={"jurisdiction": "ALB"}).json()
    assert albania == client.get("/queries/bound-by", params={"jurisdiction": "ALB", "as_of": "2023-09-30"}).json()
    assert albania != client.get("/queries/bound-by", params={"jurisdiction": "ALB", "as_of": "1990-01-01"}).json()
    assert albania != client.get("/queries/bound-by", params={"jurisdiction": "BEL"}).json()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "needs the parameter criterion"),
        ({"criterion": "simple-posession"}, "the nearest is simple-possession"),
        ({"criterion": ""}, "there is no criterion ''"),
        ({**PARAMETERS, "kriterion": "x"}, "has no parameter 'kriterion'; the nearest is criterion"),
        ({**PARAMETERS, "edition": "ten"}, "there is no edition 'ten'"),
        ({**PARAMETERS, "format": "pdf"}, "format: 'pdf'; expected one of json, xml, csv, tsv, html."),
        ({"criterion": "10 } UNION { ?s ?p ?o"}, "there is no criterion"),
        ({"criterion": "<https://w3id.org/tutela/id/criterion/simple-possession>"}, "there is no criterion"),
        ({**PARAMETERS, "edition": "10 } UNION { ?s ?p ?o"}, "there is no edition"),
        ({**PARAMETERS, "criterion } #": "x"}, "has no parameter"),
        ({"criterion": [*PARAMETERS.values(), "x"]}, "Parameters given more than once: criterion"),
        ({**PARAMETERS, "format": ["json", "csv"]}, "'format' is given 2 times"),
        ({"criterion": "a\x00b\r\nset-cookie: x"}, "there is no criterion"),
    ],
)
def test_an_invalid_parameter_gets_an_error_message(client: TestClient, params: dict[str, str], message: str) -> None:
    response = client.get(QUERY_URL, params=params)
    assert (response.status_code, response.headers["content-type"]) == (422, "text/plain; charset=utf-8")
    assert message in response.text
    assert "--param" not in response.text
    # A browser gets the form, unless the values are missing because nobody has chosen any.
    page = client.get(QUERY_URL, params=params, headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (422 if params else 200, "text/html; charset=utf-8")
    assert page.text.count("<h1>") == 1
    if params:
        assert escape(message) in page.text
        assert "etag" not in page.headers
    for text in (response.text, page.text):
        assert "Traceback" not in text


def test_a_browser_gets_the_form_of_a_query_without_values(client: TestClient) -> None:
    for path in (
        "/queries/parties-lacking",
        "/queries/parties-lacking?utm_source=x&fbclid=y",
        "/queries/parties-lacking?format=html",
    ):
        page = client.get(path, headers=BROWSER)
        assert page.status_code == 200, path
        assert '<form class="stacked" action="/queries/parties-lacking"' in page.text
        assert "The query was not run" not in page.text
        assert "--param" not in page.text
    # A query whose parameters all have defaults is answered.
    assert "<p>5 results" in client.get("/queries/criteria", headers=BROWSER).text


def test_a_wrong_value_is_marked_and_the_others_are_kept(client: TestClient) -> None:
    values = {"instrument": "lanzarot", "criterion": "simple-possession", "as_of": "30.9.2023", "instrumnet": '"><b>'}
    response = client.get("/queries/parties-lacking", params=values, headers=BROWSER)
    assert response.status_code == 422
    page = re.sub(r"\s+", " ", response.text)
    assert "<title>Error: " in page
    assert re.search(r'<option value="simple-possession" selected>', page)
    assert re.search(
        r'name="as_of" value="30.9.2023"[^>]* aria-invalid="true" aria-describedby="parties-lacking--as_of--message"', page
    )
    assert page.count('aria-invalid="true"') == 2
    assert "the nearest is lanzarote" in page
    assert "has no parameter &#39;instrumnet&#39;; the nearest is instrument" in page
    assert "<b>" not in page
    missing = client.get("/queries/parties-lacking", params={"instrument": "lanzarote"}, headers=BROWSER)
    assert missing.status_code == 422
    assert re.search(r'<option value="lanzarote" selected>', missing.text)
    assert missing.text.count('aria-invalid="true"') == 1
    assert '<a href="#parties-lacking--criterion">parties-lacking needs the parameter criterion' in missing.text


@pytest.mark.parametrize("day", ["2023-02-30", '2023-09-30"^^xsd:date } UNION { ?s ?p ?o', "yesterday", "2023-09-30\n}", ""])
def test_an_invalid_date_is_rejected(client: TestClient, day: str) -> None:
    response = client.get("/queries/bound-by", params={"jurisdiction": "ALB", "as_of": day})
    assert response.status_code == 422
    assert "is not a date; expected YYYY-MM-DD" in response.text


def test_an_unknown_query_and_an_unacceptable_format_get_an_error_message(client: TestClient) -> None:
    missing = client.get("/queries/jurisdiction-lacking")
    assert missing.status_code == 404
    assert "the nearest is jurisdictions-lacking" in missing.text
    assert client.get("/queries/..%2f..%2fetc%2fpasswd").status_code == 404
    for path in ("/queries", f"{QUERY_URL}?criterion=simple-possession"):
        rejected = client.get(path, headers={"accept": "image/png"})
        assert (rejected.status_code, rejected.headers["vary"].split(",")[0]) == (406, "Accept")
        assert "application/json" in rejected.text
    assert client.post(QUERY_URL).status_code == 405


@pytest.mark.parametrize(
    "path", ["/queries", "/queries?format=html", f"{QUERY_URL}?criterion=simple-possession", "/api", "/queries/none"]
)
def test_head_has_the_headers_of_get(client: TestClient, path: str) -> None:
    get, head = client.get(path), client.head(path)
    assert (head.status_code, head.headers["content-type"], head.content) == (get.status_code, get.headers["content-type"], b"")


def test_the_pages_work_without_scripts(client: TestClient, catalog: Catalog) -> None:
    page = client.get("/queries", headers=BROWSER).text
    for name in catalog.queries:
        assert f'href="/queries/{name}">' in page
    response = client.get(QUERY_URL, params=PARAMETERS, headers=BROWSER).text
    assert re.search(r'<a href="/jurisdictions/[A-Z]{3}">', response)
    assert "VALUES ?criterion { &lt;https://w3id.org/tutela/id/criterion/simple-possession&gt; }" in response
    for text in (page, response):
        assert not re.findall(r'<script(?! src="/static/)', text), "an inline script"
        assert not re.search(r"\son\w+=|\sstyle=|javascript:", text)
        identifiers = re.findall(r'\sid="([^"]+)"', text)
        assert len(identifiers) == len(set(identifiers))
        assert all(label in identifiers for label in re.findall(r'<label for="([^"]+)"', text))


def test_the_openapi_description_is_complete(client: TestClient, catalog: Catalog) -> None:
    document = client.get("/api").json()
    assert document["openapi"].startswith("3.1")
    assert {"/sparql", "/queries", "/validate", "/health"} <= set(document["paths"])
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for query in catalog.queries.values():
        operation = document["paths"][f"/queries/{query.name}"]["get"]
        described = {parameter["name"]: parameter for parameter in operation["parameters"]}
        assert set(described) == {*(parameter.name for parameter in query.parameters), "format"}
        assert {"200", "406", "422"} <= set(operation["responses"])
        for parameter in query.parameters:
            description = described[parameter.name]
            assert (description["schema"]["type"], description["example"]) == ("string", parameter.example)
            assert description["required"] is (parameter.default is None)
            assert description["schema"].get("default") == catalog.default(parameter)
            allowed = {value.value for value in catalog.allowed_values(parameter.type)}
            assert set(description["schema"].get("enum", [])) == allowed
    assert set(document["paths"]["/validate"]["post"]["requestBody"]["content"]) == set(validation.BODY_TYPES)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json", "xml"])
def test_the_ending_of_the_url_names_the_format(client: TestClient, suffix: str) -> None:
    path = "/queries/parties-lacking"
    parameters = {"instrument": "lanzarote", "criterion": "definition"}
    by_suffix = client.get(f"{path}.{suffix}", params=parameters, headers={"accept": "text/html"})
    by_format = client.get(path, params={**parameters, "format": suffix})
    assert (by_suffix.status_code, by_suffix.content) == (200, by_format.content)
    kind = "attachment" if suffix in ("csv", "tsv") else "inline"
    for response in (by_suffix, by_format):
        assert response.headers["content-disposition"] == f'{kind}; filename="parties-lacking-lanzarote-definition.{suffix}"'
    etag = {"if-none-match": by_suffix.headers["etag"]}
    assert client.get(f"{path}.{suffix}", params=parameters, headers={"accept": "text/html", **etag}).status_code == 304
    assert client.head(f"{path}.{suffix}", params=parameters).headers["content-disposition"].startswith(kind)


def test_an_unknown_ending_is_not_found(client: TestClient) -> None:
    for suffix in ("ttl", "CSV", "html", "csv.csv", ""):
        response = client.get(f"/queries/criteria.{suffix}")
        assert response.status_code == 404, suffix
    assert "expected one of .json, .xml, .csv, .tsv" in client.get("/queries/criteria.ttl").text
    assert client.get("/queries/nothing.csv").status_code == 404
    assert client.get("/queries/parties-lacking.csv").status_code == 422


def test_names_of_formats_have_synonyms(client: TestClient) -> None:
    for name in ("JSON", "sparql-results+json", "application/json", "application/sparql-results json"):
        assert client.get(f"/queries/criteria?format={quote(name)}").json()["head"]["vars"], name
    assert client.get("/queries/criteria?format=turtle").status_code == 422


def test_the_page_of_an_answer_has_no_file_name(client: TestClient) -> None:
    assert "content-disposition" not in client.get("/queries/criteria?format=html").headers


def test_the_requests_by_curl_on_the_page_of_sparql_are_answered(client: TestClient) -> None:
    page = unescape(client.get("/sparql", headers={"accept": "text/html"}).text)
    shown = page.partition('aria-label="Requests by curl">')[2].partition("</pre>")[0]
    parties, endpoint, kenya = re.findall(r'"http://testserver(/[^"]+)"', shown)
    assert "Albania" in client.get(parties).text
    (query,) = re.findall(r'"query=([^"]+)"', shown)
    names = client.post(endpoint, data={"query": query}, headers={"accept": "text/csv"})
    assert names.text.splitlines()[:2] == ["name", "Afghanistan"]
    assert client.get(kenya, headers={"accept": "text/turtle"}).headers["content-type"].startswith("text/turtle")
