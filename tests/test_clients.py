"""The clients of the field find what they expect by habit, and many at once get the right answer each."""

import asyncio
import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

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
    """Questions of all kinds, some answered from memory, while others keep running away beside them.

    Each client asks twenty, or for as many seconds as TUTELA_LOAD_SECONDS says.
    """
    wanted = {}
    for case in cases():
        name, _, given = case.partition("@")
        values = {parameter.name: parameter.example for parameter in catalog.question(name).parameters}
        values |= dict(pair.split("=") for pair in filter(None, given.split(",")))
        wanted[case] = (name, values, (EXPECTED / f"{case}.csv").read_text(encoding="utf-8"))
    seconds = float(os.environ.get("TUTELA_LOAD_SECONDS", "0"))
    begun = time.monotonic()

    async def client(number: int, asker: httpx2.AsyncClient, wrong: Counter[str], took: list[float]) -> None:
        order = sorted(wanted, key=lambda case: hash((case, number)))
        for turn, case in enumerate(itertools.cycle(order)):
            if time.monotonic() - begun > seconds and turn >= 20:
                return
            name, values, right = wanted[case]
            asked = time.monotonic()
            if (number + turn) % 2:
                # Asked anew: no other query has this comment.
                query = f"# {number} {turn}\n{catalog.text(name, values)}"
                answer = await asker.post(f"{live}/sparql", data={"query": query}, headers={"accept": "text/csv"})
            else:
                answer = await asker.get(f"{live}/queries/{name}", params={**values, "format": "csv"})
            took.append(time.monotonic() - asked)
            if answer.status_code != 200 or answer.text.replace("\r\n", "\n") != right:
                wrong[f"{case}: {answer.status_code} {answer.text[:200]}"] += 1

    async def runaway(asker: httpx2.AsyncClient, stopped: list[int]) -> None:
        query = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        while not stopped or time.monotonic() - begun < seconds:
            stopped.append((await asker.post(f"{live}/sparql", data={"query": query})).status_code)

    async def together() -> tuple[Counter[str], list[float], list[int]]:
        wrong: Counter[str] = Counter()
        took: list[float] = []
        stopped: list[int] = []
        limits = httpx2.Limits(max_connections=80)
        async with httpx2.AsyncClient(timeout=120, limits=limits) as asker:
            away = asyncio.create_task(runaway(asker, stopped))
            await asyncio.gather(*(client(number, asker, wrong, took) for number in range(64)))
            await away
        return wrong, took, stopped

    wrong, took, stopped = asyncio.run(together())
    took.sort()
    figures = (
        f"{len(took)} answers in {time.monotonic() - begun:.0f} s, median {took[len(took) // 2]:.3f} s, slowest {took[-1]:.2f} s"
    )
    print(figures)
    assert not wrong
    assert set(stopped) == {504}


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


def test_yasgui_gets_what_it_asks_for_from_another_site(live: str) -> None:
    """What `@zazuko/yasqe` 4 sends: a form by POST, in each case with a fallback; the browser adds where it comes from."""
    origin = {"origin": "https://yasgui.example.org", "sec-fetch-mode": "cors", "sec-fetch-site": "cross-site"}
    asked = [
        (QUERY, "application/sparql-results+json,*/*;q=0.9", "application/sparql-results+json"),
        ("ASK { ?s ?p ?o }", "application/sparql-results+json,*/*;q=0.9", "application/sparql-results+json"),
        (f"CONSTRUCT WHERE {{ <{ALBANIA}> ?p ?o }}", "application/n-triples,*/*;q=0.9", "application/n-triples"),
        (f"DESCRIBE <{ALBANIA}>", "application/n-triples,*/*;q=0.9", "application/n-triples"),
        # Of a query that it cannot read it does not know the form.
        (f"# !\nDESCRIBE <{ALBANIA}>", "application/sparql-results+json,*/*;q=0.9", "text/turtle; charset=utf-8"),
    ]
    with httpx2.Client() as browser:
        for query, accept, kind in asked:
            for method in ("POST", "GET"):
                sent = {"data": {"query": query}} if method == "POST" else {"params": {"query": query}}
                answer = browser.request(method, f"{live}/sparql", headers={**origin, "accept": accept}, **sent)  # type: ignore[arg-type]
                assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
                assert answer.headers["access-control-allow-origin"] == "*"
        # Its words for what is wrong are those of the answer, which a browser shows it only with this header.
        wrong = browser.post(f"{live}/sparql", data={"query": "SELECT"}, headers=origin)
        assert (wrong.status_code, wrong.headers["access-control-allow-origin"]) == (400, "*")
        assert "not well formed" in wrong.text
        update = browser.post(f"{live}/sparql", data={"update": "DROP ALL"}, headers={**origin, "accept": "text/plain,*/*;q=0.9"})
        assert (update.status_code, update.headers["access-control-allow-origin"]) == (403, "*")
        # With headers of one's own, which its settings allow, the browser asks first.
        preflight = {**origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,x-mine"}
        first = browser.options(f"{live}/sparql", headers=preflight)
        assert first.status_code == 200
        assert "POST" in first.headers["access-control-allow-methods"]
        assert {"authorization", "x-mine"} <= set(
            first.headers["access-control-allow-headers"].replace(" ", "").lower().split(",")
        )


COMUNICA = Path(__file__).parent / "comunica"


def comunica(query: str, *sources: str) -> str:
    """Ask with Comunica; return what it found, as JSON or N-Triples."""
    node = shutil.which("node") or shutil.which("node", path=Path(sys.executable).parent)
    if node is None or not (COMUNICA / "node_modules" / "@comunica" / "query-sparql").is_dir():
        lacking("Comunica is not installed (`make comunica`)")
    command = [str(node), "ask.mjs", query, *sources]
    done = subprocess.run(command, cwd=COMUNICA, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_comunica_asks_the_endpoint_and_finds_it_by_its_description(live: str) -> None:
    for source in (f"sparql@{live}/sparql", f"{live}/sparql"):
        rows = json.loads(comunica(QUERY, source))["results"]["bindings"]
        assert [row["name"]["value"] for row in rows] == ["Albania"]
    assert (
        json.loads(comunica("ASK { ?s a <https://w3id.org/tutela/ontology#Edition> }", f"sparql@{live}/sparql"))["boolean"]
        is True
    )
    assert json.loads(comunica("ASK { ?s a <a:none> }", f"sparql@{live}/sparql"))["boolean"] is False
    triples = comunica(f"CONSTRUCT WHERE {{ <{ALBANIA}> ?p ?o }}", f"sparql@{live}/sparql")
    with httpx2.Client() as reader:
        params = {"query": f"CONSTRUCT WHERE {{ <{ALBANIA}> ?p ?o }}", "format": "ntriples"}
        expected = Graph().parse(data=reader.get(f"{live}/sparql", params=params).text, format="nt")
    assert set(Graph().parse(data=triples, format="nt")) == set(expected)
    assert len(expected) > 10


def test_comunica_follows_addresses_and_joins_them_with_the_endpoint(live: str) -> None:
    for source in (f"{live}/id/jurisdiction/ALB", f"file@{live}/doc/jurisdiction/ALB", f"{live}/doc/jurisdiction/ALB.jsonld"):
        rows = json.loads(comunica(QUERY, source))["results"]["bindings"]
        assert [(row["name"]["value"], row["name"]["xml:lang"]) for row in rows] == [("Albania", "en")]
    query = f"""PREFIX tutela: <{TUTELA}> PREFIX dimension: <http://purl.org/linked-data/sdmx/2009/dimension#>
        SELECT DISTINCT ?edition WHERE {{ ?observation dimension:refArea <{ALBANIA}> ; tutela:edition ?edition }}"""
    rows = json.loads(comunica(query, f"{live}/id/jurisdiction/ALB", f"sparql@{live}/sparql"))["results"]["bindings"]
    assert [row["edition"]["value"] for row in rows] == ["https://w3id.org/tutela/id/edition/10"]
