"""Reads workbooks of Excel (Office Open XML, ECMA-376). Macros and links to other files are not read."""

import re
import warnings
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tutela.errors import TutelaError
from tutela.tables.spreadsheet import MAX_CELLS, MAX_COLUMNS, Sheet, SheetCell, address, open_package, ranges

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def read_xlsx(path: Path) -> list[Sheet]:
    """Read the sheets of a workbook.

    Raises:
        TutelaError: the file is not a workbook, or is larger than allowed.

    """
    with open_package(path) as (_, content):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about features that are not data, such as themes
                book = load_workbook(content, keep_vba=False, keep_links=False)
        # The library assumes a well formed file, and fails in many ways if it is not.
        except Exception as error:
            reason = error or type(error).__name__
            raise TutelaError(f"{path}: not readable as a workbook ({reason}). Save it again.") from error
    return [_sheet(path, sheet) for sheet in book.worksheets]


def _sheet(path: Path, source: Any) -> Sheet:
    sheet = Sheet(path.name, source.title, is_hidden=source.sheet_state != "visible")
    if source.max_column > MAX_COLUMNS or source.max_row * source.max_column > MAX_CELLS:
        last = address(source.max_row, source.max_column)
        sheet.problem(f"cell {last}", "the sheet reaches to this cell; delete the rows and columns beyond the table")
        return sheet
    for area in source.merged_cells.ranges:
        sheet.problem(f"cells {area.coord}", "these cells are merged; expected single cells. Split them")
    hidden = [number for number, row in source.row_dimensions.items() if row.hidden and number <= source.max_row]
    for row in source.iter_rows():
        cells = {cell.column: _cell(cell) for cell in row if cell.value is not None and cell.value != ""}
        if cells:
            sheet.rows[row[0].row] = cells
    # One entry of the file can be about several columns.
    spans = [(item.min, item.max) for item in source.column_dimensions.values() if item.hidden and item.min and item.max]
    sheet.hidden_columns = sorted({number for first, last in spans for number in range(first, min(last, MAX_COLUMNS) + 1)})
    hidden = [number for number in hidden if number in sheet.rows]
    if hidden:
        sheet.problem(f"row {ranges(hidden)}", "hidden; remove the filter and show all rows, so that you see what is read")
    return sheet


def _cell(cell: Any) -> SheetCell:
    if cell.data_type == "f":
        formula = cell.value if isinstance(cell.value, str) else getattr(cell.value, "text", None) or "a formula"
        return SheetCell(str(formula), problem="a formula; expected a value. Copy the cell and paste its value only")
    if cell.data_type == "e":
        return SheetCell(str(cell.value), problem="an error of the spreadsheet program; expected a value")
    if isinstance(cell.value, str):
        # A character that XML cannot hold, or text that looks like its escape, is escaped (ECMA-376, part 1, ST_Xstring).
        return SheetCell(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell.value))
    if isinstance(cell.value, bool | int | float) or hasattr(cell.value, "isoformat"):
        return SheetCell(cell.value, cell.number_format)
    return SheetCell(str(cell.value), problem=f"a {type(cell.value).__name__}; expected text")
