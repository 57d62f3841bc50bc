"""Remote engines: invalid responses become error messages, and queries keep their meaning when graph names are rewritten."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tutela.engine.base import ReleaseInfo
from tutela.engine.remote import RemoteEngine
from tutela.errors import EngineError, EngineTimeoutError, ForbiddenQueryError, QueryError, UsageError
from tutela.release.publish import Target
from tutela.settings import EndpointSettings
from tutela.sparql.graph_names import has_dataset, rewrite
from tutela.sparql.remote import RemoteStore

StartServer = Callable[..., str]
GRAPHS = "https://w3id.org/tutela/graph/"


@pytest.fixture
def start_server() -> Iterator[StartServer]:
    """Return a function that starts a server with the same response to every request."""
    response: dict[str, object] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(int(str(response["status"])))
            self.send_header("content-type", str(response["media_type"]))
            if response["length"]:
                self.send_header("content-length", str(response["length"]))
            self.end_headers()
            self.wfile.write(bytes(response["body"]))  # type: ignore[call-overload]
            while response["endless"] and not stopped.wait(0.1):
                self.wfile.write(b" ")
                self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    stopped = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def start(body: bytes, media_type: str, *, status: int = 200, endless: bool = False, length: int = 0) -> str:
        response.update(body=body, media_type=media_type, status=status, endless=endless, length=length)
        return f"http://127.0.0.1:{server.server_port}/sparql"

    yield start
    stopped.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("body", "media_type", "message"),
    [
        (b"<html>hello</html>", "text/html", "responded with text/html, which is not a query result"),
        (b"<sparql>", "application/sparql-results+xml", "not well formed"),
        (b"\xff\xfe\x00", "application/sparql-results+xml", "not well formed"),
        (b"", "application/sparql-results+xml", "not well formed"),
    ],
)
def test_an_invalid_response_is_an_error(start_server: StartServer, body: bytes, media_type: str, message: str) -> None:
    store = RemoteStore(start_server(body, media_type), timeout_s=5)
    with pytest.raises(EngineError, match=message):
        store.query("ASK {}")


def rows(head: str, row: str) -> bytes:
    names = "".join(f'<variable name="{name}"/>' for name in head.split())
    text = f'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>{names}</head><results>{row}</results></sparql>'
    return text.encode()


def row(**values: str) -> str:
    bindings = "".join(f'<binding name="{name}">{value}</binding>' for name, value in values.items())
    return f"<result>{bindings}</result>"


WRONG_COLUMN = "does not have the column that the query asks for"
NO_RELEASE = "as its release, which is none"
BOOLEAN = b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head/><boolean>true</boolean></sparql>'
VERSION = row(release=f"<uri>{GRAPHS}0</uri>")
LIES = [
    (rows("", "<result/>"), WRONG_COLUMN),
    (rows("release", "<result/>"), WRONG_COLUMN),
    (rows("a b", row(a="<literal>1</literal>", b="<literal>2</literal>")), WRONG_COLUMN),
    (rows("release", row(release=f"<uri>{GRAPHS}</uri>")), NO_RELEASE),
    (rows("release", row(release=f"<uri>{GRAPHS}a/b</uri>")), NO_RELEASE),
    (rows("release", row(release="<uri>http://example.org/0</uri>")), NO_RELEASE),
    (rows("release", row(release="<literal>0</literal>")), NO_RELEASE),
    (rows("release", row(release="<bnode>b0</bnode>")), NO_RELEASE),
    (rows("release", row(release="<uri>no IRI</uri>")), "not well formed"),
    (rows("release", VERSION)[:-20], "not well formed"),
    (rows("release", VERSION) + b"\xff", "not well formed"),
    (rows("release", VERSION), "does not say how old and how large its release is"),  # the answer to every query
    (BOOLEAN, "responded to SELECT with a boolean"),
    (rows("release", ""), "holds no release of Tutela"),
]


@pytest.mark.parametrize(("body", "message"), LIES)
def test_an_engine_that_does_not_describe_its_release_is_not_ready(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch, body: bytes, message: str
) -> None:
    """The checks go on, and the service is ready when the engine is."""
    monkeypatch.setattr("tutela.engine.remote._MIN_CHECK_INTERVAL_S", 0.01)
    engine = RemoteEngine(
        RemoteStore(start_server(body, "application/sparql-results+xml"), timeout_s=5), check=EndpointSettings(version_ttl_s=0)
    )

    async def work() -> None:
        await engine.start()
        assert message in engine.health().error
        with pytest.raises(EngineError, match=message):
            await engine.current_release()
        engine.store.read_version = lambda timeout_s: "1"  # type: ignore[method-assign]
        monkeypatch.setattr(engine, "_describe", lambda version: ReleaseInfo(version, "2026-01-01", 1))
        async with asyncio.timeout(5):
            while engine.health().error:
                await asyncio.sleep(0.01)
        await engine.stop()

    asyncio.run(work())


def test_a_rejected_check_is_an_error_of_the_engine(start_server: StartServer) -> None:
    engine = RemoteEngine(RemoteStore(start_server(b"no", "text/plain", status=400), timeout_s=5))
    with pytest.raises(EngineError, match="The engine rejects the query: no"):
        asyncio.run(engine.current_release())


def test_an_unexpected_failure_does_not_end_the_checks(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tutela.engine.remote._MIN_CHECK_INTERVAL_S", 0.01)
    store = RemoteStore(start_server(b"", "text/plain"), timeout_s=5)
    store.read_version = lambda timeout_s: str(1 / 0)  # type: ignore[method-assign]

    async def work() -> None:
        engine = RemoteEngine(store, check=EndpointSettings(version_ttl_s=0))
        await engine.start()
        assert engine.health().error == "division by zero"
        async with asyncio.timeout(5):
            while len(caplog.records) < 2:
                await asyncio.sleep(0.01)
        await engine.stop()

    asyncio.run(work())


def test_a_response_that_is_shorter_than_announced_is_an_error(start_server: StartServer) -> None:
    """Triples may end after any statement, so the parser does not notice."""
    store = RemoteStore(start_server(b"<a:a> <a:b> <a:c> .", "text/turtle", length=100), timeout_s=5)
    with pytest.raises(EngineError, match="closed the connection: IncompleteRead"):
        store.query_release("0", "CONSTRUCT WHERE { ?s ?p ?o }")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (rows("n", ""), "counts nothing in .*; expected one number"),
        (rows("n", row(n="<literal>many</literal>")), "counts many in "),
        (rows("n", "<result/>"), WRONG_COLUMN),
        (BOOLEAN, "responded to SELECT with a boolean"),
    ],
)
def test_an_engine_that_cannot_count_is_not_published_to(start_server: StartServer, body: bytes, message: str) -> None:
    url = start_server(body, "application/sparql-results+xml")
    with pytest.raises(EngineError, match=message):
        Target(url, url).count(f"{GRAPHS}0")


@pytest.mark.parametrize("answer", [True, False])
def test_the_response_of_virtuoso_to_ask_is_a_boolean(start_server: StartServer, answer: bool) -> None:
    """Virtuoso 7.2 sends a column, with a row if the answer is true."""
    body = rows("__ASK_RETVAL", row(__ASK_RETVAL="<literal>1</literal>") if answer else "")
    result = RemoteStore(start_server(body, "application/sparql-results+xml"), timeout_s=5).query_release("0", "ASK {}")
    assert (result.is_boolean, result.boolean) == (True, answer)


def test_rows_for_ask_are_an_error(start_server: StartServer) -> None:
    store = RemoteStore(start_server(rows("a", row(a="<literal>1</literal>")), "application/sparql-results+xml"), timeout_s=5)
    with pytest.raises(EngineError, match="responded to ASK with rows"):
        store.query_release("0", "ASK {}")


def test_an_endless_response_times_out(start_server: StartServer) -> None:
    store = RemoteStore(start_server(b" ", "application/sparql-results+xml", endless=True), timeout_s=1)
    start = time.monotonic()
    with pytest.raises(EngineTimeoutError, match="did not respond within 1 second"):
        store.query("ASK {}")
    assert time.monotonic() - start < 4


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (500, "failed: .*the disk is full"),
        (404, "has no endpoint at this URL"),
        (401, "rejects the credentials"),
        (503, "responded with 503"),
    ],
)
def test_the_error_message_of_the_engine_is_passed_on(start_server: StartServer, status: int, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        RemoteStore(start_server(b"the disk is full", "text/plain", status=status), timeout_s=5).query("ASK {}")


def test_a_query_that_the_engine_rejects_is_a_query_error(start_server: StartServer) -> None:
    with pytest.raises(QueryError, match="Encountered nonsense"):
        RemoteStore(start_server(b"Encountered nonsense", "text/plain", status=400), timeout_s=5).query("ASK {}")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Error 400: Parse error: Encountered \" <EOF> \" at line 1, column 43.\nWas expecting one of:\n  <PNAME_NS> ...",
         'Error 400: Parse error: Encountered " <EOF> " at line 1, column 43.'),
        ("org.apache.jena.query.QueryParseException: no function <http://a/f>\n\tat org.apache.jena.sparql.Foo.bar(Foo.java:1)\n",
         "no function <http://a/f>"),
        ("Virtuoso 37000 Error SP030: SPARQL compiler, line 1: syntax error at 'x'\n\nSPARQL query:\n#output\nASK {}",
         "Virtuoso 37000 Error SP030: SPARQL compiler, line 1: syntax error at 'x'"),
        ("<!DOCTYPE html><html><body><h1>Bad request</h1><!-- x --></body></html>", "Bad request"),
        ("é" * 5000, "é" * 300 + " ..."),
    ],
)  # fmt: skip
def test_messages_of_engines_are_shortened(start_server: StartServer, body: str, expected: str) -> None:
    with pytest.raises(QueryError) as caught:
        RemoteStore(start_server(body.encode(), "text/plain", status=400), timeout_s=5).query("ASK {}")
    assert str(caught.value) == f"The engine rejects the query: {expected}"


def test_a_mistake_has_the_same_message_as_with_the_embedded_engine(start_server: StartServer) -> None:
    class Store(RemoteStore):
        version = "v1"

    with pytest.raises(QueryError, match="line 1, column 10: the prefix skoz: is not declared"):
        Store(start_server(b"Unresolved prefix", "text/plain", status=400), timeout_s=5).query("ASK { ?s skoz:x ?o }")


@pytest.mark.parametrize("url", ["localhost:3030", "ftp://example.org/", "http://", "http://me:secret@example.org/sparql"])
def test_an_invalid_url_is_an_error(url: str) -> None:
    with pytest.raises(UsageError, match="is not the URL of an endpoint"):
        RemoteStore(url)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ASK { GRAPH <%smeta> {} }", "ASK { GRAPH <%sv1/meta> {} }"),
        ("PREFIX g: <%s> ASK { GRAPH g:meta {} }", "PREFIX g: <%sv1/> ASK { GRAPH g:meta {} }"),
        ("ASK { <%sother> ?p '<%smeta>' } # <%smeta>", "ASK { <%sother> ?p '<%smeta>' } # <%smeta>"),
        ("ASK { ?s ?p <http://example.org/a#> }", "ASK { ?s ?p <http://example.org/a#> }"),
    ],
)  # fmt: skip
def test_graph_names_get_the_version_only_where_they_are_used(text: str, expected: str) -> None:
    assert rewrite(text.replace("%s", GRAPHS), "v1") == expected.replace("%s", GRAPHS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ASK { GRAPH <graph/meta> { <id/x> ?p ?o } }", f"ASK {{ GRAPH <{GRAPHS}v1/meta> {{ <https://w3id.org/tutela/id/x> ?p ?o }} }}"),
        (f"BASE <{GRAPHS}> ASK {{ GRAPH <meta> {{}} }}", f" ASK {{ GRAPH <{GRAPHS}v1/meta> {{}} }}"),
        ("PREFIX t: <https://w3id.org/tutela/> ASK { GRAPH t:graph\\/meta {} }",
         f"PREFIX t: <https://w3id.org/tutela/> ASK {{ GRAPH <{GRAPHS}v1/meta> {{}} }}"),
        ("PREFIX t: <https://w3id.org/tutela/gra> ASK { GRAPH t:ph\\/meta {} }",
         f"PREFIX t: <https://w3id.org/tutela/gra> ASK {{ GRAPH <{GRAPHS}v1/meta> {{}} }}"),
        (r"ASK { GRAPH <graph/\u006deta> { ?s ?p 'x' FILTER(?a<'>'||?b>'<graph/meta>') } }",
         f"ASK {{ GRAPH <{GRAPHS}v1/meta> {{ ?s ?p 'x' FILTER(?a<'>'||?b>'<graph/meta>') }} }}"),
    ],
)  # fmt: skip
def test_relative_and_prefixed_graph_names_get_the_version(text: str, expected: str) -> None:
    assert rewrite(text, "v1") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM <a:b> { }", True), ("SELECT * FROM NAMED a:b { }", True), ("select * from\n named <a:b> {}", True),
        ("SELECT * { ?from <x:FROM> 'FROM <a:b>' } # FROM <a:b>", False),
        ("PREFIX fromage: <a:> SELECT * { ?s fromage:b ?o }", False), ("PREFIX from: <a:> SELECT * { ?s from:b ?o }", False),
        ("PREFIX a: <a:> SELECT * FROM a:b { }", True), ("PREFIX : <a:> SELECT * FROM :b { }", True), ("ASKFROM<a:b>{ }", True),
        ("PREFIX : <a:> ASK FROM:b { }", True), (r"SELECT * \u0046ROM <a:b> { }", True),
        (r"SELECT ('\u0022' AS ?x) FROM <a:b> { ?s ?p '\u0022' }", True), (r"SELECT * { ?s ?p 'a\u0027 FROM <a:b>' }", False),
        ("SELECT (?a<'>' AS ?x) FROM <a:b> { FILTER(?a<'>') }", True), ("SELECT ?ग्FROM { ?s ?p ?ग्FROM }", False),
        ("SELECT ?ग्राफ FROM <a:b> { GRAPH ?ग्राफ {} }", True), ("SELECT ?a\u203fFROM { ?s ?p ?a\u203fFROM }", False),
        ("PREFIX ग्FROM: <a:> DESCRIBE ग्FROM:x", False), ("PREFIX from: <a:> DESCRIBE from:x", False),
        ("PREFIX a: <a:> DESCRIBE a:FROM", False), ("PREFIX a: <a:> DESCRIBE a:x FROM a:y", True), ("DESCRIBE<a:x>FROM<a:b>", True),
        ("PREFIX p: <a:> ASK FROMp:g {}", True), ("SELECT*FROMNAMED<a:b>{}", True), ("CONSTRUCT{}FROM<a:b>{}", True),
        ("CONSTRUCTFROM<a:b> WHERE {}", True), ("PREFIXfrom:<a:> SELECT * {} ORDER BY from:f(?x)", False),
        ("PREFIX from: <a:> CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } ORDER BY from:f(?x)", False),
        ("PREFIX from: <a:> SELECT (from:f(1) AS ?x) {}", False), ("SELECT * { { SELECT * { ?s ?p '}' } } }# FROM <a:b>", False),
    ],
)  # fmt: skip
def test_queries_with_a_dataset_clause_are_detected(text: str, expected: bool) -> None:
    assert has_dataset(text) is expected


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (r"SELECT * WHERE { \u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", ForbiddenQueryError),
        (r"SELECT * WHERE { SERVIC\U00000045 <http://127.0.0.1:9/> { ?s ?p ?o } }", ForbiddenQueryError),
        (r"ASK { ?s ?p 'a\u0027 . SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } # ' }", ForbiddenQueryError),
        (r"# \u000A SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", ForbiddenQueryError),
        (r"\u0044ROP ALL", ForbiddenQueryError),
        ('DEFINE get:soft "replace" SELECT * FROM <http://127.0.0.1:9/> WHERE { ?s ?p ?o }', QueryError),
        ("\ufeffDROP ALL", ForbiddenQueryError),
        ("CALL x()", QueryError),
        (r"ASK { ?s ?p '\UFFFFFFFF' } DROP ALL" + "(" * 1000, QueryError),
    ],
)  # fmt: skip
def test_only_queries_reach_the_engine(start_server: StartServer, text: str, error: type[QueryError]) -> None:
    store = RemoteStore(start_server(b"", "text/plain", status=500), timeout_s=5)
    with pytest.raises(error) as caught:
        store.query(text)
    assert type(caught.value) is error


def test_a_query_with_escapes_in_strings_reaches_the_engine(start_server: StartServer) -> None:
    with pytest.raises(EngineError, match=r"failed: .*said"):
        RemoteStore(start_server(b"said", "text/plain", status=500), timeout_s=5).query(r"PREFIX a: <a:> ASK { ?s ?p '\u00e9' }")


def test_a_cancelled_query_counts_as_open_until_the_engine_responds(start_server: StartServer) -> None:
    """The engine continues, so the request occupies a thread; without this count /health would wait behind such requests."""

    async def work() -> tuple[int, int]:
        engine = RemoteEngine(RemoteStore(start_server(b" ", "application/sparql-results+xml", endless=True), timeout_s=2))
        task = asyncio.create_task(engine.query("ASK {}", {"boolean": "json"}))
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.sleep(0.1)
        open_after_cancel = engine._open_requests
        await asyncio.sleep(3.5)
        await engine.stop()
        return open_after_cancel, engine._open_requests

    assert asyncio.run(work()) == (1, 0)
