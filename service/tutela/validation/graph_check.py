"""The graph of the tables while they are edited: it is built and checked again only as far as the tables have changed.

Queries are evaluated again if a table that they read has changed, or if the statements that have changed can be part of their
answer. Shapes are checked again on the resources that have changed, and on those that refer to them: a shape of the project
looks at a resource, and at the type and the scheme of the resources that it refers to.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tutela import namespaces
from tutela.graph.construct import lift
from tutela.paths import Source
from tutela.sparql.layered_dataset import LayeredDataset
from tutela.sparql.query_vocabulary import statement_names
from tutela.sparql.rdf import read_graph, read_turtle
from tutela.tables import Row, Table
from tutela.validation.graph_state import DERIVED, VOCABULARY, Baseline, GraphScope, GraphState, are_same, tables_of
from tutela.validation.result import ValidationResult


class GraphCheck(GraphState):
    """The graph of the tables. It keeps the output of each query, so that one that changes can be replaced.

    Args:
        source: where the ontology, the queries and the shapes are.
        baseline: a release to start from; if there is none, the first run checks everything.
        assume_valid: whether the tables of the first run are taken to conform to the shapes; only what changes later is checked.

    Raises:
        TutelaError: one of these files cannot be read.

    """

    def __init__(self, source: Source, baseline: Baseline | None = None, *, assume_valid: bool = False) -> None:
        self._data = LayeredDataset()
        super().__init__(source, self._data)
        self._baseline = baseline
        self._assume_valid = assume_valid
        self._rows: dict[str, list[Row]] = {}
        for path in sorted(source.ontology.glob("**/*.ttl")):
            self._set_layer(str(path), VOCABULARY, read_turtle(path))

    def run(self, tables: Mapping[str, Table]) -> tuple[list[ValidationResult], GraphScope]:
        """Check the graph of these tables; see `GraphState.run`."""
        queries = self._construct(tables) + self._derive()
        if self._baseline is not None:
            self._start_from(self._baseline, tables)
            self._baseline = None
        if self._assume_valid:
            self._changed, self._shape_results = set(), {}
            self._assume_valid = False
        return self._check(tables, queries)

    def _set_layer(self, name: str, graph: str, triples: Iterable[Any]) -> None:
        change = self._data.set_layer(name, graph, triples)
        self._changed ^= change  # a triple that comes back has not changed
        self._names |= statement_names(change)

    def _construct(self, tables: Mapping[str, Table]) -> int:
        """Evaluate the build queries that read a table whose rows have changed; return their number."""
        changed = {name for name, table in tables.items() if self._rows.get(name) != table.rows}
        reads = {query.path: set(tables_of(query)) for query in self._build}
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
                self._set_layer(name, DERIVED, list(self._data.query(rule.path).triples()))
                due += 1
        return due

    def _start_from(self, baseline: Baseline, tables: Mapping[str, Table]) -> None:
        """Reduce what counts as changed to what differs from a release."""
        before = {name: baseline.rows(name) for name in tables}
        changed = {name for name, table in tables.items() if not are_same(before[name], table.rows)}
        due = [query for query in self._build if changed.intersection(tables_of(query))]
        reads = {name for query in due for name in tables_of(query) if name in tables}
        lifted = lift({name: tables[name].with_rows(before[name]) for name in reads})
        self._changed = set()
        for query in due:
            self._changed |= set(self._data.layer(str(query.path))) ^ set(lifted.query(query.path).triples())
        derived = {triple for rule in self._rules for triple in self._data.layer(str(rule.path))}
        self._changed |= derived ^ set(read_graph(baseline.nquads, DERIVED))
        self._names = statement_names(self._changed)
        self._begin_with_valid()
