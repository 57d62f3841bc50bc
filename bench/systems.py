"""The systems that are measured, each started with a release in it, and what they cost: time to start, to load, memory.

Each holds the release's named graphs and their merge, and the merge is what a query sees that names no graph: in the real default
graph of Oxigraph and Fuseki, as in ours; in a graph of its own in Virtuoso, which has no default graph, named in each request;
rdflib-endpoint holds nothing but the merge, in the memory of its process, which is the quickest it can be.
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

from tutela.store.rdf import merge

RESULTS = "application/sparql-results+json"
_MERGED = "https://w3id.org/tutela/graph/"
_PATIENCE = 900.0
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class System:
    """A running system that holds a release: where it is asked, and what it took to get there.

    Args:
        name: by which it is told of.
        address: of its query operation.
        graph: what a request has to name as the default graph, if it has to.
        pid: of its first process.
        start: seconds until an empty one answers; of one that loads as it starts, until it answers from the release.
        load: seconds that loading takes when it has started.

    """

    name: str
    address: str
    pid: int
    start: float
    load: float | None = None
    graph: str = ""

    def body(self, query: str) -> bytes:
        """Return a query as the form that is posted."""
        return urlencode({"query": query} | ({"default-graph-uri": self.graph} if self.graph else {})).encode()

    def ask(self, query: str, seconds: float) -> bytes:
        """Return the answer to a query, as SPARQL Query Results JSON.

        Raises:
            OSError: there is none within so many seconds, or it is an error (`urllib.error.HTTPError`).

        """
        request = urllib.request.Request(self.address, self.body(query), {"Accept": RESULTS})  # noqa: S310 - our own address
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
            return bytes(answer.read())

    @property
    def memory(self) -> int:
        """Bytes of all its processes, a page that several share being counted once (proc(5), smaps_rollup: Pss)."""
        return sum(_pss(pid) for pid in _tree(self.pid))

    @property
    def processor_time(self) -> float:
        """Seconds of processor that its processes have used."""
        return sum(_used(pid) for pid in _tree(self.pid))

    def settle(self, seconds: float) -> bool:
        """Wait until it has stopped working on what nobody waits for; return whether it did within so many seconds."""
        end = time.monotonic() + seconds
        before = self.processor_time
        while time.monotonic() < end:
            time.sleep(0.04)
            now = self.processor_time
            if now - before <= 1 / _TICK:
                return True
            before = now
        return False


@dataclass(frozen=True)
class Material:
    """A release as files that every system can load: quads, and the merge as N-Triples."""

    quads: Path
    merged: Path

    @classmethod
    def of(cls, dump: Path, folder: Path) -> "Material":
        """Merge a release's dump into a file of a folder."""
        merged = folder / "merged.nt"
        triples = merge(ox.parse(path=str(dump), format=ox.RdfFormat.N_QUADS))
        ox.serialize(triples, str(merged), ox.RdfFormat.N_TRIPLES)
        return cls(dump, merged)


def tutela(cache: int | None = None) -> Callable[[Material], AbstractContextManager[System]]:
    """Return how to start this project's service, with so many MB of cache."""

    @contextmanager
    def started(material: Material) -> Iterator[System]:
        command = [sys.executable, "-m", "tutela", "serve", "--release", str(material.quads.parent), "--port", "0"]
        name = "tutela" if cache is None else "tutela, no cache"
        with _process(command if cache is None else [*command, "--cache", str(cache)]) as (process, begun):
            assert process.stdout is not None
            address = process.stdout.readline().decode().split(" at ")[1].split()[0]
            yield _ready(System(name, f"{address}sparql", process.pid, 0), begun)

    return started


@contextmanager
def rdflib_endpoint(material: Material) -> Iterator[System]:
    """Start rdflib-endpoint under uvicorn, over an rdflib Graph of the merge."""
    port = engines.free_port()
    command = [sys.executable, str(Path(__file__).with_name("rdflib_app.py")), str(material.merged), str(port)]
    with _process(command) as (process, begun):
        yield _ready(System("rdflib-endpoint", f"http://127.0.0.1:{port}/", process.pid, 0), begun)


@contextmanager
def oxigraph(material: Material) -> Iterator[System]:
    """Start Oxigraph's server over a store in memory, as ours is."""
    port = engines.free_port()
    program = Path(sys.executable).with_name("oxigraph")
    if not program.is_file():
        raise MissingError("the Oxigraph server is not installed (PyPI: oxigraph)")
    root = f"http://127.0.0.1:{port}"
    with _process([str(program), "serve", "--bind", f"127.0.0.1:{port}"]) as (process, started):
        system = _ready(System("oxigraph serve", f"{root}/query", process.pid, 0), started)
        begun = time.perf_counter()
        _post(f"{root}/store", material.quads, "application/n-quads")
        _post(f"{root}/store?default", material.merged, "application/n-triples")
        system.load = time.perf_counter() - begun
        yield system


@contextmanager
def fuseki(material: Material) -> Iterator[System]:
    """Start Apache Jena Fuseki over a transactional dataset in memory."""
    begun = time.perf_counter()
    with engines.fuseki() as engine:
        system = System("Fuseki", engine.query, engine.process.pid, time.perf_counter() - begun)
        root = engine.query.removesuffix("/query")
        begun = time.perf_counter()
        _post(root, material.quads, "application/n-quads")
        _post(f"{root}?default", material.merged, "application/n-triples")
        system.load = time.perf_counter() - begun
        yield system


@contextmanager
def virtuoso(material: Material) -> Iterator[System]:
    """Start Virtuoso and load by its own bulk loader, from files."""
    begun = time.perf_counter()
    buffers = max(40_000, material.quads.stat().st_size >> 8)  # so many pages of 8 KB that all of it is in memory
    with engines.virtuoso(buffers=buffers) as engine:
        system = System("Virtuoso", engine.query, engine.process.pid, time.perf_counter() - begun, graph=_MERGED)
        # It reads from its own folder only, and takes an absolute path for a file that lies elsewhere.
        for name, path in (("quads.nq", material.quads), ("merged.nt", material.merged)):
            (engine.folder / name).symlink_to(path.resolve())
        begun = time.perf_counter()
        ports = re.findall(r"ServerPort = (\S+)", (engine.folder / "virtuoso.ini").read_text(encoding="ascii"))
        quads = f"TTLP_MT(file_open('quads.nq'), '', '{_MERGED}', 512)"  # 512: N-Quads
        load = f"TTLP_MT(file_open('merged.nt'), '', '{_MERGED}', 0); {quads}; checkpoint;"
        done = subprocess.run(
            ["isql-vt", ports[0], engine.user, engine.password, f"exec={load}"], capture_output=True, text=True, check=True
        )
        if "Error" in done.stdout + done.stderr:
            raise RuntimeError(done.stdout + done.stderr)
        system.load = time.perf_counter() - begun
        yield system


SYSTEMS: dict[str, Callable[[Material], AbstractContextManager[System]]] = {
    "tutela": tutela(),
    "tutela, no cache": tutela(0),
    "oxigraph serve": oxigraph,
    "rdflib-endpoint": rdflib_endpoint,
    "Fuseki": fuseki,
    "Virtuoso": virtuoso,
}


@contextmanager
def _process(command: list[str]) -> Iterator[tuple["subprocess.Popen[bytes]", float]]:
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        yield process, begun
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()  # one that is busy with a query does not hear
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _ready(system: System, begun: float) -> System:
    while time.perf_counter() - begun < _PATIENCE:
        try:
            system.ask("ASK {}", _PATIENCE)
        except OSError:
            time.sleep(0.02)
        else:
            system.start = time.perf_counter() - begun
            return system
    raise RuntimeError(f"{system.name} did not begin to answer")


def _post(address: str, path: Path, media: str) -> None:
    with path.open("rb") as file:
        headers = {"Content-Type": media, "Content-Length": str(path.stat().st_size)}
        request = urllib.request.Request(address, file, headers, method="POST")  # noqa: S310 - our own address
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310
            answer.read()


def _tree(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _fields(int(entry.name))
            if fields:
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += parents.get(pid, [])
    return found


def _fields(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _used(pid: int) -> float:
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / _TICK if fields else 0.0


def _pss(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) << 10 if found else 0
