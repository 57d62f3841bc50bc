"""One table with its metadata: its rows, and the cells, keys and references that break the metadata.

The graph identifies a row by its key, which stays the same when rows are added or sorted. Messages name its number as in
RFC 7111, section 2.1: the heading is row 1.
"""

from collections.abc import Iterator, Sequence, Set
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tutela.errors import TutelaError
from tutela.namespaces import SH
from tutela.tables.cell_reader import CellReader
from tutela.tables.csv_file import Row, read_rows


@dataclass(frozen=True)
class CellError:
    """One error in a table.

    Args:
        table: name of the table.
        row: number of the row.
        column: name of the column, or of several joined with ``+``.
        found: what is wrong.
        expected: what would be right.
        value: the text of the cell, or of the cells joined with ``, ``.
        advice: what to do; a sentence.

    """

    table: str
    row: int
    column: str
    found: str
    expected: str
    value: str = ""
    advice: str = ""


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
        # Metadata that say how rows are added (DCMI Metadata Terms): a published row changes only with a correction.
        self.is_protected = "dc:accrualPolicy" in spec.common_props
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

    @cached_property
    def numbers(self) -> Sequence[int]:
        """The number of each row."""
        return range(2, len(self.rows) + 2)

    def with_rows(self, rows: list[Row], numbers: Sequence[int] | None = None) -> "Table":
        """Return this table with other rows.

        Args:
            rows: the rows.
            numbers: the number of each row; by default they follow the heading.

        """
        changed = copy(self)
        for name in ("row_numbers", "numbers"):
            changed.__dict__.pop(name, None)
        changed.rows = rows
        if numbers is not None:
            changed.numbers = numbers
        return changed

    @cached_property
    def row_numbers(self) -> dict[tuple[str, ...], int]:
        """The number of each row by its key; of rows with the same key, that of the first."""
        numbers: dict[tuple[str, ...], int] = {}
        for number, row in zip(self.numbers, self.rows, strict=True):
            numbers.setdefault(self.key_of(row), number)
        return numbers

    @cached_property
    def readers(self) -> list[CellReader]:
        """The reader of each column."""
        return [CellReader(column) for column in self.columns]

    def key_of(self, row: Row) -> tuple[str, ...]:
        """Return the values of a row in the columns of the primary key."""
        return tuple(row[name] for name in self.key)

    def errors(self) -> Iterator[CellError]:
        """Yield each cell that does not match its column's metadata, each duplicate key, and a table that lacks rows.

        Keys are compared as values, so 1 and 01 are duplicates (W3C Metadata Vocabulary for Tabular Data, section 5.5).
        """
        if not self.rows and not self._may_be_empty:
            yield CellError(self.name, 1, self.name, "the table has no rows", "at least one row", advice="Restore its rows.")
        first_row: dict[tuple[Any, ...], int] = {}
        for number, row in zip(self.numbers, self.rows, strict=True):
            values: dict[str, Any] = dict(row)
            for reader in self.readers:
                column, text = reader.name, row[reader.name]
                if text:
                    values[column], wrong = reader.read(text)
                    if wrong:
                        yield CellError(self.name, number, column, wrong.found, wrong.expected, text, wrong.advice)
                elif reader.is_required:
                    advice = f"Enter the {column} of this row."
                    yield CellError(self.name, number, column, "the cell is empty", reader.expected, advice=advice)
            first = first_row.setdefault(tuple(values[name] for name in self.key), number)
            if first != number:
                yield self._duplicate(number, first, row)

    def _duplicate(self, number: int, first: int, row: Row) -> CellError:
        key = ", ".join(self.key_of(row))
        found = f"duplicate key {key} (first used in row {first})"
        advice = f"Remove one of the rows {first} and {number}, or give one of them another {self.key[-1]}."
        return CellError(self.name, number, " + ".join(self.key), found, "a unique key in each row", key, advice)

    def broken_references(self, tables: "dict[str, Table]") -> Iterator[CellError]:
        """Yield each reference to a row that the other table does not have."""
        for columns, target_name, target_columns in self.foreign_keys:
            target = tables[target_name]
            existing = {tuple(row[name] for name in target_columns) for row in target.rows}
            for error, _ in self.broken_reference(columns, target, target_columns, existing):
                yield error

    def broken_reference(
        self, columns: list[str], target: "Table", target_columns: list[str], existing: Set[tuple[str, ...]]
    ) -> Iterator[tuple[CellError, tuple[str, ...]]]:
        """Yield an error, and the key that is missing, for each row whose reference to another table is broken.

        Args:
            columns: the columns of this table.
            target: the other table.
            target_columns: the columns that they refer to.
            existing: the keys in these columns of the other table.

        """
        for number, row in zip(self.numbers, self.rows, strict=True):
            value = tuple(row[name] for name in columns)
            if all(value) and value not in existing:
                text = ", ".join(value)
                expected = f"a {' + '.join(target_columns)} of {target.location}"
                advice = f"Correct it, or add the row to {target.location}."
                yield CellError(self.name, number, " + ".join(columns), f"'{text}'", expected, text, advice), value
