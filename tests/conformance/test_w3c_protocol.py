"""The W3C test cases for the query operation of the SPARQL 1.1 Protocol, sent to the endpoint."""

from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import pyoxigraph as ox
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient
from rdflib.collection import Collection

from tests.conformance.w3c import CNT, HT, MF, SUITE, Case, entries
from tests.conftest import skip_or_fail
from tutela.engine.worker_pool import WorkerPool
from tutela.errors import TutelaError
from tutela.release import Release
from tutela.settings import QuerySettings
from tutela.web.api.sparql import SparqlEndpoint
from tutela.web.http.errors import on_tutela_error


def protocol_cases() -> list[Case]:
    if not SUITE.is_dir():
        return []
    return [case for case in entries(SUITE / "protocol") if "update" not in case.name]


def test_the_suites_are_available() -> None:
    if not SUITE.is_dir():
        skip_or_fail("the W3C suites are not at ../shared/suites")


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
    pool = WorkerPool(release)
    endpoint = SparqlEndpoint(pool, QuerySettings().max_body_bytes)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> Any:
        await pool.start()
        yield
        await pool.stop()

    app = FastAPI(lifespan=lifespan, exception_handlers={TutelaError: on_tutela_error})

    @app.api_route("/sparql/", methods=["GET", "HEAD", "POST"])
    async def sparql(request: Request) -> Response:
        return await endpoint.handle(request)

    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize("case", protocol_cases(), ids=lambda case: str(case.name))
def test_protocol(client: TestClient, case: Case) -> None:
    graph = case.graph
    connection = graph.value(case.entry, MF.action)
    for request in Collection(graph, graph.value(connection, HT.requests)):  # type: ignore[arg-type]
        headers = {}
        header_list = graph.value(request, HT.headers)
        for header in Collection(graph, header_list) if header_list else []:
            headers[str(graph.value(header, HT.fieldName))] = str(graph.value(header, HT.fieldValue))
        body = graph.value(request, HT.body)
        encoding = str(graph.value(body, CNT.characterEncoding) or "utf-8")
        content = str(graph.value(body, CNT.chars)).encode(encoding) if body else None
        method = str(graph.value(request, HT.methodName))
        response = client.request(method, str(graph.value(request, HT.absolutePath)), content=content, headers=headers)
        expected = graph.value(request, HT.resp)
        allowed = {str(status)[-3] for status in graph.objects(expected, MF.expectedStatus)}
        assert str(response.status_code)[0] in allowed, response.text
        boolean = graph.value(expected, MF.expectedBoolean)
        if boolean is not None:
            assert response.json()["boolean"] is (str(boolean) == "true")
        result_format = str(graph.value(expected, MF.expectedFormat) or "")
        media_type = response.headers["content-type"].partition(";")[0]
        media_types = {
            "tabular": {
                "application/sparql-results+json",
                "application/sparql-results+xml",
                "text/csv",
                "text/tab-separated-values",
            },
            "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
            "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"},
        }
        assert media_type in media_types.get(result_format, {media_type})
