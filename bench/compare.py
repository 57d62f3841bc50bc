"""Compare the service with other engines in one run: the catalogue queries over HTTP, one after the other on every system.

``python bench/compare.py`` prints a table, and writes it, a plot and all figures to bench/results/. It takes about half an
hour; with ``--quick`` a few minutes, with some of the queries and no release larger than ten times the real one.
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

from tests import EXPECTED_ANSWERS

import limits
import report
import scale
from load import LoadError, load, wrk_version
from systems import SYSTEMS, InputFiles, MissingError, System
from tutela import paths
from tutela.catalog import Catalog
from tutela.release import is_release, open_release

CLIENTS = (1, 8, 64)
# A query that takes longer than this is left out on that system. So is a number of clients, if it takes longer than half of
# this to answer all of them once.
TIMEOUT_S = 10.0
_WARM_UP_S = 0.1
_IDLE_TIMEOUT_S = 10.0


class Running:
    """A running system, which is restarted if it does not become idle."""

    def __init__(self, name: str, files: InputFiles) -> None:
        self.name = name
        self._files = files
        self._stack = ExitStack()
        self.system: System = self._stack.enter_context(SYSTEMS[name](files))
        self.memory = self.system.memory

    def wait_or_restart(self) -> None:
        """Wait until the system is idle; restart it if that takes too long."""
        if not self.system.wait_until_idle(_IDLE_TIMEOUT_S):
            self.stop()
            self._stack = ExitStack()
            self.system = self._stack.enter_context(SYSTEMS[self.name](self._files))

    def stop(self) -> None:
        """Stop the system."""
        self._stack.close()

    def costs(self) -> dict[str, Any]:
        """Return the start time, load time and memory."""
        system = self.system
        return {"name": self.name, "start": system.start, "load": system.load, "loaded": self.memory, "after": system.memory}


def say(message: str) -> None:
    """Print progress to stderr."""
    print(message, file=sys.stderr, flush=True)


def sorted_rows(body: bytes) -> list[tuple[str, ...]]:
    """Return the rows of a result as text, sorted, because some queries leave the order of equal rows open."""
    document = json.loads(body)
    return sorted(tuple(_text(row.get(name, {})) for name in document["head"]["vars"]) for row in document["results"]["bindings"])


def _text(term: dict[str, str]) -> str:
    """Return the text of a term. Virtuoso writes booleans as numbers, which is allowed (XML Schema, boolean)."""
    value = term.get("value", "")
    if term.get("datatype", "").endswith("#boolean"):
        return {"1": "true", "0": "false"}.get(value, value)
    return value


def expected_rows(name: str) -> list[tuple[str, ...]]:
    """Return the rows that the tests expect of a query, sorted."""
    text = (EXPECTED_ANSWERS / f"{name}.csv").read_text(encoding="utf-8")
    return sorted(tuple(row) for row in list(csv.reader(io.StringIO(text)))[1:])


def warm_up(running: Running, name: str, query: str) -> tuple[float | None, str]:
    """Send a query repeatedly to one system.

    Returns:
        The shortest time until the response, or None if there was none, and an error message if the response is not the
        expected one.

    """
    best, start = math.inf, time.perf_counter()
    while best is math.inf or time.perf_counter() - start < _WARM_UP_S:
        before = time.perf_counter()
        try:
            body = running.system.query(query, TIMEOUT_S)
        except TimeoutError:
            running.wait_or_restart()
            return None, f"no response within {TIMEOUT_S:g} s"
        except OSError as error:
            return None, f"no response: {error}"
        best = min(best, time.perf_counter() - before)
    try:
        return best, "" if sorted_rows(body) == expected_rows(name) else "differs from the expected answer"
    except (ValueError, KeyError) as error:
        return best, f"not JSON results: {error!r}"


def measure_loads(running: list[Running], queries: dict[str, str], seconds: int) -> Iterator[dict[str, Any]]:
    """Yield a record for each query, system and number of clients.

    The systems take turns with each query, so that other load on the machine affects all of them.
    """
    for number, (name, query) in enumerate(queries.items(), 1):
        say(f"{number} of {len(queries)}: {name}")
        for one in running:
            best, error = warm_up(one, name, query)
            for clients in CLIENTS:
                # The keys are those of the committed results.
                record: dict[str, Any] = {"question": name, "system": one.name, "clients": clients, "alone": best, "wrong": error}
                # rdflib-endpoint answers one query at a time; the others use both cores.
                parallel = 1 if clients == 1 or one.name == "rdflib-endpoint" else 2
                if best is None or best * clients / parallel > TIMEOUT_S / 2:
                    yield record | {"figures": None}
                    continue
                before = one.system.cpu_time
                figures = load(one.system, query, clients, max(seconds, math.ceil(2 * best * clients / parallel)))
                cpu_time = one.system.cpu_time - before
                one.wait_or_restart()
                yield record | {"figures": vars(figures) | {"processor": cpu_time / max(figures.answers, 1)}}


def start_systems(names: list[str], files: InputFiles, stack: ExitStack) -> list[Running]:
    """Start the systems that are installed on this machine."""
    running = []
    for name in names:
        say(f"starting {name}")
        try:
            one = Running(name, files)
        except MissingError as error:
            say(f"{name} is left out: {error}")
            continue
        stack.callback(one.stop)
        running.append(one)
    return running


def main() -> None:
    """Measure, then print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="every eighth query; sizes 1 and 10")
    parser.add_argument("--seconds", type=int, default=1, help="duration of each load (default: 1)")
    parser.add_argument("--systems", nargs="*", choices=list(SYSTEMS), default=list(SYSTEMS))
    parser.add_argument("--queries", nargs="*", metavar="NAME", help="names of catalogue queries (default: all)")
    parser.add_argument("--sizes", nargs="*", type=int, choices=list(scale.SIZES), help="sizes of the release (default: all)")
    parser.add_argument("--out", type=Path, default=paths.ROOT / "bench" / "results")
    options = parser.parse_args()
    folder = paths.default_release()
    if not is_release(folder):
        sys.exit("There is no release to measure; run `tutela build`.")
    try:
        wrk = wrk_version()
    except LoadError as error:
        sys.exit(str(error))
    release = open_release(folder)
    queries = {query.name: query.file.text for query in Catalog.load()}
    queries = {name: text for name, text in queries.items() if not options.queries or name in options.queries}
    if options.quick:
        queries = dict(list(queries.items())[::8])
    results: dict[str, Any] = {
        "machine": report.machine(wrk),
        "release": release.version,
        "seconds": options.seconds,
        "busy": {"begin": os.getloadavg()},
    }
    with TemporaryDirectory() as temporary, ExitStack() as stack:
        running = start_systems(options.systems, InputFiles.create(release.nquads, Path(temporary)), stack)
        results["loads"] = list(measure_loads(running, queries, options.seconds))
        results["systems"] = [one.costs() for one in running]
    report.save(results, options.out)
    say("small queries while runaway queries are being stopped")
    results["limits"] = limits.measure(folder, 2 if options.quick else 3)
    report.save(results, options.out)
    results["growth"] = []
    for size in options.sizes if options.sizes is not None else [1, 10] if options.quick else list(scale.SIZES):
        say(f"the release at {size} times its size")
        results["growth"].append(vars(scale.measure(size, release.nquads, list(queries))))
    results["busy"]["end"] = os.getloadavg()
    print(report.write(results, options.out))


if __name__ == "__main__":
    main()
