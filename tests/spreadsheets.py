"""Spreadsheets as programs save them, for tests: what Excel and LibreOffice do to cells that look like numbers or dates."""

import io
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import odfdo
from openpyxl import Workbook, load_workbook

from tutela.tables import Table
from tutela.tables.spreadsheet import Value
from tutela.tables.workbook import OWN_SHEETS


def as_a_program_reads_it(text: str) -> Value:
    """Return what a program makes of a text that is typed or opened without a text format."""
    readings: dict[str, Callable[[str], Value]] = {
        r"true|false": lambda text: text == "true",
        r"\d{1,14}": int,
        r"\d{1,10}\.\d{1,5}": float,
        r"\d{4}-\d{2}-\d{2}": datetime.fromisoformat,
        r"(19|20)\d{2}-(0[1-9]|1[0-2])": lambda text: datetime.fromisoformat(f"{text}-01"),
        r"([1-9]|1[0-2])/(19|20)\d{2}": lambda text: datetime(int(text.split("/")[1]), int(text.split("/")[0]), 1),
    }
    return next((read(text) for pattern, read in readings.items() if re.fullmatch(pattern, text)), text)


def without_text_format(book: bytes, path: Path, keep_base: bool) -> None:
    """Save a workbook as a program does that takes cells for numbers and dates, with empty formatted rows at the end."""
    loaded = load_workbook(io.BytesIO(book))
    for sheet in loaded.worksheets:
        if sheet.title in OWN_SHEETS:
            continue
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                if isinstance(cell.value, str):
                    text = cell.value
                    cell.value = as_a_program_reads_it(text)
                    cell.number_format = "General"
                    if isinstance(cell.value, datetime):
                        cell.number_format = "yyyy\\-mm\\-dd" if len(text) == 10 else "mmm\\-yy"
                    cell.quotePrefix = False
        for number in range(sheet.max_row + 1, sheet.max_row + 50):
            sheet.cell(number, 1).number_format = "@"
    if not keep_base:
        for title in OWN_SHEETS:
            del loaded[title]
    loaded.save(path)


def xlsx(path: Path, name: str, rows: Iterable[Iterable[object]]) -> Any:
    """Write a workbook with one sheet, and return the sheet; save it again with ``sheet.parent.save(path)``."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = name
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return sheet


def ods(path: Path, tables: Iterable[Table], typed: bool = True) -> None:
    """Write tables as an OpenDocument spreadsheet, with the million empty rows that LibreOffice adds."""
    document = odfdo.Document("spreadsheet")
    document.body.clear()
    for table in tables:
        sheet = odfdo.Table(table.name)
        for values in (table.column_names, *(list(row.values()) for row in table.rows)):
            sheet.append(ods_row(values, typed and values is not table.column_names))
        sheet.append(repeated_row(1_000_000))
        document.body.append(sheet)
    document.save(path)


def ods_row(values: Iterable[str], typed: bool) -> odfdo.Row:
    row = odfdo.Row()
    for column, text in enumerate(values):
        if text:
            value: Any = as_a_program_reads_it(text) if typed else text
            row.set_value(column, value.date() if isinstance(value, datetime) else value)
    return row


def repeated_row(times: int) -> odfdo.Row:
    row = odfdo.Row(repeated=times)
    row.set_cell(0, odfdo.Cell(repeated=1024))
    return row


def rows_of(table: Table) -> list[list[str]]:
    """Return the heading and the rows of a table."""
    return [table.column_names, *(list(row.values()) for row in table.rows)]
