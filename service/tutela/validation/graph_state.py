"""The graph that is checked, and what its checks and shapes found: the same however the graph was made."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rdflib import Graph, URIRef

from tutela import namespaces
from tutela.paths import Source
from tutela.sparql import query_file
from tutela.sparql.layered_dataset import LoadedDataset, UnionDataset
from tutela.sparql.query_file import QueryFile
from tutela.sparql.query_vocabulary import QueryVocabulary
from tutela.sparql.rdflib_graph import to_graph
from tutela.tables import Row, Table
from tutela.validation.checks import check_result
from tutela.validation.location import locate
from tutela.validation.query_outputs import QueryOutputs
from tutela.validation.result import ValidationResult
from tutela.validation.shape_files import properties_of_values, shape_triples, shapes_of_classes
from tutela.validation.shape_processes import checking_shapes
from tutela.validation.shapes import check_shapes

DERIVED = f"{namespaces.GRAPH}derived"
VOCABULARY = f"{namespaces.GRAPH}vocabulary"
_WAS_DERIVED_FROM = f"{namespaces.PROV}wasDerivedFrom"
_TABLE = re.compile(r"data/(\w+)\.csv")
_THREADS = 2
_MOST_FOCUS = 4000  # resources; if more have changed, checking all of them in several processes is faster


@dataclass(frozen=True)
class Baseline:
    """A release that is valid by the same queries and shapes, from which a check starts.

    Args:
        rows: returns the rows of a table, by its name.
        nquads: its N-Quads file.
        outputs: what the queries made of its tables.
        graph: returns its graph, which the check changes; None if it is to be read from the file.

    """

    rows: Callable[[str], list[Row]]
    nquads: Path
    outputs: QueryOutputs = field(default_factory=QueryOutputs)
    graph: Callable[[], LoadedDataset] | None = None


@dataclass(frozen=True)
class GraphScope:
    """What a run has checked.

    Args:
        queries: how many build queries and rules were evaluated.
        checks: how many checks were evaluated.
        checks_in_all: how many checks there are; the results of the others cannot have changed.
        resources: on how many resources shapes were checked; None for all.

    """

    queries: int
    checks: int
    checks_in_all: int
    resources: int | None


class GraphState(ABC):
    """A graph, with the results of its checks and shapes.

    Args:
        source: where the queries and the shapes are.
        data: the graph.

    Raises:
        TutelaError: one of these files cannot be read.

    """

    def __init__(self, source: Source, data: UnionDataset) -> None:
        self._union = data
        self._build = query_file.read_all(source.queries / "build")
        self._rules = query_file.read_all(source.queries / "derive")
        self._checks = query_file.read_all(source.queries / "checks")
        self._reads = {query.path: QueryVocabulary(query.text) for query in (*self._build, *self._rules, *self._checks)}
        self._shape_triples = shape_triples(source.shapes)
        self._of_values = properties_of_values(self._shape_triples)
        self._records: dict[str, list[dict[str, str]]] = {}
        self._shape_results: dict[str, list[ValidationResult]] | None = None
        self._changed: set[Any] = set()  # since the shapes were checked last
        self._names: set[str] = set()  # the names of these statements, since the checks were evaluated last

    @abstractmethod
    def run(self, tables: Mapping[str, Table]) -> tuple[list[ValidationResult], GraphScope]:
        """Check the graph of these tables.

        Args:
            tables: the tables, by name. Their rows are valid by the tables' metadata.

        Returns:
            The results, sorted, and what was checked.

        Raises:
            TutelaError: a query is not well formed.

        """

    @property
    def follows(self) -> dict[str, list[str]]:
        """For each check (IRI) that counts or compares rows of tables, the names of these tables."""
        checks = {f"{namespaces.CHECK}{check.name}": check.metadata.get("follows", []) for check in self._checks}
        return {check: list(tables) for check, tables in checks.items() if tables}

    def identifiers_like(self, iri: str) -> list[str]:
        """Return the IRIs of the resources that the graph describes next to an IRI, such as the other types of action."""
        return self._union.described(iri.rpartition("/")[0] + "/")

    def records(self, query: Path) -> list[dict[str, str]]:
        """Return the answer to one of the project's query files on the graph of the last run.

        Raises:
            TutelaError: the file is not a well-formed query.

        """
        return list(self._union.query(query).records())

    def statements(self) -> set[str]:
        """Return the triples of the graph as text."""
        return set(map(str, self._union.triples()))

    def _begin_with_valid(self) -> None:
        """Take what has not changed as valid. A release has no violations, but it can have warnings."""
        self._shape_results = {}
        self._records = {check.name: [] for check in self._checks if check.metadata.get("severity") == "Violation"}

    def _check(self, tables: Mapping[str, Table], queries: int) -> tuple[list[ValidationResult], GraphScope]:
        """Evaluate the checks and the shapes that the change can concern."""
        due = [check for check in self._checks if check.name not in self._records or self._reads[check.path].reads(self._names)]
        self._names = set()
        # The engine evaluates the checks without Python's lock, while Python looks for the resources of the shapes.
        with ThreadPoolExecutor(_THREADS) as threads:
            evaluated = threads.map(self._evaluate, due)
            focus = self._focus()
            part = self._union.neighbourhood(focus, self._of_values) if focus is not None else self._union.triples()
            graph = to_graph(part)
            shapes = self._shapes_for(focus, part)
            self._records.update(zip((check.name for check in due), evaluated, strict=True))
        if focus is None:
            with checking_shapes(graph, shapes, tables) as results:
                self._shape_results = _by_resource(results())
        else:
            self._recheck(graph, shapes, focus)
        self._changed = set()
        scope = GraphScope(queries, len(due), len(self._checks), None if focus is None else len(focus))
        return sorted(self._results(tables)), scope

    def _evaluate(self, check: QueryFile) -> list[dict[str, str]]:
        return list(self._union.query(check.path).records())

    def _focus(self) -> set[str] | None:
        """Return the resources whose shapes must be checked; None for all."""
        if self._shape_results is None:
            return None
        focus = self._union.affected(self._changed)
        return None if len(focus) > _MOST_FOCUS else focus

    def _shapes_for(self, focus: Collection[str] | None, part: Collection[Any]) -> Graph:
        """Return the shapes that can apply to some of the resources of a graph; to all if there are none."""
        if focus is None:
            return to_graph(self._shape_triples)
        above: dict[str, set[str]] = {}
        for triple in part:
            if triple.predicate.value == f"{namespaces.RDFS}subClassOf" and hasattr(triple.object, "value"):
                above.setdefault(triple.subject.value, set()).add(triple.object.value)
        todo = [one.object.value for one in part if one.predicate.value == f"{namespaces.RDF}type" and one.subject.value in focus]
        classes: set[str] = set()
        while todo:
            kind = todo.pop()
            if kind not in classes:
                classes.add(kind)
                todo += above.get(kind, ())
        return to_graph(shapes_of_classes(self._shape_triples, classes))

    def _recheck(self, graph: Graph, shapes: Graph, focus: Collection[str]) -> None:
        results = check_shapes(graph, shapes, {URIRef(iri) for iri in focus}) if focus else []
        kept = {
            name: found
            for name, found in (self._shape_results or {}).items()
            if name not in set(map(namespaces.strip_base, focus))
        }
        self._shape_results = {**kept, **_by_resource(results)}

    def _results(self, tables: Mapping[str, Table]) -> Iterable[ValidationResult]:
        for check in self._checks:
            for record in self._records[check.name]:
                yield check_result(check, record, self._rows_of(record["resource"]), tables)
        for resource, results in (self._shape_results or {}).items():
            where = locate(self._rows_of(namespaces.with_base(resource)), tables)
            yield from (replace(result, where=where) for result in results)
        for iri, triple in self._union.in_two_graphs():
            where = locate(self._rows_of(iri), tables)
            found = f"{triple} is in two graphs"
            yield ValidationResult("Violation", where, namespaces.strip_base(iri), found, "each statement in one graph only")

    def _rows_of(self, iri: str) -> list[str]:
        """Return the rows that a resource was derived from, or else those that these resources were derived from."""
        sources = self._union.values(iri, _WAS_DERIVED_FROM)
        rows = [source for source in sources if namespaces.parse_row_iri(source)]
        return rows or [row for source in sources for row in self._rows_of(source)]


def _by_resource(results: Iterable[ValidationResult]) -> dict[str, list[ValidationResult]]:
    found: dict[str, list[ValidationResult]] = {}
    for result in results:
        found.setdefault(result.resource, []).append(result)
    return found


def tables_of(query: QueryFile) -> list[str]:
    """Return the names of the tables that a build query reads."""
    return _TABLE.findall(query.text)


def are_same(some: list[Row], others: list[Row]) -> bool:
    """Return whether rows are the same, in any order."""
    return some == others or sorted(map(str, some)) == sorted(map(str, others))
