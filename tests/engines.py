"""Start and stop SPARQL engines, without data, for tests and measurements.

`oxigraph` comes from PyPI, Virtuoso from Debian, and the JAR file of Fuseki from Maven Central (`make engines`). The JAR file
is in the folder that TUTELA_ENGINES names, or in ``.engines``.
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
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tutela import paths

_START_TIMEOUT_S = 60.0
# The quick compiler only: a test run ends before the other one pays off.
_QUICK_JAVA = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
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
    """The engine is not installed; the message says what is missing."""


@dataclass(frozen=True)
class Engine:
    """A running engine: its endpoints, its credentials if it needs any, and its folder."""

    name: str
    query: str
    update: str
    process: "subprocess.Popen[bytes]"
    folder: Path
    user: str = ""
    password: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """The credentials as environment variables of `tutela publish`."""
        return {"TUTELA_ENDPOINT_USER": self.user, "TUTELA_ENDPOINT_PASSWORD": self.password} if self.user else {}

    @property
    def memory(self) -> int:
        """Memory in use, in bytes (resident set)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.findall(r"VmRSS:\s*(\d+)", status)[0]) << 10

    def pause(self) -> None:
        """Stop the process until `resume`."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue the process."""
        self.process.send_signal(signal.SIGCONT)


def free_port() -> int:
    """Return a free TCP port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def oxigraph(port: int = 0) -> Iterator[Engine]:
    """Start the Oxigraph server with a dataset in memory."""
    program = Path(sys.executable).with_name("oxigraph")
    if not program.is_file():
        raise MissingError("the Oxigraph server is not installed (PyPI: oxigraph)")
    port = port or free_port()
    with _folder() as folder:
        command = [str(program), "serve", "--bind", f"127.0.0.1:{port}"]
        root = f"http://127.0.0.1:{port}"
        with _process(command, folder, f"{root}/query") as process:
            yield Engine("oxigraph", f"{root}/query", f"{root}/update", process, folder)


@contextmanager
def fuseki(port: int = 0, options: Sequence[str] = ()) -> Iterator[Engine]:
    """Start Apache Jena Fuseki with a transactional dataset in memory, and options of Java."""
    jars = sorted(Path(os.environ.get("TUTELA_ENGINES") or paths.ROOT / ".engines").glob("jena-fuseki-server-*.jar"))
    java = shutil.which("java")
    if not jars or not java:
        raise MissingError("the JAR file of Fuseki is not in .engines (`make engines`), or Java is not installed")
    port = port or free_port()
    with _folder() as folder:
        command = [java, *options, "-jar", str(jars[-1]), "--mem", "--update", "--localhost", "--port", str(port), "/ds"]
        root = f"http://127.0.0.1:{port}/ds"
        with _process(command, folder, f"{root}/query") as process:
            yield Engine("fuseki", f"{root}/query", f"{root}/update", process, folder)


@contextmanager
def virtuoso(port: int = 0, buffers: int = 40_000) -> Iterator[Engine]:
    """Start Virtuoso, whose update endpoint needs credentials (Digest authentication)."""
    program = shutil.which("virtuoso-t")
    if not program:
        raise MissingError("Virtuoso is not installed (Debian: virtuoso-opensource-7-bin)")
    port = port or free_port()
    with _folder() as folder:
        text = _VIRTUOSO.format(sql=free_port(), http=port, buffers=buffers, dirty=buffers * 3 // 4)
        (folder / "virtuoso.ini").write_text(text, encoding="ascii")
        root = f"http://127.0.0.1:{port}"
        with _process([program, "+foreground", "+configfile", "virtuoso.ini"], folder, f"{root}/sparql") as process:
            yield Engine("virtuoso", f"{root}/sparql", f"{root}/sparql-auth", process, folder, "dba", "dba")


ENGINES: dict[str, Callable[[], AbstractContextManager[Engine]]] = {
    "oxigraph": oxigraph,
    "fuseki": partial(fuseki, options=_QUICK_JAVA),
    "virtuoso": virtuoso,
}


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tutela-engine-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextmanager
def _process(command: list[str], folder: Path, url: str) -> Iterator["subprocess.Popen[bytes]"]:
    log = folder / "output.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_ready(process, url, log)
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    start = time.monotonic()
    while time.monotonic() - start < _START_TIMEOUT_S and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}?query=ASK%7B%7D", timeout=5) as response:  # noqa: S310 - a local URL
                if response.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not become ready:\n{log.read_text(errors='replace')[-2000:]}")
