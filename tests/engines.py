"""SPARQL engines other than our own, started empty for tests and measurements, and stopped again.

`oxigraph` comes from PyPI, Virtuoso from Debian, and Fuseki's jar from Maven Central (`make engines`); the
jar lies in the folder that TUTELA_ENGINES names, or in ``.engines`` of the checkout.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tutela import paths

_PATIENCE = 60.0
_VIRTUOSO = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
DirsAllowed = .
ServerThreads = 100
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 70
[SPARQL]
ResultSetMaxRows = 1000000
"""


class MissingError(Exception):
    """The engine's program is not on this machine; the message says what is missing."""


@dataclass(frozen=True)
class Engine:
    """A running engine: its addresses, its credentials if it has any, and its folder."""

    name: str
    query: str
    update: str
    process: "subprocess.Popen[bytes]"
    folder: Path
    user: str = ""
    password: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """The credentials as `tutela publish` takes them."""
        return {"TUTELA_ENDPOINT_USER": self.user, "TUTELA_ENDPOINT_PASSWORD": self.password} if self.user else {}

    @property
    def memory(self) -> int:
        """Bytes in use now (resident set)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.findall(r"VmRSS:\s*(\d+)", status)[0]) << 10

    def pause(self) -> None:
        """Let it answer nothing more until `resume`."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def oxigraph(port: int = 0) -> Iterator[Engine]:
    """Start Oxigraph's own server."""
    program = Path(sys.executable).with_name("oxigraph")
    if not program.is_file():
        raise MissingError("the Oxigraph server is not installed (PyPI: oxigraph)")
    port = port or free_port()
    with _folder() as folder:
        command = [str(program), "serve", "--location", str(folder / "store"), "--bind", f"127.0.0.1:{port}"]
        root = f"http://127.0.0.1:{port}"
        with _running(command, folder, f"{root}/query") as process:
            yield Engine("oxigraph", f"{root}/query", f"{root}/update", process, folder)


@contextmanager
def fuseki(port: int = 0) -> Iterator[Engine]:
    """Start Apache Jena Fuseki over a transactional dataset in memory."""
    jars = sorted(Path(os.environ.get("TUTELA_ENGINES") or paths.ROOT / ".engines").glob("jena-fuseki-server-*.jar"))
    java = shutil.which("java")
    if not jars or not java:
        raise MissingError("Fuseki's jar is not in .engines (`make engines`), or there is no Java")
    port = port or free_port()
    with _folder() as folder:
        command = [java, "-jar", str(jars[-1]), "--mem", "--update", "--localhost", "--port", str(port), "/ds"]
        root = f"http://127.0.0.1:{port}/ds"
        with _running(command, folder, f"{root}/query") as process:
            yield Engine("fuseki", f"{root}/query", f"{root}/update", process, folder)


@contextmanager
def virtuoso(port: int = 0, buffers: int = 40_000) -> Iterator[Engine]:
    """Start Virtuoso; who writes has to say who they are (Digest)."""
    program = shutil.which("virtuoso-t")
    if not program:
        raise MissingError("Virtuoso is not installed (Debian: virtuoso-opensource-7-bin)")
    port = port or free_port()
    with _folder() as folder:
        text = _VIRTUOSO.format(sql=free_port(), http=port, buffers=buffers, dirty=buffers * 3 // 4)
        (folder / "virtuoso.ini").write_text(text, encoding="ascii")
        root = f"http://127.0.0.1:{port}"
        with _running([program, "+foreground", "+configfile", "virtuoso.ini"], folder, f"{root}/sparql") as process:
            yield Engine("virtuoso", f"{root}/sparql", f"{root}/sparql-auth", process, folder, "dba", "dba")


ENGINES: dict[str, Callable[[], AbstractContextManager[Engine]]] = {"oxigraph": oxigraph, "fuseki": fuseki, "virtuoso": virtuoso}


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tutela-engine-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextmanager
def _running(command: list[str], folder: Path, address: str) -> Iterator["subprocess.Popen[bytes]"]:
    log = folder / "output.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        _await(process, address, log)
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < _PATIENCE and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}?query=ASK%7B%7D", timeout=5) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{address} did not begin to answer:\n{log.read_text(errors='replace')[-2000:]}")
