"""Load from wrk: so many clients that ask one query again as soon as it is answered."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from systems import System

# Below so many answers of one client the clock cuts off too much of the last one.
_FEW = 30


class LoadError(Exception):
    """There is no load to be had; the message says why."""


@dataclass(frozen=True)
class Figures:
    """What wrk says: answers a second, seconds within which so many of a hundred came, and how many were none."""

    rate: float
    p50: float
    p95: float
    p99: float
    answers: int
    failed: int


def check() -> str:
    """Return the version of wrk.

    Raises:
        LoadError: it is missing.

    """
    if not shutil.which("wrk"):
        raise LoadError("wrk is not installed; it makes the load (Debian: apt-get install wrk).")
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False)
    return (said.stdout + said.stderr).splitlines()[0].partition(" Copyright")[0]


def load(system: System, query: str, clients: int, seconds: int) -> Figures:
    """Have so many clients ask a query for so many seconds.

    Raises:
        LoadError: wrk failed.

    """
    with NamedTemporaryFile() as body:
        body.write(system.body(query))
        body.flush()
        script = str(Path(__file__).with_name("load.lua"))
        command = [
            "wrk",
            "-t1",
            f"-c{clients}",
            f"-d{seconds}s",
            "--timeout",
            "60s",
            "-s",
            script,
            system.address,
            "--",
            body.name,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        said = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError) as error:
        raise LoadError(f"wrk failed: {done.stdout}{done.stderr}") from error
    failed = said["refused"] + said["broken"] + said["late"]
    rate = said["answers"] / said["seconds"]
    if clients == 1 and 0 < said["answers"] < _FEW:
        rate = 1 / said["mean"]  # the client waits for its answer before it asks again
    return Figures(rate, said["p50"], said["p95"], said["p99"], said["answers"], failed)
