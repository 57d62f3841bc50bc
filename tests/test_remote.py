"""What an engine elsewhere may do wrong is told in a sentence, and queries keep their meaning on the way there."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tutela.elsewhere import Elsewhere
from tutela.errors import UsageError
from tutela.store import EngineError, QueryError, QueryRefusedError, RemoteStore
from tutela.store.graphs import has_dataset, rewritten

Liar = Callable[..., str]
GRAPH = "https://w3id.org/tutela/graph/"


@pytest.fixture
def liar() -> Iterator[Liar]:
    """Start a server that gives every request the same answer."""
    said: dict[str, object] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(int(str(said["status"])))
            self.send_header("content-type", str(said["kind"]))
            self.end_headers()
            self.wfile.write(bytes(said["body"]))  # type: ignore[call-overload]
            while said["endless"] and not stopped.wait(0.1):
                self.wfile.write(b" ")
                self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    stopped = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def start(body: bytes, kind: str, *, status: int = 200, endless: bool = False) -> str:
        said.update(body=body, kind=kind, status=status, endless=endless)
        return f"http://127.0.0.1:{server.server_port}/sparql"

    yield start
    stopped.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (b"<html>hello</html>", "text/html", "answered with text/html, which is no answer"),
        (b"<sparql>", "application/sparql-results+xml", "not well formed"),
        (b"\xff\xfe\x00", "application/sparql-results+xml", "not well formed"),
        (b"", "application/sparql-results+xml", "not well formed"),
    ],
)
def test_rubbish_is_told(liar: Liar, body: bytes, kind: str, message: str) -> None:
    store = RemoteStore(liar(body, kind), seconds=5)
    with pytest.raises(EngineError, match=message):
        store.query("ASK {}")


def test_an_answer_that_never_ends_is_given_up(liar: Liar) -> None:
    store = RemoteStore(liar(b" ", "application/sparql-results+xml", endless=True), seconds=1)
    begun = time.monotonic()
    with pytest.raises(EngineError, match="did not answer within 1 second") as caught:
        store.query("ASK {}")
    assert caught.value.late
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (500, "failed: .*the disk is full"),
        (404, "has nothing at this address"),
        (401, "wants other credentials"),
        (503, "answered 503"),
    ],
)
def test_what_an_engine_says_went_wrong_is_passed_on(liar: Liar, status: int, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        RemoteStore(liar(b"the disk is full", "text/plain", status=status), seconds=5).query("ASK {}")


def test_a_query_that_an_engine_does_not_accept_is_the_users_fault(liar: Liar) -> None:
    with pytest.raises(QueryError, match="Encountered nonsense"):
        RemoteStore(liar(b"Encountered nonsense", "text/plain", status=400), seconds=5).query("ASK {}")


@pytest.mark.parametrize("address", ["localhost:3030", "ftp://example.org/", "http://", "http://me:secret@example.org/sparql"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="is not the address of an endpoint"):
        RemoteStore(address)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ASK { GRAPH <%smeta> {} }", "ASK { GRAPH <%sv1/meta> {} }"),
        ("PREFIX g: <%s> ASK { GRAPH g:meta {} }", "PREFIX g: <%sv1/> ASK { GRAPH g:meta {} }"),
        ("ASK { <%sother> ?p '<%smeta>' } # <%smeta>", "ASK { <%sother> ?p '<%smeta>' } # <%smeta>"),
        ("ASK { ?s ?p <http://example.org/a#> }", "ASK { ?s ?p <http://example.org/a#> }"),
    ],
)  # fmt: skip
def test_graphs_are_named_by_version_where_they_are_named(text: str, expected: str) -> None:
    assert rewritten(text.replace("%s", GRAPH), "v1") == expected.replace("%s", GRAPH)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ASK { GRAPH <graph/meta> { <id/x> ?p ?o } }", f"ASK {{ GRAPH <{GRAPH}v1/meta> {{ <https://w3id.org/tutela/id/x> ?p ?o }} }}"),
        (f"BASE <{GRAPH}> ASK {{ GRAPH <meta> {{}} }}", f" ASK {{ GRAPH <{GRAPH}v1/meta> {{}} }}"),
        ("PREFIX t: <https://w3id.org/tutela/> ASK { GRAPH t:graph\\/meta {} }",
         "PREFIX t: <https://w3id.org/tutela/> ASK { GRAPH t:graph\\/v1\\/meta {} }"),
    ],
)  # fmt: skip
def test_relative_and_prefixed_names_are_written_out(text: str, expected: str) -> None:
    assert rewritten(text, "v1") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM <a:b> { }", True), ("SELECT * FROM NAMED a:b { }", True), ("select * from\n named <a:b> {}", True),
        ("SELECT * { ?from <x:FROM> 'FROM <a:b>' } # FROM <a:b>", False),
    ],
)  # fmt: skip
def test_a_query_that_names_its_graphs_is_known(text: str, expected: bool) -> None:
    assert has_dataset(text) is expected


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (r"SELECT * WHERE { \u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", QueryRefusedError),
        (r"SELECT * WHERE { SERVIC\U00000045 <http://127.0.0.1:9/> { ?s ?p ?o } }", QueryRefusedError),
        (r"ASK { ?s ?p 'a\u0027 . SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } # ' }", QueryRefusedError),
        (r"# \u000A SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", QueryRefusedError),
        (r"\u0044ROP ALL", QueryRefusedError),
        ('DEFINE get:soft "replace" SELECT * FROM <http://127.0.0.1:9/> WHERE { ?s ?p ?o }', QueryError),
        ("\ufeffDROP ALL", QueryError),
        ("CALL x()", QueryError),
        (r"ASK { ?s ?p '\UFFFFFFFF' } DROP ALL" + "(" * 1000, QueryError),
    ],
)  # fmt: skip
def test_nothing_but_a_query_reaches_an_engine(liar: Liar, text: str, error: type[QueryError]) -> None:
    store = RemoteStore(liar(b"", "text/plain", status=500), seconds=5)
    with pytest.raises(error) as caught:
        store.query(text)
    assert type(caught.value) is error


def test_a_query_with_escapes_in_its_strings_goes_on(liar: Liar) -> None:
    with pytest.raises(EngineError, match=r"failed: .*said"):
        RemoteStore(liar(b"said", "text/plain", status=500), seconds=5).query(r"PREFIX a: <a:> ASK { ?s ?p '\u00e9' }")


def test_a_client_that_leaves_frees_no_thread_that_is_busy(liar: Liar) -> None:
    """The engine goes on; as many more as there are threads would stand in line where /health does too."""

    async def work() -> tuple[int, int]:
        engine = Elsewhere(RemoteStore(liar(b" ", "application/sparql-results+xml", endless=True), seconds=2))
        task = asyncio.create_task(engine.answer("ASK {}", {"boolean": "json"}))
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.sleep(0.1)
        during = engine._busy
        await asyncio.sleep(3.5)
        await engine.stop()
        return during, engine._busy

    assert asyncio.run(work()) == (1, 0)
