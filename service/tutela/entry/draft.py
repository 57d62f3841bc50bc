"""The rows that an entry adds and removes and the cells that it changes, before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tutela.entry.fields import FieldError
from tutela.tables import Row, Table
from tutela.tables.edits import ordered_rows

Key = tuple[str, ...]


@dataclass(frozen=True)
class CellEdit:
    """A cell that is changed: its table, the key of its row, its column, and its text before and after."""

    table: str
    key: Key
    column: str
    old: str
    new: str


@dataclass
class Draft:
    """An entry.

    Args:
        tables: all tables as they are.
        added: the rows that are added, with their tables.
        changed: the cells that are changed.
        removed: the rows that are removed: their tables and keys.
        errors: what is wrong with the answers.
        notes: a sentence for each thing that was filled in, or is still open.
        fields: the name of the field of a column, by table and column, where only the answers say which column it is.

    """

    tables: Mapping[str, Table]
    added: list[tuple[str, Row]] = field(default_factory=list)
    changed: list[CellEdit] = field(default_factory=list)
    removed: list[tuple[str, Key]] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fields: dict[tuple[str, str], str] = field(default_factory=dict)
    _index: dict[str, dict[Key, Row]] = field(default_factory=dict, init=False, repr=False)

    def add(self, table: str, cells: Mapping[str, str]) -> None:
        """Add a row; the columns that are not named are empty."""
        self.added.append((table, {name: cells.get(name, "") for name in self.tables[table].column_names}))

    def change(self, table: str, key: Key, column: str, new: str) -> None:
        """Change a cell of a row that exists."""
        old = self.row(table, key)[column]
        if old != new:
            self.changed.append(CellEdit(table, key, column, old, new))

    def row(self, table: str, key: Key) -> Row:
        """Return a row as it is in its table; empty if there is none."""
        if table not in self._index:
            rows = reversed(self.tables[table].rows)  # of rows with the same key, the first
            self._index[table] = {self.tables[table].key_of(row): row for row in rows}
        return self._index[table].get(key, {})

    def error(self, name: str, value: str, expected: str, advice: str = "") -> None:
        """Add an error, the first one of its field."""
        if name not in {one.name for one in self.errors}:
            self.errors.append(FieldError(name, value, expected, advice))

    def rows(self) -> dict[str, list[Row]]:
        """Return all rows of each table that changes, in order."""
        names = dict.fromkeys(name for name, *_ in (*self.added, *self._edits(), *self.removed))
        return {name: self._rows(self.tables[name]) for name in names}

    def losses(self) -> list[str]:
        """Return the names of the tables that lose a row: it is removed, or has another key."""
        rekeyed = [edit.table for edit in self.changed if edit.column in self.tables[edit.table].key]
        return sorted({*rekeyed, *(table for table, _ in self.removed)})

    def _edits(self) -> dict[tuple[str, Key], dict[str, str]]:
        """Return the new cells of each row that changes."""
        edits: dict[tuple[str, Key], dict[str, str]] = {}
        for edit in self.changed:
            edits.setdefault((edit.table, edit.key), {})[edit.column] = edit.new
        return edits

    def _rows(self, table: Table) -> list[Row]:
        edits, removed = self._edits(), set(self.removed)
        rows = [(table.key_of(row), row) for row in table.rows]
        kept = [{**row, **edits.get((table.name, key), {})} for key, row in rows if (table.name, key) not in removed]
        return ordered_rows(table, kept, [row for name, row in self.added if name == table.name])

    def check_rows(self, fields: Mapping[tuple[str, str], str]) -> None:
        """Add an error for each row that does not match the metadata of its table, or refers to a row that does not exist.

        Args:
            fields: the name of the field of a column, by table and column, where it differs from the column.

        """
        fields = {**fields, **self.fields}
        rows = self.rows()
        after = {name: table.with_rows(rows[name]) if name in rows else table for name, table in self.tables.items()}
        changed = [(name, {**self.row(name, key), **cells}) for (name, key), cells in self._edits().items()]
        for name, row in [*self.added, *changed]:
            table = self.tables[name].with_rows([row])
            for error in (*table.errors(), *table.broken_references(after)):
                columns = error.column.split(" + ")
                named = [fields[name, column] for column in columns if (name, column) in fields]
                self.error((named or columns)[-1], error.value, error.expected, error.advice)
        for name, row in self.added:
            key = self.tables[name].key_of(row)
            same = [other for table, other in self.added if table == name and self.tables[name].key_of(other) == key]
            if self.row(name, key) or len(same) > 1:
                column = self.tables[name].key[-1]
                advice = "Enter another one; or correct that row with `tutela add correction`, or in a spreadsheet."
                found = f"a value that {self.tables[name].location} does not have; it has a row {', '.join(filter(None, key))}"
                self.error(fields.get((name, column), column), row[column], found, advice)
