"""How the time of each question grows with the data: the release at 1, 10 and 100 times its size, in the embedded store.

The questions are answered in a process forked from the one that loaded the data, as the service's workers are; one that takes
too long is stopped. Times are of the processor, so that what else a machine does matters less. A walk over all triples is
measured with them: what takes longer for each triple of a larger release in that is the machine's memory, not the question.
`python bench/scale.py [SIZE...] [QUESTION...]` prints the table by itself.
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

from grow import SIZES, grow
from tutela import paths, release
from tutela.catalog import Catalog
from tutela.store import EmbeddedStore

BOUND = 20.0
# Above this exponent a question grows faster than its data; what is below is caches of the processor and depth of trees.
FASTER = 1.2
_RUNS, _ENOUGH = 5, 1.0
WALK = "(all triples)"
_SCAN = "SELECT (COUNT(?o) AS ?n) WHERE { ?s ?p ?o }"


@dataclass
class Size:
    """What was measured at one size: the seconds, bytes and memory of each answer, nothing where it was stopped."""

    times: int
    quads: int
    load: float
    memory: int
    answers: dict[str, tuple[float, int] | None] = field(default_factory=dict)


def measure(size: int, dump: Path, names: list[str] | None = None) -> Size:
    """Measure the questions at one size.

    Args:
        size: one of `SIZES`.
        dump: the quads of the release.
        names: those questions alone.

    """
    with TemporaryDirectory() as folder:
        quads = Path(folder) / release.DUMP
        count = grow(dump, quads, *SIZES[size])
        # Its memory is given back whole when the process ends that loads it.
        found = _in_child(lambda: _measured(quads, names).items(), 3600)
    return Size(size, count, found["load"], found["memory"], found["answers"])


def exponent(small: Size, large: Size, name: str) -> float | None:
    """Return the power of the data's size that a question's time grows with, at least; None if it is not known."""
    before, after = small.answers.get(name), large.answers.get(name)
    if before is None:
        return None
    return math.log((after[0] if after else BOUND) / before[0]) / math.log(large.quads / small.quads)


def _measured(quads: Path, names: list[str] | None) -> dict[str, Any]:
    begun = time.perf_counter()
    store = EmbeddedStore.open(quads)
    load = time.perf_counter() - begun
    memory = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    questions = {WALK: _SCAN} | {q.name: q.file.text for q in Catalog.listed() if names is None or q.name in names}
    answers: dict[str, Any] = {}
    while rest := {name: text for name, text in questions.items() if name not in answers}:
        answers |= _in_child(lambda rest=rest: _each(store, rest), BOUND)  # type: ignore[misc]
        if len(answers) < len(questions):
            stopped = next(name for name in questions if name not in answers)
            print(f"{stopped} is stopped", file=sys.stderr, flush=True)
            answers[stopped] = None
    return {"load": load, "memory": memory, "answers": answers}


def _each(store: EmbeddedStore, questions: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield the shortest processor time of several runs of each question, and the size of its answer."""
    for _ in store.query(_SCAN).rows():
        pass  # now pages of the data that reading writes to (counts of references) are the worker's own
    for name, text in questions.items():
        times: list[float] = []
        size = 0
        while len(times) < _RUNS and sum(times) < _ENOUGH:
            begun = time.process_time()
            size = len(store.query(text).serialize("json"))
            times.append(time.process_time() - begun)
        yield name, (min(times), size)


def _in_child(work: Callable[[], Iterable[tuple[str, Any]]], bound: float) -> dict[str, Any]:
    """Return the pairs that a forked process yields, up to the first that it does not within a bound."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            with os.fdopen(theirs, "w") as pipe:
                for pair in work():
                    print(json.dumps(pair), file=pipe, flush=True)
            os._exit(0)
        finally:
            os._exit(1)
    os.close(theirs)
    found: dict[str, Any] = {}
    with os.fdopen(ours) as pipe:
        while select.select([pipe], [], [], bound)[0] and (line := pipe.readline()):
            name, value = json.loads(line)
            found[name] = value
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return found


def table(sizes: list[Size]) -> str:
    """Return the times as text: a row a question, the last column being how they grow between the two largest sizes."""
    lines = [f"{'':28}" + "".join(f"{f'{size.times} x':>10}" for size in sizes) + "   grows with"]
    lines += [
        f"{what:28}" + "".join(f"{value(size):>10}" for size in sizes)
        for what, value in (
            ("quads", lambda size: f"{size.quads}"),
            ("load, s", lambda size: f"{size.load:.1f}"),
            ("memory, MB", lambda size: f"{size.memory / 1e6:.0f}"),
        )
    ]
    for name in sizes[0].answers:
        cells = [f"{answer[0] * 1000:.2f}" if (answer := size.answers[name]) else "stopped" for size in sizes]
        power = exponent(sizes[-2], sizes[-1], name) if len(sizes) > 1 else None
        said = "" if power is None else f"{power:.2f}{' FASTER THAN ITS DATA' if power > FASTER else ''}"
        lines.append(f"{name + ', ms':28}" + "".join(f"{cell:>10}" for cell in cells) + f"   {said}")
    return "\n".join(lines)


if __name__ == "__main__":
    wanted = [int(text) for text in sys.argv[1:] if text.isdigit()] or list(SIZES)
    only = [text for text in sys.argv[1:] if not text.isdigit()] or None
    results = [measure(size, paths.default_release() / release.DUMP, only) for size in wanted]
    print(table(results))
