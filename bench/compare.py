"""Measure the service beside other engines, in one run: the catalogue's questions over HTTP, one after the other on every system.

`python bench/compare.py` prints a table and writes it, a plot and all figures into bench/results/. It takes about half an
hour; `--quick` takes a few, with some of the questions and no release larger than ten times the real one.
"""

import argparse
import csv
import io
import json
import math
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for tests.engines

import limits
import report
import scale
from load import LoadError, check, load
from systems import SYSTEMS, Material, MissingError, System
from tutela import paths, release
from tutela.catalog import Catalog

CLIENTS = (1, 8, 64)
# A question that takes longer than this to answer once is left out on that system, and so is a number of clients that
# one round of answers would take longer for.
BOUND = 10.0
_WARM = 0.1
_SETTLE = 10.0


class Running:
    """A system that is started again when it cannot be brought to rest."""

    def __init__(self, name: str, material: Material) -> None:
        self.name = name
        self._material = material
        self._stack = ExitStack()
        self.system = self._stack.enter_context(SYSTEMS[name](material))
        self.memory = self.system.memory

    def rest(self) -> None:
        """Let it come to rest."""
        if not self.system.settle(_SETTLE):
            self.stop()
            self._stack = ExitStack()
            self.system = self._stack.enter_context(SYSTEMS[self.name](self._material))

    def stop(self) -> None:
        """Stop it."""
        self._stack.close()


def say(text: str) -> None:
    """Tell how far the run has come."""
    print(text, file=sys.stderr, flush=True)


def rows(answer: bytes) -> list[tuple[str, ...]]:
    """Return the rows of an answer as text, sorted: not every question orders what is equal."""
    said = json.loads(answer)
    return sorted(tuple(_text(row.get(name, {})) for name in said["head"]["vars"]) for row in said["results"]["bindings"])


def _text(term: dict[str, str]) -> str:
    """Return the text of a term; Virtuoso writes truth values as numbers, which is allowed (XML Schema, boolean)."""
    value = term.get("value", "")
    if term.get("datatype", "").endswith("#boolean"):
        return {"1": "true", "0": "false"}.get(value, value)
    return value


def expected(name: str) -> list[tuple[str, ...]]:
    """Return the rows that the tests expect of a question."""
    text = (paths.ROOT / "tests" / "questions" / f"{name}.csv").read_text(encoding="utf-8")
    return sorted(tuple(row) for row in list(csv.reader(io.StringIO(text)))[1:])


def tried(running: Running, name: str, query: str) -> tuple[float | None, str]:
    """Return the shortest time in which a system answers a question, and what is wrong with the answer; this warms it, too."""
    best, begun = math.inf, time.perf_counter()
    while best is math.inf or time.perf_counter() - begun < _WARM:
        before = time.perf_counter()
        try:
            answer = running.system.ask(query, BOUND)
        except TimeoutError:
            running.rest()
            return None, f"not answered within {BOUND:g} s"
        except OSError as error:
            return None, f"not answered: {error}"
        best = min(best, time.perf_counter() - before)
    try:
        return best, "" if rows(answer) == expected(name) else "another answer than the expected one"
    except (ValueError, KeyError) as error:
        return best, f"not JSON results: {error!r}"


def loads(running: list[Running], queries: dict[str, str], seconds: int) -> Iterator[dict[str, Any]]:
    """Yield a record of each question, system and number of clients: the systems by turns, so that none has a calmer hour."""
    for number, (name, query) in enumerate(queries.items(), 1):
        say(f"{number} of {len(queries)}: {name}")
        for one in running:
            best, wrong = tried(one, name, query)
            for clients in CLIENTS:
                record: dict[str, Any] = {"question": name, "system": one.name, "clients": clients, "alone": best, "wrong": wrong}
                # rdflib-endpoint answers one at a time; the others have two cores to work on.
                together = 1 if clients == 1 or one.name == "rdflib-endpoint" else 2
                if best is None or best * clients / together > BOUND / 2:
                    yield record | {"figures": None}
                    continue
                used = one.system.processor_time
                found = load(one.system, query, clients, max(seconds, math.ceil(2 * best * clients / together)))
                used = one.system.processor_time - used
                one.rest()
                yield record | {"figures": vars(found) | {"processor": used / max(found.answers, 1)}}


def start(names: list[str], material: Material, stack: ExitStack) -> list[Running]:
    """Start the systems that this machine has the programs of."""
    running = []
    for name in names:
        say(f"start {name}")
        try:
            one = Running(name, material)
        except MissingError as error:
            say(f"{name} is left out: {error}")
            continue
        stack.callback(one.stop)
        running.append(one)
    return running


def described(one: Running) -> dict[str, Any]:
    """Return what a system costs."""
    system: System = one.system
    return {"name": one.name, "start": system.start, "load": system.load, "loaded": one.memory, "after": system.memory}


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="every eighth question; sizes 1 and 10")
    parser.add_argument("--seconds", type=int, default=1, help="of each load (default: 1)")
    parser.add_argument("--systems", nargs="*", choices=list(SYSTEMS), default=list(SYSTEMS))
    parser.add_argument("--questions", nargs="*", help="those alone")
    parser.add_argument("--sizes", nargs="*", type=int, choices=list(scale.SIZES), help="of the release (default: all)")
    parser.add_argument("--out", type=Path, default=paths.ROOT / "bench" / "results")
    given = parser.parse_args()
    place = paths.default_release()
    if not release.is_release(place):
        sys.exit("There is no release to measure; `tutela build` makes one.")
    try:
        tools = check()
    except LoadError as error:
        sys.exit(str(error))
    dump = place / release.DUMP
    queries = {question.name: question.file.text for question in Catalog.listed()}
    queries = {name: text for name, text in queries.items() if not given.questions or name in given.questions}
    if given.quick:
        queries = dict(list(queries.items())[::8])
    found: dict[str, Any] = {
        "machine": report.machine(tools),
        "release": release.open_release(place).version,
        "seconds": given.seconds,
        "busy": {"begin": os.getloadavg()},
    }
    with TemporaryDirectory() as folder, ExitStack() as stack:
        running = start(given.systems, Material.of(dump, Path(folder)), stack)
        found["loads"] = list(loads(running, queries, given.seconds))
        found["systems"] = [described(one) for one in running]
    report.keep(found, given.out)
    say("small queries beside runaway ones")
    found["limits"] = limits.measure(place, 2 if given.quick else 3)
    report.keep(found, given.out)
    found["growth"] = []
    for size in given.sizes if given.sizes is not None else [1, 10] if given.quick else list(scale.SIZES):
        say(f"the release at {size} times its size")
        found["growth"].append(vars(scale.measure(size, dump, list(queries))))
    found["busy"]["end"] = os.getloadavg()
    print(report.write(found, given.out))


if __name__ == "__main__":
    main()
