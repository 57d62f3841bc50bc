"""The tables with problems as a workbook: each wrong cell is marked and has a comment, and a first sheet lists all problems.

It is a workbook as `tutela tables --xlsx` writes it, so that it can be corrected and brought back.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.cell import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink

from tutela.tables import Table
from tutela.tables.spreadsheet import address
from tutela.tables.value_lists import Vocabularies
from tutela.tables.workbook import PROBLEMS, set_text, unwritable_cells, without_forbidden, workbook
from tutela.validation.problem import Problem

_ROW = re.compile(r"(data/\S+\.csv) row (\d+)")
_ERROR, _WARNING, _CONSEQUENCE = (PatternFill("solid", fgColor=color) for color in ("FFC7CE", "FFEB9C", "FCE4D6"))
_HEADING = PatternFill("solid", fgColor="DDE6ED")
_BOLD, _LINK = Font("Calibri", 11, bold=True), Font("Calibri", 11, color="0563C1", underline="single")
_COLUMNS = {
    "Cell": 44, "Kind": 14, "Value": 24, "What is wrong": 60, "Expected": 60, "Nearest valid value": 22, "What to do": 60,
}  # fmt: skip
_MOST_COMMENTS = 5000  # Excel opens a workbook with more only slowly; the cells are marked, and the list has the rest
_Place = tuple[str, int, str]  # table, number of the row in its file, column


@dataclass(frozen=True)
class _Line:
    """A line of the list: a problem, and the one that it follows from, if any."""

    problem: Problem
    cause: Problem | None

    @property
    def kind(self) -> str:
        if self.cause is not None:
            return "consequence"
        return "error" if self.problem.severity == "Violation" else self.problem.severity.lower()

    @property
    def fill(self) -> PatternFill:
        if self.cause is not None:
            return _CONSEQUENCE
        return _ERROR if self.problem.severity == "Violation" else _WARNING


def annotated_workbook(
    tables: Mapping[str, Table], problems: Iterable[Problem], vocabularies: Vocabularies | None = None
) -> tuple[bytes, list[str]]:
    """Return a workbook of the tables that have problems.

    Args:
        tables: the tables as they are in their files, by name; without those that cannot be read.
        problems: the problems.
        vocabularies: the schemes of concepts whose codes the tables use, for drop-downs with names.

    Returns:
        The workbook, and a sentence for each cell because of which a table is not in it: one that no workbook can contain.

    """
    lines = list(_lines(problems))
    concerned = {table for line in lines for table, _, _ in _places(line.problem, tables)}
    concerned |= {table.name for table in tables.values() if table.location in {line.problem.table for line in lines}}
    left_out = [sentence for name in sorted(concerned) for sentence in unwritable_cells(tables[name])]
    selected = [name for name in concerned if not any(unwritable_cells(tables[name]))]

    def annotate(book: Any, names: Mapping[str, str]) -> None:
        sheets = {name: book[names[name]] for name in selected}
        cells = {name: _cells(tables[name]) for name in selected}
        _mark(lines, tables, sheets, cells)
        _list(book.create_sheet(PROBLEMS, 0), lines, tables, sheets, cells)
        book.active = 0

    return workbook(tables, selected, vocabularies, annotate), left_out


def _lines(problems: Iterable[Problem]) -> Iterator[_Line]:
    for problem in problems:
        yield _Line(problem, None)
        for one in problem.consequences:
            yield _Line(one, problem)


def _places(problem: Problem, tables: Mapping[str, Table]) -> list[_Place]:
    """Return the cells that a problem is in: of each row the column that is wrong, or the first one of its key."""
    names = {table.location: name for name, table in tables.items()}
    rows = [(table, int(number)) for table, number in _ROW.findall(problem.where)]
    if problem.row and (problem.table, problem.row) not in rows:
        rows = [(problem.table, problem.row)]
    places = []
    for location, number in dict.fromkeys(rows):
        if location in names:
            table = tables[names[location]]
            named = [one for one in problem.column.split(" + ") if one in table.column_names]
            columns = named if named and location == problem.table else table.key[:1]
            places += [(table.name, number, column) for column in columns]
    return places


def _cells(table: Table) -> dict[tuple[int, str], tuple[int, int]]:
    """Return the row and column of each cell on the sheet, by the number of the row in the file and the column's name."""
    rows = {number: row for row, number in enumerate(table.numbers, start=2)}
    columns = {name: column for column, name in enumerate(table.column_names, start=1)}
    return {(number, name): (row, column) for number, row in rows.items() for name, column in columns.items()}


def _mark(
    lines: Iterable[_Line],
    tables: Mapping[str, Table],
    sheets: Mapping[str, Any],
    cells: Mapping[str, Mapping[tuple[int, str], tuple[int, int]]],
) -> None:
    texts: dict[tuple[str, int, int], list[str]] = {}
    for line in lines:
        for name, number, column in _places(line.problem, tables):
            if name in sheets and (number, column) in cells[name]:
                place = (name, *cells[name][number, column])
                if place not in texts:
                    sheets[name].cell(*place[1:]).fill = line.fill
                texts.setdefault(place, []).append(_comment(line))
    for (name, row, number), several in list(texts.items())[:_MOST_COMMENTS]:
        text = "\n\n".join(dict.fromkeys(several))
        sheets[name].cell(row, number).comment = Comment(without_forbidden(text), "Tutela", height=200, width=400)


def _comment(line: _Line) -> str:
    one = line.problem
    parts = [f"{line.kind.capitalize()}: {one.found}" if line.cause is None else f"Follows from another error: {one.found}"]
    parts.append(f"Expected: {one.expected}")
    parts += [f"Nearest valid value: {one.nearest}"] if one.nearest else []
    parts += [f"What to do: {_advice(one)}"] if _advice(one) else []
    if line.cause is not None:
        parts.append(
            f"The other error: {line.cause.table}{f' row {line.cause.row}' if line.cause.row else ''}: {line.cause.found}"
        )
    return "\n".join(parts)


def _advice(problem: Problem) -> str:
    tidy = "`tutela tables --tidy` corrects it." if problem.is_tidied else ""
    return " ".join(filter(None, (problem.advice, tidy)))


def _list(
    sheet: Any,
    lines: list[_Line],
    tables: Mapping[str, Table],
    sheets: Mapping[str, Any],
    cells: Mapping[str, Mapping[tuple[int, str], tuple[int, int]]],
) -> None:
    causes = sum(line.cause is None for line in lines)
    further = len(lines) - causes
    head = f"{causes} {'problem' if causes == 1 else 'problems'}"
    set_text(sheet.cell(1, 1), f"{head}, and {further} that {'follows' if further == 1 else 'follow'}" if further else head)
    sheet.cell(1, 1).font = _BOLD
    text = "Click a cell to go there. It is marked with a colour, and a comment says what is wrong. Correct it there, not here. "
    text += "A consequence is only there because of the error above it."
    set_text(sheet.cell(2, 1), text)
    for column, heading in enumerate(_COLUMNS, start=1):
        set_text(cell := sheet.cell(4, column), heading)
        cell.font, cell.fill = _BOLD, _HEADING
    for row, line in enumerate(lines, start=5):
        one = line.problem
        target = _target(one, tables, sheets, cells)
        table = one.table.rpartition("/")[2].removesuffix(".csv")
        where = f"{table} row {one.row}" if one.row else table or one.resource
        label = f"{where}, {one.column}" if one.row and one.column else where
        texts = (label, line.kind, one.value, one.found, one.expected, one.nearest, _advice(one))
        for column, content in enumerate(texts, start=1):
            set_text(cell := sheet.cell(row, column), without_forbidden(content))
            cell.alignment = Alignment(vertical="top", wrap_text=True, indent=1 if line.cause is not None and column == 4 else 0)
        sheet.cell(row, 2).fill = line.fill
        if target:
            sheet.cell(row, 1).hyperlink = Hyperlink(f"A{row}", location=target)
            sheet.cell(row, 1).font = _LINK
    for letter, width in zip("ABCDEFG", _COLUMNS.values(), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A5"
    sheet.protection.sheet = True


def _target(
    problem: Problem,
    tables: Mapping[str, Table],
    sheets: Mapping[str, Any],
    cells: Mapping[str, Mapping[tuple[int, str], tuple[int, int]]],
) -> str:
    """Return the cell that a link goes to; the first one of the sheet if the problem is in no row, or nothing without a sheet."""
    for name, number, column in _places(problem, tables):
        if name in sheets and (number, column) in cells[name]:
            return f"{quote_sheetname(sheets[name].title)}!{address(*cells[name][number, column])}"
    own = next((name for name in sheets if tables[name].location == problem.table), None)
    return f"{quote_sheetname(sheets[own].title)}!A1" if own else ""
