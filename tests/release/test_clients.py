"""Common clients (SPARQLWrapper, rdflib, curl, Yasgui, Comunica) work, and many simultaneous clients get correct answers."""

import asyncio
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest
from fastapi.testclient import TestClient
from rdflib import Graph, Namespace, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDF, RDFXML, TSV, TURTLE, URLENCODED, XML, SPARQLWrapper

from tests import EXPECTED_ANSWERS
from tests.conftest import TESTS, skip_or_fail
from tests.dataset.test_catalog_answers import cases
from tutela import release
from tutela.catalog.catalog import Catalog
from tutela.engine.worker_pool import WorkerPool
from tutela.web.app import create_app

TUTELA = Namespace("https://w3id.org/tutela/ontology#")
ALBANIA = URIRef("https://w3id.org/tutela/id/jurisdiction/ALB")
QUERY = "SELECT ?name WHERE { <https://w3id.org/tutela/id/jurisdiction/ALB> <http://www.w3.org/2000/01/rdf-schema#label> ?name }"


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_gets_every_format(live: str, method: str) -> None:
    client = SPARQLWrapper(f"{live}/sparql")
    client.setMethod(method)
    client.setQuery(QUERY)
    client.setReturnFormat(JSON)
    result = client.queryAndConvert()
    assert isinstance(result, dict)
    assert result["results"]["bindings"][0]["name"]["value"] == "Albania"
    client.setReturnFormat(XML)
    assert "Albania" in client.queryAndConvert().toxml()  # type: ignore[union-attr]
    client.setReturnFormat(CSV)
    assert b"Albania" in client.queryAndConvert()  # type: ignore[operator]
    client.setQuery(f"DESCRIBE <{ALBANIA}>")
    client.setReturnFormat(TURTLE)
    assert b"Albania" in client.queryAndConvert()  # type: ignore[operator]


@pytest.mark.parametrize("return_format", [XML, JSON, CSV, TSV, TURTLE, N3, RDF, RDFXML, JSONLD])
@pytest.mark.parametrize("form", ["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"])
@pytest.mark.filterwarnings(
    "ignore:.*Accept header:RuntimeWarning", "ignore:Format requested:RuntimeWarning", "ignore::DeprecationWarning"
)
def test_sparqlwrapper_converts_each_format_for_each_query(live: str, form: str, return_format: str) -> None:
    """It sends ``format``, ``output`` and ``results``, whether the format suits the query or not."""
    queries = {
        "SELECT": QUERY,
        "ASK": f"ASK {{ <{ALBANIA}> ?p ?o }}",
        "CONSTRUCT": f"CONSTRUCT WHERE {{ <{ALBANIA}> ?p ?o }}",
        "DESCRIBE": f"DESCRIBE <{ALBANIA}>",
    }
    is_graph = form in ("CONSTRUCT", "DESCRIBE")
    types = {
        XML: "xml", JSON: "json", CSV: "text/csv", TSV: "text/tab-separated-values", TURTLE: "text/turtle", N3: "n3",
        RDF: "application/rdf+xml", RDFXML: "application/rdf+xml", JSONLD: "application/ld+json",
    }  # fmt: skip
    suits = return_format in (XML, JSON) or (return_format in (CSV, TSV)) is not is_graph
    expected = types[return_format] if suits else "text/turtle" if is_graph else "application/sparql-results+json"
    for method, request_method in (("GET", URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)):
        client = SPARQLWrapper(f"{live}/sparql", returnFormat=return_format)
        client.setMethod(method)
        client.setRequestMethod(request_method)
        client.setQuery(queries[form])
        result = client.query()
        assert expected in result.info()["content-type"], (form, return_format)
        assert result.convert()


_ALL_FORMS = [QUERY, "ASK {}", f"CONSTRUCT WHERE {{ <{ALBANIA}> ?p ?o }}", f"DESCRIBE <{ALBANIA}>"]
_ACCEPT_HEADERS = {
    "requests, Go, wget, curl, R": "*/*",
    "java.net.HttpURLConnection": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
    "a browser, a spreadsheet, QGIS": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "sparql-dataframe": "text/csv, */*;q=0.1",
    "Yasgui": "application/sparql-results+json,*/*;q=0.9",
    "fetch-sparql-endpoint": (
        "application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7,text/turtle,application/n-triples;q=0.9"
    ),
    "Jena": "text/turtle,application/n-triples;q=0.9,application/sparql-results+json,application/sparql-results+xml;q=0.9,*/*;q=0.1",
    "RDF4J": "application/x-binary-rdf;q=0.8, text/turtle;q=0.8, text/boolean, application/sparql-results+json;q=0.8",
}


@pytest.mark.parametrize("client", sorted(_ACCEPT_HEADERS))
def test_the_default_accept_headers_of_clients(live: str, client: str) -> None:
    form, direct = {"content-type": "application/x-www-form-urlencoded"}, {"content-type": "application/sparql-query"}
    with httpx2.Client(base_url=live) as session:
        for query in _ALL_FORMS:
            headers = {"accept": _ACCEPT_HEADERS[client]}
            responses = [
                session.get("/sparql", params={"query": query}, headers=headers),
                session.post("/sparql", content=urlencode({"query": query}), headers={**headers, **form}),
                session.post("/sparql", content=query, headers={**headers, **direct}),
            ]
            assert [response.status_code for response in responses] == [200] * 3, query
            assert len({response.headers["content-type"] for response in responses}) == 1


def test_rdflib_reads_the_endpoint_as_a_graph(live: str) -> None:
    graph = Graph(SPARQLStore(f"{live}/sparql", returnFormat="json"))
    assert str(graph.value(ALBANIA, URIRef("http://www.w3.org/2000/01/rdf-schema#label"))) == "Albania"
    assert len(list(graph.query("SELECT ?e WHERE { ?e a tutela:Edition }", initNs={"tutela": TUTELA}))) == 10


@pytest.mark.parametrize("rdf_format", ["turtle", "xml", "nt"])
def test_rdflib_dereferences_an_iri(live: str, rdf_format: str) -> None:
    graph = Graph().parse(f"{live}/id/jurisdiction/ALB", format=rdf_format)
    assert (ALBANIA, None, None) in graph


def test_curl_sends_a_query_as_a_file_or_a_form(live: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    if shutil.which("curl") is None:
        skip_or_fail("curl is not installed")
    path = tmp_path_factory.mktemp("curl") / "query.rq"
    path.write_text(QUERY, encoding="utf-8")
    option_lists = [
        ["--data-urlencode", f"query@{path}"],
        ["--get", "--data-urlencode", f"query@{path}"],
        ["-H", "Content-Type: application/sparql-query", "--data-binary", f"@{path}"],
    ]
    for options in option_lists:
        command = ["curl", "-sS", "--fail", "-H", "Accept: text/csv", *options, f"{live}/sparql"]
        assert subprocess.run(command, capture_output=True, check=True).stdout == b"name\r\nAlbania\r\n"


def test_a_client_of_http_1_0_gets_a_large_result_without_chunks(live: str) -> None:
    host, port = live.removeprefix("http://").split(":")
    query = urlencode({"query": "SELECT * { ?s ?p ?o } LIMIT 3000", "format": "json"})
    with socket.create_connection((host, int(port)), 30) as connection:
        connection.sendall(f"GET /sparql?{query} HTTP/1.0\r\n\r\n".encode())
        head, _, body = b"".join(iter(lambda: connection.recv(1 << 16), b"")).partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert len(json.loads(body)["results"]["bindings"]) == 3000


@pytest.mark.slow
def test_sixty_four_simultaneous_clients_get_correct_answers(live: str, catalog: Catalog) -> None:
    """Clients send all kinds of queries, some of which are answered from the cache, while runaway queries are being stopped.

    Each client sends ten queries, or more until TUTELA_LOAD_SECONDS have passed.
    """
    expected = {}
    for case in cases():
        name, _, pairs = case.partition("@")
        values = {parameter.name: parameter.example for parameter in catalog.query(name).parameters}
        values |= dict(pair.split("=") for pair in filter(None, pairs.split(",")))
        expected[case] = (name, values, (EXPECTED_ANSWERS / f"{case}.csv").read_text(encoding="utf-8"))
    seconds = float(os.environ.get("TUTELA_LOAD_SECONDS", "0"))
    start = time.monotonic()

    async def send_queries(number: int, session: httpx2.AsyncClient, wrong: Counter[str], latencies: list[float]) -> None:
        order = sorted(expected, key=lambda case: hash((case, number)))
        for turn, case in enumerate(itertools.cycle(order)):
            if time.monotonic() - start > seconds and turn >= 10:
                return
            name, values, text = expected[case]
            sent = time.monotonic()
            if (number + turn) % 2:
                # The comment makes the query unique, so the response is not in the cache.
                query = f"# {number} {turn}\n{catalog.text(name, values)}"
                response = await session.post(f"{live}/sparql", data={"query": query}, headers={"accept": "text/csv"})
            else:
                response = await session.get(f"{live}/queries/{name}", params={**values, "format": "csv"})
            latencies.append(time.monotonic() - sent)
            if response.status_code != 200 or response.text.replace("\r\n", "\n") != text:
                wrong[f"{case}: {response.status_code} {response.text[:200]}"] += 1

    async def send_runaways(session: httpx2.AsyncClient, statuses: list[int]) -> None:
        query = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        while not statuses or time.monotonic() - start < seconds:
            statuses.append((await session.post(f"{live}/sparql", data={"query": query})).status_code)

    async def run_all() -> tuple[Counter[str], list[float], list[int]]:
        wrong: Counter[str] = Counter()
        latencies: list[float] = []
        statuses: list[int] = []
        limits = httpx2.Limits(max_connections=80)
        async with httpx2.AsyncClient(timeout=120, limits=limits) as session:
            runaway_task = asyncio.create_task(send_runaways(session, statuses))
            await asyncio.gather(*(send_queries(number, session, wrong, latencies) for number in range(64)))
            await runaway_task
        return wrong, latencies, statuses

    wrong, latencies, statuses = asyncio.run(run_all())
    latencies.sort()
    duration, median = time.monotonic() - start, latencies[len(latencies) // 2]
    print(f"{len(latencies)} answers in {duration:.0f} s, median {median:.3f} s, slowest {latencies[-1]:.2f} s")
    assert not wrong
    assert set(statuses) == {504}


def test_a_large_response_is_streamed_and_one_that_is_too_large_is_aborted(live: str) -> None:
    everything = "SELECT * WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o"
    with httpx2.stream("GET", f"{live}/sparql", params={"query": everything, "format": "csv"}) as response:
        assert response.headers["transfer-encoding"] == "chunked"
        sizes = [len(chunk) for chunk in response.iter_raw()]
    assert len(sizes) > 3
    flood = {"query": "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }", "format": "csv"}
    with pytest.raises(httpx2.RemoteProtocolError), httpx2.stream("GET", f"{live}/sparql", params=flood) as response:
        for _ in response.iter_raw():
            pass


def test_service_calls_only_allowed_endpoints(live: str, built: release.Release) -> None:
    query = "SELECT ?name WHERE {{ SERVICE {target} {{ <{iri}> <http://www.w3.org/2000/01/rdf-schema#label> ?name }} }}"
    with TestClient(create_app(WorkerPool(built, services=[f"{live}/sparql"]), built)) as client:
        allowed = client.get("/sparql", params={"query": query.format(target=f"<{live}/sparql>", iri=ALBANIA), "format": "csv"})
        assert (allowed.status_code, allowed.text) == (200, "name\r\nAlbania\r\n")
        for target in (f"<{live}/other>", "<http://127.0.0.1:9/>", "?any", "SILENT <http://127.0.0.1:9/>"):
            rejected = client.get("/sparql", params={"query": query.format(target=target, iri=ALBANIA)})
            assert (rejected.status_code, f"SERVICE is only allowed for {live}/sparql" in rejected.text) == (403, True), target


def test_yasgui_on_another_site_gets_what_it_requests(live: str) -> None:
    """`@zazuko/yasqe` 4 sends a form by POST, with a fallback in Accept; the browser adds the origin."""
    origin = {"origin": "https://yasgui.example.org", "sec-fetch-mode": "cors", "sec-fetch-site": "cross-site"}
    cases = [
        (QUERY, "application/sparql-results+json,*/*;q=0.9", "application/sparql-results+json"),
        ("ASK { ?s ?p ?o }", "application/sparql-results+json,*/*;q=0.9", "application/sparql-results+json"),
        (f"CONSTRUCT WHERE {{ <{ALBANIA}> ?p ?o }}", "application/n-triples,*/*;q=0.9", "application/n-triples"),
        (f"DESCRIBE <{ALBANIA}>", "application/n-triples,*/*;q=0.9", "application/n-triples"),
        # If it cannot parse a query, it does not know the kind of the result.
        (f"# !\nDESCRIBE <{ALBANIA}>", "application/sparql-results+json,*/*;q=0.9", "text/turtle; charset=utf-8"),
    ]
    with httpx2.Client() as browser:
        for query, accept, media_type in cases:
            for method in ("POST", "GET"):
                data = {"data": {"query": query}} if method == "POST" else {"params": {"query": query}}
                response = browser.request(method, f"{live}/sparql", headers={**origin, "accept": accept}, **data)  # type: ignore[arg-type]
                assert (response.status_code, response.headers["content-type"]) == (200, media_type)
                assert response.headers["access-control-allow-origin"] == "*"
        # It shows the error message in the response, which the browser only passes on with this header.
        invalid = browser.post(f"{live}/sparql", data={"query": "SELECT"}, headers=origin)
        assert (invalid.status_code, invalid.headers["access-control-allow-origin"]) == (400, "*")
        assert "not well formed" in invalid.text
        update = browser.post(f"{live}/sparql", data={"update": "DROP ALL"}, headers={**origin, "accept": "text/plain,*/*;q=0.9"})
        assert (update.status_code, update.headers["access-control-allow-origin"]) == (403, "*")
        # For additional headers, which its settings allow, the browser sends a preflight request.
        preflight = {**origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,x-mine"}
        preflight_response = browser.options(f"{live}/sparql", headers=preflight)
        assert preflight_response.status_code == 200
        assert "POST" in preflight_response.headers["access-control-allow-methods"]
        assert {"authorization", "x-mine"} <= set(
            preflight_response.headers["access-control-allow-headers"].replace(" ", "").lower().split(",")
        )


COMUNICA = TESTS / "comunica"


def comunica(query: str, *sources: str) -> str:
    """Run a query with Comunica; return its result as JSON or N-Triples."""
    node = shutil.which("node") or shutil.which("node", path=Path(sys.executable).parent)
    if node is None or not (COMUNICA / "node_modules" / "@comunica" / "query-sparql").is_dir():
        skip_or_fail("Comunica is not installed (`make comunica`)")
    command = [str(node), "ask.mjs", query, *sources]
    done = subprocess.run(command, cwd=COMUNICA, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_comunica_queries_the_endpoint_and_detects_it(live: str) -> None:
    for source in (f"sparql@{live}/sparql", f"{live}/sparql"):
        rows = json.loads(comunica(QUERY, source))["results"]["bindings"]
        assert [row["name"]["value"] for row in rows] == ["Albania"]
    assert (
        json.loads(comunica("ASK { ?s a <https://w3id.org/tutela/ontology#Edition> }", f"sparql@{live}/sparql"))["boolean"]
        is True
    )
    assert json.loads(comunica("ASK { ?s a <a:none> }", f"sparql@{live}/sparql"))["boolean"] is False
    triples = comunica(f"CONSTRUCT WHERE {{ <{ALBANIA}> ?p ?o }}", f"sparql@{live}/sparql")
    with httpx2.Client() as session:
        params = {"query": f"CONSTRUCT WHERE {{ <{ALBANIA}> ?p ?o }}", "format": "ntriples"}
        expected = Graph().parse(data=session.get(f"{live}/sparql", params=params).text, format="nt")
    assert set(Graph().parse(data=triples, format="nt")) == set(expected)
    assert len(expected) > 10


def test_comunica_dereferences_iris_and_joins_them_with_the_endpoint(live: str) -> None:
    for source in (f"{live}/id/jurisdiction/ALB", f"file@{live}/doc/jurisdiction/ALB", f"{live}/doc/jurisdiction/ALB.jsonld"):
        rows = json.loads(comunica(QUERY, source))["results"]["bindings"]
        assert [(row["name"]["value"], row["name"]["xml:lang"]) for row in rows] == [("Albania", "en")]
    query = f"""PREFIX tutela: <{TUTELA}> PREFIX dimension: <http://purl.org/linked-data/sdmx/2009/dimension#>
        SELECT DISTINCT ?edition WHERE {{ ?observation dimension:refArea <{ALBANIA}> ; tutela:edition ?edition }}"""
    rows = json.loads(comunica(query, f"{live}/id/jurisdiction/ALB", f"sparql@{live}/sparql"))["results"]["bindings"]
    assert [row["edition"]["value"] for row in rows] == ["https://w3id.org/tutela/id/edition/10"]
