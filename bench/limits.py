"""Time small queries over HTTP while runaway queries are being stopped, against the same queries in calm.

Each round is a calm second and then a runaway query: a cartesian product, a sort of everything or a path over everything. What
counts is the ratio of the 95th percentiles of a round, of which the median is told. `python bench/limits.py [RELEASE]`.
"""

import http.client
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tutela import paths
from tutela.engine import Limits
from tutela.pool import Pool
from tutela.release import open_release
from tutela.web import app as web

_SECONDS = 4.0
_CALM = 2.0
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/sparql-results+json"}


def measure(folder: Path, rounds: int = 5) -> dict[str, Any]:
    """Return for each kind of runaway query the 95th percentiles of small queries and the median of their ratios.

    Args:
        folder: of the release.
        rounds: how many for each kind.

    """
    queries = {path.stem: path.read_text(encoding="utf-8") for path in sorted((paths.ROOT / "bench" / "queries").glob("*.rq"))}
    small = queries.pop("small")
    # The service with a shorter deadline; no answer is kept, or no small query would come to a worker.
    with subprocess.Popen([sys.executable, __file__, "--serve", str(folder)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().split(" at ")[1].split("/")[2].rpartition(":")[2])
            _timed(port, small, 1.0)
            return {name: _rounds(port, small, query, rounds) for name, query in queries.items()}
        finally:
            process.terminate()


def _rounds(port: int, small: str, query: str, rounds: int) -> dict[str, Any]:
    calm, beside, statuses = [], [], []
    for number in range(rounds):
        calm.append(_p95(_timed(port, small, _CALM)))
        runaway = threading.Thread(target=lambda text=f"#{number}\n{query}": statuses.append(_ask(_connected(port), text)))
        runaway.start()
        beside.append(_p95(_timed(port, small, _SECONDS)))
        runaway.join()
        time.sleep(0.3)
    ratios = [busy / quiet for busy, quiet in zip(beside, calm, strict=True)]
    return {
        "calm": statistics.median(calm),
        "beside": statistics.median(beside),
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "statuses": statuses,
    }


def _connected(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=60)


def _ask(connection: http.client.HTTPConnection, query: str) -> int:
    connection.request("POST", "/sparql", urlencode({"query": query}), _HEADERS)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _timed(port: int, query: str, seconds: float) -> list[float]:
    """Return the seconds that each answer took, asked one after the other with a breath between."""
    times = []
    connection = _connected(port)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.perf_counter()
        status = _ask(connection, query)
        times.append(time.perf_counter() - begun)
        assert status == 200, status
        time.sleep(0.005)
    connection.close()
    return times


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[18]


def table(found: dict[str, Any]) -> str:
    """Return the figures as text."""
    lines = ["                     p95 calm   beside   ratio (median of rounds)"]
    for name, figures in found.items():
        each = ", ".join(f"{ratio:.2f}" for ratio in figures["ratios"])
        lines.append(
            f"{name:20} {figures['calm'] * 1000:6.2f} ms {figures['beside'] * 1000:6.2f} ms  {figures['ratio']:5.2f}  ({each})"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    place = Path(sys.argv[-1]) if len(sys.argv) > 1 else paths.default_release()
    if "--serve" in sys.argv:
        opened = open_release(place)
        web.serve(web.create(Pool(opened, Limits(seconds=_SECONDS)), opened, 0), "for measurements", "127.0.0.1", 0)
    else:
        print(table(measure(place)))
