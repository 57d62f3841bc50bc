"""The systems to compare: how to start each one with a release, and how to measure its start, loading and memory.

Each system contains the named graphs of the release and their merge, and a query that names no graph is evaluated over the
merge. The merge is the default graph in Tutela, Oxigraph and Fuseki. Virtuoso has no default graph, so there it is a named
graph, which each request names. rdflib-endpoint contains only the merge, in memory, which is its fastest configuration.
"""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
from tests import engines
from tests.engines import MissingError

from tutela.sparql.rdf import merge

RESULTS = "application/sparql-results+json"
_MERGED = "https://w3id.org/tutela/graph/"
_START_TIMEOUT_S = 900.0  # also for loading a file
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass
class System:
    """A running system that contains a release.

    Args:
        name: its name in the results.
        url: URL of its query endpoint.
        pid: ID of its first process.
        start: seconds until it responds; a system that loads the release when it starts responds after loading.
        load: seconds to load the release after the start; None if it is loaded at the start.
        graph: the graph that each request must name as its default graph; empty if none.

    """

    name: str
    url: str
    pid: int
    start: float
    load: float | None = None
    graph: str = ""

    def body(self, query: str) -> bytes:
        """Return a query as the form data of a POST request."""
        return urlencode({"query": query} | ({"default-graph-uri": self.graph} if self.graph else {})).encode()

    def query(self, query: str, timeout_s: float) -> bytes:
        """Return the result of a query, as SPARQL Query Results JSON.

        Raises:
            TimeoutError: there is no response in time.
            OSError: the request fails, or the response is an error (`urllib.error.HTTPError`).

        """
        request = urllib.request.Request(self.url, self.body(query), {"Accept": RESULTS})  # noqa: S310 - a local URL
        with urllib.request.urlopen(request, timeout=timeout_s) as response:  # noqa: S310
            return bytes(response.read())

    @property
    def memory(self) -> int:
        """Bytes in use by all its processes; shared memory is counted once (PSS; see proc(5), smaps_rollup)."""
        return sum(_pss(pid) for pid in _process_tree(self.pid))

    @property
    def cpu_time(self) -> float:
        """CPU time of all its processes, in seconds."""
        return sum(_cpu_time(pid) for pid in _process_tree(self.pid))

    def wait_until_idle(self, timeout_s: float) -> bool:
        """Wait until it stops working on abandoned queries; return whether it did in time."""
        end = time.monotonic() + timeout_s
        before = self.cpu_time
        while time.monotonic() < end:
            time.sleep(0.04)
            now = self.cpu_time
            if now - before <= 1 / _TICKS_PER_S:
                return True
            before = now
        return False


@dataclass(frozen=True)
class InputFiles:
    """A release as files that every system can load: N-Quads, and the merge of all graphs as N-Triples."""

    nquads: Path
    merged: Path

    @classmethod
    def create(cls, nquads: Path, folder: Path) -> "InputFiles":
        """Write the merge of a release's graphs to a folder."""
        merged = folder / "merged.nt"
        triples = merge(ox.parse(path=str(nquads), format=ox.RdfFormat.N_QUADS))
        ox.serialize(triples, str(merged), ox.RdfFormat.N_TRIPLES)
        return cls(nquads, merged)


Starter = Callable[[InputFiles], AbstractContextManager[System]]


def tutela(cache: int | None = None) -> Starter:
    """Return a function that starts Tutela.

    Args:
        cache: size of the response cache in MB; by default that of the service.

    """

    @contextmanager
    def launch(files: InputFiles) -> Iterator[System]:
        command = [sys.executable, "-m", "tutela", "serve", "--release", str(files.nquads.parent), "--port", "0"]
        name = "tutela" if cache is None else "tutela, no cache"
        with _process(command if cache is None else [*command, "--cache", str(cache)]) as (process, start):
            assert process.stdout is not None
            url = process.stdout.readline().decode().split(" at ")[1].split()[0]
            yield _wait_until_ready(System(name, f"{url}sparql", process.pid, 0), start)

    return launch


@contextmanager
def rdflib_endpoint(files: InputFiles) -> Iterator[System]:
    """Start rdflib-endpoint under uvicorn, with the merge in an rdflib Graph."""
    port = engines.free_port()
    command = [sys.executable, str(Path(__file__).with_name("rdflib_app.py")), str(files.merged), str(port)]
    with _process(command) as (process, start):
        yield _wait_until_ready(System("rdflib-endpoint", f"http://127.0.0.1:{port}/", process.pid, 0), start)


@contextmanager
def oxigraph(files: InputFiles) -> Iterator[System]:
    """Start the Oxigraph server with a store in memory, like that of Tutela."""
    port = engines.free_port()
    program = Path(sys.executable).with_name("oxigraph")
    if not program.is_file():
        raise MissingError("the Oxigraph server is not installed (PyPI: oxigraph)")
    root = f"http://127.0.0.1:{port}"
    with _process([str(program), "serve", "--bind", f"127.0.0.1:{port}"]) as (process, start):
        system = _wait_until_ready(System("oxigraph serve", f"{root}/query", process.pid, 0), start)
        load_start = time.perf_counter()
        _post(f"{root}/store", files.nquads, "application/n-quads")
        _post(f"{root}/store?default", files.merged, "application/n-triples")
        system.load = time.perf_counter() - load_start
        yield system


@contextmanager
def fuseki(files: InputFiles) -> Iterator[System]:
    """Start Apache Jena Fuseki with a transactional dataset in memory."""
    start = time.perf_counter()
    with engines.fuseki() as engine:
        system = System("Fuseki", engine.query, engine.process.pid, time.perf_counter() - start)
        root = engine.query.removesuffix("/query")
        start = time.perf_counter()
        _post(root, files.nquads, "application/n-quads")
        _post(f"{root}?default", files.merged, "application/n-triples")
        system.load = time.perf_counter() - start
        yield system


@contextmanager
def virtuoso(files: InputFiles) -> Iterator[System]:
    """Start Virtuoso and load the release with its bulk loader."""
    start = time.perf_counter()
    buffers = max(40_000, files.nquads.stat().st_size >> 8)  # pages of 8 KB, enough for all data
    with engines.virtuoso(buffers=buffers) as engine:
        system = System("Virtuoso", engine.query, engine.process.pid, time.perf_counter() - start, graph=_MERGED)
        # It reads files in its own folder only, and does not accept absolute paths.
        for name, path in (("quads.nq", files.nquads), ("merged.nt", files.merged)):
            (engine.folder / name).symlink_to(path.resolve())
        start = time.perf_counter()
        ports = re.findall(r"ServerPort = (\S+)", (engine.folder / "virtuoso.ini").read_text(encoding="ascii"))
        quads = f"TTLP_MT(file_open('quads.nq'), '', '{_MERGED}', 512)"  # 512: N-Quads
        load = f"TTLP_MT(file_open('merged.nt'), '', '{_MERGED}', 0); {quads}; checkpoint;"
        done = subprocess.run(
            ["isql-vt", ports[0], engine.user, engine.password, f"exec={load}"], capture_output=True, text=True, check=True
        )
        if "Error" in done.stdout + done.stderr:
            raise RuntimeError(done.stdout + done.stderr)
        system.load = time.perf_counter() - start
        yield system


SYSTEMS: dict[str, Starter] = {
    "tutela": tutela(),
    "tutela, no cache": tutela(0),
    "oxigraph serve": oxigraph,
    "rdflib-endpoint": rdflib_endpoint,
    "Fuseki": fuseki,
    "Virtuoso": virtuoso,
}


@contextmanager
def _process(command: list[str]) -> Iterator[tuple["subprocess.Popen[bytes]", float]]:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        yield process, start
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()  # some systems ignore SIGTERM during a query
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _wait_until_ready(system: System, start: float) -> System:
    while time.perf_counter() - start < _START_TIMEOUT_S:
        try:
            system.query("ASK {}", _START_TIMEOUT_S)
        except OSError:
            time.sleep(0.02)
        else:
            system.start = time.perf_counter() - start
            return system
    raise RuntimeError(f"{system.name} did not become ready")


def _post(url: str, path: Path, media_type: str) -> None:
    with path.open("rb") as file:
        headers = {"Content-Type": media_type, "Content-Length": str(path.stat().st_size)}
        request = urllib.request.Request(url, file, headers, method="POST")  # noqa: S310 - a local URL
        with urllib.request.urlopen(request, timeout=_START_TIMEOUT_S) as response:  # noqa: S310
            response.read()


def _process_tree(root: int) -> list[int]:
    """Return the IDs of a process and its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat_fields(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    pids = [root]
    for pid in pids:
        pids += children.get(pid, [])
    return pids


def _stat_fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the process name; empty if the process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _cpu_time(pid: int) -> float:
    fields = _stat_fields(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S if fields else 0.0


def _pss(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    match = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
    return int(match[1]) << 10 if match else 0
