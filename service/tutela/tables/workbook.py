"""Writes tables as a workbook for spreadsheet programs (Office Open XML): a sheet for each table, every cell as text."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell as XlsxCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink

from tutela.errors import TutelaError, UsageError
from tutela.tables.start_sheet import START, start_lines
from tutela.tables.table import Table
from tutela.tables.value_lists import ValueList, Vocabularies, value_lists

LISTS = "Lists"
BASE = "As exported"  # a hidden sheet with the rows as they were, so that later changes in data/ are not undone
PROBLEMS = "Problems"  # what is wrong with the tables, in a workbook of `tutela check`
OWN_SHEETS = (START, LISTS, BASE)
NOT_TABLES = (*OWN_SHEETS, PROBLEMS)

_TEXT = "@"
_LAST_ROW = 1_048_576
_LONGEST_CELL = 32_767  # characters; Excel cuts off the rest
_WIDEST_COLUMN = 60
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]")
_LIKE_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FONT, _BOLD, _LINK = Font("Calibri", 11), Font("Calibri", 11, bold=True), Font("Calibri", 11, color="0563C1", underline="single")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_HEADING = PatternFill("solid", fgColor="DDE6ED")
_KEY = PatternFill("solid", fgColor="F2F2F2")


def sheet_names(tables: Iterable[str]) -> dict[str, str]:
    """Return the name of the sheet of each table: its own name, or the beginning of it, since names have 31 characters."""
    names: dict[str, str] = {}
    for table in sorted(tables):
        name, number = table[:31], 2
        while name.lower() in {other.lower() for other in (*names.values(), *NOT_TABLES)}:
            name, number = f"{table[: 31 - len(str(number)) - 1]}_{number}", number + 1
        names[table] = name
    return names


def workbook(
    tables: Mapping[str, Table],
    selected: Iterable[str],
    vocabularies: Vocabularies | None = None,
    annotate: Callable[[Any, Mapping[str, str]], None] = lambda book, names: None,
) -> bytes:
    """Return tables as a workbook. The same tables give the same bytes.

    Args:
        tables: all tables, which drop-downs can refer to.
        selected: names of the tables to include.
        vocabularies: the schemes of concepts whose codes the tables use, for drop-downs with names.
        annotate: called with the workbook and the name of the sheet of each table, to add to it.

    Raises:
        TutelaError: a cell cannot be written to a workbook without a change. The message names all of them.

    """
    chosen = [tables[name] for name in sorted(selected)]
    _ensure_writable(chosen)
    names = sheet_names(tables)
    book = Workbook()
    start: Any = book.active
    start.title = START
    lists = {table.name: value_lists(table, tables, vocabularies) for table in chosen}
    ranges = _Lists([values for columns in lists.values() for values in columns.values()])
    for table in chosen:
        _write_table(book.create_sheet(names[table.name]), table, lists[table.name], ranges)
    _write_start(start, [(names[table.name], table) for table in chosen])
    ranges.write(book.create_sheet(LISTS))
    _write_base(book.create_sheet(BASE), chosen)
    annotate(book, names)
    return _packed(book, _issued(tables))


def ensure_name(path: Path) -> None:
    """Raise an error unless the name of a file is that of a workbook.

    Raises:
        UsageError: the name does not end in ``.xlsx``.

    """
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"--xlsx {path}: expected a file name that ends in .xlsx.")


def write_workbook(path: Path, content: bytes) -> None:
    """Write a workbook, whole or not at all.

    Raises:
        UsageError: the name of the file does not end in ``.xlsx``, or the file cannot be written.

    """
    ensure_name(path)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"{path}: not writable ({error.strerror}). Is it open in a spreadsheet program?") from error


def _ensure_writable(tables: Iterable[Table]) -> None:
    errors = [error for table in tables for error in unwritable_cells(table)]
    if errors:
        raise TutelaError("\n".join(errors))


def unwritable_cells(table: Table) -> Iterator[str]:
    """Yield a sentence for each cell of a table that a workbook cannot contain as it is."""
    for number, row in zip(table.numbers, table.rows, strict=True):
        for column, text in row.items():
            where = f"{table.location} row {number}, column {column}"
            if _FORBIDDEN.search(text):
                yield f"{where}: a control character, which a workbook cannot contain; remove it."
            if len(text) > _LONGEST_CELL:
                yield f"{where}: {len(text)} characters; a cell of a workbook can have {_LONGEST_CELL}."


def without_forbidden(text: str) -> str:
    """Return a text as a cell can contain it: control characters become replacement characters, and the rest is cut off."""
    return _FORBIDDEN.sub("\ufffd", text)[:_LONGEST_CELL]


def set_text(cell: Any, text: str) -> None:
    """Set the value of a cell to a text, which is never read as a formula, a number or an error."""
    cell.value = None if text == "" else _LIKE_ESCAPE.sub("_x005F_", text)
    if text:
        cell.data_type = "s"


class _Lists:
    """The sheet with the entries of the drop-downs, one column for each list."""

    def __init__(self, lists: Iterable[ValueList]) -> None:
        self._columns: dict[tuple[str, ...], int] = {}
        self._titles: list[str] = []
        for values in lists:
            if tuple(values.entries) not in self._columns:
                self._columns[tuple(values.entries)] = len(self._titles) + 1
                self._titles.append(values.title)

    def range_of(self, values: ValueList) -> str:
        letter = get_column_letter(self._columns[tuple(values.entries)])
        return f"{quote_sheetname(LISTS)}!${letter}$2:${letter}${len(values.entries) + 1}"

    def write(self, sheet: Any) -> None:
        for entries, number in self._columns.items():
            heading = sheet.cell(1, number)
            set_text(heading, self._titles[number - 1])
            heading.font, heading.fill = _BOLD, _HEADING
            for row, entry in enumerate(entries, start=2):
                set_text(cell := sheet.cell(row, number), entry)
                cell.number_format = _TEXT
            sheet.column_dimensions[get_column_letter(number)].width = 30
        sheet.freeze_panes = "A2"
        sheet.protection.sheet = True


def _write_table(sheet: Any, table: Table, lists: Mapping[str, ValueList], ranges: _Lists) -> None:
    # Styles are set once and shared: openpyxl looks each new one up, which is slow for a hundred thousand cells.
    samples = _samples(sheet)
    for number, column in enumerate(table.columns, start=1):
        letter = get_column_letter(number)
        dimension = sheet.column_dimensions[letter]
        # Cells without a style of their own, such as those of new rows, have the style of their column.
        dimension.number_format, dimension.protection = _TEXT, Protection(locked=False)
        texts = [row[column.name] for row in table.rows]
        dimension.width = min(_WIDEST_COLUMN, max(len(text) for text in (*texts, column.name + "  "))) + 2
        heading = sheet.cell(1, number)
        set_text(heading, column.name)
        heading.font, heading.fill, heading.number_format = _BOLD, _HEADING, _TEXT
        heading.comment = Comment(_explanation(table, column, lists.get(column.name)), "Tutela", height=160, width=320)
        style = samples["key" if column.name in table.key else "other"]
        quoted = samples["quoted key" if column.name in table.key else "quoted"]
        for row, text in enumerate(texts, start=2):
            cell = sheet.cell(row, number)
            set_text(cell, text)
            cell._style = copy(quoted if text[:1] in ("=", "+", "-", "@", "'") else style)
        if column.name in lists:
            sheet.add_data_validation(_drop_down(letter, lists[column.name], ranges))
    sheet.freeze_panes = sheet.cell(2, 1)
    protection = sheet.protection
    protection.sheet = True
    # False means that the action is allowed (ECMA-376, part 1, section 18.3.1.85).
    for action in ("formatCells", "formatColumns", "formatRows", "insertRows", "sort", "autoFilter"):
        setattr(protection, action, False)


def _samples(sheet: Any) -> dict[str, Any]:
    styles = {}
    for name in ("key", "other", "quoted key", "quoted"):
        cell: Any = XlsxCell(sheet, row=1, column=1)
        cell.number_format = _TEXT
        cell.protection = Protection(locked=name.endswith("key"))
        if name.endswith("key"):
            cell.fill = _KEY
        if name.startswith("quoted"):
            cell.quotePrefix = True
        styles[name] = cell._style
    return styles


def _explanation(table: Table, column: Any, values: ValueList | None) -> str:
    parts = [str(column.titles.getfirst()) if column.titles else column.name]
    description = column.common_props.get("dc:description")
    if description:
        parts.append(str(description))
    datatype = column.inherit("datatype")
    base, pattern = (datatype.base, datatype.format) if datatype else ("string", None)
    forms = {"date": "a day such as 2024-12-31", "integer": "a whole number", "boolean": "true or false", "anyURI": "a URL"}
    if values:
        parts.append(f"Choose from the list ({values.title}).")
    elif base in forms:
        parts.append(f"Form: {forms[base]}.")
    elif pattern:
        parts.append(f"Form: {pattern}")
    if column.name in table.key:
        parts.append("Part of the key, which identifies the row. It is locked in rows that exist.")
    parts.append("Must not be empty." if column.required else "May be empty.")
    return "\n".join(parts)


def _drop_down(letter: str, values: ValueList, ranges: _Lists) -> DataValidation:
    validation = DataValidation(type="list", formula1=ranges.range_of(values), allow_blank=True)
    validation.showErrorMessage = values.closed
    validation.errorStyle = "warning"  # a code that is added to another sheet of the same workbook is not in the list yet
    validation.errorTitle = "Not in the list"
    validation.error = f"This value is not in the list ({values.title[:80]}). Add it there first, or choose another one."
    validation.add(f"{letter}2:{letter}{_LAST_ROW}")
    return validation


def _write_start(sheet: Any, tables: list[tuple[str, Table]]) -> None:
    number = 0
    for number, (text, bold) in enumerate(start_lines(), start=1):
        set_text(cell := sheet.cell(number, 1), text)
        cell.font = _BOLD if bold else _FONT
    for column, heading in enumerate(("Sheet", "Table", "What it is", "A row is", "Rows"), start=1):
        set_text(cell := sheet.cell(number + 2, column), heading)
        cell.font, cell.fill = _BOLD, _HEADING
    for row, (name, table) in enumerate(tables, start=number + 3):
        for column, text in enumerate((name, table.location, table.title, table.description, str(len(table.rows))), start=1):
            set_text(cell := sheet.cell(row, column), text)
            cell.alignment = Alignment(vertical="top", wrap_text=column in (3, 4))
        sheet.cell(row, 1).hyperlink = Hyperlink(f"A{row}", location=f"{quote_sheetname(name)}!A1")
        sheet.cell(row, 1).font = _LINK
    for letter, width in zip("ABCDE", (28, 44, 56, 56, 8), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.protection.sheet = True


def _write_base(sheet: Any, tables: Iterable[Table]) -> None:
    number = 1
    for table in tables:
        set_text(sheet.cell(number, 1), table.name)  # also says that the table is in the workbook, if it has no rows
        number += 1
        for row in table.rows:
            values = json.dumps([row[name] for name in table.column_names], ensure_ascii=False)
            # A row that is too long for a cell continues in the next ones.
            pieces = [values[start : start + 30_000] for start in range(0, len(values), 30_000)]
            for column, text in enumerate([table.name, *pieces], start=1):
                set_text(sheet.cell(number, column), text)
            number += 1
    sheet.sheet_state = "veryHidden"
    sheet.protection.sheet = True


def _issued(tables: Mapping[str, Table]) -> datetime:
    """Return the day of the data, so that a workbook does not depend on the clock."""
    rows = tables["dataset"].rows if "dataset" in tables else []
    try:
        return datetime.fromisoformat(rows[0]["issued"])
    except (LookupError, ValueError):
        return datetime(*_EPOCH[:3])


def _packed(book: Workbook, issued: datetime) -> bytes:
    """Save a workbook without the time of saving, which openpyxl writes in two places."""
    book.properties.creator, book.properties.title = "Tutela", "The tables of Tutela"
    book.properties.created = issued
    saved, packed = io.BytesIO(), io.BytesIO()
    book.save(saved)
    stamp = f"{issued:%Y-%m-%dT%H:%M:%SZ}".encode()
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(item.filename, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return packed.getvalue()
