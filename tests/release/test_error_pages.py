"""Errors: a page for browsers, a sentence of plain text for programs."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from fastapi.testclient import TestClient

from tutela.engine import ReleaseInfo
from tutela.engine.base import EngineHealth
from tutela.engine.worker_pool import WorkerPool
from tutela.errors import EngineError
from tutela.release import Release
from tutela.web.app import create_app

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}
ERRORS = [
    ("GET", "/nothing", 404, "There is nothing at /nothing."),
    ("GET", "/queries/unknown", 404, "There is no query 'unknown'"),
    ("GET", "/queries/unknown?format=csv", 404, "/queries lists them."),
    ("GET", "/queries/criteria?format=pdf", 422, "format: 'pdf'"),
    ("GET", "/sparql?query=SELECT", 400, ""),
    ("GET", "/sparql?query=SELECT%20*%20%7B%20%3Fs&format=csv", 400, ""),
    ("GET", "/sparql?query=DROP%20ALL", 403, "read-only"),
    ("GET", "/sparql?update=DROP%20ALL", 403, "read-only"),
    ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", 400, "2 queries"),
    ("POST", "/sparql", 415, "The request body has no media type"),
    ("GET", "/data/unknown.csv", 404, "unknown"),
    ("GET", "/download/x", 404, ""),
    ("GET", "/graph/x", 404, ""),
    ("GET", "/id/x", 404, "Unknown resource"),
    ("GET", "/doc/x", 404, "Unknown resource"),
    ("PUT", "/validate", 405, "PUT is not allowed for /validate. Expected one of GET, HEAD, POST, OPTIONS."),
    ("POST", "/validate", 415, "The request body has no media type"),
    ("POST", "/map", 405, "POST is not allowed for /map."),
    ("GET", "/static/none.css", 404, ""),
    ("GET", "/map?show=x", 400, "show: unknown value 'x'"),
    ("GET", "/search?format=csv&q=a", 422, "format: 'csv'"),
    ("GET", "/compare?j=XXX", 400, "there is no jurisdiction"),
    ("GET", "/instruments/opsc?as_of=20200101", 400, "'20200101' is not a date"),
    ("GET", "/jurisdictions/XXX", 404, "Unknown jurisdiction 'XXX'"),
]


# Programs get another answer at these URLs.
PAGE_ERRORS = [
    ("GET", "/sparql?example=unknown", 404, "There is no query 'unknown'"),
    ("GET", "/search?q=a&page=99", 400, "page: 99"),
    ("GET", "/queries/bound-by?jurisdiction=XXX&format=csv", 422, "there is no jurisdiction 'XXX'"),
]


@pytest.fixture(scope="module")
def client(built: Release) -> Iterator[TestClient]:
    with TestClient(create_app(WorkerPool(built), built), follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [*ERRORS, *PAGE_ERRORS],
    ids=lambda value: value if str(value).startswith("/") else "",
)
def test_an_error_is_a_page_for_browsers(client: TestClient, method: str, path: str, status: int, message: str) -> None:
    page = client.request(method, path, headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "Accept" in page.headers["vary"]
    assert message in unescape(page.text)
    assert re.search(r"<h1>[A-Z][^<]+</h1>", page.text)
    if not path.startswith("/queries/bound-by"):  # that page is the form of the query
        assert '<a href="/">the start page</a>' in page.text
    assert 'rel="canonical"' not in page.text
    assert not re.search(r"--param|tutela queries|Traceback", page.text)


@pytest.mark.parametrize(
    ("method", "path", "status", "message"), ERRORS, ids=lambda value: value if str(value).startswith("/") else ""
)
def test_an_error_is_text_for_programs(client: TestClient, method: str, path: str, status: int, message: str) -> None:
    for accept in ("*/*", "application/json", "text/turtle, */*;q=0.1", "text/turtle, application/json, text/html;q=0.5"):
        text = client.request(method, path, headers={"accept": accept})
        assert (text.status_code, text.headers["content-type"]) == (status, "text/plain; charset=utf-8"), accept
        assert message in text.text
        assert not re.search(r"<html|--param|tutela queries|Traceback", text.text)


def test_an_error_of_a_query_shows_the_query(client: TestClient) -> None:
    page = client.get("/sparql", params={"query": "SELECT ?x WHERE { <b> & }"}, headers=BROWSER)
    assert page.status_code == 400
    assert ">SELECT ?x WHERE { &lt;b&gt; &amp; }</textarea>" in page.text


def test_links_with_parameters_for_tracking_show_the_same_page(client: TestClient) -> None:
    paths = ["/", "/jurisdictions/ALB", "/queries/criteria", "/sparql", "/doc/jurisdiction/ALB", "/search?q=alb"]
    for path in paths:
        tracked = f"{path}{'&' if '?' in path else '?'}utm_source=x&fbclid=y&gclid=z"
        plain, shared = client.get(path, headers=BROWSER), client.get(tracked, headers=BROWSER)
        assert (shared.status_code, shared.text, shared.headers["etag"]) == (200, plain.text, plain.headers["etag"])
        assert f'<link rel="canonical" href="http://testserver{path}">' in shared.text
    assert client.get("/queries/criteria?utm_source=x").json() == client.get("/queries/criteria").json()
    assert client.get("/queries/criteria?utm=x").status_code == 422


def test_an_engine_that_does_not_respond_is_an_error_page(built: Release) -> None:
    class Broken(WorkerPool):
        async def current_release(self) -> ReleaseInfo:
            raise EngineError("The SPARQL engine does not respond.")

        def health(self) -> EngineHealth:
            return EngineHealth("The SPARQL engine does not respond.")

    with TestClient(create_app(Broken(built), built)) as client:
        for path, status in (("/health", 503), ("/", 502), ("/queries/criteria", 502)):
            page = client.get(path, headers=BROWSER)
            assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8"), path
            assert "The SPARQL engine does not respond." in page.text
            assert page.headers["retry-after"] == "5"
        assert client.get("/health").json() == {"status": "The SPARQL engine does not respond."}
