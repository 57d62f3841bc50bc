"""The table level of `tutela check`: every error of files, cells and references, and the tables that the graph is built from.

A row with an error is helped where possible, because what is missing then would appear as further errors: its value is the one
that is meant (``TRUE`` is ``true``), or the one of the last release.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tutela import paths
from tutela.errors import TutelaError
from tutela.paths import METADATA_SUFFIX
from tutela.tables import Row, Table
from tutela.tables.compare import renamed
from tutela.tables.files import metadata_file, read_metadata, unknown_references
from tutela.tables.table import CellError
from tutela.validation.nearest_value import nearest_key
from tutela.validation.problem import Problem
from tutela.validation.table_state import TableState, cell_problem, digest
from tutela.validation.valid_tables import ValidTables

LastRows = Callable[[str], list[Row]]
Key = tuple[str, ...]
_MANY = 2  # rows that refer to a missing row, from which the missing row is the error


@dataclass(frozen=True)
class _Reference:
    """A reference to a row that its table does not have."""

    table: Table
    error: CellError
    target: str
    columns: tuple[str, ...]  # of the target
    key: Key


class TableCheck:
    """The tables of a folder, with the errors of each.

    Args:
        folder: the folder, such as ``data/``.
        last_rows: returns the rows of a table, by its name, in the last release; no rows if there is none.
        valid: tables that are known to have no error.

    """

    def __init__(self, folder: Path, last_rows: LastRows = lambda table: [], valid: ValidTables | None = None) -> None:
        self._folder = folder
        self._valid = valid or ValidTables()
        self._last_rows = last_rows
        self._metadata: dict[Path, tuple[bytes, Table]] = {}
        self._states: dict[str, TableState] = {}
        self._last: dict[str, dict[Key, Row]] = {}

    def run(self) -> tuple[list[Problem], dict[str, Table] | None]:
        """Read and check the tables; only those that have changed since the last run are read again.

        Returns:
            The problems, sorted, and the tables for the graph; None if a table cannot be read at all.

        Raises:
            TutelaError: the metadata of a table cannot be read.

        """
        described = self._described()
        self._states = {name: self._state(table) for name, table in described.items()}
        self._valid.save()
        problems = [problem for state in self._states.values() for problem in state.problems]
        problems += self._strays(described)
        usable = {
            name: state.usable({} if state.is_complete else self._last_by_key(described[name]))
            for name, state in self._states.items()
        }
        broken = list(self._broken(usable))
        problems += self._reference_problems(broken, usable)
        problems = self._under_empty_tables(problems, described)
        problems.sort(key=lambda problem: problem.order)
        if any(state.table is None for state in self._states.values()):
            return problems, None
        return problems, {name: self._completed(table, broken) for name, table in usable.items()}

    def row(self, table: str, number: int) -> Row:
        """Return a row of a table by its number, as it is in the file; empty if there is none."""
        found = next((state.table for state in self._states.values() if state.table and state.table.location == table), None)
        if found is None or number not in found.numbers:
            return {}
        return found.rows[found.numbers.index(number)]

    @property
    def tables(self) -> dict[str, Table]:
        """The tables as they are in their files, by name; without those that cannot be read."""
        return {name: state.table for name, state in self._states.items() if state.table}

    @property
    def table_count(self) -> int:
        """How many tables there are."""
        return len(self._states)

    @property
    def row_count(self) -> int:
        """How many rows were read."""
        return sum(len(state.table.rows) for state in self._states.values() if state.table)

    def _described(self) -> dict[str, Table]:
        tables: dict[str, Table] = {}
        for path in sorted(self._folder.glob(f"*/*.csv{METADATA_SUFFIX}"), key=lambda path: path.name):
            mark = digest(path.read_bytes())
            if path not in self._metadata or self._metadata[path][0] != mark:
                self._metadata[path] = (mark, read_metadata(path))
            table = self._metadata[path][1]
            tables[table.name] = table
        errors = [error for table in tables.values() for error in unknown_references(table, tables)]
        if errors:
            raise TutelaError("\n".join(errors))
        if not tables:
            raise TutelaError(f"{self._folder}: no tables found; expected files such as review/notes.csv with their metadata.")
        return tables

    def _state(self, table: Table) -> TableState:
        content = table.path.read_bytes() if table.path.is_file() else None
        known = self._states.get(table.name)
        if known is not None and known.digest == digest(content) and known.described is table:
            return known
        mark = self._valid.mark(self._metadata[metadata_file(table.path)][0], digest(content))
        state = TableState(table, content, is_valid=self._valid.has(mark))
        if not state.problems:
            self._valid.add(mark)
        return state

    def _strays(self, described: Mapping[str, Table]) -> Iterator[Problem]:
        for name, path in paths.table_files(self._folder).items():
            if name not in described:
                location = f"data/{path.parent.name}/{path.name}"
                found = f"there is no metadata file {metadata_file(path).name} next to it"
                yield Problem(
                    "file", "Violation", location, 0, "", "", found, "a table with metadata", "Add it, or remove the table."
                )

    def _last_by_key(self, table: Table) -> dict[Key, Row]:
        if table.name not in self._last:
            rows = self._last_rows(table.name)
            fits = all(set(row) == set(table.column_names) for row in rows)
            self._last[table.name] = {table.key_of(row): row for row in rows} if fits else {}
        return self._last[table.name]

    def _broken(self, tables: Mapping[str, Table]) -> Iterator[_Reference]:
        existing: dict[tuple[str, tuple[str, ...]], set[Key]] = {}
        for table in tables.values():
            for columns, target, target_columns in table.foreign_keys:
                if self._states[target].table is None:
                    continue  # nothing can be said of references to a table that cannot be read
                place = (target, tuple(target_columns))
                if place not in existing:
                    existing[place] = {tuple(row[name] for name in target_columns) for row in tables[target].rows}
                for error, key in table.broken_reference(columns, tables[target], target_columns, existing[place]):
                    yield _Reference(table, error, target, tuple(target_columns), key)

    def _reference_problems(self, broken: list[_Reference], tables: Mapping[str, Table]) -> Iterator[Problem]:
        groups: dict[tuple[str, tuple[str, ...], Key], list[_Reference]] = defaultdict(list)
        for one in broken:
            groups[one.target, one.columns, one.key].append(one)
        for (target, columns, key), references in groups.items():
            table = tables[target]
            near = ", ".join(nearest_key(key, table, list(columns)))
            problems = [cell_problem(one.table, one.error, "reference", near) for one in references]
            was_there = key in self._last_by_key(table) and columns == tuple(table.key)
            if len({(one.table, one.row) for one in problems}) < _MANY and not was_there:
                yield from problems
            else:
                new_key = self._new_key(table, key) if was_there else None
                yield self._missing(table, columns, key, problems, new_key, was_there=was_there)

    def _under_empty_tables(self, problems: list[Problem], described: Mapping[str, Table]) -> list[Problem]:
        """Return the problems with missing rows of a table that has none at all under that problem."""
        empty = {described[name].location for name, state in self._states.items() if state.table and not state.table.rows}
        missing = [one for one in problems if one.level == "reference" and not one.row and one.table in empty]
        others = [one for one in problems if one not in missing]
        return [
            replace(one, consequences=(*one.consequences, *(other for other in missing if other.table == one.table)))
            if one.table in empty and one.level == "cell"
            else one
            for one in others
        ]

    def _new_key(self, table: Table, key: Key) -> Key | None:
        """Return the key that a row of the last release has now, if nothing else of it has changed."""
        last, now = self._last_by_key(table), {table.key_of(row): row for row in table.rows}
        added = [row for new, row in now.items() if new not in last]
        removed = [row for old, row in last.items() if old not in now]
        return renamed(removed, added, table.key).get(key)

    def _missing(  # noqa: PLR0913
        self,
        table: Table,
        columns: tuple[str, ...],
        key: Key,
        problems: list[Problem],
        new_key: Key | None,
        *,
        was_there: bool,
    ) -> Problem:
        text, count = ", ".join(key), len(problems)
        places = len({one.table for one in problems})
        rows = f"{count} {'row refers' if count == 1 else 'rows refer'} to it, in {places} {'table' if places == 1 else 'tables'}"
        consequences = tuple(replace(one, nearest="") if was_there else one for one in problems)
        expected = "a row for each reference to the table"
        if new_key is not None:
            found = f"the key '{text}' of the last release was changed to '{', '.join(new_key)}'; {rows}"
            advice = f"Restore '{text}', or change the rows that refer to it."
            number = table.row_numbers[new_key]
            return Problem(
                "reference", "Violation", table.location, number, " + ".join(columns), ", ".join(new_key), found, expected,
                advice, text, key=new_key, key_before=text, consequences=consequences,
            )  # fmt: skip
        found = f"there is no row with the {' + '.join(columns)} '{text}'; {rows}"
        advice = "Restore the row; the last release has it." if was_there else "Add the row, or correct the references to it."
        nearest = "" if was_there else problems[0].nearest
        return Problem(
            "reference", "Violation", table.location, 0, " + ".join(columns), text, found, expected, advice, nearest,
            consequences=consequences,
        )  # fmt: skip

    def _completed(self, table: Table, broken: list[_Reference]) -> Table:
        """Return a table for the graph: without rows that have a broken reference, and with rows of the last release instead."""
        last = self._last_by_key(table) if broken or not self._states[table.name].is_complete else {}
        wanted = {one.key for one in broken if one.target == table.name and one.columns == tuple(table.key)}
        dropped = {one.error.row for one in broken if one.table.name == table.name and not self._is_restored(one)}
        kept = [(number, row) for number, row in zip(table.numbers, table.rows, strict=True) if number not in dropped]
        present = {table.key_of(row) for _, row in kept}
        is_damaged = bool(dropped) or not self._states[table.name].is_complete
        restored = [row for key, row in last.items() if key not in present and (is_damaged or key in wanted)]
        if not dropped and not restored:
            return table
        rows = [*(row for _, row in kept), *restored]
        return table.with_rows(rows, [*(number for number, _ in kept), *(0 for _ in restored)])

    def _is_restored(self, one: _Reference) -> bool:
        """Return whether the row that is missing is taken from the last release."""
        target = self._states[one.target].described
        return one.columns == tuple(target.key) and one.key in self._last_by_key(target)
