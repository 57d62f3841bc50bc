"""Finds which sheet of which file is which table, and which column of a sheet is which column of the table."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from tutela.errors import TutelaError, UsageError
from tutela.tables.csv_file import Row
from tutela.tables.ods_file import read_ods
from tutela.tables.spreadsheet import MAX_PROBLEMS, Sheet, address, column_letters
from tutela.tables.table import Table
from tutela.tables.text_file import read_text
from tutela.tables.workbook import BASE, NOT_TABLES, sheet_names
from tutela.tables.xlsx_file import read_xlsx

_WORKBOOKS = {".xlsx": read_xlsx, ".xlsm": read_xlsx, ".ods": read_ods}
_TEXTS = (".csv", ".tsv", ".txt")

BaseRows = dict[tuple[str, ...], Row]


@dataclass
class TableSheet:
    """A sheet that has the rows of a table.

    Args:
        table: the table.
        sheet: the sheet.
        columns: the number of each column of the table on the sheet.
        base: the rows of the table as they were when the workbook was written, by key; None if the file does not say.

    """

    table: Table
    sheet: Sheet
    columns: dict[str, int] = field(default_factory=dict)
    base: BaseRows | None = None

    def where(self, row: int, column: str) -> str:
        """Return the file, sheet and address of a cell as messages print them."""
        return self.sheet.cell_location(row, self.columns[column])


def read_table_sheets(
    files: Sequence[Path], tables: Mapping[str, Table], only: Sequence[str] = (), notes: list[str] | None = None
) -> tuple[list[TableSheet], list[str]]:
    """Read the sheets of files that have the rows of tables.

    Args:
        files: workbooks (xlsx, ods) and text files (csv, tsv). The table of a text file is the name of the file.
        tables: the tables, by name.
        only: names of the tables to read; all by default. A single name is also the table of a single text file.
        notes: a sentence for each hidden sheet that is not read is added.

    Returns:
        The sheets, and a sentence for everything that is wrong with them.

    """
    found: list[TableSheet] = []
    errors: list[str] = []
    notes = [] if notes is None else notes
    for path in files:
        try:
            found.extend(
                _workbook(path, tables, only, errors, notes) if path.suffix.lower() in _WORKBOOKS else _text(path, tables, only)
            )
        except TutelaError as error:
            errors.append(str(error))
    first: dict[str, TableSheet] = {}
    for item in found:
        read_heading(item)
        errors.extend(_shortened(item.sheet))
        other = first.setdefault(item.table.name, item)
        if other is not item:
            errors.append(f"{item.sheet.location}: the table {item.table.name} is in {other.sheet.location} too; leave one out.")
    errors.extend(f"--table {name}: not in the files." for name in only if name not in first and not errors)
    return found, errors


def _shortened(sheet: Sheet) -> list[str]:
    more = len(sheet.problems) - MAX_PROBLEMS
    return sheet.problems[:MAX_PROBLEMS] + ([f"{sheet.location}: {more} more of these."] if more > 0 else [])


def _text(path: Path, tables: Mapping[str, Table], only: Sequence[str]) -> list[TableSheet]:
    if path.suffix.lower() not in _TEXTS:
        hint = " Save it as .xlsx." if path.suffix.lower() in (".xls", ".xlsb", ".numbers", ".fods") else ""
        raise UsageError(f"{path}: expected a file name that ends in {', '.join((*_WORKBOOKS, *_TEXTS))}.{hint}")
    name = path.stem if path.stem in tables or len(only) != 1 else only[0]
    if name not in tables:
        raise UsageError(f"{path}: {_unknown(name, tables)} Name the table with --table.")
    if only and name not in only:
        return []
    return [TableSheet(tables[name], read_text(path, tables[name].column_names))]


def _workbook(
    path: Path, tables: Mapping[str, Table], only: Sequence[str], errors: list[str], notes: list[str]
) -> list[TableSheet]:
    sheets = _WORKBOOKS[path.suffix.lower()](path)
    base, base_errors = _base(next((sheet for sheet in sheets if sheet.name == BASE), None), tables)
    errors.extend(base_errors)
    names = {sheet: table for table, sheet in sheet_names(tables).items()}
    found = []
    for sheet in sheets:
        if sheet.name in NOT_TABLES:
            continue
        if sheet.name not in names:
            hidden = " The sheet is hidden." if sheet.is_hidden else ""
            errors.append(f"{sheet.location}: {_unknown(sheet.name, names)}{hidden} Rename it back, or delete it.")
        elif only and names[sheet.name] not in only:
            notes += [f"{sheet.location}: a hidden sheet, which was not read."] if sheet.is_hidden else []
        else:
            name = names[sheet.name]
            if sheet.is_hidden:
                sheet.notes.append("a hidden sheet, which was read")
            found.append(TableSheet(tables[name], sheet, base=base.get(name)))
    return found


def _unknown(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name.lower(), list(known), 1)
    return f"no table is named {name}{f'; perhaps {near[0]}' if near else ''}."


def _base(sheet: Sheet | None, tables: Mapping[str, Table]) -> tuple[dict[str, BaseRows], list[str]]:
    """Return the rows that the hidden sheet of a workbook has, by table and key."""
    if sheet is None:
        return {}, []
    base: dict[str, BaseRows] = {}
    unreadable = f"{sheet.location}: not as it was written; write a new workbook with --xlsx, and copy your changes to it."
    for cells in sheet.rows.values():
        name, *pieces = (str(cells[column].value) for column in sorted(cells))
        try:
            rows = base.setdefault(name, {})
            if not pieces:
                continue
            values = json.loads("".join(pieces))
            row = dict(zip(tables[name].column_names, map(str, values), strict=True))
        except (KeyError, TypeError, ValueError, RecursionError):
            return {}, [unreadable]
        rows[tables[name].key_of(row)] = row
    return base, []


def read_heading(item: TableSheet) -> None:
    """Find the columns of a table on a sheet; what is wrong with the headings is added to the problems of the sheet."""
    sheet, expected = item.sheet, item.table.column_names
    if not sheet.rows and sheet.problems:
        return  # it was not read
    if 1 not in sheet.rows:
        sheet.problem("row 1", f"empty; expected the headings {', '.join(expected)}")
        return
    unknown = []
    for number, cell in sorted(sheet.rows[1].items()):
        name = str(cell.value).strip()
        if name not in expected:
            unknown.append(name)
            near = get_close_matches(name.lower(), [other for other in expected if other not in sheet.rows[1]], 1)
            hint = f"; perhaps {near[0]} was renamed" if near else ""
            sheet.problem(f"cell {address(1, number)}", f"the heading '{name}' is no column of {item.table.name}{hint}")
        elif name in item.columns:
            sheet.problem(f"cell {address(1, number)}", f"a second column {name}; delete one of them")
        item.columns.setdefault(name, number)
    hidden = [f"{column_letters(number)} ({name})" for name, number in item.columns.items() if number in sheet.hidden_columns]
    if hidden:
        sheet.notes.append(f"hidden {'column' if len(hidden) == 1 else 'columns'} {', '.join(hidden)} read like the others")
    missing = [name for name in expected if name not in item.columns]
    if missing:
        sheet.problem("row 1", f"without the column {', '.join(missing)}; expected {', '.join(expected)}")
    elif not unknown and list(item.columns) != expected:
        sheet.notes.append("columns in another order read by their names")
    _refuse_cells_beside(item)


def _refuse_cells_beside(item: TableSheet) -> None:
    headed = set(item.sheet.rows[1])
    for row, cells in item.sheet.rows.items():
        for number in cells.keys() - headed:
            place = f"cell {address(row, number)}"
            item.sheet.problem(place, f"'{_brief(cells[number].value)}' is in a column without a heading; delete it")


def _brief(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
