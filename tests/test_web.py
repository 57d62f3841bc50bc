"""The service: the query side of the SPARQL 1.1 Protocol, health, and the start page."""

import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from pyshacl import validate as run_pyshacl
from rdflib import RDF, Graph, Namespace, URIRef

from tests.conftest import SHARED, lacking
from tutela import release
from tutela.pool import Pool
from tutela.web.app import create
from tutela.web.negotiation import choose

SELECT = "SELECT ?s WHERE { ?s a <https://w3id.org/tutela/ontology#Edition> } ORDER BY ?s"
CONSTRUCT = "CONSTRUCT WHERE { <https://w3id.org/tutela/id/edition/10> ?p ?o }"


@pytest.fixture(scope="module")
def client(built: release.Release) -> Iterator[TestClient]:
    with TestClient(create(Pool(built), built)) as client:
        yield client


def test_a_query_comes_by_get_by_form_and_as_a_body(client: TestClient) -> None:
    answers = [
        client.get("/sparql", params={"query": SELECT}),
        client.post("/sparql", data={"query": SELECT}),
        client.post("/sparql", content=SELECT, headers={"content-type": "application/sparql-query"}),
        client.post("/sparql", content=SELECT, headers={"content-type": "application/sparql-query; charset=utf-8"}),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert len(answer.json()["results"]["bindings"]) == 10


@pytest.mark.parametrize(
    ("query", "accept", "media"),
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
def test_the_answer_comes_in_the_format_asked_for(client: TestClient, query: str, accept: str, media: str) -> None:
    answer = client.get("/sparql", params={"query": query}, headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    assert "accept" in answer.headers["vary"]
    assert answer.content


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("SELECT ?s WHERE {", 400, "not well formed: error at 1:"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", 403, "Updates are refused"),
        ("SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 403, "SERVICE is refused"),
    ],
)
def test_a_bad_query_is_answered_with_a_sentence(client: TestClient, query: str, status: int, message: str) -> None:
    for answer in (
        client.get("/sparql", params={"query": query}),
        client.post("/sparql", data={"query": query}),
    ):
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/plain")
        assert message in answer.text


def test_an_update_is_refused_in_each_way_it_may_come(client: TestClient) -> None:
    update = "INSERT DATA { <a:a> <a:b> <a:c> }"
    before = client.get("/health").json()["quads"]
    assert client.post("/sparql", data={"update": update}).status_code == 403
    assert client.post("/sparql", content=update, headers={"content-type": "application/sparql-update"}).status_code == 403
    assert client.get("/sparql", params={"update": update}).status_code == 403
    assert client.get("/health").json()["quads"] == before


def test_the_call_itself_may_be_wrong(client: TestClient) -> None:
    assert client.get("/sparql?").status_code == 200
    assert client.get("/sparql", params={"default-graph-uri": "https://w3id.org/tutela/graph/meta"}).status_code == 400
    assert client.get("/sparql", params=[("query", SELECT), ("query", SELECT)]).status_code == 400
    assert client.post("/sparql", content=SELECT, headers={"content-type": "text/plain"}).status_code == 415
    assert client.post("/sparql", content=b"\xff", headers={"content-type": "application/sparql-query"}).status_code == 400
    assert client.put("/sparql", content=SELECT).status_code == 405
    refused = client.get("/sparql", params={"query": SELECT}, headers={"accept": "image/png"})
    assert refused.status_code == 406
    assert "application/sparql-results+json" in refused.text


def test_graphs_can_be_chosen(client: TestClient) -> None:
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?a <https://w3id.org/tutela/ontology#rating> ?r }"
    counts = []
    for graph in ("derived", "review"):
        answer = client.get("/sparql", params={"query": query, "default-graph-uri": f"https://w3id.org/tutela/graph/{graph}"})
        counts.append(json.loads(answer.text)["results"]["bindings"][0]["n"]["value"])
    assert counts == ["196", "0"]


def test_a_format_can_be_named_in_the_address(client: TestClient) -> None:
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.1"}
    for form, media in [("csv", "text/csv"), ("xml", "application/sparql-results+xml"), ("text/csv", "text/csv")]:
        answer = client.get("/sparql", params={"query": SELECT, "format": form}, headers=browser)
        assert answer.headers["content-type"].startswith(media)
    assert client.get("/sparql", params={"query": SELECT, "format": "turtle"}).status_code == 406


def test_an_answer_is_revalidated_by_its_tag_which_differs_by_media_type(client: TestClient) -> None:
    first = client.get("/sparql", params={"query": SELECT})
    again = client.get("/sparql", params={"query": SELECT}, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert first.headers["last-modified"].endswith("GMT")
    csv = client.get("/sparql", params={"query": SELECT}, headers={"accept": "text/csv", "if-none-match": first.headers["etag"]})
    assert (csv.status_code, csv.headers["etag"] != first.headers["etag"]) == (200, True)


def test_answers_are_compressed_and_open_to_other_origins(client: TestClient) -> None:
    everything = {"query": "SELECT * WHERE { ?s a ?t } LIMIT 500"}
    answer = client.get("/sparql", params=everything, headers={"origin": "https://example.org", "accept-encoding": "gzip"})
    assert (answer.headers["content-encoding"], answer.headers["access-control-allow-origin"]) == ("gzip", "*")
    head = client.head("/sparql", params={"query": SELECT})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == client.get("/sparql", params={"query": SELECT}).headers["etag"]


def test_a_body_that_is_too_large_is_refused(client: TestClient) -> None:
    answer = client.post("/sparql", content=b"#" * (1 << 21), headers={"content-type": "application/sparql-query"})
    assert answer.status_code == 413


def test_the_endpoint_describes_itself_where_rdf_is_asked_for(client: TestClient) -> None:
    answer = client.get("/sparql", headers={"accept": "text/turtle"})
    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
    graph = Graph().parse(data=answer.text, format="turtle")
    sd = Namespace("http://www.w3.org/ns/sparql-service-description#")
    [service] = graph.subjects(RDF.type, sd.Service)
    assert (service, sd.endpoint, URIRef("http://testserver/sparql")) in graph
    assert len(list(graph.objects(None, sd.name))) == 7
    assert client.get("/sparql", headers={"accept": "application/ld+json"}).headers["content-type"] == "application/ld+json"
    page = client.get("/sparql", headers={"accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, "<h1>Ask with SPARQL</h1>" in page.text) == (200, True)


def test_the_dataset_is_described_by_void_and_dcat(client: TestClient, built: release.Release) -> None:
    answer = client.get("/.well-known/void", headers={"accept": "text/turtle"})
    graph = Graph().parse(data=answer.text, format="turtle")
    dcat, void = Namespace("http://www.w3.org/ns/dcat#"), Namespace("http://rdfs.org/ns/void#")
    dataset = URIRef("https://w3id.org/tutela/id/dataset/tutela")
    assert str(graph.value(dataset, dcat.version)) == built.version
    assert int(str(graph.value(dataset, void.triples))) == built.manifest["triples"]
    files = {str(file) for file in graph.objects(None, dcat.downloadURL)}
    assert len(files) == 4
    sums = {str(value).lower() for value in graph.objects(None, URIRef("http://spdx.org/rdf/terms#checksumValue"))}
    assert sums == {built.manifest["files"][f"tutela.{ending}"]["sha256"] for ending in ("nq", "ttl", "jsonld")}
    release_of_it = graph.value(dataset, dcat.hasCurrentVersion)
    assert str(graph.value(release_of_it, dcat.version)) == built.version
    for file in files:
        assert client.head(file).status_code == 200
    assert client.get("/.well-known/void", headers={"accept": "image/png"}).status_code == 406


def test_the_description_breaks_no_shape_of_dcat_ap(client: TestClient) -> None:
    folder = SHARED / "suites" / "dcat-ap"
    if not folder.is_dir():
        lacking("the shapes of DCAT-AP are not at ../shared/suites")
    graph = Graph().parse(data=client.get("/.well-known/void", headers={"accept": "text/turtle"}).text, format="turtle")
    sh = Namespace("http://www.w3.org/ns/shacl#")
    for name in ("shapes.ttl", "range.ttl"):
        shapes = Graph().parse(folder / name, format="turtle")
        _, results, _ = run_pyshacl(graph, shacl_graph=shapes, allow_warnings=True)
        broken = {
            (results.value(r, sh.resultPath), results.value(r, sh.value), results.value(r, sh.resultMessage))
            for r in results.subjects(sh.resultSeverity, sh.Violation)
        }
        assert not broken, broken


def test_health_tells_the_version(client: TestClient, built: release.Release) -> None:
    assert client.get("/health").json() == {
        "status": "ok",
        "version": built.version,
        "quads": built.manifest["quads"],
    }
    assert client.head("/health").status_code == 200


def test_the_start_page_shows_the_totals_and_a_search(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert 'action="/search"' in page.text
    assert "to 138 in 2023" in page.text
    assert "Tuvalu: no criterion met" in page.text
    assert "No criterion met <strong>10<" in page.text
    assert client.get("/", headers={"if-none-match": page.headers["etag"]}).status_code == 304
    assert client.get("/?show=nothing").status_code == 400
    assert "show: &#39;nothing&#39;; expected one of criteria-met" in client.get("/?show=nothing").text
    assert client.get("/static/tutela.css").status_code == 200
    assert client.head("/").content == b""


def test_a_media_type_is_chosen_by_weight_and_else_by_our_order() -> None:
    types = {"text/b": "b", "text/a": "a"}
    assert choose(types, None) == ("text/a", "a")
    assert choose(types, "text/*;q=0.3, text/b;q=0.8") == ("text/b", "b")
    assert choose(types, "image/png") is None
    assert choose(types, "nonsense") is None


def test_search_engines_read_the_dataset_in_the_start_page(client: TestClient, built: release.Release) -> None:
    page = client.get("/", headers={"accept": "text/html"}).text
    markup = page.split('<script type="application/ld+json">')[1].split("</script>")[0]
    nodes = {node.get("@type"): node for node in json.loads(markup)["@graph"] if node.get("@type") != "DataDownload"}
    dataset = nodes["Dataset"]
    assert dataset["version"] == built.version
    assert dataset["datePublished"] == built.manifest["issued"]
    assert dataset["license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    assert len(dataset["distribution"]) == 4
    assert nodes["Organization"]["name"] == "Tutela project"
