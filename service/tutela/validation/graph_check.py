"""The graph level of `tutela check`: the graph is built and checked again only as far as the tables have changed.

Queries are evaluated again if a table that they read has changed, or if the statements that have changed can be part of their
answer. Shapes are checked again on the resources that have changed, and on those that refer to them: a shape of the project
looks at a resource, and at the type and the scheme of the resources that it refers to.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rdflib import Graph, URIRef

from tutela import namespaces
from tutela.graph.construct import lift
from tutela.paths import Source
from tutela.sparql import query_file
from tutela.sparql.layered_dataset import LayeredDataset
from tutela.sparql.query_file import QueryFile
from tutela.sparql.query_vocabulary import QueryVocabulary, statement_names
from tutela.sparql.rdf import Quads, read_turtle
from tutela.sparql.rdflib_graph import to_graph
from tutela.tables import Row, Table
from tutela.validation.checks import check_result
from tutela.validation.location import locate
from tutela.validation.result import ValidationResult
from tutela.validation.shape_files import shape_triples
from tutela.validation.shape_processes import checking_shapes
from tutela.validation.shapes import check_shapes

_TABLE = re.compile(r"data/(\w+)\.csv")
_DERIVED = f"{namespaces.GRAPH}derived"
_VOCABULARY = f"{namespaces.GRAPH}vocabulary"
_WAS_DERIVED_FROM = f"{namespaces.PROV}wasDerivedFrom"
_MOST_FOCUS = 4000  # resources; if more have changed, checking all of them in several processes is faster
Baseline = Callable[[], Quads]


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


class GraphCheck:
    """The graph of the tables, with the results of its checks and shapes.

    Args:
        source: where the ontology, the queries and the shapes are.
        baseline: returns the quads of a release that was built with the same shapes, and so conforms to them; if there is none,
            the first run checks all shapes.
        assume_valid: whether the tables of the first run are taken to conform to the shapes; only what changes later is checked.

    Raises:
        TutelaError: one of these files cannot be read.

    """

    def __init__(self, source: Source, baseline: Baseline | None = None, *, assume_valid: bool = False) -> None:
        self._baseline = baseline
        self._assume_valid = assume_valid
        self._build = query_file.read_all(source.queries / "build")
        self._rules = query_file.read_all(source.queries / "derive")
        self._checks = query_file.read_all(source.queries / "checks")
        self._reads = {query.path: QueryVocabulary(query.text) for query in (*self._rules, *self._checks)}
        self._shapes = to_graph(shape_triples(source.shapes))
        self._data = LayeredDataset()
        self._rows: dict[str, list[Row]] = {}
        self._records: dict[str, list[dict[str, str]]] = {}
        self._shape_results: dict[str, list[ValidationResult]] | None = None
        self._changed: set[Any] = set()  # since the shapes were checked last
        self._names: set[str] = set()  # the names of these statements, since the checks were evaluated last
        for path in sorted(source.ontology.glob("**/*.ttl")):
            self._set_layer(str(path), _VOCABULARY, read_turtle(path))

    def run(self, tables: Mapping[str, Table]) -> tuple[list[ValidationResult], GraphScope]:
        """Check the graph of these tables.

        Args:
            tables: the tables, by name. Their rows are valid by the tables' metadata.

        Returns:
            The results, sorted, and what was checked.

        Raises:
            TutelaError: a query is not well formed.

        """
        queries = self._construct(tables) + self._derive()
        due = [check for check in self._checks if check.name not in self._records or self._reads[check.path].reads(self._names)]
        self._names = set()
        # The engine evaluates the checks without Python's lock, while Python looks for the resources of the shapes.
        with ThreadPoolExecutor(1) as thread:
            evaluated = thread.submit(self._evaluate, due)
            focus = self._focus()
            part = self._data.neighbourhood(focus) if focus is not None else self._data.triples()
            graph = to_graph(part)
            self._records.update(evaluated.result())
        if focus is None:
            with checking_shapes(graph, self._shapes, tables) as results:
                self._shape_results = _by_resource(results())
        else:
            self._recheck(graph, focus)
        self._changed = set()
        scope = GraphScope(queries, len(due), len(self._checks), None if focus is None else len(focus))
        return sorted(self._results(tables)), scope

    def records(self, query: Path) -> list[dict[str, str]]:
        """Return the answer to one of the project's query files on the graph of the last run.

        Raises:
            TutelaError: the file is not a well-formed query.

        """
        return list(self._data.query(query).records())

    def identifiers_like(self, iri: str) -> list[str]:
        """Return the IRIs of the resources that the graph describes next to an IRI, such as the other types of action."""
        return self._data.described(iri.rpartition("/")[0] + "/")

    def _set_layer(self, name: str, graph: str, triples: Iterable[Any]) -> None:
        change = self._data.set_layer(name, graph, triples).triples
        self._changed ^= change  # a triple that comes back has not changed
        self._names |= statement_names(change)

    def _construct(self, tables: Mapping[str, Table]) -> int:
        """Evaluate the build queries that read a table whose rows have changed; return their number."""
        changed = {name for name, table in tables.items() if self._rows.get(name) != table.rows}
        reads = {query.path: set(_TABLE.findall(query.text)) for query in self._build}
        due = [query for query in self._build if reads[query.path] & changed or str(query.path) not in self._data.layer_names()]
        lifted = lift({name: tables[name] for query in due for name in reads[query.path] if name in tables})
        for query in due:
            self._set_layer(str(query.path), f"{namespaces.GRAPH}{query.folder}", lifted.query(query.path).triples())
        self._rows = {name: table.rows for name, table in tables.items()}
        return len(due)

    def _derive(self) -> int:
        """Apply the rules whose result can have changed, in order; return their number.

        A rule sees what later ones added for the tables as they were before. That makes no difference: no rule reads what a
        later one adds, which a test checks.
        """
        due = 0
        for rule in self._rules:
            name = str(rule.path)
            if name not in self._data.layer_names() or self._reads[rule.path].reads(self._names):
                self._set_layer(name, _DERIVED, list(self._data.query(rule.path).triples()))
                due += 1
        return due

    def _evaluate(self, checks: Collection[QueryFile]) -> dict[str, list[dict[str, str]]]:
        return {check.name: list(self._data.query(check.path).records()) for check in checks}

    def _focus(self) -> set[str] | None:
        """Return the resources whose shapes must be checked; None for all."""
        if self._shape_results is None and self._assume_valid:
            self._changed, self._shape_results = set(), {}
        if self._shape_results is None:
            if self._baseline is None:
                return None
            self._changed = self._data.difference(self._baseline())
            self._shape_results = {}
        focus = self._data.affected(self._changed)
        return None if len(focus) > _MOST_FOCUS else focus

    def _recheck(self, graph: Graph, focus: Collection[str]) -> None:
        results = check_shapes(graph, self._shapes, {URIRef(iri) for iri in focus}) if focus else []
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
        for iri, triple in self._data.in_two_graphs():
            where = locate(self._rows_of(iri), tables)
            found = f"{triple} is in two graphs"
            yield ValidationResult("Violation", where, namespaces.strip_base(iri), found, "each statement in one graph only")

    def _rows_of(self, iri: str) -> list[str]:
        """Return the rows that a resource was derived from, or else those that these resources were derived from."""
        sources = self._data.values(iri, _WAS_DERIVED_FROM)
        rows = [source for source in sources if namespaces.parse_row_iri(source)]
        return rows or [row for source in sources for row in self._rows_of(source)]


def _by_resource(results: Iterable[ValidationResult]) -> dict[str, list[ValidationResult]]:
    found: dict[str, list[ValidationResult]] = {}
    for result in results:
        found.setdefault(result.resource, []).append(result)
    return found
