"""Reads workbooks of LibreOffice (OpenDocument 1.3, part 3, section 9).

Only what a table needs is read from the XML. General libraries expand the million repeated empty rows that end a sheet, or do
not show formulas and hidden rows.
"""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring

from tutela.errors import TutelaError
from tutela.tables.spreadsheet import MAX_CELLS, MAX_COLUMNS, Sheet, SheetCell, Value, open_package, ranges

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_COLUMN_GROUPS = {f"{_TABLE}table-columns", f"{_TABLE}table-column-group", f"{_TABLE}table-header-columns"}
_GROUPS = {f"{_TABLE}table-rows", f"{_TABLE}table-row-group", f"{_TABLE}table-header-rows"}


def read_ods(path: Path) -> list[Sheet]:
    """Read the sheets of a workbook.

    Raises:
        TutelaError: the file is not a workbook, or is larger than allowed.

    """
    with open_package(path) as (package, _):
        try:
            root = fromstring(package.read("content.xml"))  # noqa: S314 - checked by open_package
        except (KeyError, ParseError, ValueError) as error:
            raise TutelaError(f"{path}: not readable as a workbook ({error}). Save it again as .ods.") from error
    tables = root.findall(f"{_OFFICE}body/{_OFFICE}spreadsheet/{_TABLE}table")
    if not tables:
        raise TutelaError(f"{path}: has no sheet; expected a workbook of the tables.")
    styles = root.findall(f"{_OFFICE}automatic-styles/{_STYLE}style")
    invisible = {
        style.get(f"{_STYLE}name")
        for style in styles
        if any(one.get(f"{_TABLE}display") == "false" for one in style.findall(f"{_STYLE}table-properties"))
    }
    return [_sheet(path, table, table.get(f"{_TABLE}style-name") in invisible) for table in tables]


def _sheet(path: Path, table: Element, is_hidden: bool) -> Sheet:
    sheet = Sheet(path.name, table.get(f"{_TABLE}name", ""), is_hidden=is_hidden, hidden_columns=_hidden_columns(table))
    number, cells_read = 1, 0
    hidden: list[int] = []
    for row in _rows(table):
        repeated = _count(row, "number-rows-repeated")
        cells = _cells(row, number, sheet)
        if cells:
            cells_read += repeated * len(cells)
            if cells_read > MAX_CELLS:
                sheet.problem(f"row {number}", "too many cells; delete the rows and columns beyond the table")
                return sheet
            sheet.rows.update((number + index, cells) for index in range(repeated))
            if row.get(f"{_TABLE}visibility", "visible") != "visible":
                hidden.extend(range(number, number + repeated))
        number += repeated
    if hidden:
        sheet.problem(f"row {ranges(hidden)}", "hidden; remove the filter and show all rows, so that you see what is read")
    return sheet


def _hidden_columns(table: Element) -> list[int]:
    """Return the numbers of the columns that are not shown, as far as a table can have columns."""
    hidden: list[int] = []
    number = 1
    for column in _columns(table):
        after = number + _count(column, "number-columns-repeated")
        if column.get(f"{_TABLE}visibility", "visible") != "visible":
            hidden.extend(range(number, min(after, MAX_COLUMNS + 1)))
        number = after
    return hidden


def _columns(parent: Element) -> Iterator[Element]:
    for child in parent:
        if child.tag == f"{_TABLE}table-column":
            yield child
        elif child.tag in _COLUMN_GROUPS:
            yield from _columns(child)


def _rows(parent: Element) -> Iterator[Element]:
    for child in parent:
        if child.tag == f"{_TABLE}table-row":
            yield child
        elif child.tag in _GROUPS:
            yield from _rows(child)


def _cells(row: Element, number: int, sheet: Sheet) -> dict[int, SheetCell]:
    cells: dict[int, SheetCell] = {}
    column = 1
    for element in row:
        if element.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        repeated = _count(element, "number-columns-repeated")
        if max(_count(element, "number-columns-spanned"), _count(element, "number-rows-spanned")) > 1:
            place = sheet.cell_location(number, column).removeprefix(f"{sheet.location}, ")
            sheet.problem(place, "merged with others; expected single cells. Split them")
        cell = _cell(element)
        if cell is not None:
            if column + repeated > MAX_COLUMNS:
                sheet.problem(f"row {number}", f"more than {MAX_COLUMNS} columns; delete those beyond the table")
                return cells
            cells.update((column + index, cell) for index in range(repeated))
        column += repeated
    return cells


def _count(element: Element, attribute: str) -> int:
    text = element.get(_TABLE + attribute, "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def _cell(element: Element) -> SheetCell | None:
    displayed = "\n".join(_plain(paragraph) for paragraph in element.findall(f"{_TEXT}p"))
    formula = element.get(f"{_TABLE}formula")
    if formula is not None:
        return SheetCell(formula, problem="a formula; expected a value. Copy the cell and paste its value only")
    if element.get(f"{_CALC}value-type") == "error":
        return SheetCell(displayed, problem="an error of the spreadsheet program; expected a value")
    kind = element.get(f"{_OFFICE}value-type")
    if kind is None:
        return None
    if kind == "string":
        text = element.get(f"{_OFFICE}string-value", displayed)
        return SheetCell(text) if text else None
    try:
        return SheetCell(_typed(element, kind))
    except ValueError:
        return SheetCell(displayed, problem=f"a {kind}, which cannot be read; expected text")


def _typed(element: Element, kind: str) -> Value:
    if kind == "boolean":
        return element.get(f"{_OFFICE}boolean-value") == "true"
    if kind == "date":
        text = element.get(f"{_OFFICE}date-value", "")
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    if kind in ("float", "percentage", "currency"):
        number = float(element.get(f"{_OFFICE}value", ""))
        return int(number) if number.is_integer() and abs(number) < 1e15 else number
    raise ValueError(kind)


def _plain(element: Element) -> str:
    """Return the text of a paragraph; runs of spaces, tabs and line breaks are elements (part 3, section 6.1)."""
    text = element.text or ""
    for child in element:
        if child.tag == f"{_TEXT}s":
            spaces = child.get(f"{_TEXT}c", "1")
            text += " " * (min(int(spaces), 10_000) if spaces.isascii() and spaces.isdigit() else 1)
        elif child.tag == f"{_TEXT}tab":
            text += "\t"
        elif child.tag == f"{_TEXT}line-break":
            text += "\n"
        elif child.tag != f"{_OFFICE}annotation":
            text += _plain(child)
        text += child.tail or ""
    return text
