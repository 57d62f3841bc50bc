"""The graph of the tables in a single run: that of the last release, with what differs.

This takes half of the time of building the graph, and cannot be repeated; see `graph_check` for tables that are edited.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tutela import namespaces
from tutela.graph.construct import lift
from tutela.paths import Source
from tutela.sparql.dataset_builder import DatasetBuilder
from tutela.sparql.layered_dataset import LoadedDataset
from tutela.sparql.query_file import QueryFile
from tutela.sparql.query_vocabulary import QueryVocabulary, statement_names
from tutela.sparql.rdf import read_turtle
from tutela.tables import Table
from tutela.validation.graph_state import DERIVED, VOCABULARY, Baseline, GraphScope, GraphState, are_same, tables_of
from tutela.validation.result import ValidationResult

_Outputs = dict[Path, tuple[set[Any], set[Any]]]  # before and after, of each query that was evaluated


class ReleaseGraphCheck(GraphState):
    """The graph of a release, changed to that of the tables.

    Args:
        source: where the ontology, the queries and the shapes are.
        baseline: the release.

    Raises:
        TutelaError: one of these files cannot be read.

    """

    def __init__(self, source: Source, baseline: Baseline) -> None:
        self._data = LoadedDataset(baseline.nquads)
        super().__init__(source, self._data)
        self._source = source
        self._baseline = baseline

    def run(self, tables: Mapping[str, Table]) -> tuple[list[ValidationResult], GraphScope]:
        """Check the graph of these tables; see `GraphState.run`. It can be run once."""
        self._begin_with_valid()
        count = self._construct(tables)
        if self._names:
            count += self._derive()
        return self._check(tables, count)

    def _construct(self, tables: Mapping[str, Table]) -> int:
        """Apply what the build queries of changed tables make now and did not make before, and the reverse."""
        rows = {name: self._baseline.rows(name) for name in tables}
        changed = {name for name, table in tables.items() if not are_same(rows[name], table.rows)}
        due = [query for query in self._build if changed.intersection(tables_of(query))]
        reads = {name for query in due for name in tables_of(query) if name in tables}
        before = lift({name: tables[name].with_rows(rows[name]) for name in reads})
        after = lift({name: tables[name] for name in reads})
        for folder in {query.folder for query in due}:
            outputs = {query.path: (_triples(before, query), _triples(after, query)) for query in due if query.folder == folder}
            gained, lost = _difference(outputs)
            if lost:
                lost -= self._made_by_others(folder, set(outputs), lost, tables)
            self._apply(f"{namespaces.GRAPH}{folder}", gained, lost)
        return len(due)

    def _made_by_others(self, folder: str, due: set[Path], lost: set[Any], tables: Mapping[str, Table]) -> set[Any]:
        """Return what other queries of a graph make of these triples; their tables have not changed."""
        names = statement_names(lost)
        others = [one for one in self._build if one.folder == folder and one.path not in due and _makes(one, names)]
        lifted = lift({name: tables[name] for query in others for name in tables_of(query) if name in tables})
        made = {triple for query in others for triple in _triples(lifted, query)}
        if f"{namespaces.GRAPH}{folder}" == VOCABULARY:
            made |= {triple for path in self._source.ontology.glob("**/*.ttl") for triple in read_turtle(path)}
        return made

    def _derive(self) -> int:
        """Apply the rules whose result can have changed, in order, to the release and to what it is changed to.

        No two rules make the same statement, which a test checks.
        """
        release = LoadedDataset(self._baseline.nquads)
        outputs: _Outputs = {}
        for rule in self._rules:
            if self._reads[rule.path].reads(self._names):
                outputs[rule.path] = (_triples(release, rule), _triples(self._data, rule))
                gained, lost = _difference({rule.path: outputs[rule.path]})
                self._apply(DERIVED, gained, lost)
        return len(outputs)

    def _apply(self, graph: str, gained: set[Any], lost: set[Any]) -> None:
        self._data.change(graph, gained, lost)
        self._changed |= gained | lost
        self._names |= statement_names(gained | lost)


def _triples(data: DatasetBuilder, query: QueryFile) -> set[Any]:
    return set(data.query(query.path).triples())


def _difference(outputs: _Outputs) -> tuple[set[Any], set[Any]]:
    """Return what queries make together and did not make before, and the reverse."""
    before = {triple for old, _ in outputs.values() for triple in old}
    after = {triple for _, new in outputs.values() for triple in new}
    return after - before, before - after


def _makes(query: QueryFile, names: set[str]) -> bool:
    """Return whether a query can make statements with these names."""
    head = query.text.partition("WHERE")[0].partition("CONSTRUCT")[2]
    return QueryVocabulary(head).reads(names)
