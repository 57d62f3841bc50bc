"""The test cases of the W3C for the SPARQL 1.1 Protocol, those for queries, through the endpoint."""

from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import pyoxigraph as ox
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient
from rdflib.collection import Collection

from tests.conftest import lacking
from tests.w3c import CNT, HT, MF, SUITE, Case, entries
from tutela.pool import Pool
from tutela.release import Release
from tutela.web.sparql import Endpoint


def protocol_cases() -> list[Case]:
    if not SUITE.is_dir():
        return []
    return [case for case in entries("protocol") if "update" not in case.name]


def test_the_suites_are_at_hand() -> None:
    if not SUITE.is_dir():
        lacking("the W3C suites are not at ../shared/suites")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("protocol")
    quads = []
    for number in (1, 2, 3):
        name = ox.NamedNode(f"http://kasei.us/2009/09/sparql/data/data{number}.rdf")
        for triple in ox.parse(path=str(SUITE / "protocol" / f"data{number}.nt"), format=ox.RdfFormat.N_TRIPLES):
            quads.append(ox.Quad(triple.subject, triple.predicate, triple.object, name))
    ox.serialize(quads, str(folder / "tutela.nq"), ox.RdfFormat.N_QUADS)
    release = Release(folder, {"version": "0", "issued": "2026-01-01", "quads": len(quads)})
    pool = Pool(release)
    endpoint = Endpoint(pool)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> Any:
        await pool.start()
        yield
        await pool.stop()

    app = FastAPI(lifespan=lifespan)

    @app.api_route("/sparql/", methods=["GET", "HEAD", "POST"])
    async def sparql(request: Request) -> Response:
        return await endpoint(request)

    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize("case", protocol_cases(), ids=lambda case: str(case.name))
def test_protocol(client: TestClient, case: Case) -> None:
    graph = case.graph
    connection = graph.value(case.entry, MF.action)
    for request in Collection(graph, graph.value(connection, HT.requests)):  # type: ignore[arg-type]
        headers = {}
        listed = graph.value(request, HT.headers)
        for header in Collection(graph, listed) if listed else []:
            headers[str(graph.value(header, HT.fieldName))] = str(graph.value(header, HT.fieldValue))
        body = graph.value(request, HT.body)
        encoding = str(graph.value(body, CNT.characterEncoding) or "utf-8")
        content = str(graph.value(body, CNT.chars)).encode(encoding) if body else None
        method = str(graph.value(request, HT.methodName))
        answer = client.request(method, str(graph.value(request, HT.absolutePath)), content=content, headers=headers)
        expected = graph.value(request, HT.resp)
        allowed = {str(status)[-3] for status in graph.objects(expected, MF.expectedStatus)}
        assert str(answer.status_code)[0] in allowed, answer.text
        truth = graph.value(expected, MF.expectedBoolean)
        if truth is not None:
            assert answer.json()["boolean"] is (str(truth) == "true")
        form = str(graph.value(expected, MF.expectedFormat) or "")
        media = answer.headers["content-type"].partition(";")[0]
        kinds = {
            "tabular": {
                "application/sparql-results+json",
                "application/sparql-results+xml",
                "text/csv",
                "text/tab-separated-values",
            },
            "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
            "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"},
        }
        assert media in kinds.get(form, {media})
