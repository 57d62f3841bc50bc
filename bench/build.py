"""Measure each step of a build: the median time of several builds in one process. ``python bench/build.py [RUNS]``."""

import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from tutela.release.build import build


def main(runs: int = 5) -> None:
    """Print the median time of each step, then of the whole build."""
    durations: dict[str, list[float]] = {}
    for _ in range(runs):
        starts: list[tuple[str, float]] = []
        with tempfile.TemporaryDirectory() as folder:
            build(Path(folder) / "release", lambda step, starts=starts: starts.append((step, time.perf_counter())))  # type: ignore[misc]
            starts.append(("end", time.perf_counter()))
        for (step, start), (_, end) in pairwise(starts):
            durations.setdefault(step, []).append(end - start)
        durations.setdefault("total", []).append(starts[-1][1] - starts[0][1])
    for step, seconds in durations.items():
        print(f"{statistics.median(seconds):7.2f} s  {step}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
