"""The clients of the field find what they expect by habit, and many at once get the right answer each."""

import asyncio
import shutil
import subprocess
from collections import Counter

import httpx2
import pytest
from fastapi.testclient import TestClient
from rdflib import Graph, Namespace, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, POST, TURTLE, XML, SPARQLWrapper

from tests.conftest import lacking
from tests.test_questions import EXPECTED, cases
from tutela import release
from tutela.catalog import Catalog
from tutela.pool import Pool
from tutela.web.app import create

TUTELA = Namespace("https://w3id.org/tutela/ontology#")
ALBANIA = URIRef("https://w3id.org/tutela/id/jurisdiction/ALB")
QUERY = "SELECT ?name WHERE { <https://w3id.org/tutela/id/jurisdiction/ALB> <http://www.w3.org/2000/01/rdf-schema#label> ?name }"


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_gets_every_format(live: str, method: str) -> None:
    client = SPARQLWrapper(f"{live}/sparql")
    client.setMethod(method)
    client.setQuery(QUERY)
    client.setReturnFormat(JSON)
    found = client.queryAndConvert()
    assert isinstance(found, dict)
    assert found["results"]["bindings"][0]["name"]["value"] == "Albania"
    client.setReturnFormat(XML)
    assert "Albania" in client.queryAndConvert().toxml()  # type: ignore[union-attr]
    client.setReturnFormat(CSV)
    assert b"Albania" in client.queryAndConvert()  # type: ignore[operator]
    client.setQuery(f"DESCRIBE <{ALBANIA}>")
    client.setReturnFormat(TURTLE)
    assert b"Albania" in client.queryAndConvert()  # type: ignore[operator]


def test_rdflib_reads_the_endpoint_as_a_graph(live: str) -> None:
    graph = Graph(SPARQLStore(f"{live}/sparql", returnFormat="json"))
    assert str(graph.value(ALBANIA, URIRef("http://www.w3.org/2000/01/rdf-schema#label"))) == "Albania"
    assert len(list(graph.query("SELECT ?e WHERE { ?e a tutela:Edition }", initNs={"tutela": TUTELA}))) == 10


@pytest.mark.parametrize("form", ["turtle", "xml", "nt"])
def test_rdflib_follows_an_address_to_its_description(live: str, form: str) -> None:
    graph = Graph().parse(f"{live}/id/jurisdiction/ALB", format=form)
    assert (ALBANIA, None, None) in graph


def test_curl_asks_by_file_and_by_form(live: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    if shutil.which("curl") is None:
        lacking("curl is not installed")
    path = tmp_path_factory.mktemp("curl") / "query.rq"
    path.write_text(QUERY, encoding="utf-8")
    ways = [
        ["--data-urlencode", f"query@{path}"],
        ["--get", "--data-urlencode", f"query@{path}"],
        ["-H", "Content-Type: application/sparql-query", "--data-binary", f"@{path}"],
    ]
    for way in ways:
        command = ["curl", "-sS", "--fail", "-H", "Accept: text/csv", *way, f"{live}/sparql"]
        assert subprocess.run(command, capture_output=True, check=True).stdout == b"name\r\nAlbania\r\n"


def test_sixty_four_clients_at_once_get_the_right_answer_each(live: str, catalog: Catalog) -> None:
    """Questions of all kinds, some answered from memory, while others keep running away beside them."""
    wanted = {}
    for case in cases():
        name, _, given = case.partition("@")
        values = {parameter.name: parameter.example for parameter in catalog.question(name).parameters}
        values |= dict(pair.split("=") for pair in filter(None, given.split(",")))
        wanted[case] = (name, values)

    async def client(number: int, asker: httpx2.AsyncClient, wrong: Counter[str]) -> None:
        order = sorted(wanted, key=lambda case: hash((case, number)))
        for turn, case in enumerate(order[:20]):
            name, values = wanted[case]
            if (number + turn) % 2:
                # Asked anew: no other query has this comment.
                query = f"# {number} {turn}\n{catalog.text(name, values)}"
                answer = await asker.post(f"{live}/sparql", data={"query": query}, headers={"accept": "text/csv"})
            else:
                answer = await asker.get(f"{live}/queries/{name}", params={**values, "format": "csv"})
            right = (EXPECTED / f"{case}.csv").read_text(encoding="utf-8")
            if answer.status_code != 200 or answer.text.replace("\r\n", "\n") != right:
                wrong[f"{case}: {answer.status_code} {answer.text[:200]}"] += 1

    async def runaway(asker: httpx2.AsyncClient) -> int:
        query = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        return (await asker.post(f"{live}/sparql", data={"query": query})).status_code

    async def together() -> tuple[Counter[str], int]:
        wrong: Counter[str] = Counter()
        limits = httpx2.Limits(max_connections=80)
        async with httpx2.AsyncClient(timeout=120, limits=limits) as asker:
            away = asyncio.create_task(runaway(asker))
            await asyncio.gather(*(client(number, asker, wrong) for number in range(64)))
            return wrong, await away

    wrong, stopped = asyncio.run(together())
    assert not wrong
    assert stopped == 504


def test_a_large_answer_streams_and_one_too_large_breaks_off(live: str) -> None:
    everything = "SELECT * WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o"
    with httpx2.stream("GET", f"{live}/sparql", params={"query": everything, "format": "csv"}) as answer:
        assert answer.headers["transfer-encoding"] == "chunked"
        sizes = [len(part) for part in answer.iter_raw()]
    assert len(sizes) > 3
    flood = {"query": "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }", "format": "csv"}
    with pytest.raises(httpx2.RemoteProtocolError), httpx2.stream("GET", f"{live}/sparql", params=flood) as answer:
        for _ in answer.iter_raw():
            pass


def test_service_calls_the_endpoints_allowed_and_no_other(live: str, built: release.Release) -> None:
    query = "SELECT ?name WHERE {{ SERVICE {target} {{ <{iri}> <http://www.w3.org/2000/01/rdf-schema#label> ?name }} }}"
    with TestClient(create(Pool(built, services=[f"{live}/sparql"]), built)) as client:
        good = client.get("/sparql", params={"query": query.format(target=f"<{live}/sparql>", iri=ALBANIA), "format": "csv"})
        assert (good.status_code, good.text) == (200, "name\r\nAlbania\r\n")
        for target in (f"<{live}/other>", "<http://127.0.0.1:9/>", "?any", "SILENT <http://127.0.0.1:9/>"):
            bad = client.get("/sparql", params={"query": query.format(target=target, iri=ALBANIA)})
            assert (bad.status_code, f"SERVICE is refused but for {live}/sparql" in bad.text) == (403, True), target
