"""Abuse: invalid and hostile requests get an error message with the right status, and do not affect other clients."""

import asyncio
import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from tests.release.test_worker_pool import SMALL, outcome, run
from tutela import release
from tutela.engine.worker_pool import WorkerPool
from tutela.settings import QuerySettings, ServerSettings
from tutela.web.slow_clients import timeout_protocol

ASK = "/sparql?query=ASK%7B%7D"
RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return socket.create_connection((parts.hostname, parts.port), timeout=30)


def exchange(url: str, request: bytes) -> tuple[int, dict[str, str], str]:
    """Send a raw request; return the status, headers and body of the response."""
    with connect(url) as client:
        client.sendall(request)
        response = b"".join(iter(lambda: client.recv(1 << 16), b""))
    head, _, body = response.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, body.decode()


def get(path: str, *headers: str, method: str = "GET", host: str = "x") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers, "", ""]).encode("latin-1")


def post(body: bytes, *headers: str, path: str = "/sparql", media_type: str = "application/sparql-query") -> bytes:
    return get(path, f"Content-Type: {media_type}", f"Content-Length: {len(body)}", *headers, method="POST") + body


def process_tree(pid: int) -> set[int]:
    """Return the IDs of a process and its descendants (proc(5), children)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return {pid}.union(*(process_tree(int(child)) for child in children))


INVALID_REQUESTS = {
    "no such page": (get("/nothing"), 404, "There is nothing at /nothing."),
    "a path traversal": (get("/static/%2e%2e/%2e%2e/paths.py"), 404, "There is nothing at"),
    "a path traversal with backslashes": (get("/static/..%5c..%5cpaths.py"), 404, "There is nothing at"),
    "an absolute path": (get("/download/%2fetc%2fpasswd"), 404, "There is no file"),
    "another host": (get("//example.org/%2e%2e"), 404, "There is nothing at"),
    "an absolute URL without a page": (get("http://example.org/nothing"), 404, "There is nothing at /nothing"),
    "a method that is not allowed": (get("/sparql", method="DELETE"), 405, "DELETE is not allowed for /sparql."),
    "an unknown method": (get("/health", method="BREW"), 400, "Invalid HTTP request"),
    "a method of other services": (get("/health", method="PATCH"), 405, "PATCH is not allowed for /health."),
    "not UTF-8": (get("/sparql?query=%ff"), 400, "not well formed"),
    "half a character": (get("/queries/bound-by?jurisdiction=%ed%a0%80"), 422, "there is no jurisdiction"),
    "an escape": (get(f"/queries/bound-by?jurisdiction={quote(chr(92))}u003e"), 422, "there is no jurisdiction"),
    "a graph that is not an IRI": (get(f"{ASK}&default-graph-uri=%0a"), 400, "cannot be evaluated"),
    "two formats": (get(f"{ASK}&format=json&format=xml"), 400, "'format' is given 2 times"),
    "a long URL": (get("/id/" + "a" * 60_000), 404, "Unknown resource"),
    "thousands of parameters": (get("/queries/bound-by?" + "&".join(f"p{n}=1" for n in range(6000))), 422, "no parameter 'p0'"),
    "a compressed body": (post(gzip.compress(b"#" * 9_000_000), "Content-Encoding: gzip"), 415, "The request body is compressed"),
    "a compressed body without Content-Encoding": (post(gzip.compress(b"ASK {}")), 400, "not UTF-8"),
    "many queries": (post(b"query=&" * 100_000, media_type="application/x-www-form-urlencoded"), 400, "100000 queries"),
    "a negative length": (get(ASK, "Content-Length: -1"), 400, "Invalid HTTP request"),
    "two lengths": (post(b"ASK {}", "Content-Length: 5"), 400, "Invalid HTTP request"),
    "two hosts": (get("/health", "Host: y"), 400, "The request has 2 Host headers"),
    "brackets": (post(b"ASK { FILTER(" + b"(" * 90_000 + b"1" + b")" * 90_000 + b") }"), 400, "nested too deeply"),
    "braces": (post(b"ASK " + b"{" * 90_000 + b"}" * 90_000), 400, "nested too deeply"),
    "nesting without brackets": (post(b"ASK { FILTER(" + b"!" * 90_000 + b"true) }"), 503, "nested too deeply for the engine"),
    "a long chain": (post(b"ASK { ?s " + b"|".join([b"<a:b>"] * 20_000) + b" ?o }"), 503, "too long or nested too deeply"),
    "annotations": (post(b"ASK { ?s ?p ?o" + b" {| ?a ?b |}" * 20_000 + b" }"), 503, "too long or nested too deeply"),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(INVALID_REQUESTS))
def test_an_invalid_request_gets_an_error_message(live: str, case: str) -> None:
    request, status, message = INVALID_REQUESTS[case]
    start = time.monotonic()
    actual, headers, body = exchange(live, request)
    assert (actual, message in body) == (status, True), (actual, body[:300])
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert "Traceback" not in body
    assert time.monotonic() - start < 5
    assert exchange(live, get("/health"))[0] == 200


@pytest.mark.parametrize(
    "accept",
    [
        ",".join(f"a/b{n};q=0.{n % 10}" for n in range(3000)) + ",text/turtle;q=0.1",
        "text/turtle;q=nan", "text/turtle;q=1e309", "text/turtle;q=x", "text/turtle;q=0.5;q=0.6",
    ],
)  # fmt: skip
def test_unusual_accept_headers_get_the_default_format(live: str, accept: str) -> None:
    status, headers, _ = exchange(live, get("/doc/edition/3", f"Accept: {accept}"))
    assert (status, headers["content-type"]) == (200, "text/turtle; charset=utf-8")


def test_if_none_match_with_a_star_or_invalid_tags(live: str) -> None:
    for path in (ASK, "/doc/edition/3.ttl"):
        assert exchange(live, get(path, "If-None-Match: *"))[0] == 304
        for tags in ('"', "W/", ",", ",".join(['"x"'] * 9000)):
            assert exchange(live, get(path, f"If-None-Match: {tags}"))[0] == 200


@pytest.mark.parametrize(
    "host", ["a b", "<script>", "[::1", "x:y", "a/b?c#d", "a@b", "é", 'x">', "", "x:99999", "[1.2.3.4]", "a..b"]
)
def test_an_invalid_host_header_is_refused(live: str, host: str) -> None:
    for path in ("/", "/sparql", "/.well-known/void", "/robots.txt", "/sitemap.xml", "/health", "/map/"):
        status, headers, body = exchange(live, get(path, "Accept: text/turtle, */*;q=0.1", host=host))
        assert (status, body) == (400, "The Host header is not a host name with an optional port.\n"), path
        assert "content-security-policy" in headers
        assert "location" not in headers


def test_forwarding_headers_of_clients_are_ignored(live: str) -> None:
    claims = (
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Proto: gopher",
        "X-Forwarded-Prefix: /evil",
        "Forwarded: host=evil.example",
    )
    for path in ("/", "/sparql", "/.well-known/void", "/robots.txt", "/sitemap.xml", "/api"):
        status, _, body = exchange(live, get(path, "Accept: text/turtle, */*;q=0.1", *claims))
        assert (status, "evil" in body) == (200, False), path


HTTP_HEADS = {
    "two framings": ("POST /sparql HTTP/1.1", ("Content-Length: 6", "Transfer-Encoding: chunked"), 400),
    "another transfer coding": ("POST /sparql HTTP/1.1", ("Transfer-Encoding: gzip, chunked",), 501),
    "no transfer coding": ("POST /sparql HTTP/1.1", ("Transfer-Encoding: identity",), 501),
    "two transfer codings": ("POST /sparql HTTP/1.1", ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), 400),
    "a transfer coding of an older version": ("POST /sparql HTTP/1.0", ("Transfer-Encoding: chunked",), 400),
    "a folded line": ("GET /health HTTP/1.1", ("X-A: b", " c"), 400),
    "a space before a colon": ("GET /health HTTP/1.1", ("X-A : b",), 400),
    "a null character": ("GET /health HTTP/1.1", ("X-A: \0",), 400),
    "a tunnel": ("CONNECT example.org:80 HTTP/1.1", (), 501),
    "another scheme": ("GET ftp://example.org/health HTTP/1.1", (), 400),
    "a user in an absolute URL": ("GET http://me@example.org/health HTTP/1.1", (), 400),
    "HTTP/2": ("PRI * HTTP/2.0", (), 400),
    "a long URL": (f"GET /{'a' * 100_000} HTTP/1.1", (), 414),
    "an endless URL": (f"GET /{'a' * 140_000}", (), 414),
    "a large header": ("GET /health HTTP/1.1", (f"X-A: {'a' * 140_000}",), 431),
    "many headers": ("GET /health HTTP/1.1", ("X-A: b",) * 25_000, 431),
}


@pytest.mark.parametrize("case", sorted(HTTP_HEADS))
def test_an_invalid_head_is_refused_and_the_connection_closed(live: str, case: str) -> None:
    line, headers, expected = HTTP_HEADS[case]
    request = "\r\n".join([line, "Host: x", "Connection: close", *headers]) + "\r\n\r\n"
    with connect(live) as client:
        client.sendall(request.encode("latin-1") if case != "an endless URL" else line.encode())
        response = b""
        # A server that closes a connection with unread bytes resets it, after the response.
        with contextlib.suppress(ConnectionResetError):
            while received := client.recv(1 << 16):
                response += received
    assert response.startswith(b"HTTP/1.1 %d " % expected), response[:200]
    assert response.count(b"HTTP/1.1") == 1


def test_a_missing_host_header_is_refused_except_in_older_versions(live: str) -> None:
    assert exchange(live, b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n")[0] == 400
    assert exchange(live, b"GET /health HTTP/1.0\r\n\r\n")[0] == 200


def test_the_host_of_an_absolute_url_replaces_the_host_header(live: str) -> None:
    assert "Sitemap: http://example.org:81/sitemap.xml" in exchange(live, get("http://example.org:81/robots.txt"))[2]
    assert exchange(live, get("http://example.org"))[0] == 200


def test_an_upgrade_is_ignored_and_its_request_answered(live: str) -> None:
    # The HTTP client of Java offers HTTP/2 in its first request, also with a body.
    upgrade = ("Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")
    kept = b"Connection: Upgrade, HTTP2-Settings"
    first = post(b"ASK {}", *upgrade).replace(b"Connection: close", kept)
    chunked = get("/sparql", "Content-Type: application/sparql-query", "Transfer-Encoding: chunked", *upgrade, method="POST")
    second = chunked.replace(b"Connection: close", kept) + b"6;a=b\r\nASK {}\r\n0\r\nHost: evil.example\r\n\r\n"
    third = get("/robots.txt", *upgrade).replace(b"Connection: close", kept)
    for size in (len(first), 7):  # at once, and in small parts
        with connect(live) as client:
            stream = first + second + third + get("/health")
            for start in range(0, len(stream), size):
                client.sendall(stream[start : start + size])
            response = b"".join(iter(lambda: client.recv(1 << 16), b""))
        assert response.count(b"HTTP/1.1 200 OK") == 4, response
        assert response.count(b'"boolean":true') == 2
        assert b"http://x/sitemap.xml" in response


def test_options_names_the_methods_of_a_url(live: str) -> None:
    for path, methods in (
        ("/sparql", "GET, HEAD, POST, OPTIONS"),
        ("/validate", "GET, HEAD, POST, OPTIONS"),
        ("*", "GET, HEAD, POST, OPTIONS"),
    ):
        status, headers, body = exchange(live, get(path, method="OPTIONS"))
        assert (status, headers["allow"], body) == (204, methods, ""), path
    assert exchange(live, get("/static/tutela.css", method="DELETE"))[1]["allow"] == "GET, HEAD, OPTIONS"


def test_clients_that_disconnect_free_their_workers(served: tuple[str, int]) -> None:
    url, root = served
    exchange(url, get(ASK))
    before = process_tree(root)
    clients = []
    for number in range(4):
        client = connect(url)
        client.sendall(post(f"#{number}\n{RUNAWAY}".encode()).replace(b"Connection: close\r\n", b""))
        clients.append(client)
    time.sleep(1.5)
    assert len(process_tree(root)) > len(before)
    for client in clients:
        client.close()
    for _ in range(40):
        time.sleep(0.1)
        if len(process_tree(root)) == len(before):
            break
    assert len(process_tree(root)) == len(before)
    start = time.monotonic()
    assert exchange(url, post(SMALL.encode()))[0] == 200
    assert time.monotonic() - start < 1


def test_an_incomplete_body_affects_no_other_request(live: str) -> None:
    for path, media_type in (("/sparql", "application/sparql-query"), ("/validate", "text/turtle")):
        with connect(live) as client:
            client.sendall(post(b"#" * 1000, path=path, media_type=media_type)[:-500])
    assert exchange(live, get("/health"))[0] == 200


@pytest.fixture
def strict_server() -> Iterator[str]:
    """Return the URL of a server with short timeouts; the path is the size of the response in bytes."""
    settings = ServerSettings(request_timeout_s=0.6, slow_client_check_s=0.4, min_client_rate=76_800)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while scope["method"] == "POST":
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            if not message["more_body"]:
                break
        await PlainTextResponse(b"x" * int(scope["path"][1:]))(scope, receive, send)

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=timeout_protocol(settings), lifespan="off", log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listener.close()


@pytest.mark.parametrize(
    "beginning",
    [b"", b"GET /1 HTTP/1.1\r\nHost: x\r\nX-", post(b"#" * 100, path="/1")[:-100], get("/1").replace(b"close", b"keep-alive") + b"GET /"],
)  # fmt: skip
def test_a_client_that_sends_too_slowly_is_disconnected(strict_server: str, beginning: bytes) -> None:
    with connect(strict_server) as client:
        start = time.monotonic()
        client.sendall(beginning)
        with pytest.raises(ConnectionError):
            while time.monotonic() - start < 5:
                time.sleep(0.1)
                client.sendall(b"a" if beginning else b"G")
    assert 0.4 < time.monotonic() - start < 3
    assert exchange(strict_server, get("/3"))[2] == "xxx"


def test_a_client_that_does_not_read_is_disconnected_and_a_slow_one_is_not(strict_server: str) -> None:
    size = 30_000_000
    with connect(strict_server) as idle, connect(strict_server) as slow:
        for client in (idle, slow):
            client.sendall(get(f"/{size}"))
        received_by_slow = 0
        while chunk := slow.recv(1 << 20):
            received_by_slow += len(chunk)
            time.sleep(0.02 if received_by_slow < size // 2 else 0)
        assert received_by_slow > size
        time.sleep(1)
        received_by_idle = 0
        with pytest.raises(ConnectionError):
            while chunk := idle.recv(1 << 20):
                received_by_idle += len(chunk)
            raise ConnectionError
        assert received_by_idle < size


# The limits that may end each of them. The timeout is one on the clock, so it may end any long query while all of them run at once.
EXPENSIVE_QUERIES = {
    "catastrophic backtracking": ("ASK { FILTER(REGEX('" + "a" * 5000 + "b', '^(a+)+$')) }", {"ok"}),
    "a large regular expression": ("ASK { FILTER(REGEX('a', '(((a{1000}){1000}){1000})')) }", {"ok"}),
    "strings that grow": (
        "SELECT (STRLEN(?z) AS ?n) { BIND('" + "a" * 99 + "' AS ?a) BIND(REPLACE(?a, 'a', ?a) AS ?b) BIND(REPLACE(?b, 'a', ?b) AS ?c) "
        "BIND(REPLACE(?c, 'a', ?c) AS ?z) }", {"memory", "time"},
    ),
    "a long string": ("SELECT (GROUP_CONCAT(CONCAT(STR(?s), STR(?x))) AS ?g) { ?s ?p ?o . ?x ?y ?z }", {"memory", "time"}),
    "a hundred thousand values": ("SELECT (COUNT(*) AS ?n) { VALUES ?x { " + " ".join(map(str, range(100_000))) + " } }", {"ok"}),
    "a product of values": (
        "SELECT (COUNT(*) AS ?n) { " + " ".join(f"VALUES ?{name} {{ {' '.join(map(str, range(9000)))} }}" for name in "xyz") + " }",
        {"memory", "time"},
    ),
    "paths": ("SELECT (COUNT(*) AS ?n) { ?a (!<x:y>|^!<x:y>)*/(!<x:y>)* ?c }", {"memory", "time"}),
    "many triple patterns": ("ASK { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(2000)) + " }", {"memory", "time"}),
    "nested blank nodes": ("ASK { ?s ?p " + "[ ?p " * 400 + "1" + " ]" * 400 + " }", {"memory", "time", "ok"}),
    "unions": ("SELECT * { " + " UNION ".join(["{ ?s ?p ?o }"] * 20_000) + " } LIMIT 1", {"memory", "time", "ok"}),
    "many triples": ("CONSTRUCT { ?a ?b ?f } WHERE { ?a ?b ?c . ?d ?e ?f }", {"memory", "time"}),
}  # fmt: skip


def test_expensive_queries_end_at_the_limits_and_leave_the_workers_intact(built: release.Release) -> None:
    async def work(pool: WorkerPool) -> tuple[dict[str, str], float, int]:
        outcomes = await asyncio.gather(*(outcome(pool, query) for query, _ in EXPENSIVE_QUERIES.values()))
        await asyncio.sleep(0.3)
        start = time.monotonic()
        assert await outcome(pool, SMALL) == "ok"
        return dict(zip(EXPENSIVE_QUERIES, outcomes, strict=True)), time.monotonic() - start, len(pool._workers)

    outcomes, duration, workers = run(built, QuerySettings(timeout_s=6, fast_workers=2, memory_bytes=256 << 20), work)
    assert {name: result for name, result in outcomes.items() if result not in EXPENSIVE_QUERIES[name][1] | {"busy"}} == {}
    assert sum(result == "busy" for result in outcomes.values()) < 6
    assert (duration < 0.5, workers) == (True, 2)
