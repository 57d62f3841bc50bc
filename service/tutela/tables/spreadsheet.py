"""Sheets of cells as a spreadsheet program saved them, whatever the file format."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from tutela.errors import TutelaError

# All of data/ is a tenth of these. They bound memory and time for a file that was made to exhaust them.
MAX_FILE_BYTES = 50_000_000
MAX_UNPACKED_BYTES = 200_000_000
MAX_CELLS = 2_000_000
MAX_COLUMNS = 1_000
MAX_PROBLEMS = 50  # of one kind on one sheet; one more line says how many there are

Value = str | int | float | bool | date | datetime | time


@dataclass(frozen=True)
class SheetCell:
    """One cell.

    Args:
        value: the value, with the type that the file gives it.
        number_format: how the program displays it, such as ``mmm-yy``; empty if the file does not say.
        problem: why the value cannot be used, such as a formula; empty if it can.

    """

    value: Value
    number_format: str = ""
    problem: str = ""


@dataclass
class Sheet:
    """A sheet of a workbook, or the only one of a text file.

    Args:
        file: name of the file.
        name: name of the sheet; empty for a text file.
        rows: the cells that are not empty, by row and column, both counted from 1.
        problems: a sentence for everything that makes the sheet unfit, such as merged cells.
        notes: what was done to read the file, such as a conversion of its encoding.
        uneven_rows: the rows of a text file that have fewer cells than its first row, or more.
        is_hidden: whether the program does not show the sheet.
        hidden_columns: the columns that the program does not show, counted from 1.

    """

    file: str
    name: str
    rows: dict[int, dict[int, SheetCell]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    uneven_rows: list[int] = field(default_factory=list)
    is_hidden: bool = False
    hidden_columns: list[int] = field(default_factory=list)

    @property
    def location(self) -> str:
        """The file and sheet as messages print them."""
        return f"{self.file}, sheet {self.name}" if self.name else self.file

    def cell_location(self, row: int, column: int) -> str:
        """Return the file, sheet and address of a cell as messages print them."""
        return f"{self.location}, cell {address(row, column)}"

    def problem(self, where: str, what: str) -> None:
        """Add a problem."""
        self.problems.append(f"{self.location}, {where}: {what}.")


def address(row: int, column: int) -> str:
    """Return the address of a cell as spreadsheet programs print it, such as ``D12``."""
    return f"{column_letters(column)}{row}"


def column_letters(column: int) -> str:
    """Return the letters of a column, such as ``AB``."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def ranges(numbers: list[int]) -> str:
    """Return numbers of rows as text, such as ``2-981, 990``."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


@contextmanager
def open_package(path: Path) -> Iterator[tuple[zipfile.ZipFile, io.BytesIO]]:
    """Read a workbook, which is a zip file of XML parts, after checking that this is safe; return it open and as bytes.

    Raises:
        TutelaError: the file is not a zip file, is encrypted, is larger than allowed when unpacked, or declares a document
            type, which no spreadsheet program writes and which can make a parser expand a small file without end.

    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise TutelaError(f"{path}: larger than {MAX_FILE_BYTES // 1_000_000} MB; expected a workbook of the tables.")
        content = io.BytesIO(path.read_bytes())
        with zipfile.ZipFile(content) as package:
            _ensure_safe(path, package)
            yield package, content
    except FileNotFoundError as error:
        raise TutelaError(f"{path}: no such file.") from error
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error) as error:
        raise TutelaError(
            f"{path}: not readable as a workbook ({error}). Open it in a spreadsheet program, remove a password if it has "
            "one, and save it as .xlsx or .ods."
        ) from error


def _ensure_safe(path: Path, package: zipfile.ZipFile) -> None:
    if sum(item.file_size for item in package.infolist()) > MAX_UNPACKED_BYTES:
        raise TutelaError(f"{path}: larger than {MAX_UNPACKED_BYTES // 1_000_000} MB when unpacked; expected the tables only.")
    for item in package.infolist():
        if not item.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        with package.open(item) as part:  # never returns more than the size that was counted above
            tail = b""
            while chunk := part.read(1 << 20):
                # In UTF-16 the characters are two bytes each.
                if b"<!DOCTYPE" in (seen := (tail + chunk).replace(b"\0", b"")):
                    raise TutelaError(f"{path}: the part {item.filename} declares a document type; save the file again.")
                tail = seen[-16:]
