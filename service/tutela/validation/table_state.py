"""One table as it was read: the errors of its file and its cells, and the rows that the graph can be built from."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from tutela.tables import Row, Table
from tutela.tables.lexical_form import choices
from tutela.tables.reading import read_table
from tutela.tables.table import CellError
from tutela.tables.text_form import cleaned
from tutela.validation.nearest_value import nearest_text
from tutela.validation.problem import Problem

_TIDIED = ("boolean", "integer", "date")  # datatypes with one form of each value, which `tutela tables --tidy` restores


@dataclass(frozen=True)
class _Cell:
    """A cell with an error: the value that is meant, or None if that is not known."""

    column: str
    meant: str | None


class TableState:
    """A table as it was read. It stays the same as long as its file does.

    Args:
        table: the table by its metadata.
        content: the content of its file; None if there is none.
        is_valid: whether it is known that no cell has an error.

    """

    def __init__(self, table: Table, content: bytes | None, *, is_valid: bool = False) -> None:
        self.described = table
        self._is_valid = is_valid
        self._content = content
        self.digest = digest(content)
        self.problems: list[Problem] = []
        self._wrong: dict[int, list[_Cell]] = defaultdict(list)
        self._left_out: set[int] = set()
        self.table = self._read()

    @cached_property
    def is_complete(self) -> bool:
        """Whether every row could be read and is used, or can be helped with what is meant."""
        return not self._left_out and all(cell.meant is not None for cells in self._wrong.values() for cell in cells)

    def usable(self, last: dict[tuple[str, ...], Row]) -> Table:
        """Return the table with the rows that the graph can be built from.

        A cell with an error has the value that is meant, or else the one of the last release, or none if it can be empty. A row
        for which this is not possible is left out.

        Args:
            last: the rows of the last release by their keys; none if there is no release.

        """
        if self.table is None:
            return self.described.with_rows([], [])
        rows, numbers = [], []
        for number, row in zip(self.table.numbers, self.table.rows, strict=True):
            helped = row if number not in self._wrong else self._helped(row, self._wrong[number], last)
            if helped is not None and number not in self._left_out:
                rows.append(helped)
                numbers.append(number)
        return self.table.with_rows(rows, numbers)

    def _read(self) -> Table | None:
        table = self.described
        if self._content is None:
            found = "there is no such file"
            self.problems.append(
                self._problem(CellError(table.name, 0, "", found, "the table", advice="Restore the file."), "file")
            )
            return None
        reading = read_table(table, self._content)
        for error in reading.errors:
            self.problems.append(self._problem(error, "file"))
            self._left_out.add(error.row)
        if reading.table is None:
            return None
        for error in () if self._is_valid else reading.table.errors():
            self._add(error)
        return reading.table

    def _add(self, error: CellError) -> None:
        reader = next((one for one in self.described.readers if one.name == error.column), None)
        is_valid = reader is None or (error.value and reader.read(error.value)[1] is None)
        if reader is None or is_valid:  # a duplicate key, or no rows at all
            self._left_out.add(error.row)
            self.problems.append(self._problem(error, "cell"))
            return
        wrong = reader.read(error.value)[1] if error.value else None
        meant = wrong.meant if wrong else ""
        self._wrong[error.row].append(_Cell(error.column, meant or None))
        base = reader.datatype.base if reader.datatype else "string"
        is_tidied = bool(meant) and (base in _TIDIED or cleaned(error.value) == meant)
        nearest = meant or nearest_text(error.value, choices(reader.datatype))
        self.problems.append(self._problem(error, "cell", nearest, is_tidied=is_tidied))

    def _helped(self, row: Row, cells: list[_Cell], last: dict[tuple[str, ...], Row]) -> Row | None:
        helped = {**row, **{cell.column: cell.meant for cell in cells if cell.meant is not None}}
        before = last.get(self.described.key_of(helped), {})
        required = {one.name for one in self.described.readers if one.is_required} | set(self.described.key)
        for cell in cells:
            if cell.meant is None:
                helped[cell.column] = before.get(cell.column, "")
                if cell.column in required and not helped[cell.column]:
                    return None
        return helped

    def _problem(self, error: CellError, level: str, nearest: str = "", *, is_tidied: bool = False) -> Problem:
        return cell_problem(self.described, error, level, nearest, is_tidied=is_tidied)


def cell_problem(table: Table, error: CellError, level: str, nearest: str = "", *, is_tidied: bool = False) -> Problem:
    """Return an error in a table as a problem."""
    return Problem(
        level,
        "Violation",
        table.location,
        error.row,
        error.column,
        error.value,
        error.found,
        error.expected,
        error.advice,
        nearest,
        is_tidied=is_tidied,
    )


def digest(content: bytes | None) -> bytes:
    """Return what identifies the content of a file; of a file that does not exist, too."""
    return b"" if content is None else hashlib.sha256(content).digest()
