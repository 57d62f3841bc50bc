"""The query operation of the SPARQL 1.1 Protocol, the description of the dataset, health, and the start page."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from pyshacl import validate as run_pyshacl
from rdflib import RDF, Graph, Namespace, URIRef

from tests.conftest import SHARED, skip_or_fail
from tutela import namespaces, release
from tutela.tables.published import published_releases
from tutela.web.http.negotiation import best_match

SELECT = "SELECT ?s WHERE { ?s a <https://w3id.org/tutela/ontology#Edition> } ORDER BY ?s"
CONSTRUCT = "CONSTRUCT WHERE { <https://w3id.org/tutela/id/edition/10> ?p ?o }"

_JSON = "application/sparql-results+json"


def test_a_query_can_be_sent_by_get_as_a_form_or_as_the_body(client: TestClient) -> None:
    responses = [
        client.get("/sparql", params={"query": SELECT}),
        client.post("/sparql", data={"query": SELECT}),
        client.post("/sparql", content=SELECT, headers={"content-type": "application/sparql-query"}),
        client.post("/sparql", content=SELECT, headers={"content-type": "application/sparql-query; charset=utf-8"}),
    ]
    for response in responses:
        assert response.status_code == 200
        assert len(response.json()["results"]["bindings"]) == 10


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (SELECT, "*/*", "application/sparql-results+json"),
        (SELECT, "application/sparql-results+json", "application/sparql-results+json"),
        (SELECT, "application/json", "application/json"),
        (SELECT, "application/sparql-results+xml", "application/sparql-results+xml; charset=utf-8"),
        (SELECT, "text/csv", "text/csv; charset=utf-8"),
        (SELECT, "text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        (
            SELECT,
            "text/csv;q=0.5, application/sparql-results+xml;q=0.9",
            "application/sparql-results+xml; charset=utf-8",
        ),
        ("ASK { ?s ?p ?o }", "*/*", "application/sparql-results+json"),
        (
            "ASK { ?s ?p ?o }",
            "application/sparql-results+xml",
            "application/sparql-results+xml; charset=utf-8",
        ),
        (CONSTRUCT, "*/*", "text/turtle; charset=utf-8"),
        (CONSTRUCT, "application/n-triples", "application/n-triples"),
        (CONSTRUCT, "application/ld+json", "application/ld+json"),
        (CONSTRUCT, "application/rdf+xml", "application/rdf+xml; charset=utf-8"),
        ("DESCRIBE <https://w3id.org/tutela/id/edition/10>", "text/turtle", "text/turtle; charset=utf-8"),
    ],
)
def test_the_response_has_the_requested_format(client: TestClient, query: str, accept: str, media_type: str) -> None:
    response = client.get("/sparql", params={"query": query}, headers={"accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (200, media_type)
    assert "Accept" in response.headers["vary"]
    assert response.content


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("SELECT ?s WHERE {", 400, "not well formed: line 1, column 18: expected “}”"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", 403, "Updates are not allowed"),
        ("SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 403, "SERVICE is not allowed"),
    ],
)
def test_an_invalid_query_gets_an_error_message(client: TestClient, query: str, status: int, message: str) -> None:
    for response in (
        client.get("/sparql", params={"query": query}),
        client.post("/sparql", data={"query": query}),
    ):
        assert response.status_code == status
        assert response.headers["content-type"].startswith("text/plain")
        assert message in response.text


def test_updates_are_rejected(client: TestClient) -> None:
    update = "INSERT DATA { <a:a> <a:b> <a:c> }"
    before = client.get("/health").json()["quads"]
    assert client.post("/sparql", data={"update": update}).status_code == 403
    assert client.post("/sparql", content=update, headers={"content-type": "application/sparql-update"}).status_code == 403
    assert client.get("/sparql", params={"update": update}).status_code == 403
    assert client.get("/health").json()["quads"] == before


def test_an_invalid_request_gets_the_right_status(client: TestClient) -> None:
    assert client.get("/sparql?").status_code == 200
    assert client.get("/sparql", params={"default-graph-uri": "https://w3id.org/tutela/graph/meta"}).status_code == 400
    assert client.get("/sparql", params=[("query", SELECT), ("query", SELECT)]).status_code == 400
    assert client.post("/sparql", content=SELECT, headers={"content-type": "text/plain"}).status_code == 415
    assert client.post("/sparql", content=b"\xff", headers={"content-type": "application/sparql-query"}).status_code == 400
    assert client.put("/sparql", content=SELECT).status_code == 405
    rejected = client.get("/sparql", params={"query": SELECT}, headers={"accept": "image/png"})
    assert rejected.status_code == 406
    assert "application/sparql-results+json" in rejected.text


def test_a_request_can_choose_graphs(client: TestClient) -> None:
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?a <https://w3id.org/tutela/ontology#rating> ?r }"
    counts = []
    for graph in ("derived", "review"):
        response = client.get("/sparql", params={"query": query, "default-graph-uri": f"https://w3id.org/tutela/graph/{graph}"})
        counts.append(json.loads(response.text)["results"]["bindings"][0]["n"]["value"])
    assert counts == ["196", "0"]


def test_a_request_can_name_a_format_in_the_url(client: TestClient) -> None:
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.1"}
    for format_name, media_type in [("csv", "text/csv"), ("xml", "application/sparql-results+xml"), ("text/csv", "text/csv")]:
        response = client.get("/sparql", params={"query": SELECT, "format": format_name}, headers=browser)
        assert response.headers["content-type"].startswith(media_type)
    # A format that does not suit the result is ignored.
    assert client.get("/sparql", params={"query": SELECT, "format": "turtle"}).headers["content-type"] == _JSON
    rejected = client.get("/sparql", params={"query": SELECT, "format": "turtle"}, headers={"accept": "text/turtle"})
    assert (rejected.status_code, "application/sparql-results+json" in rejected.text) == (406, True)


@pytest.mark.parametrize(
    ("parameters", "media_type"),
    [
        ([("output", "csv")], "text/csv; charset=utf-8"),
        ([("results", "xml")], "application/sparql-results+xml; charset=utf-8"),
        ([("results", "xml"), ("output", "csv"), ("format", "tsv")], "text/tab-separated-values; charset=utf-8"),
        ([("format", "turtle"), ("output", "nonsense"), ("results", "csv")], "text/csv; charset=utf-8"),
        ([("format", "tsv"), ("format", "text/tab-separated-values")], "text/tab-separated-values; charset=utf-8"),
        ([("format", "ld+json,application/x-json+ld"), ("format", "")], _JSON),
        ([("format", "application/sparql-results json")], _JSON),
        # parameters of other services
        ([("debug", "on"), ("timeout", "0"), ("should-sponge", "x"), ("callback", "f"), ("infer", "true"), ("limit", "1")], _JSON),
    ],
)  # fmt: skip
def test_the_first_format_that_suits_the_result_is_used(
    client: TestClient, parameters: list[tuple[str, Any]], media_type: str
) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    direct = {"content-type": "application/sparql-query"}
    query = [("query", SELECT)]
    for response in (
        client.get("/sparql", params=[*query, *parameters]),
        client.post("/sparql", content=urlencode([*query, *parameters]), headers=form),
        client.post("/sparql", params=parameters, content=SELECT, headers=direct),
    ):
        assert (response.status_code, response.headers["content-type"]) == (200, media_type)
    conflicting = client.get("/sparql", params=[*query, ("format", "csv"), ("format", "xml")])
    assert (conflicting.status_code, "'format' is given 2 times" in conflicting.text) == (400, True)


def test_results_have_file_names(client: TestClient) -> None:
    names = {
        (SELECT, "csv"): 'attachment; filename="result.csv"',
        (SELECT, "json"): 'inline; filename="result.json"',
        (CONSTRUCT, "turtle"): 'inline; filename="result.ttl"',
        (CONSTRUCT, "nquads"): 'inline; filename="result.nq"',
    }
    for (query, format_name), expected in names.items():
        response = client.get("/sparql", params={"query": query, "format": format_name})
        assert response.headers["content-disposition"] == expected


def test_results_that_may_differ_have_no_etag(client: TestClient) -> None:
    for query in (
        "SELECT (STRUUID() AS ?x) {}",
        "SELECT (uUiD # c\n( ) AS ?x) {}",
        "CONSTRUCT { [] a ?t } WHERE { ?s a ?t } LIMIT 1",
    ):
        first, second = (client.get("/sparql", params={"query": query}) for _ in range(2))
        assert (first.status_code, first.headers["cache-control"], "etag" in first.headers) == (200, "no-store", False)
        assert first.content != second.content


def test_a_response_is_revalidated_by_its_etag(client: TestClient) -> None:
    first = client.get("/sparql", params={"query": SELECT})
    second = client.get("/sparql", params={"query": SELECT}, headers={"if-none-match": first.headers["etag"]})
    assert (second.status_code, second.content, second.headers["etag"]) == (304, b"", first.headers["etag"])
    assert first.headers["last-modified"].endswith("GMT")
    csv = client.get("/sparql", params={"query": SELECT}, headers={"accept": "text/csv", "if-none-match": first.headers["etag"]})
    assert (csv.status_code, csv.headers["etag"] != first.headers["etag"]) == (200, True)


def test_responses_are_compressed_and_allow_other_origins(client: TestClient) -> None:
    everything = {"query": "SELECT * WHERE { ?s a ?t } LIMIT 500"}
    response = client.get("/sparql", params=everything, headers={"origin": "https://example.org", "accept-encoding": "gzip"})
    assert (response.headers["content-encoding"], response.headers["access-control-allow-origin"]) == ("gzip", "*")
    head = client.head("/sparql", params={"query": SELECT})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == client.get("/sparql", params={"query": SELECT}).headers["etag"]


def test_a_body_that_is_too_large_is_rejected(client: TestClient) -> None:
    response = client.post("/sparql", content=b"#" * (1 << 21), headers={"content-type": "application/sparql-query"})
    assert response.status_code == 413


def test_the_endpoint_returns_its_service_description_as_rdf(client: TestClient) -> None:
    response = client.get("/sparql", headers={"accept": "text/turtle"})
    assert response.headers["content-type"] == "text/turtle; charset=utf-8"
    graph = Graph().parse(data=response.text, format="turtle")
    sd = Namespace("http://www.w3.org/ns/sparql-service-description#")
    [service] = graph.subjects(RDF.type, sd.Service)
    assert (service, sd.endpoint, URIRef("http://testserver/sparql")) in graph
    assert len(list(graph.objects(None, sd.name))) == len(namespaces.GRAPHS)
    assert client.get("/sparql", headers={"accept": "application/ld+json"}).headers["content-type"] == "application/ld+json"
    page = client.get("/sparql", headers={"accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, "<h1>Query with SPARQL</h1>" in page.text) == (200, True)


def test_the_dataset_is_described_by_void_and_dcat(client: TestClient, built: release.Release) -> None:
    response = client.get("/.well-known/void", headers={"accept": "text/turtle"})
    graph = Graph().parse(data=response.text, format="turtle")
    dcat, void = Namespace("http://www.w3.org/ns/dcat#"), Namespace("http://rdfs.org/ns/void#")
    dataset = URIRef("https://w3id.org/tutela/id/dataset/tutela")
    assert str(graph.value(dataset, dcat.version)) == built.version
    assert int(str(graph.value(dataset, void.triples))) == built.manifest["triples"]
    files = {str(file) for file in graph.objects(None, dcat.downloadURL)}
    assert len(files) == 4 + len(published_releases())
    sums = {str(value).lower() for value in graph.objects(None, URIRef("http://spdx.org/rdf/terms#checksumValue"))}
    assert sums == {built.manifest["files"][f"tutela.{ending}"]["sha256"] for ending in ("nq", "ttl", "jsonld")}
    current = graph.value(dataset, dcat.hasCurrentVersion)
    assert str(graph.value(current, dcat.version)) == built.version
    for file in files:
        assert client.head(file).status_code == 200
    assert client.get("/.well-known/void", headers={"accept": "image/png"}).status_code == 406


def test_the_description_conforms_to_dcat_ap(client: TestClient) -> None:
    folder = SHARED / "suites" / "dcat-ap"
    if not folder.is_dir():
        skip_or_fail("the shapes of DCAT-AP are not at ../shared/suites")
    graph = Graph().parse(data=client.get("/.well-known/void", headers={"accept": "text/turtle"}).text, format="turtle")
    sh = Namespace("http://www.w3.org/ns/shacl#")
    for name in ("shapes.ttl", "range.ttl"):
        shapes = Graph().parse(folder / name, format="turtle")
        _, results, _ = run_pyshacl(graph, shacl_graph=shapes, allow_warnings=True)
        violations = {
            (results.value(r, sh.resultPath), results.value(r, sh.value), results.value(r, sh.resultMessage))
            for r in results.subjects(sh.resultSeverity, sh.Violation)
        }
        assert not violations, violations


def test_health_contains_the_version(client: TestClient, built: release.Release) -> None:
    assert client.get("/health").json() == {
        "status": "ok",
        "version": built.version,
        "quads": built.manifest["quads"],
    }
    assert client.head("/health").status_code == 200


def test_the_start_page_shows_totals_and_a_search(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert 'action="/search"' in page.text
    assert "The review rates the law of 138 jurisdictions as sufficient in 2023" in page.text
    assert "Tuvalu: no criterion met" in page.text
    assert "No criterion met <strong>10<" in page.text
    assert client.get("/", headers={"if-none-match": page.headers["etag"]}).status_code == 304
    assert client.get("/?show=nothing").status_code == 400
    assert "show: unknown value 'nothing'" in client.get("/?show=nothing").text
    assert "show: unknown value &#39;nothing&#39;" in client.get("/?show=nothing", headers={"accept": "text/html"}).text
    assert client.get("/static/tutela.css").status_code == 200
    assert client.head("/").content == b""


def test_a_media_type_is_chosen_by_quality_then_by_order_of_preference() -> None:
    types = {"text/b": "b", "text/a": "a"}
    assert best_match(types, None) == ("text/a", "a")
    assert best_match(types, "text/*;q=0.3, text/b;q=0.8") == ("text/b", "b")
    assert best_match(types, "image/png") is None
    assert best_match(types, "nonsense") is None


def test_the_start_page_describes_the_dataset_for_search_engines(client: TestClient, built: release.Release) -> None:
    page = client.get("/", headers={"accept": "text/html"}).text
    markup = page.split('<script type="application/ld+json">')[1].split("</script>")[0]
    nodes = {node.get("@type"): node for node in json.loads(markup)["@graph"] if node.get("@type") != "DataDownload"}
    dataset = nodes["Dataset"]
    assert dataset["version"] == built.version
    assert dataset["datePublished"] == built.manifest["issued"]
    assert dataset["license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    assert len(dataset["distribution"]) == 4
    assert nodes["Organization"]["name"] == "Tutela project"
