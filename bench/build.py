"""Time each step of a build, as the median of several builds in one process."""

import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from tutela.build import build


def main(runs: int = 5) -> None:
    """Print the median seconds of each step, then of the whole."""
    times: dict[str, list[float]] = {}
    for _ in range(runs):
        marks: list[tuple[str, float]] = []
        with tempfile.TemporaryDirectory() as folder:
            build(Path(folder) / "release", lambda step, marks=marks: marks.append((step, time.perf_counter())))  # type: ignore[misc]
            marks.append(("end", time.perf_counter()))
        for (step, begun), (_, ended) in pairwise(marks):
            times.setdefault(step, []).append(ended - begun)
        times.setdefault("the whole", []).append(marks[-1][1] - marks[0][1])
    for step, seconds in times.items():
        print(f"{statistics.median(seconds):7.2f} s  {step}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
