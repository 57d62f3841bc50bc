"""Put a release into a SPARQL 1.1 engine, so that readers never see half of one.

Each release lies in graphs of its own version, and beside them their merge. When all are whole, one pointer is
switched. What was begun is noted first, so that an interrupted run can be repeated, and what it left be taken away.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from SPARQLWrapper import SPARQLWrapper

from tutela import names, paths
from tutela.catalog import with_iris
from tutela.errors import TutelaError
from tutela.release import Release
from tutela.store import EngineError, QueryError
from tutela.store.graphs import merged, versioned
from tutela.store.wire import answer_of, check_address, client, send, use_credentials

# What every engine takes in one update; Virtuoso compiles each statement, and the time for that grows faster than their number.
_STATEMENTS = 500
_BYTES = 200_000
_SECONDS = 300.0
_GRAPH = "<graph/0>"
_PLACE = "{ } }"


@dataclass(frozen=True)
class Target:
    """An engine: where it answers queries and where it takes updates.

    Raises:
        UsageError: one is no address of the web.

    """

    query: str
    update: str

    def __post_init__(self) -> None:
        check_address(self.query)
        check_address(self.update)
        use_credentials(self.query, self.update)

    def ask(self, name: str, graph: str | None = None) -> list[str]:
        """Return the first column of one of the queries of ``queries/publish``."""
        text = _text(f"{name}.rq")
        if graph:
            text = with_iris(text, "graph", [graph])
        return [str(row[0]) for row in answer_of(client(self.query, _SECONDS), text, _SECONDS).rows()]

    def change(self, name: str, graph: str, statements: str = "") -> None:
        """Run one of the updates of ``queries/publish`` on a graph."""
        text = _text(f"{name}.ru").replace(_GRAPH, f"<{graph}>")
        request: SPARQLWrapper = client(self.query, _SECONDS, self.update)
        request.setQuery(text.replace(_PLACE, f"{{\n{statements}}} }}") if statements else text)
        send(request, _SECONDS, _BYTES)


def publish(release: Release, target: Target, step: Callable[[str], None] = lambda name: None) -> bool:
    """Put a release into an engine and point its readers at it; the release before it stays, older ones go.

    Args:
        release: what to publish.
        target: where.
        step: called with the name of each step as it begins.

    Returns:
        Whether anything had to be done.

    Raises:
        TutelaError: the engine cannot be reached, refuses, or does not hold what it was given; readers then see
            the release that they saw before.

    """
    step("read the release")
    graphs = _graphs(release)
    new = merged(release.version)
    try:
        step("look at what is there")
        present = target.ask("current")
        if present == [new] and not _incomplete(target, graphs):
            return False
        if new in present:
            # It is being read, and it is not whole: what is missing is added, nothing taken away.
            step("mend the present release")
        else:
            target.change("begin", new)
            for graph in graphs:
                step(f"clear {names.short(graph)}")
                target.change("clear", graph)
        for graph, lines in graphs.items():
            for number, batch in enumerate(_batches(lines)):
                step(f"fill {names.short(graph)}, part {number + 1}")
                target.change("insert", graph, batch)
        step("count")
        wrong = _incomplete(target, graphs)
        if wrong:
            raise TutelaError(
                f"The engine does not hold what it was given: {'; '.join(wrong)}. Readers see what they saw before."
            )
        step("point readers at it")
        target.change("point", new)
        target.change("unpoint", new)
        step("take older releases away")
        for old in set(target.ask("versions")) - {new, *present}:
            for graph in [old, *(f"{old}/{name}" for name in names.GRAPHS)]:
                target.change("clear", graph)
            target.change("forget", old)
    except (EngineError, QueryError) as error:
        raise TutelaError(f"{error} Nothing that readers see has changed; run the command again.") from error
    return True


def _text(name: str) -> str:
    return (paths.QUERIES / "publish" / name).read_text(encoding="utf-8")


def _graphs(release: Release) -> dict[str, list[str]]:
    """Return the statements of each graph and of their merge, as lines of N-Triples."""
    found: dict[str, set[str]] = defaultdict(set)
    for line in release.dump.read_text(encoding="utf-8").splitlines():
        # The last term of a quad is its graph, an IRI, and has no space in it (RDF 1.1 N-Quads, section 2).
        triple, _, graph = line.removesuffix(" .").rpartition(" ")
        statement = f"{triple} ."
        found[versioned(graph.strip("<>"), release.version)].add(statement)
        found[merged(release.version)].add(statement)
    return {graph: sorted(lines) for graph, lines in sorted(found.items(), reverse=True)}


def _incomplete(target: Target, graphs: dict[str, list[str]]) -> list[str]:
    """Return what an engine says of the graphs that it does not hold whole."""
    counts = {graph: int(target.ask("count", graph)[0]) for graph in graphs}
    return [
        f"{counts[graph]} statements of {len(lines)} in {graph}" for graph, lines in graphs.items() if counts[graph] != len(lines)
    ]


def _batches(lines: list[str]) -> Iterator[str]:
    batch: list[str] = []
    size = 0
    for line in lines:
        if batch and (len(batch) >= _STATEMENTS or size + len(line) > _BYTES):
            yield "\n".join(batch) + "\n"
            batch, size = [], 0
        batch.append(line)
        size += len(line)
    if batch:
        yield "\n".join(batch) + "\n"
