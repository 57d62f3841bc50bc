"""Load a release into a remote SPARQL 1.1 engine, so that readers never see an incomplete one.

Each release has graphs of its own version, and one with their union. When all are complete, one pointer is switched. A version
is registered before it is loaded, so an interrupted run can be repeated and its leftovers are removed.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from SPARQLWrapper import SPARQLWrapper

from tutela import namespaces, paths
from tutela.errors import EngineError, QueryError, TutelaError
from tutela.release.bundle import Release, quad_lines
from tutela.settings import PUBLISH_BYTES, PUBLISH_STATEMENTS, EndpointSettings
from tutela.sparql.binding import bind_iris
from tutela.sparql.graph_names import to_versioned, union_graph
from tutela.sparql.http_client import check_endpoint_url, client, query_endpoint, send, use_credentials

_GRAPH = "<graph/0>"  # the example graph in the update files
_EMPTY_GROUP = "{ } }"  # where the statements go


@dataclass(frozen=True)
class Target:
    """A remote engine.

    Args:
        query: its query endpoint.
        update: its update endpoint.
        timeout_s: time for one request, in seconds.

    Raises:
        UsageError: an endpoint is not an HTTP URL.

    """

    query: str
    update: str
    timeout_s: float = EndpointSettings.publish_timeout_s

    def __post_init__(self) -> None:
        check_endpoint_url(self.query)
        check_endpoint_url(self.update)
        use_credentials(self.query, self.update)

    def select(self, name: str, graph: str | None = None) -> list[str]:
        """Return the first column of the result of a query in ``queries/publish``."""
        text = _text(f"{name}.rq")
        if graph:
            text = bind_iris(text, "graph", [graph])
        return query_endpoint(client(self.query, self.timeout_s), text, self.timeout_s).only_column()

    def count(self, graph: str) -> int:
        """Return the number of statements in a graph.

        Raises:
            EngineError: the engine does not return one number.

        """
        match self.select("count", graph):
            case [number] if re.fullmatch("[0-9]+", number):
                return int(number)
            case found:
                raise EngineError(f"{self.query} counts {', '.join(found) or 'nothing'} in {graph}; expected one number.")

    def execute(self, name: str, graph: str, statements: str = "") -> None:
        """Run an update in ``queries/publish`` on a graph."""
        text = _text(f"{name}.ru").replace(_GRAPH, f"<{graph}>")
        request: SPARQLWrapper = client(self.query, self.timeout_s, self.update)
        # SPARQLWrapper finds the kind of an update with patterns that are slow on long texts, so it reads the short one.
        request.setQuery(text)
        if statements:
            request.queryString = text.replace(_EMPTY_GROUP, f"{{\n{statements}}} }}")
        send(request, self.timeout_s, PUBLISH_BYTES)


def publish(release: Release, target: Target, progress: Callable[[str], None] = lambda step: None) -> bool:
    """Load a release into a remote engine and make it the current one. The previous release stays; older ones are removed.

    Args:
        release: the release.
        target: the engine.
        progress: called with the name of each step when it starts.

    Returns:
        Whether anything had to be changed.

    Raises:
        TutelaError: the release was changed on disk, or the engine cannot be reached, rejects a request, or does not hold all
            statements afterwards. Readers then still see the release that they saw before.

    """
    progress("read the release")
    graphs = _graphs(release)
    new = union_graph(release.version)
    try:
        progress("look up the current release")
        current = target.select("current")
        if current == [new] and not _incomplete(target, graphs):
            return False
        if new in current:
            # Clients read it and it is incomplete: add what is missing, remove nothing.
            progress("complete the current release")
        else:
            target.execute("register", new)
            for graph in graphs:
                progress(f"clear {namespaces.strip_base(graph)}")
                target.execute("clear", graph)
        for graph, lines in graphs.items():
            for number, batch in enumerate(_batches(lines)):
                progress(f"load {namespaces.strip_base(graph)}, part {number + 1}")
                target.execute("insert", graph, batch)
        progress("count")
        wrong = _incomplete(target, graphs)
        if wrong:
            raise TutelaError(
                f"The engine does not hold all statements: {'; '.join(wrong)}. Readers still see the previous release."
            )
        progress("set the current release")
        target.execute("set-current", new)
        target.execute("unset-previous", new)
        progress("remove older releases")
        for old in set(target.select("versions")) - {new, *current}:
            for graph in [old, *(f"{old}/{name}" for name in namespaces.GRAPHS)]:
                target.execute("clear", graph)
            target.execute("unregister", old)
    except (EngineError, QueryError) as error:
        raise TutelaError(f"{error} Readers still see the previous release. Run the command again.") from error
    return True


def _text(name: str) -> str:
    return (paths.QUERIES / "publish" / name).read_text(encoding="utf-8")


def _graphs(release: Release) -> dict[str, list[str]]:
    """Return the statements of each graph and of their union, as lines of N-Triples."""
    found: dict[str, set[str]] = defaultdict(set)
    for line in quad_lines(release):
        # The last term of a quad is its graph, an IRI without spaces (RDF 1.1 N-Quads, section 2).
        triple, _, graph = line.removesuffix(" .").rpartition(" ")
        statement = f"{triple} ."
        found[to_versioned(graph.strip("<>"), release.version)].add(statement)
        found[union_graph(release.version)].add(statement)
    return {graph: sorted(lines) for graph, lines in sorted(found.items(), reverse=True)}


def _incomplete(target: Target, graphs: dict[str, list[str]]) -> list[str]:
    """Return a description of each graph that an engine does not hold completely."""
    counts = {graph: target.count(graph) for graph in graphs}
    return [
        f"{counts[graph]} statements of {len(lines)} in {graph}" for graph, lines in graphs.items() if counts[graph] != len(lines)
    ]


def _batches(lines: list[str]) -> Iterator[str]:
    batch: list[str] = []
    size = 0
    for line in lines:
        if batch and (len(batch) >= PUBLISH_STATEMENTS or size + len(line) > PUBLISH_BYTES):
            yield "\n".join(batch) + "\n"
            batch, size = [], 0
        batch.append(line)
        size += len(line)
    if batch:
        yield "\n".join(batch) + "\n"
