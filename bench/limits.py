"""Measure the latency of small queries while runaway queries are being stopped, and while the service is idle otherwise.

Each round measures the small query for two seconds alone, then during a runaway query: a Cartesian product, a sort of
everything, or a path over everything. The result is the ratio of the 95th percentiles, as the median of all rounds.
``python bench/limits.py [RELEASE]``
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
from tutela.engine import WorkerPool
from tutela.release import open_release
from tutela.settings import CacheSettings, QuerySettings, ServerSettings, Settings
from tutela.web.app import create_app
from tutela.web.server import serve

_TIMEOUT_S = 4.0  # of a query, and how long the small query is measured during a runaway query
_IDLE_S = 2.0
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/sparql-results+json"}


def measure(folder: Path, rounds: int = 5) -> dict[str, Any]:
    """Return for each runaway query the 95th percentiles of the small query and the median of their ratios.

    Args:
        folder: folder of the release.
        rounds: number of rounds for each runaway query.

    """
    queries = {path.stem: path.read_text(encoding="utf-8") for path in sorted((paths.ROOT / "bench" / "queries").glob("*.rq"))}
    small = queries.pop("small")
    with subprocess.Popen([sys.executable, __file__, "--serve", str(folder)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().split(" at ")[1].split("/")[2].rpartition(":")[2])
            _latencies(port, small, 1.0)  # warm up
            return {name: _measure_rounds(port, small, query, rounds) for name, query in queries.items()}
        finally:
            process.terminate()


def serve_uncached(folder: Path) -> None:
    """Serve a release with a short query timeout and without a response cache, so that each small query needs a worker."""
    release = open_release(folder)
    settings = Settings(
        server=ServerSettings(port=0), query=QuerySettings(timeout_s=_TIMEOUT_S), cache=CacheSettings(response_bytes=0)
    )
    pool = WorkerPool(release, settings.query)
    serve(create_app(pool, release, settings), "a release for measurements", settings.server)


def _measure_rounds(port: int, small: str, runaway: str, rounds: int) -> dict[str, Any]:
    idle, during, statuses = [], [], []
    for number in range(rounds):
        idle.append(_p95(_latencies(port, small, _IDLE_S)))
        text = f"#{number}\n{runaway}"
        thread = threading.Thread(target=lambda text=text: statuses.append(_send(_connect(port), text)))
        thread.start()
        during.append(_p95(_latencies(port, small, _TIMEOUT_S)))
        thread.join()
        time.sleep(0.3)
    ratios = [busy / alone for busy, alone in zip(during, idle, strict=True)]
    return {
        "idle": statistics.median(idle),
        "during": statistics.median(during),
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "statuses": statuses,
    }


def _connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=60)


def _send(connection: http.client.HTTPConnection, query: str) -> int:
    """Send a query, read the whole response, and return its status."""
    connection.request("POST", "/sparql", urlencode({"query": query}), _HEADERS)
    response = connection.getresponse()
    response.read()
    return response.status


def _latencies(port: int, query: str, seconds: float) -> list[float]:
    """Return the latency of each response to a query that is repeated with a pause of 5 ms."""
    latencies = []
    connection = _connect(port)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.perf_counter()
        status = _send(connection, query)
        latencies.append(time.perf_counter() - start)
        assert status == 200, status
        time.sleep(0.005)
    connection.close()
    return latencies


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[18]


def table(results: dict[str, Any]) -> str:
    """Return the results as text."""
    lines = ["                     p95 idle   during   ratio (median of rounds)"]
    for name, figures in results.items():
        ratios = ", ".join(f"{ratio:.2f}" for ratio in figures["ratios"])
        lines.append(
            f"{name:20} {figures['idle'] * 1000:6.2f} ms {figures['during'] * 1000:6.2f} ms  {figures['ratio']:5.2f}  ({ratios})"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    release_folder = Path(sys.argv[-1]) if len(sys.argv) > 1 else paths.default_release()
    if "--serve" in sys.argv:
        serve_uncached(release_folder)
    else:
        print(table(measure(release_folder)))
