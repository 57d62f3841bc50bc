"""The check of the tables as they are now: files, cells and references first, then the graph as far as it can be built."""

import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from tutela import namespaces
from tutela.paths import Source
from tutela.tables import Row, Table
from tutela.tables.published import PublishedRelease
from tutela.validation.comparison import compare_with_release
from tutela.validation.consequences import fold
from tutela.validation.corrections import check_corrections
from tutela.validation.graph_check import GraphCheck
from tutela.validation.graph_state import Baseline, GraphScope, GraphState
from tutela.validation.input_files import input_paths
from tutela.validation.nearest_value import nearest_text
from tutela.validation.problem import Problem
from tutela.validation.release_graph_check import ReleaseGraphCheck
from tutela.validation.result import ValidationResult
from tutela.validation.table_check import LastRows, TableCheck
from tutela.validation.table_state import digest
from tutela.validation.valid_tables import ValidTables

_ROW = re.compile(r"(data/\S+\.csv) row (\d+)")
_LOCATION = re.compile(r"(data/\S+\.csv)")
_SHORTEST_CELL = 3  # characters of a cell that a message can name; shorter ones occur by chance


@dataclass(frozen=True)
class Outcome:
    """What a check found.

    Args:
        problems: the problems, sorted, with their consequences.
        tables: how many tables were read.
        rows: how many rows were read.
        scope: what of the graph was checked; None if it could not be built.
        seconds: how long it took.

    """

    problems: list[Problem]
    tables: int
    rows: int
    scope: GraphScope | None
    seconds: float


class WorkingCopyCheck:
    """Checks the tables of a project, once or again and again; what has not changed is not checked again.

    Args:
        source: where the tables, the ontology, the queries and the shapes are.
        last_rows: returns the rows of a table in the last release.
        baseline: the last release, if it is valid by the same queries and shapes.
        published: the last published release, with which the tables are compared.
        is_single: whether there is only one run, which then takes less time if there is a baseline.
        valid: tables that are known to have no error.
        allow_loss: names of tables that are allowed to have fewer rows than in the published release.

    """

    def __init__(  # noqa: PLR0913 - each argument but one has a default
        self,
        source: Source,
        last_rows: LastRows = lambda table: [],
        baseline: Baseline | None = None,
        published: PublishedRelease | None = None,
        *,
        is_single: bool = False,
        valid: ValidTables | None = None,
        allow_loss: Collection[str] = (),
    ) -> None:
        self._source = source
        self._baseline = baseline
        self._tables = TableCheck(source.data, last_rows, valid)
        self._published = published
        self._is_single = is_single
        self._allow_loss = allow_loss
        self._graph: GraphState | None = None
        self._rules: Mapping[Path, bytes] = {}

    def run(self, on_tables: Callable[[list[Problem]], None] = lambda problems: None) -> Outcome:
        """Check the tables and their graph.

        Args:
            on_tables: called with the problems of the tables, before the graph is built.

        Raises:
            TutelaError: the metadata of a table, the ontology, a query or a shape cannot be read.

        """
        start = time.perf_counter()
        found, tables = self._tables.run()
        on_tables(found)
        results: list[ValidationResult] = []
        scope = None
        if tables is not None:
            results, scope = self._graph_check().run(tables)
            results += check_corrections(tables)
            if self._published is not None:
                results += compare_with_release(tables, self._published, self._allow_loss)
        follows = self._graph.follows if self._graph else {}
        problems = fold(found, [self._problem(result, tables or {}) for result in results], follows)
        return Outcome(problems, self._tables.table_count, self._tables.row_count, scope, time.perf_counter() - start)

    @property
    def tables(self) -> dict[str, Table]:
        """The tables as they were in the last run, by name; without those that cannot be read."""
        return self._tables.tables

    def _graph_check(self) -> GraphState:
        """Return the check of the graph; a new one if the ontology, a query or a shape has changed."""
        files = {
            path: digest(path.read_bytes()) for name, path in input_paths(self._source).items() if not name.startswith("data/")
        }
        if self._graph is None or files != self._rules:
            self._graph = (
                ReleaseGraphCheck(self._source, self._baseline)
                if self._is_single and self._baseline
                else GraphCheck(self._source, self._baseline)
            )
            self._baseline, self._rules = None, files
        return self._graph

    def _problem(self, result: ValidationResult, tables: Mapping[str, Table]) -> Problem:
        place = _ROW.search(result.where)
        located = _LOCATION.search(result.where)
        table, number = (place[1], int(place[2])) if place else (located[1] if located else "", 0)
        row = self._tables.row(table, number)
        key = next((one.key for one in tables.values() if one.location == table), [])
        column, nearest = _column(row, key, result), self._nearest(result.value)
        is_unknown = bool(column and nearest)
        return Problem(
            "graph",
            result.severity,
            table,
            number,
            column,
            row.get(column, ""),
            f"'{row[column]}' is unknown" if is_unknown else result.found,
            result.expected,
            result.advice,
            nearest,
            result.where,
            result.resource,
            result.rule,
            key=tuple(row[name] for name in key if name in row),
        )

    def _nearest(self, value: str) -> str:
        if self._graph is None or not value.startswith(namespaces.BASE):
            return ""
        others = {iri.rpartition("/")[2] for iri in self._graph.identifiers_like(value)} - {value.rpartition("/")[2]}
        return nearest_text(value.rpartition("/")[2], others)


def _column(row: Row, key: list[str], result: ValidationResult) -> str:
    """Return the column that a result is about, if the row has one cell with the value that it names."""
    if not result.rule and result.resource in row:
        return result.resource  # a correction, or a comparison with the last release
    last = result.value.rpartition("/")[2] if result.value.startswith(namespaces.BASE) else result.value
    exact = [name for name, cell in row.items() if cell and cell in (result.value, last)]
    if len(exact) == 1:
        return exact[0]
    named = [name for name, cell in row.items() if name not in key and _names(result.found, cell)]
    return named[0] if len(named) == 1 else ""


def _names(text: str, cell: str) -> bool:
    """Return whether a text names the value of a cell; only numbers and dates, because words occur by chance."""
    is_number = len(cell) >= _SHORTEST_CELL and any(one.isdigit() for one in cell)
    return is_number and re.search(rf"(?<![\w-]){re.escape(cell)}(?![\w-])", text) is not None
