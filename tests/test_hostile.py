"""Whoever means ill gets a sentence with the right status, holds nothing that others need, and leaves the service well."""

import asyncio
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

from tests.test_pool import FORMS, SMALL, reason, run
from tutela import release
from tutela.engine import Limits
from tutela.pool import Pool
from tutela.web import patience

ASK = "/sparql?query=ASK%7B%7D"
RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    assert parts.hostname
    assert parts.port
    return socket.create_connection((parts.hostname, parts.port), timeout=30)


def exchange(address: str, request: bytes) -> tuple[int, dict[str, str], str]:
    """Send bytes as they are; return the status, the headers and the body of the answer."""
    with connect(address) as client:
        client.sendall(request)
        answer = b"".join(iter(lambda: client.recv(1 << 16), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, body.decode()


def get(path: str, *headers: str, method: str = "GET", host: str = "x") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers, "", ""]).encode("latin-1")


def post(body: bytes, *headers: str, path: str = "/sparql", kind: str = "application/sparql-query") -> bytes:
    return get(path, f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, method="POST") + body


def processes(root: int) -> set[int]:
    """Return a process and all that come from it (proc(5), children)."""
    children = Path(f"/proc/{root}/task/{root}/children").read_text(encoding="ascii").split()
    return {root}.union(*(processes(int(child)) for child in children))


WRONG = {
    "no such page": (get("/nothing"), 404, "There is nothing at /nothing."),
    "a way up": (get("/static/%2e%2e/%2e%2e/paths.py"), 404, "There is nothing at"),
    "a way up by backslashes": (get("/static/..%5c..%5cpaths.py"), 404, "There is nothing at"),
    "a file of the machine": (get("/download/%2fetc%2fpasswd"), 404, "There is no file"),
    "another host": (get("//example.org/%2e%2e"), 404, "There is nothing at"),
    "nothing at a whole address": (get("http://example.org/nothing"), 404, "There is nothing at /nothing"),
    "the method": (get("/sparql", method="DELETE"), 405, "DELETE is not for /sparql."),
    "no method there is": (get("/health", method="BREW"), 400, "Invalid HTTP request"),
    "a method for others": (get("/health", method="PATCH"), 405, "PATCH is not for /health."),
    "not UTF-8": (get("/sparql?query=%ff"), 400, "not well formed"),
    "half a character": (get("/queries/bound-by?jurisdiction=%ed%a0%80"), 422, "there is no jurisdiction"),
    "an escape": (get(f"/queries/bound-by?jurisdiction={quote(chr(92))}u003e"), 422, "there is no jurisdiction"),
    "a graph that is no IRI": (get(f"{ASK}&default-graph-uri=%0a"), 400, "cannot be evaluated"),
    "two formats": (get(f"{ASK}&format=json&format=xml"), 400, "'format' is given 2 times"),
    "a long address": (get("/id/" + "a" * 60_000), 404, "Nothing is known of"),
    "thousands of parameters": (get("/queries/bound-by?" + "&".join(f"p{n}=1" for n in range(6000))), 422, "no parameter 'p0'"),
    "a compressed body": (post(gzip.compress(b"#" * 9_000_000), "Content-Encoding: gzip"), 415, "The body is compressed"),
    "compressed, and not saying so": (post(gzip.compress(b"ASK {}")), 400, "not UTF-8"),
    "many queries": (post(b"query=&" * 100_000, kind="application/x-www-form-urlencoded"), 400, "100000 queries"),
    "a length below zero": (get(ASK, "Content-Length: -1"), 400, "Invalid HTTP request"),
    "two lengths": (post(b"ASK {}", "Content-Length: 5"), 400, "Invalid HTTP request"),
    "two hosts": (get("/health", "Host: y"), 400, "The request names 2 hosts"),
    "brackets": (post(b"ASK { FILTER(" + b"(" * 90_000 + b"1" + b")" * 90_000 + b") }"), 400, "nested too deeply"),
    "braces": (post(b"ASK " + b"{" * 90_000 + b"}" * 90_000), 400, "nested too deeply"),
    "nesting without brackets": (post(b"ASK { FILTER(" + b"!" * 90_000 + b"true) }"), 503, "nested too deeply"),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(WRONG))
def test_what_is_wrong_is_told_in_a_sentence(live: str, case: str) -> None:
    request, status, message = WRONG[case]
    begun = time.monotonic()
    found, headers, body = exchange(live, request)
    assert (found, message in body) == (status, True), (found, body[:300])
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert "Traceback" not in body
    assert time.monotonic() - begun < 5
    assert exchange(live, get("/health"))[0] == 200


@pytest.mark.parametrize(
    "accept",
    [
        ",".join(f"a/b{n};q=0.{n % 10}" for n in range(3000)) + ",text/turtle;q=0.1",
        "text/turtle;q=nan", "text/turtle;q=1e309", "text/turtle;q=x", "text/turtle;q=0.5;q=0.6",
    ],
)  # fmt: skip
def test_strange_preferences_are_borne(live: str, accept: str) -> None:
    status, headers, _ = exchange(live, get("/doc/edition/3", f"Accept: {accept}"))
    assert (status, headers["content-type"]) == (200, "text/turtle; charset=utf-8")


def test_whatever_a_client_has_is_enough_for_it(live: str) -> None:
    for path in (ASK, "/doc/edition/3.ttl"):
        assert exchange(live, get(path, "If-None-Match: *"))[0] == 304
        for known in ('"', "W/", ",", ",".join(['"x"'] * 9000)):
            assert exchange(live, get(path, f"If-None-Match: {known}"))[0] == 200


@pytest.mark.parametrize("host", ["a b", "<script>", "[::1", "x:y", "a/b?c#d", "a@b", "é", 'x">'])
def test_a_host_that_is_none_becomes_part_of_no_answer(live: str, host: str) -> None:
    for path in ("/", "/sparql", "/.well-known/void", "/robots.txt", "/sitemap.xml"):
        status, _, body = exchange(live, get(path, "Accept: text/turtle, */*;q=0.1", "X-Forwarded-Host: evil.example", host=host))
        assert status == 200, body
        assert not {f"//{host}", "evil.example"} & set(body.split()), path
        assert f"//{host}/" not in body
        assert "evil.example" not in body


def test_who_goes_away_before_the_answer_frees_the_workers(served: tuple[str, int]) -> None:
    address, root = served
    exchange(address, get(ASK))
    before = processes(root)
    clients = []
    for number in range(4):
        client = connect(address)
        client.sendall(post(f"#{number}\n{RUNAWAY}".encode()).replace(b"Connection: close\r\n", b""))
        clients.append(client)
    time.sleep(1.5)
    assert len(processes(root)) > len(before)
    for client in clients:
        client.close()
    for _ in range(40):
        time.sleep(0.1)
        if len(processes(root)) == len(before):
            break
    assert len(processes(root)) == len(before)
    begun = time.monotonic()
    assert exchange(address, post(SMALL.encode()))[0] == 200
    assert time.monotonic() - begun < 1


def test_a_body_that_is_cut_off_ends_nothing_else(live: str) -> None:
    for path, kind in (("/sparql", "application/sparql-query"), ("/validate", "text/turtle")):
        with connect(live) as client:
            client.sendall(post(b"#" * 1000, path=path, kind=kind)[:-500])
    assert exchange(live, get("/health"))[0] == 200


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the address of a server with our patience, shortened; it answers with as many bytes as are asked for."""
    monkeypatch.setattr(patience, "ARRIVAL", 0.6)
    monkeypatch.setattr(patience, "LOOK", 0.4)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while scope["method"] == "POST":
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            if not message["more_body"]:
                break
        await PlainTextResponse(b"x" * int(scope["path"][1:]))(scope, receive, send)

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=patience.PatientProtocol, lifespan="off", log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listener.close()


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET /1 HTTP/1.1\r\nHost: x\r\nX-", post(b"#" * 100, path="/1")[:-100], get("/1").replace(b"close", b"keep-alive") + b"GET /"],
)  # fmt: skip
def test_who_sends_too_slowly_is_cut_off(impatient: str, begun: bytes) -> None:
    with connect(impatient) as client:
        start = time.monotonic()
        client.sendall(begun)
        with pytest.raises(ConnectionError):
            while time.monotonic() - start < 5:
                time.sleep(0.1)
                client.sendall(b"a" if begun else b"G")
    assert 0.4 < time.monotonic() - start < 3
    assert exchange(impatient, get("/3"))[2] == "xxx"


def test_who_takes_no_answer_is_cut_off_and_who_takes_it_slowly_gets_it(impatient: str) -> None:
    size = 30_000_000
    with connect(impatient) as idle, connect(impatient) as slow:
        for client in (idle, slow):
            client.sendall(get(f"/{size}"))
        got = 0
        while part := slow.recv(1 << 20):
            got += len(part)
            time.sleep(0.02 if got < size // 2 else 0)
        assert got > size
        time.sleep(1)
        taken = 0
        with pytest.raises(ConnectionError):
            while part := idle.recv(1 << 20):
                taken += len(part)
            raise ConnectionError
        assert taken < size


BOMBS = {
    "a pattern": ("ASK { FILTER(REGEX('" + "a" * 5000 + "b', '^(a+)+$')) }", {"ok"}),
    "a large pattern": ("ASK { FILTER(REGEX('a', '(((a{1000}){1000}){1000})')) }", {"ok"}),
    "words that grow": (
        "SELECT (STRLEN(?z) AS ?n) { BIND('" + "a" * 99 + "' AS ?a) BIND(REPLACE(?a, 'a', ?a) AS ?b) BIND(REPLACE(?b, 'a', ?b) AS ?c) "
        "BIND(REPLACE(?c, 'a', ?c) AS ?z) }", {"memory", "time"},
    ),
    "a long list": ("SELECT (GROUP_CONCAT(CONCAT(STR(?s), STR(?x))) AS ?g) { ?s ?p ?o . ?x ?y ?z }", {"memory", "time"}),
    "a hundred thousand values": ("SELECT (COUNT(*) AS ?n) { VALUES ?x { " + " ".join(map(str, range(100_000))) + " } }", {"ok"}),
    "values times values": (
        "SELECT (COUNT(*) AS ?n) { " + " ".join(f"VALUES ?{name} {{ {' '.join(map(str, range(9000)))} }}" for name in "xyz") + " }",
        {"memory", "time"},
    ),
    "paths": ("SELECT (COUNT(*) AS ?n) { ?a (!<x:y>|^!<x:y>)*/(!<x:y>)* ?c }", {"memory", "time"}),
    "patterns": ("ASK { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(2000)) + " }", {"memory", "time"}),
    "nodes in nodes": ("ASK { ?s ?p " + "[ ?p " * 400 + "1" + " ]" * 400 + " }", {"memory", "time", "ok"}),
    "unions": ("SELECT * { " + " UNION ".join(["{ ?s ?p ?o }"] * 20_000) + " } LIMIT 1", {"memory", "ok"}),
    "triples": ("CONSTRUCT { ?a ?b ?f } WHERE { ?a ?b ?c . ?d ?e ?f }", {"memory", "time"}),
}  # fmt: skip


def test_bombs_end_at_the_limits_and_the_workers_are_as_before(built: release.Release) -> None:
    async def work(pool: Pool) -> tuple[dict[str, str], float, int]:
        whys = await asyncio.gather(*(reason(pool, query) for query, _ in BOMBS.values()))
        await asyncio.sleep(0.3)
        begun = time.monotonic()
        assert (await pool.answer(SMALL, FORMS)).status == "ok"
        return dict(zip(BOMBS, whys, strict=True)), time.monotonic() - begun, len(pool._all)

    whys, took, workers = run(built, Limits(seconds=6, fast=2, memory=256 << 20), work)
    assert {name: why for name, why in whys.items() if why not in BOMBS[name][1] | {"busy"}} == {}
    assert sum(why == "busy" for why in whys.values()) < 6
    assert (took < 0.5, workers) == (True, 2)
