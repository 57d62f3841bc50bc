"""The graph of the tables in a single run: that of the last release, with what differs.

This takes a fifth of the time of building the graph, and cannot be repeated; see `graph_check` for tables that are edited.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
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
from tutela.validation.query_outputs import ntriples_lines
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
        self._data = baseline.graph() if baseline.graph else LoadedDataset(baseline.nquads)
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
        before = self._outputs_before(due, lambda: lift({name: tables[name].with_rows(rows[name]) for name in reads}))
        after = lift({name: tables[name] for name in reads})
        for folder in {query.folder for query in due}:
            outputs = {query.path: (before[query.path], _triples(after, query)) for query in due if query.folder == folder}
            gained, lost = _difference(outputs)
            if lost:
                lost -= self._made_by_others(folder, set(outputs), lost, tables)
            self._apply(f"{namespaces.GRAPH}{folder}", gained, lost)
        return len(due)

    def _made_by_others(self, folder: str, due: set[Path], lost: set[Any], tables: Mapping[str, Table]) -> set[Any]:
        """Return which triples other queries of a graph make, too; their tables have not changed."""
        names = statement_names(lost)
        others = [one for one in self._build if one.folder == folder and one.path not in due and _makes(one, names)]
        # Lines are compared, because thousands of triples take longer to parse.
        triples = list(lost)
        by_line = dict(zip(ntriples_lines(triples), triples, strict=True))
        made: set[Any] = set()
        missing = []
        for query in others:
            lines = self._baseline.outputs.lines(query)
            if lines is None:
                missing.append(query)
            else:
                made |= {by_line[line] for line in by_line.keys() & set(lines)}
        reads = {name for query in missing for name in tables_of(query) if name in tables}
        for found in self._outputs_before(missing, lambda: lift({name: tables[name] for name in reads})).values():
            made |= found
        if f"{namespaces.GRAPH}{folder}" == VOCABULARY:
            made |= {triple for path in self._source.ontology.glob("**/*.ttl") for triple in read_turtle(path)}
        return made

    def _derive(self) -> int:
        """Apply the rules whose result can have changed, in order, to what the release is changed to.

        No two rules make the same statement, which a test checks.
        """
        count = 0
        for rule in self._rules:
            if self._reads[rule.path].reads(self._names):
                count += 1
                before = self._outputs_before([rule], lambda: self._release)[rule.path]
                gained, lost = _difference({rule.path: (before, _triples(self._data, rule))})
                self._apply(DERIVED, gained, lost)
        return count

    @cached_property
    def _release(self) -> LoadedDataset:
        """The graph of the release as it was."""
        return LoadedDataset(self._baseline.nquads)

    def _outputs_before(self, queries: Collection[QueryFile], dataset: Callable[[], DatasetBuilder]) -> dict[Path, set[Any]]:
        """Return what queries made of the tables of the release; what is not known is evaluated on a dataset, and kept."""
        found = {query.path: self._baseline.outputs.triples(query) for query in queries}
        missing = [query for query in queries if found[query.path] is None]
        if missing:
            data = dataset()
            evaluated = {query.path: list(data.query(query.path).triples()) for query in missing}
            self._baseline.outputs.keep((query, evaluated[query.path]) for query in missing)
            found.update(evaluated)
        return {path: set(triples or ()) for path, triples in found.items()}

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
