"""Restores the canonical order and form of tables: UTF-8, commas, line feeds, sorted by key, each cell in its column's form."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tutela.errors import TutelaError
from tutela.tables.conversion import column_form, convert
from tutela.tables.csv_file import Row, canonical, sort_order
from tutela.tables.edits import CellConversion
from tutela.tables.files import described_tables
from tutela.tables.spreadsheet import ranges
from tutela.tables.table import Table
from tutela.tables.table_sheets import TableSheet, read_heading
from tutela.tables.text_file import read_text


@dataclass
class TidyTable:
    """What tidying a table changes.

    Args:
        table: the table.
        before: the file as it is.
        after: the file in canonical form.
        conversions: the cells that were converted.
        notes: what else was changed, such as the order of rows.

    """

    table: Table
    before: bytes
    after: bytes
    conversions: list[CellConversion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def tidy(folder: Path, only: Sequence[str] = ()) -> list[TidyTable]:
    """Return what tidying changes in the tables of a folder such as ``data/``; tables in canonical form are left out.

    Args:
        folder: the folder.
        only: names of the tables to tidy; all by default.

    Raises:
        TutelaError: a table is not readable, or a cell can be read in several ways. The message names all of them.

    """
    tidied: list[TidyTable] = []
    errors: list[str] = []
    for table in described_tables(folder):
        if not only or table.name in only:
            try:
                tidied.append(_tidy_table(table, errors))
            except TutelaError as error:
                errors.append(str(error))
    if errors:
        raise TutelaError("\n".join(errors))
    return [item for item in tidied if item.after != item.before]


def _tidy_table(table: Table, errors: list[str]) -> TidyTable:
    item = TableSheet(table, read_text(table.path, table.column_names))
    before = table.path.read_bytes()
    if not _is_utf8(before):
        raise TutelaError(
            f"{table.location}: not UTF-8, so that letters may have been lost. Restore the file, and read the other one with "
            "--from, which compares them."
        )
    read_heading(item)
    sheet = item.sheet
    if sheet.uneven_rows:
        sheet.problem(f"row {ranges(sheet.uneven_rows)}", "another number of cells than in the heading; is a comma unquoted?")
    if sheet.problems:
        errors.extend(sheet.problems)
        raise TutelaError(f"{table.location}: not tidied, because of these errors.")
    result = TidyTable(table, before, before, notes=list(sheet.notes))
    rows = _rows(item, result, errors)
    result.after = canonical(rows, table.column_names, table.key).encode()
    if sort_order(rows, table.key) != list(range(len(rows))):
        result.notes.append("rows sorted by key")
    if result.after != before and not result.notes and not result.conversions:
        result.notes.append("quotation marks, empty lines or the line end of the last row")
    return result


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _rows(item: TableSheet, result: TidyTable, errors: list[str]) -> list[Row]:
    rows: list[Row] = []
    forms = {}
    for column in item.table.columns:
        number = item.columns[column.name]
        values = [str(cells[number].value) for row, cells in item.sheet.rows.items() if row > 1 and number in cells]
        forms[column.name] = column_form(column, values if len(values) > 1 else [])
    for number, cells in item.sheet.rows.items():
        if number == 1:
            continue
        row = dict.fromkeys(item.table.column_names, "")
        for name in item.table.column_names:
            cell = cells.get(item.columns[name])
            if cell is None:
                continue
            converted = convert(cell, forms[name])
            row[name] = converted.text
            where = f"{item.table.location} row {number}, column {name}: '{cell.value}'"
            if converted.problem:
                errors.append(f"{where}, {converted.problem}.")
            elif converted.choices:
                errors.append(f"{where} can mean {' or '.join(converted.choices)}; enter it in that form.")
            elif converted.reason:
                result.conversions.append(CellConversion(item.table.name, name, number, converted.reason))
        rows.append(row)
    return rows
