"""Generate load with wrk: a number of clients that repeat one query, each as soon as it has the response."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from systems import System

# With fewer responses to one client than this, the rate is computed from the mean latency, because the end of the measurement
# cuts off too much of the last response.
_MIN_RESPONSES = 30


class LoadError(Exception):
    """No load can be generated; the message says why."""


@dataclass(frozen=True)
class Figures:
    """Results of wrk.

    Args:
        rate: responses per second.
        p50: median latency in seconds.
        p95: 95th percentile.
        p99: 99th percentile.
        answers: number of responses.
        failed: number of requests without a successful response.

    """

    rate: float
    p50: float
    p95: float
    p99: float
    answers: int  # named as in the committed results
    failed: int


def wrk_version() -> str:
    """Return the version of wrk.

    Raises:
        LoadError: wrk is not installed.

    """
    if not shutil.which("wrk"):
        raise LoadError("wrk is not installed; it generates the load (Debian: apt-get install wrk).")
    done = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()[0].partition(" Copyright")[0]


def load(system: System, query: str, clients: int, seconds: int) -> Figures:
    """Measure a number of clients that send a query for a number of seconds.

    Raises:
        LoadError: wrk failed.

    """
    with NamedTemporaryFile() as body:
        body.write(system.body(query))
        body.flush()
        script = str(Path(__file__).with_name("load.lua"))
        options = ["-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "60s", "-s", script]
        done = subprocess.run(["wrk", *options, system.url, "--", body.name], capture_output=True, text=True, check=False)
    try:
        result = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError) as error:
        raise LoadError(f"wrk failed: {done.stdout}{done.stderr}") from error
    failed = result["status_errors"] + result["socket_errors"] + result["timeouts"]
    rate = result["responses"] / result["seconds"]
    if clients == 1 and 0 < result["responses"] < _MIN_RESPONSES:
        rate = 1 / result["mean"]
    return Figures(rate, result["p50"], result["p95"], result["p99"], result["responses"], failed)
