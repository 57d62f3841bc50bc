"""A running service: another release is put in its folder, and signals arrive at any time."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.release_files import MARKER, write_versioned_release

ASK = {"query": MARKER, "format": "csv"}


class Process:
    """A service in another process."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.log = log
        command = [
            sys.executable,
            "-m",
            "tutela",
            "serve",
            "--release",
            str(folder),
            "--port",
            "0",
            "--set",
            "server.reload_check_s=0.1",
        ]
        with log.open("w") as stderr:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split(" at ")[1].split()[0].rstrip("/")

    def version(self) -> str:
        """Return the version that the service reports, or an empty text."""
        return str(httpx2.get(f"{self.url}/health").json().get("version", ""))

    def wait_for(self, version: str) -> None:
        """Wait until a version is served."""
        end = time.monotonic() + 20
        while self.version() != version:
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.02)

    def children(self) -> list[int]:
        """Return the process ids of the fork servers."""
        path = Path(f"/proc/{self.process.pid}/task")
        return [int(pid) for task in path.iterdir() for pid in (task / "children").read_text().split()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_versioned_release(tmp_path / "release", "v0", lines=500)
    return tmp_path / "release"


@pytest.fixture
def service(folder: Path, tmp_path: Path) -> Iterator[Process]:
    service = Process(folder, tmp_path / "log")
    yield service
    service.process.terminate()
    service.process.wait(20)
    assert service.process.stdout is not None
    service.process.stdout.close()


def test_releases_change_and_processes_die_while_clients_ask(service: Process, folder: Path) -> None:
    """No request fails, and each response is from one release; then nothing is left of the previous ones."""
    is_done = threading.Event()
    wrong: list[str] = []
    seen: set[str] = set()

    def ask(number: int) -> None:
        with httpx2.Client(base_url=service.url, timeout=30) as client:
            while not is_done.is_set():
                answer = client.get("/sparql", params={**ASK, "query": f"{MARKER} # {number} {time.monotonic()}"})
                dump = client.get("/download/tutela.nq")
                version = dump.text.split('"')[1]
                if {answer.status_code, dump.status_code} != {200} or dump.text.count(version) != 501:
                    wrong.append(f"{answer.status_code} {answer.text} {dump.status_code} {dump.text[:200]}")
                seen.add(answer.text.split()[1])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for number in range(1, 4):
        write_versioned_release(folder, f"v{number}", lines=500)
        for _ in range(20):
            service.process.send_signal(signal.SIGHUP)
        service.wait_for(f"v{number}")
    for pid in service.children():
        os.kill(pid, signal.SIGKILL)
    service.wait_for("v3")
    is_done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(seen) > 1
    log = service.log.read_text()
    assert log.count("replaces release") == 3
    assert log.count("The fork server was killed by SIGKILL") == len(service.children()) == 1
    assert "Traceback" not in log


def test_a_hangup_during_the_start_does_not_end_the_process(folder: Path, tmp_path: Path) -> None:
    """The handler is the first thing that the command installs; the interpreter and the command line take some time before."""
    script = (
        "import os, signal, sys; from tutela import cli; from tutela.cli import serving; opened = serving.open_release\n"
        "def _open(folder):\n    os.kill(os.getpid(), signal.SIGHUP)\n    return opened(folder)\n"
        "serving.open_release = _open; sys.argv = ['tutela', *sys.argv[1:]]; cli.main()"
    )
    command = [sys.executable, "-c", script, "serve", "--release", str(folder), "--port", "0", "--set", "server.reload_check_s=0"]
    log = tmp_path / "log"
    with log.open("w") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)
    assert process.stdout is not None
    try:
        assert "Serving release v0" in process.stdout.readline()
        end = time.monotonic() + 20
        while "is the current one already" not in log.read_text():
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
