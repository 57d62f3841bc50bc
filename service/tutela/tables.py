"""The tables in ``data/``: read, checked against their CSVW metadata, written in one canonical form.

``data/tables.json`` describes every table (W3C Metadata Vocabulary for Tabular Data): its columns and their
datatypes, its key, and which column refers to which table. A row is known by its number as RFC 7111 counts:
the heading is row 1, so the number is also the line in an editor.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from csvw import TableGroup

from tutela.errors import TutelaError, UsageError
from tutela.problems import Problem

Row = dict[str, str]

METADATA = "tables.json"


@dataclass(frozen=True)
class Cell:
    """One value: the column's name, its text, and the name of its XML Schema datatype."""

    column: str
    text: str
    datatype: str


class Table:
    """One table with its metadata; `problems` says what of the rows breaks it."""

    def __init__(self, folder: Path, spec: Any) -> None:
        self.name = Path(str(spec.url)).stem
        self.path = folder / str(spec.url)
        self.columns = list(spec.tableSchema.columns)
        self.names = [column.name for column in self.columns]
        self.key = list(spec.tableSchema.primaryKey or [])
        self.foreign_keys = [
            (list(key.columnReference), str(key.reference.resource), list(key.reference.columnReference))
            for key in spec.tableSchema.foreignKeys
        ]

    @cached_property
    def rows(self) -> list[Row]:
        """The rows as text, in the order of the file."""
        return read_rows(self.path, self.names)

    def typed(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield each row's number and its cells that hold something."""
        datatypes = {column.name: column.inherit("datatype") for column in self.columns}
        for number, row in enumerate(self.rows, start=2):
            yield (
                number,
                [Cell(name, text, datatypes[name].base if datatypes[name] else "string") for name, text in row.items() if text],
            )

    def problems(self) -> Iterator[Problem]:
        """Yield each cell that its column's metadata refuses, and each key that stands twice."""
        seen: dict[tuple[str, ...], int] = {}
        for number, row in enumerate(self.rows, start=2):
            for column in self.columns:
                text = row[column.name]
                expected = _expected(column)
                if not text:
                    if column.required:
                        yield self.problem(number, column.name, "the cell is empty", expected)
                    continue
                try:
                    column.read(text)
                except ValueError:
                    yield self.problem(number, column.name, f"'{text}'", expected)
            key = tuple(row[name] for name in self.key)
            if key in seen:
                what = f"{', '.join(key)} stands in row {seen[key]} already"
                yield self.problem(number, " + ".join(self.key), what, "a key of its own for each row")
            seen.setdefault(key, number)

    def broken_references(self, tables: "dict[str, Table]") -> Iterator[Problem]:
        """Yield each reference to a row of another table that is not there."""
        for columns, resource, targets in self.foreign_keys:
            target = tables[Path(resource).stem]
            there = {tuple(row[name] for name in targets) for row in target.rows}
            for number, row in enumerate(self.rows, start=2):
                value = tuple(row[name] for name in columns)
                if all(value) and value not in there:
                    yield self.problem(
                        number,
                        " + ".join(columns),
                        f"'{', '.join(value)}'",
                        f"a {' + '.join(targets)} of data/{resource}",
                    )

    def problem(self, number: int, column: str, found: str, expected: str) -> Problem:
        """Return a violation in one row of this table."""
        return Problem("Violation", f"data/{self.path.name} row {number}", column, found, expected)


def _expected(column: Any) -> str:
    datatype = column.inherit("datatype")
    kind = datatype.base if datatype else "string"
    form = f" like {datatype.format}" if datatype and datatype.format and kind not in ("date", "boolean") else ""
    form = " (true or false)" if kind == "boolean" else form
    form = " (YYYY-MM-DD)" if kind == "date" else form
    described = column.common_props.get("dc:description")
    return f"{kind}{form}{f': {described}' if described else ''}"


def load(folder: Path) -> dict[str, Table]:
    """Read every table that a folder's metadata names, in its order.

    Raises:
        TutelaError: a table is missing, is not UTF-8, or has other columns than its metadata says.

    """
    metadata = folder / METADATA
    try:
        group = TableGroup.from_file(metadata)
    except (OSError, ValueError, json.JSONDecodeError) as error:
        raise TutelaError(f"{metadata}: not readable as CSVW metadata ({error}).") from error
    tables = {table.name: table for table in (Table(folder, spec) for spec in group.tables)}
    unnamed = {path.stem for path in folder.glob("*.csv")} - tables.keys()
    if unnamed:
        raise TutelaError(
            f"{metadata}: describes no table {', '.join(sorted(unnamed))}, yet {folder} holds it; describe or remove it."
        )
    for table in tables.values():
        _ = table.rows
    return tables


def problems(tables: dict[str, Table]) -> list[Problem]:
    """Return everything in the tables that their metadata refuses."""
    found = [problem for table in tables.values() for problem in table.problems()]
    return found + [problem for table in tables.values() for problem in table.broken_references(tables)]


def read_rows(path: Path, expected: list[str] | None = None) -> list[Row]:
    """Read one CSV file as text.

    Raises:
        TutelaError: it is missing, not UTF-8, has other columns than expected, or a row of another length.

    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except FileNotFoundError as error:
        raise TutelaError(f"{path}: there is no such table.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TutelaError(f"{path}: not readable as UTF-8 CSV ({error}).") from error
    header = lines[0] if lines else []
    if expected is not None and header != expected:
        raise TutelaError(f"{path} row 1: the columns are {', '.join(header)}; expected {', '.join(expected)}, in that order.")
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            raise TutelaError(f"{path} row {number}: {len(line)} cells; expected {len(header)}. Is a comma unquoted?")
    return [dict(zip(header, line, strict=True)) for line in lines[1:]]


def canonical(rows: list[Row], columns: list[str], key: list[str]) -> str:
    """Return a table's one form: UTF-8, one line feed a row, quotes only where needed, sorted by key."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: [_order(row[name]) for name in key]))
    return text.getvalue()


def _order(value: str) -> tuple[int, int, str]:
    # Numbers by size, then everything else by its letters.
    return (0, int(value), "") if value.isdigit() else (1, 0, value)


def replace_rows(path: Path, rows: list[Row]) -> None:
    """Write one table of ``data/`` in its canonical form, as its metadata orders columns and key."""
    tables = {Path(str(spec.url)).stem: spec for spec in TableGroup.from_file(path.parent / METADATA).tables}
    table = Table(path.parent, tables[path.stem])
    part = path.with_suffix(".csv.part")
    part.write_text(canonical(rows, table.names, table.key), encoding="utf-8")
    part.replace(path)


def write_rows(folder: Path, tables: dict[str, list[Row]]) -> list[Path]:
    """Write tables into a folder, all or none; a table that is there with other rows is left alone.

    Raises:
        UsageError: such a table is there.

    """
    from tutela import paths  # noqa: PLC0415 - the metadata that orders columns is always the project's own

    specs = {Path(str(spec.url)).stem: spec for spec in TableGroup.from_file(paths.DATA / METADATA).tables}
    texts: dict[Path, str] = {}
    for name, rows in tables.items():
        table = Table(paths.DATA, specs[name])
        texts[folder / f"{name}.csv"] = canonical(rows, table.names, table.key)
    for path, text in texts.items():
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise UsageError(f"{path} is there already with other rows; nothing was written. Name another folder with --out.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            path.with_suffix(".csv.part").write_text(text, encoding="utf-8")
        for path in texts:
            path.with_suffix(".csv.part").replace(path)
    except OSError as error:
        for path in texts:
            path.with_suffix(".csv.part").unlink(missing_ok=True)
        raise UsageError(f"{folder}: cannot be written to ({error}).") from error
    return list(texts)
