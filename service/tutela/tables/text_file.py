"""Reads text files with separated values as spreadsheet programs save them: CSV with commas, semicolons or tabs."""

import codecs
import csv
import io
import re
from pathlib import Path

from tutela.errors import TutelaError
from tutela.tables.spreadsheet import MAX_FILE_BYTES, Sheet, SheetCell

_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def read_text(path: Path, columns: list[str]) -> Sheet:
    """Read a text file.

    Args:
        path: the file.
        columns: the columns that are expected; they show which character separates the cells.

    Raises:
        TutelaError: the file is missing, too large, or not text with separated values.

    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise TutelaError(f"{path}: larger than {MAX_FILE_BYTES // 1_000_000} MB; expected a table.")
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise TutelaError(f"{path}: no such file.") from error
    except OSError as error:
        raise TutelaError(f"{path}: not readable ({error}).") from error
    sheet = Sheet(path.name, "")
    text = _decode(content, path, sheet)
    first = re.match(r'"?sep=(.)"?\r?\n', text)  # a line that Excel writes and reads
    if first:
        text = text[first.end() :]
    separator = first.group(1) if first else _separator(text, columns)
    if separator != ",":
        sheet.notes.append(f"{_NAMES.get(separator, repr(separator))} between cells read as commas")
    if "\r" in text:
        sheet.notes.append("line ends of Windows or an old Mac read as line feeds")
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise TutelaError(f"{path}: not readable as separated values ({error}). Is a quotation mark missing?") from error
    for number, line in enumerate(lines, start=1):
        cells = {column: _cell(value) for column, value in enumerate(line, start=1) if value}
        if cells:
            sheet.rows[number] = cells
            if len(line) != len(lines[0]):
                sheet.uneven_rows.append(number)
    return sheet


def _cell(value: str) -> SheetCell:
    if re.fullmatch(r'="[^"]*"', value):  # keeps zeros when Excel opens the file, and is saved with it
        return SheetCell(value[2:-1])
    return SheetCell(value)


def _decode(content: bytes, path: Path, sheet: Sheet) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        sheet.notes.append("UTF-16 read as UTF-8")
        return _decode_as(content, "utf-16", path)
    if content.startswith(codecs.BOM_UTF8):
        sheet.notes.append("byte order mark left out")
        content = content[len(codecs.BOM_UTF8) :]
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # Where the file has text in another encoding than Windows-1252, which has the letters of Latin-1 too, the cells
        # differ from those in data/ and are listed as changed.
        sheet.notes.append("Windows-1252 read as UTF-8")
        return _decode_as(content, "cp1252", path)


def _decode_as(content: bytes, encoding: str, path: Path) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise TutelaError(
            f"{path}: neither UTF-8 nor {encoding} ({error}). Save it as 'CSV UTF-8', or as a workbook (.xlsx, .ods)."
        ) from error


def _separator(text: str, columns: list[str]) -> str:
    first_line = re.split(r"\r\n|\r|\n", text, maxsplit=1)[0]
    headings = {separator: [part.strip('" ') for part in first_line.split(separator)] for separator in _NAMES}
    return max(_NAMES, key=lambda separator: len(set(headings[separator]) & set(columns)))
