"""What the sheets of spreadsheets change in the tables: rows matched by key, cells compared one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tutela.tables.conversion import ColumnForm, column_form, convert
from tutela.tables.csv_file import Row, sort_order
from tutela.tables.spreadsheet import SheetCell, ranges
from tutela.tables.table import CellError, Table
from tutela.tables.table_sheets import TableSheet, read_table_sheets
from tutela.tables.value_lists import Vocabularies, value_lists

Key = tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """One change: of a cell, or a row that was added or removed.

    Args:
        table: name of the table.
        key: the key of the row.
        column: name of the column; empty if the whole row is added or removed.
        old: the text in the table; empty if the row is added.
        new: the text in the spreadsheet; empty if the row is removed.
        kind: ``changed``, ``added`` or ``removed``.

    """

    table: str
    key: Key
    column: str
    old: str
    new: str
    kind: str


@dataclass(frozen=True)
class CellConversion:
    """A cell that was converted: its table, column, the row of the sheet, and what was done."""

    table: str
    column: str
    row: int
    reason: str


@dataclass(frozen=True)
class Question:
    """A cell whose value can mean several things; `where` identifies it in answers."""

    where: str
    column: str
    value: str
    choices: tuple[str, ...]


@dataclass
class Edits:
    """Everything that sheets change, and everything that is wrong with them.

    Args:
        changes: the changes, in the order of the sheets.
        conversions: the cells that were converted, whether or not they change the table.
        questions: the cells that somebody must decide on.
        errors: a sentence for each error.
        notes: a sentence for each thing that was done to a whole file.
        rows: all rows of each table that changes; none if there is an error or a question.

    """

    changes: list[Change] = field(default_factory=list)
    conversions: list[CellConversion] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def losses(self) -> dict[str, int]:
        """Return the number of rows that each table loses."""
        lost: dict[str, int] = {}
        for change in self.changes:
            if change.kind == "removed":
                lost[change.table] = lost.get(change.table, 0) + 1
        return lost


def read_edits(
    files: Sequence[Path],
    tables: Mapping[str, Table],
    only: Sequence[str] = (),
    answers: Mapping[str, str] | None = None,
    vocabularies: Vocabularies | None = None,
) -> Edits:
    """Compare spreadsheets with the tables.

    Args:
        files: workbooks and text files; see `read_table_sheets`.
        tables: all tables of ``data/``, by name.
        only: names of the tables to compare; by default all that the files have.
        answers: the text of cells that somebody decided on, by `Question.where`.
        vocabularies: the schemes of concepts whose codes the tables use.

    Returns:
        The edits. Errors of the files are in `Edits.errors`; none is raised.

    """
    edits = Edits()
    sheets, errors = read_table_sheets(files, tables, only, edits.notes)
    edits.errors.extend(errors)
    readers = []
    for item in sheets:
        edits.notes.extend(f"{item.sheet.location}: {note}." for note in item.sheet.notes)
        if item.sheet.uneven_rows:
            rows = ranges(item.sheet.uneven_rows)
            edits.notes.append(f"{item.sheet.location}: row {rows} has another number of cells than the heading.")
        if set(item.columns) >= set(item.table.column_names):
            reader = _SheetReader(item, tables, edits, answers or {}, vocabularies or {})
            reader.compare()
            readers.append(reader)
    _check(readers, tables, edits)
    if edits.errors or edits.questions:
        edits.rows.clear()
    return edits


class _SheetReader:
    """Compares one sheet with its table."""

    def __init__(
        self, item: TableSheet, tables: Mapping[str, Table], edits: Edits, answers: Mapping[str, str], vocabularies: Vocabularies
    ) -> None:
        self.item, self.table = item, item.table
        self._edits, self._answers = edits, answers
        self._forms = column_forms(self.table, tables, vocabularies)
        self._data = {self.table.key_of(row): row for row in self.table.rows}
        self._seen: dict[Key, int] = {}
        self._result: dict[Key, Row] = {}
        self.changed: set[Key] = set()
        self.sheet_rows: dict[Key, int] = {}

    def compare(self) -> None:
        """Add what the sheet changes to the edits."""
        before = len(self._edits.errors)
        if len(self._data) != len(self.table.rows):
            self._edits.errors.append(
                f"{self.table.location}: two rows have the same key; run `tutela build` and correct it first."
            )
            return
        for number, cells in self.item.sheet.rows.items():
            if number > 1 and any(str(cell.value).strip() for cell in cells.values()):
                self._compare_row(number, cells)
        self._find_removed()
        if self.changed and len(self._edits.errors) == before:
            self._edits.rows[self.table.name] = self._ordered()

    def _compare_row(self, number: int, cells: dict[int, SheetCell]) -> None:
        parts = {name: self._text(number, name, cells, None) for name in self.table.key}
        key = self.table.key_of(parts)
        if not any(key):
            where = f"{self.item.sheet.location}, row {number}"
            self._edits.errors.append(
                f"{where}: the key ({', '.join(self.table.key)}) is empty; fill it in, or empty the whole row."
            )
            return
        if key in self._seen:
            where = self.item.where(number, self.table.key[0])
            self._edits.errors.append(f"{where}: the key {', '.join(key)} is in row {self._seen[key]} too; expected it once.")
            return
        self._seen[key] = self.sheet_rows[key] = number
        base, data = (self.item.base or {}).get(key), self._data.get(key)
        current = base or data or {}
        row = parts | {
            name: self._text(number, name, cells, current.get(name)) for name in self.table.column_names if name not in parts
        }
        row = {name: row[name] for name in self.table.column_names}
        if data is None:
            self._add(key, row, base)
        else:
            self._result[key] = {name: self._merged(key, name, row[name], data[name], base) for name in self.table.column_names}

    def _add(self, key: Key, row: Row, base: Row | None) -> None:
        if base is not None and row != base:
            where = self.item.where(self._seen[key], self.table.key[0])
            self._edits.errors.append(
                f"{where}: the row {', '.join(key)} was changed here, and removed from {self.table.location} after the workbook "
                "was written; delete the row here, or write a new workbook and add it again."
            )
        elif base is None:
            self._result[key] = row
            self._change(key, "", "", ", ".join(text for text in row.values() if text), "added")

    def _merged(self, key: Key, name: str, new: str, old: str, base: Row | None) -> str:
        """Return the text of a cell: that of the sheet if it was changed there, otherwise that of the table."""
        if new == old or (base is not None and new == base[name]):
            return old
        if base is None and self.item.base is not None:
            self._edits.errors.append(
                f"{self.item.where(self._seen[key], name)}: {name} is '{new}' here and '{old}' in {self.table.location}; the row "
                f"{', '.join(key)} was added in both. Give it another key, or delete it here."
            )
            return old
        if base is not None and old != base[name]:
            self._edits.errors.append(
                f"{self.item.where(self._seen[key], name)}: {name} is '{new}' here and '{old}' in {self.table.location}; both "
                f"were changed after the workbook was written (it was '{base[name]}'). Enter the right value in both."
            )
            return old
        self._change(key, name, old, new, "changed")
        return new

    def _find_removed(self) -> None:
        base = self.item.base
        for key, row in self._data.items():
            if key in self._seen:
                continue
            if base is not None and key not in base:
                self._result[key] = row  # added to the table after the workbook was written
                continue
            if base is not None and row != base[key]:
                self._edits.errors.append(
                    f"{self.item.sheet.location}: the row {', '.join(key)} is missing here, and was changed in "
                    f"{self.table.location} after the workbook was written; write a new workbook, and delete it there."
                )
            self._change(key, "", ", ".join(text for text in row.values() if text), "", "removed")

    def _change(self, key: Key, column: str, old: str, new: str, kind: str) -> None:
        self.changed.add(key)
        self._edits.changes.append(Change(self.table.name, key, column, old, new, kind))

    def _text(self, number: int, name: str, cells: dict[int, SheetCell], current: str | None) -> str:
        cell = cells.get(self.item.columns[name])
        if cell is None:
            return ""
        where = self.item.where(number, name)
        if where in self._answers:
            return self._answers[where]
        result = convert(cell, self._forms[name], current)
        if result.problem:
            self._edits.errors.append(f"{where}: {name} is '{_brief(str(cell.value))}', {result.problem}.")
        elif result.choices:
            self._edits.questions.append(Question(where, name, str(cell.value), result.choices))
        elif result.reason:
            self._edits.conversions.append(CellConversion(self.table.name, name, number, result.reason))
        # What cannot be used, or is not decided, changes nothing yet.
        return current if current is not None and (result.problem or result.choices) else result.text

    def _ordered(self) -> list[Row]:
        kept = [self._result[key] for key in self._data if key in self._result]
        return ordered_rows(self.table, kept, [row for key, row in self._result.items() if key not in self._data])


def ordered_rows(table: Table, kept: list[Row], added: list[Row]) -> list[Row]:
    """Return the rows of a table in its order; those that are added, in their place if the table is sorted by key.

    Args:
        table: the table as it is.
        kept: its rows that stay, in its order.
        added: the rows that are added.

    """
    rows = [*kept, *added]
    if sort_order(table.rows, table.key) == list(range(len(table.rows))):
        return [rows[index] for index in sort_order(rows, table.key)]
    return rows


def column_forms(table: Table, tables: Mapping[str, Table], vocabularies: Vocabularies) -> dict[str, ColumnForm]:
    """Return the form of each column of a table, for the conversion of its cells."""
    lists = value_lists(table, tables, vocabularies)
    return {
        column.name: column_form(
            column,
            [row[column.name] for row in table.rows] if len(table.rows) > 1 else [],
            lists[column.name].names if column.name in lists else (),
        )
        for column in table.columns
    }


def _check(readers: Sequence[_SheetReader], tables: Mapping[str, Table], edits: Edits) -> None:
    """Add an error for each changed cell that does not match the metadata, and for each reference that leads nowhere."""
    changed = {reader.table.name: reader for reader in readers if reader.table.name in edits.rows}
    after = {name: table.with_rows(edits.rows[name]) if name in changed else table for name, table in tables.items()}
    asked = {question.where for question in edits.questions}
    for name, reader in changed.items():
        for error in (*after[name].errors(), *after[name].broken_references(after)):
            message = _message(error, after[name], reader, asked)
            if message:
                edits.errors.append(message)


def _message(error: CellError, table: Table, reader: _SheetReader, asked: set[str]) -> str:
    if error.row < 2:
        return f"{reader.item.sheet.location}: {error.found}; expected {error.expected}."
    key = table.key_of(table.rows[error.row - 2])
    column = error.column.split(" + ")[0]
    if key not in reader.changed or key not in reader.sheet_rows:
        return ""  # an error that was there before; the check of the data reports it
    where = reader.item.where(reader.sheet_rows[key], column)
    return "" if where in asked else f"{where}: {error.column}: {error.found}; expected {error.expected}."


def _brief(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."
