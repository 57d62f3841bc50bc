"""One table with its metadata: its rows, and the cells, keys and references that break the metadata.

The graph identifies a row by its key, which stays the same when rows are added or sorted. Messages name its number as in
RFC 7111, section 2.1: the heading is row 1.
"""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tutela.errors import TutelaError
from tutela.namespaces import SH
from tutela.tables.csv_file import Row, read_rows


@dataclass(frozen=True)
class Cell:
    """One value: the column's name, its text, and the name of its XML Schema datatype."""

    column: str
    text: str
    datatype: str


@dataclass(frozen=True)
class CellError:
    """One error in a table.

    Args:
        table: name of the table.
        row: number of the row.
        column: name of the column, or of several joined with ``+``.
        found: what is wrong.
        expected: what would be right.

    """

    table: str
    row: int
    column: str
    found: str
    expected: str


class Table:
    """A CSV file and its metadata (W3C Metadata Vocabulary for Tabular Data, section 5.4).

    Args:
        path: the CSV file.
        spec: its metadata, as the csvw library reads it.

    Raises:
        TutelaError: the metadata has no primary key.

    """

    def __init__(self, path: Path, spec: Any) -> None:
        self.name = path.stem
        self.path = path
        self.columns = list(spec.tableSchema.columns)
        self.column_names = [column.name for column in self.columns]
        self.key = list(spec.tableSchema.primaryKey or [])
        if not self.key:
            raise TutelaError(
                f"{path}-metadata.json: no primaryKey; name the columns that identify a row, such as {self.column_names[0]}."
            )
        self.title = str(spec.common_props.get("dc:title", ""))
        self.description = str(spec.common_props.get("dc:description", ""))  # what a row is
        self._may_be_empty = spec.common_props.get(f"{SH}minCount") == 0
        self.foreign_keys = [
            (list(key.columnReference), Path(str(key.reference.resource)).stem, list(key.reference.columnReference))
            for key in spec.tableSchema.foreignKeys
        ]

    @property
    def location(self) -> str:
        """The path of the table as messages print it, such as ``data/review/notes.csv``."""
        return f"data/{self.path.parent.name}/{self.path.name}"

    @cached_property
    def rows(self) -> list[Row]:
        """The rows as text, in the order of the file."""
        return read_rows(self.path, self.column_names)

    def with_rows(self, rows: list[Row]) -> "Table":
        """Return this table with other rows."""
        changed = copy(self)
        changed.__dict__.pop("row_numbers", None)
        changed.rows = rows
        return changed

    @cached_property
    def row_numbers(self) -> dict[tuple[str, ...], int]:
        """The number of each row by its key; of rows with the same key, that of the first."""
        numbers: dict[tuple[str, ...], int] = {}
        for number, row in enumerate(self.rows, start=2):
            numbers.setdefault(self.key_of(row), number)
        return numbers

    def key_of(self, row: Row) -> tuple[str, ...]:
        """Return the values of a row in the columns of the primary key."""
        return tuple(row[name] for name in self.key)

    def typed(self) -> Iterator[tuple[tuple[str, ...], list[Cell]]]:
        """Yield the key of each row and its non-empty cells."""
        datatypes = {column.name: column.inherit("datatype") for column in self.columns}
        for row in self.rows:
            yield (
                self.key_of(row),
                [Cell(name, text, datatypes[name].base if datatypes[name] else "string") for name, text in row.items() if text],
            )

    def errors(self) -> Iterator[CellError]:
        """Yield each cell that does not match its column's metadata, each duplicate key, and a table that lacks rows.

        Keys are compared as values, so 1 and 01 are duplicates (W3C Metadata Vocabulary for Tabular Data, section 5.5).
        """
        if not self.rows and not self._may_be_empty:
            yield self._error(1, self.name, "the table has no rows", "at least one row")
        first_row: dict[tuple[Any, ...], int] = {}
        for number, row in enumerate(self.rows, start=2):
            values: dict[str, Any] = dict(row)
            for column in self.columns:
                text = row[column.name]
                if not text:
                    if column.required:
                        yield self._error(number, column.name, "the cell is empty", _expected(column))
                    continue
                try:
                    values[column.name] = column.read(text)
                except ValueError:
                    yield self._error(number, column.name, f"'{text}'", _expected(column))
            first = first_row.setdefault(tuple(values[name] for name in self.key), number)
            if first != number:
                found = f"duplicate key {', '.join(self.key_of(row))} (first used in row {first})"
                yield self._error(number, " + ".join(self.key), found, "a unique key in each row")

    def broken_references(self, tables: "dict[str, Table]") -> Iterator[CellError]:
        """Yield each reference to a row that the other table does not have."""
        for columns, target_name, target_columns in self.foreign_keys:
            target = tables[target_name]
            existing = {tuple(row[name] for name in target_columns) for row in target.rows}
            for number, row in enumerate(self.rows, start=2):
                value = tuple(row[name] for name in columns)
                if all(value) and value not in existing:
                    expected = f"a {' + '.join(target_columns)} of {target.location}"
                    yield self._error(number, " + ".join(columns), f"'{', '.join(value)}'", expected)

    def _error(self, row: int, column: str, found: str, expected: str) -> CellError:
        return CellError(self.name, row, column, found, expected)


def _expected(column: Any) -> str:
    datatype = column.inherit("datatype")
    base = datatype.base if datatype else "string"
    pattern = f" like {datatype.format}" if datatype and datatype.format and base not in ("date", "boolean") else ""
    pattern = {"boolean": " (true or false)", "date": " (YYYY-MM-DD)"}.get(base, pattern)
    description = column.common_props.get("dc:description")
    return f"{base}{pattern}{f': {description}' if description else ''}"
