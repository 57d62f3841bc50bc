"""The service behind a proxy: under a root path, on a Unix socket."""

import html
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from rdflib import DCAT, Graph, URIRef

from tutela import release
from tutela.engine.worker_pool import WorkerPool
from tutela.settings import ServerSettings, Settings
from tutela.web.app import create_app

ROOT = "https://law.example.org/law"
FORWARDED = {"x-forwarded-host": "law.example.org", "x-forwarded-proto": "https", "x-forwarded-prefix": "/law"}
PROXY = "192.0.2.1"
PAGES = (
    "/", "/map", "/jurisdictions", "/jurisdictions/ALB", "/instruments", "/instruments/lanzarote", "/compare?j=ALB&j=BEL", "/gaps",
    "/changes", "/topics", "/search?q=albania", "/about", "/sparql", "/queries", "/queries/readings?instrument=lanzarote", "/doc/edition/3",
    "/ontology", "/shapes", "/graph/vocabulary", "/nothing", "/static/nothing", "/id/edition/3",
)  # fmt: skip
_LINK = re.compile(r'\b(?:href|src|action|data-suggest|data-world|data-codes|formaction)="([^"]*)"')
_BROWSER = {"accept": "text/html"}


class Proxy:
    """A proxy that serves an application at `ROOT`.

    Args:
        client: a client of the application.
        is_stripping: whether it removes the root path from URLs.
        headers: the headers that it sends.

    """

    def __init__(self, client: TestClient, headers: dict[str, str], *, is_stripping: bool) -> None:
        self.client = client
        self.headers = headers
        self.is_stripping = is_stripping

    def request(self, url: str, method: str = "GET", **options: Any) -> Response:
        """Request a public URL."""
        assert f"{url}/".startswith(f"{ROOT}/"), f"{url} is not below the root path"
        target = url.removeprefix(ROOT) if self.is_stripping else url.removeprefix("https://law.example.org")
        headers = {**_BROWSER, **options.pop("headers", {}), **self.headers}
        return self.client.request(method, f"http://internal:8000{target}", headers=headers, follow_redirects=False, **options)


@pytest.fixture(scope="module")
def client(built: release.Release) -> Iterator[TestClient]:
    settings = Settings(server=ServerSettings(trusted_proxies=(PROXY,)))
    with TestClient(create_app(WorkerPool(built), built, settings), client=(PROXY, 1)) as client:
        yield client


@pytest.fixture(params=[True, False], ids=["stripping", "not stripping"])
def proxy(client: TestClient, request: pytest.FixtureRequest) -> Proxy:
    return Proxy(client, FORWARDED, is_stripping=request.param)


def links(page: Response, url: str) -> set[str]:
    """Return the absolute URLs of the links of a page to its own host."""
    found = {urljoin(url, html.unescape(link)) for link in _LINK.findall(page.text) if not link.startswith("#")}
    return {link.partition("#")[0] for link in found if urlsplit(link).netloc == "law.example.org"}


def test_every_link_of_every_kind_of_page_is_below_the_root_path(proxy: Proxy) -> None:
    examples: dict[tuple[str, ...], str] = {}
    for path in PAGES:
        page = proxy.request(ROOT + path)
        expected = {"/nothing": 404, "/static/nothing": 404, "/id/edition/3": 303}.get(path, 200)
        assert page.status_code == expected, (path, page.text[:200])
        # One link of each kind: the first segment of the path and the end of a file name.
        for link in sorted(links(page, ROOT + path)):
            assert f"{link}/".startswith(f"{ROOT}/"), (path, link)
            below = urlsplit(link).path
            examples.setdefault((below.split("/")[2], Path(below).suffix), link)
        for name in ("link", "location"):
            for link in re.findall(r"<(/[^>]*)>", page.headers.get(name, "")):
                assert link.startswith("/law/"), (path, link)
                examples.setdefault((name, Path(link).suffix), urljoin(ROOT, link))
    assert len(examples) > 25
    for link in examples.values():
        response = proxy.request(link, "HEAD", headers={"accept": "text/html, */*;q=0.5"})
        assert response.status_code in (200, 303), link


def test_redirects_stay_below_the_root_path(proxy: Proxy) -> None:
    for path, status, location in (
        ("/id/edition/3", 303, "/law/editions/3"),
        ("/id/edition/3/", 308, "/law/id/edition/3"),
        ("/jurisdictions/?x=%2F&y", 308, "/law/jurisdictions?x=%2F&y"),
        ("/jurisdictions/ALB/", 308, "/law/jurisdictions/ALB"),
        ("/map//", 308, "/law/map"),
        ("/sparql/?query=ASK%7B%7D", 308, "/law/sparql?query=ASK%7B%7D"),
        ("/queries/finding/?jurisdiction=ALB", 308, "/law/queries/finding?jurisdiction=ALB"),
        ("/.well-known/void/", 308, "/law/.well-known/void"),
        ("/doc/a%0dX-Y:%20z/", 308, "/law/doc/a%0DX-Y%3A%20z"),
        ("/doc/%5Cevil.example/", 308, "/law/doc/%5Cevil.example"),
    ):
        for method in ("GET", "HEAD", "POST", "OPTIONS") if status == 308 else ("GET", "HEAD"):
            response = proxy.request(ROOT + path, method)
            assert (response.status_code, response.headers["location"]) == (status, location), (method, path)
    for path in (
        "//evil.example/",
        "///map/",
        "/%2fevil.example/",
        "/doc/%2e%2e/",
        "/doc/a//b/",
        "/doc/a%0d%0aX-Y:%20z/",
        "/graph/",
        "/download/",
        "/nothing/",
        "/static/",
    ):
        assert proxy.request(ROOT + path).status_code == 404, path
    assert proxy.request(ROOT).status_code == 200
    assert proxy.request(f"{ROOT}/").status_code == 200


def test_a_query_is_posted_again_after_a_redirect(client: TestClient) -> None:
    headers = {"content-type": "application/sparql-query", "origin": "https://a.example"}
    response = client.post("/sparql/", content="ASK {}", headers=headers, follow_redirects=True)
    assert (response.status_code, response.json()["boolean"]) == (200, True)
    assert [one.status_code for one in response.history] == [308]
    assert response.history[0].headers["access-control-allow-origin"] == "*"
    preflight = client.options("/sparql/", headers={"origin": "https://a.example", "access-control-request-method": "POST"})
    assert preflight.status_code == 200


def test_documents_for_programs_have_public_urls(proxy: Proxy) -> None:
    turtle = {"accept": "text/turtle"}
    void = Graph().parse(data=proxy.request(f"{ROOT}/.well-known/void", headers=turtle).text, format="turtle")
    assert (None, DCAT.endpointURL, URIRef(f"{ROOT}/sparql")) in void
    assert {str(url).startswith(f"{ROOT}/") for url in void.objects(None, DCAT.downloadURL)} == {True}
    assert f"<{ROOT}/sparql>" in proxy.request(f"{ROOT}/sparql", headers=turtle).text
    assert proxy.request(f"{ROOT}/api.json").json()["servers"][0] == {"url": ROOT}
    assert proxy.request(f"{ROOT}/robots.txt").text == f"User-agent: *\nDisallow: /law/sparql?\nSitemap: {ROOT}/sitemap.xml\n"
    sitemap = re.findall("<loc>(.*?)</loc>", proxy.request(f"{ROOT}/sitemap.xml").text)
    assert len(sitemap) > 300
    assert all(url.startswith(f"{ROOT}/") for url in sitemap)
    queries = proxy.request(f"{ROOT}/queries?format=json").json()["questions"]
    assert {query["address"].partition("queries/")[0] for query in queries} == {"/law/"}
    assert all(one["link"].startswith("/law/") for one in proxy.request(f"{ROOT}/search?q=albania&format=json").json()["results"])
    assert proxy.request(f"{ROOT}/data/jurisdictions.csv").headers["link"].startswith("</law/data/tables.json>")
    assert "set-cookie" not in proxy.request(f"{ROOT}/").headers


def test_each_origin_has_its_own_cached_response(client: TestClient) -> None:
    for headers in (FORWARDED, {**FORWARDED, "x-forwarded-host": "b.example"}, {**FORWARDED, "x-forwarded-prefix": "/b"}, {}):
        for _ in range(2):
            text = client.get("/sitemap.xml", headers=headers).text
            host = headers.get("x-forwarded-host", "testserver")
            assert f"://{host}{headers.get('x-forwarded-prefix', '')}/map<" in text


@pytest.mark.parametrize("name", ["x-forwarded-host", "x-forwarded-prefix", "x-forwarded-proto", "host"])
def test_a_value_that_is_not_well_formed_is_refused(client: TestClient, name: str) -> None:
    for path in ("/", "/robots.txt", "/map/", "/id/edition/3", "/static/tutela.css"):
        response = client.get(path, headers={**_BROWSER, **FORWARDED, name: '//evil.example/"><script>'}, follow_redirects=False)
        assert response.status_code == 400
        assert "evil" not in response.text + str(response.headers)
        assert "content-security-policy" in response.headers


def test_a_page_below_a_mounted_application_has_the_links_of_the_service(client: TestClient) -> None:
    assert 'href="/map"' in client.get("/static/nothing", headers=_BROWSER).text


def exchange(path: Path, request: str) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(request.encode())
        return b"".join(iter(lambda: client.recv(1 << 16), b"")).decode()


def test_a_service_on_a_unix_socket(built: release.Release, tmp_path: Path) -> None:
    path, log = tmp_path / "tutela.sock", tmp_path / "log"
    options = ["--unix-socket", str(path), "--root-path", "/law", "--access-log", "--cache", "0"]
    command = [sys.executable, "-m", "tutela", "serve", "--release", str(built.folder), *options]
    with log.open("w") as stderr, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True) as process:
        assert process.stdout
        assert f" at unix:{path} - " in process.stdout.readline()
        client = "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Host: law.example.org\r\nX-Forwarded-Proto: https\r\n"
        robots = exchange(path, f"GET /robots.txt HTTP/1.1\r\nHost: x\r\n{client}Connection: close\r\n\r\n")
        assert "Sitemap: https://law.example.org/law/sitemap.xml" in robots
        assert exchange(path, "GET /law/health HTTP/1.0\r\n\r\n").startswith("HTTP/1.1 200")
        assert exchange(path, "GET /%0aINFO:%1b HTTP/1.0\r\n\r\n").startswith("HTTP/1.1 404")
        body = "ASK {} # not logged"
        head = f"POST /law/sparql HTTP/1.0\r\nContent-Type: application/sparql-query\r\nContent-Length: {len(body)}\r\n\r\n"
        assert exchange(path, head + body).endswith('{"head":{},"boolean":true}')
        with socket.socket(socket.AF_UNIX) as idle:  # a connection that is kept open
            idle.connect(str(path))
            idle.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle.recv(1 << 16)
            start = time.monotonic()
            process.terminate()
            assert process.wait(20) == -signal.SIGTERM
        assert time.monotonic() - start < 5
    assert not path.exists()
    lines = log.read_text()
    assert '203.0.113.9:0 - "GET /law/robots.txt HTTP/1.1" 200' in lines
    assert 'unix:0 - "GET /law/%0AINFO%3A%1B HTTP/1.0" 404' in lines
    assert "not logged" not in lines
    assert "Traceback" not in lines


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_service_that_is_stopped_while_it_starts_ends_silently(built: release.Release, number: int, status: int) -> None:
    command = [sys.executable, "-m", "tutela", "serve", "--release", str(built.folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()  # the release is being loaded
        process.send_signal(number)
        _, messages = process.communicate(timeout=20)
    assert (process.returncode, messages.strip()) == (status, "")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--root-path", "//evil.example"], "The root path '//evil.example' is not valid; expected a URL path such as /law."),
        (["--unix-socket", "x", "--port", "80"], "--unix-socket replaces --host and --port"),
    ],
)
def test_an_option_that_is_not_valid_is_an_error(
    built: release.Release, tmp_path: Path, options: list[str], message: str
) -> None:
    command = [sys.executable, "-m", "tutela", "serve", "--release", str(built.folder), *options]
    result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=60)
    assert (result.returncode, message in result.stderr, result.stdout) == (2, True, ""), result.stderr
    assert "Traceback" not in result.stderr
