"""Measure how the time of each query grows with the data: with a release of 1, 10 and 100 times the size, in the embedded store.

Queries are evaluated in a process that is forked from the one that loaded the data, like the workers of the service; a query
that takes too long is stopped. Times are CPU time, so that other load on the machine matters less. A walk over all triples is
measured too: if it takes longer per triple in a larger release, the cause is the machine's memory and not a query.
``python bench/scale.py [SIZE...] [QUERY...]`` prints the table.
"""

import contextlib
import json
import math
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scale_data import SIZES, write_scaled
from tutela import paths
from tutela.catalog import Catalog
from tutela.release.bundle import NQUADS
from tutela.sparql import EmbeddedStore

TIMEOUT_S = 20.0
_LOAD_TIMEOUT_S = 3600
# A query with a larger exponent than this grows faster than its data; up to it, CPU caches and the depth of trees explain it.
MAX_EXPONENT = 1.2
_MAX_RUNS, _ENOUGH_S = 5, 1.0  # repetitions of a query, and the total time after which there are no more
WALK = "(all triples)"
_WALK_QUERY = "SELECT (COUNT(?o) AS ?n) WHERE { ?s ?p ?o }"


@dataclass
class Size:
    """The results at one size.

    Args:
        times: the factor.
        quads: number of quads.
        load: seconds to load the release.
        memory: bytes after loading.
        answers: seconds and result size in bytes of each query; None if it was stopped.

    """

    times: int
    quads: int
    load: float
    memory: int
    answers: dict[str, tuple[float, int] | None] = field(default_factory=dict)


def measure(size: int, nquads: Path, names: list[str] | None = None) -> Size:
    """Measure queries at one size.

    Args:
        size: one of `SIZES`.
        nquads: the N-Quads file of the release.
        names: names of the queries; by default the whole catalogue.

    """
    with TemporaryDirectory() as folder:
        scaled = Path(folder) / NQUADS
        quads = write_scaled(nquads, scaled, *SIZES[size])
        # In a child process, so that the system gets all memory back when it ends.
        results = _in_child(lambda: _measure_store(scaled, names).items(), _LOAD_TIMEOUT_S)
    return Size(size, quads, results["load"], results["memory"], results["answers"])


def exponent(small: Size, large: Size, name: str) -> float | None:
    """Return the exponent of the data's size with which a query's time grows, or a lower bound of it; None if unknown."""
    before, after = small.answers.get(name), large.answers.get(name)
    if before is None:
        return None
    return math.log((after[0] if after else TIMEOUT_S) / before[0]) / math.log(large.quads / small.quads)


def _measure_store(nquads: Path, names: list[str] | None) -> dict[str, Any]:
    start = time.perf_counter()
    store = EmbeddedStore.open(nquads)
    load = time.perf_counter() - start
    memory = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    queries = {WALK: _WALK_QUERY}
    queries |= {query.name: query.file.text for query in Catalog.load() if names is None or query.name in names}
    results: dict[str, Any] = {}
    while remaining := {name: text for name, text in queries.items() if name not in results}:
        results |= _in_child(lambda remaining=remaining: _measure_queries(store, remaining), TIMEOUT_S)  # type: ignore[misc]
        if len(results) < len(queries):
            stopped = next(name for name in queries if name not in results)
            print(f"{stopped} was stopped", file=sys.stderr, flush=True)
            results[stopped] = None
    return {"load": load, "memory": memory, "answers": results}


def _measure_queries(store: EmbeddedStore, queries: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield for each query its shortest CPU time in several runs, and the size of its result."""
    for _ in store.query(_WALK_QUERY).rows():
        pass  # copies the memory pages that reading writes to (reference counts), so that the first query does not pay for it
    for name, text in queries.items():
        durations: list[float] = []
        size = 0
        while len(durations) < _MAX_RUNS and sum(durations) < _ENOUGH_S:
            start = time.process_time()
            size = len(store.query(text).serialize("json"))
            durations.append(time.process_time() - start)
        yield name, (min(durations), size)


def _in_child(work: Callable[[], Iterable[tuple[str, Any]]], timeout_s: float) -> dict[str, Any]:
    """Return the pairs that a forked process yields, up to the first one that takes longer than the timeout."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        try:
            with os.fdopen(write_end, "w") as pipe:
                for pair in work():
                    print(json.dumps(pair), file=pipe, flush=True)
            os._exit(0)
        finally:
            os._exit(1)
    os.close(write_end)
    results: dict[str, Any] = {}
    with os.fdopen(read_end) as pipe:
        while select.select([pipe], [], [], timeout_s)[0] and (line := pipe.readline()):
            name, value = json.loads(line)
            results[name] = value
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return results


def table(sizes: list[Size]) -> str:
    """Return the times as text, a row per query; the last column is the exponent between the two largest sizes."""
    lines = [f"{'':28}" + "".join(f"{f'{size.times} x':>10}" for size in sizes) + "   exponent"]
    lines += [
        f"{label:28}" + "".join(f"{value(size):>10}" for size in sizes)
        for label, value in (
            ("quads", lambda size: f"{size.quads}"),
            ("load, s", lambda size: f"{size.load:.1f}"),
            ("memory, MB", lambda size: f"{size.memory / 1e6:.0f}"),
        )
    ]
    for name in sizes[0].answers:
        cells = [f"{result[0] * 1000:.2f}" if (result := size.answers[name]) else "stopped" for size in sizes]
        power = exponent(sizes[-2], sizes[-1], name) if len(sizes) > 1 else None
        last = "" if power is None else f"{power:.2f}{' FASTER THAN ITS DATA' if power > MAX_EXPONENT else ''}"
        lines.append(f"{name + ', ms':28}" + "".join(f"{cell:>10}" for cell in cells) + f"   {last}")
    return "\n".join(lines)


if __name__ == "__main__":
    chosen_sizes = [int(text) for text in sys.argv[1:] if text.isdigit()] or list(SIZES)
    chosen_names = [text for text in sys.argv[1:] if not text.isdigit()] or None
    print(table([measure(size, paths.default_release() / NQUADS, chosen_names) for size in chosen_sizes]))
