"""CSV files as lists of rows, and their canonical form: UTF-8, one line feed per row, quotes only where needed, sorted by key."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from tutela.errors import TutelaError, UsageError

Row = dict[str, str]


def read_rows(path: Path, expected: list[str] | None = None) -> list[Row]:
    """Read one CSV file as text.

    Args:
        path: the file.
        expected: the columns, in order.

    Raises:
        TutelaError: the file is missing or is not UTF-8, its columns differ, or a row has a different number of cells.

    """
    try:
        # A byte order mark, which spreadsheet programs write, is not part of the first heading.
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise TutelaError(f"{path}: no such table.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise TutelaError(f"{path}: not readable as UTF-8 CSV ({error}).") from error
    return parse_rows(text, path, expected)[1]


def parse_rows(text: str, name: object, expected: list[str] | None = None) -> tuple[list[str], list[Row]]:
    """Parse the text of a CSV file.

    Args:
        text: the text, with line feeds at the ends of lines.
        name: how messages name the file.
        expected: the columns, in order.

    Returns:
        The columns, and the rows.

    Raises:
        TutelaError: the text is not CSV or has no heading, its columns differ, or a row has a different number of cells.

    """
    try:
        lines = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise TutelaError(f"{name}: not readable as UTF-8 CSV ({error}).") from error
    if not lines:
        wanted = f" with the columns {', '.join(expected)}" if expected else ""
        raise TutelaError(f"{name}: the file is empty; expected a heading{wanted}.")
    header = lines[0]
    if expected is not None and header != expected:
        raise TutelaError(f"{name} row 1: the columns are {', '.join(header)}; expected {', '.join(expected)}, in that order.")
    if len(set(header)) != len(header):
        raise TutelaError(f"{name} row 1: two columns have the same name: {', '.join(header)}.")
    wrong = [number for number, line in enumerate(lines[1:], start=2) if len(line) != len(header)]
    if wrong:
        where = "; ".join(f"{name} row {number}: {len(lines[number - 1])} cells" for number in wrong)
        raise TutelaError(f"{where}; expected {len(header)}. Is a comma unquoted?")
    return header, [dict(zip(header, line, strict=True)) for line in lines[1:]]


def canonical(rows: list[Row], columns: list[str], key: list[str]) -> str:
    """Return a table in canonical form."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows[index] for index in sort_order(rows, key))
    return text.getvalue()


def csv_line(cells: Iterable[str]) -> str:
    """Return cells as one line of a table, without its end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def sort_order(rows: list[Row], key: list[str]) -> list[int]:
    """Return the index of each row, in the order of the canonical form."""
    return sorted(range(len(rows)), key=lambda index: [_sort_key(rows[index][name]) for name in key])


def _sort_key(value: str) -> tuple[int, int, str, str]:
    # Numbers by size, then everything else as text. Numbers are compared as text, because there is no limit to their length.
    if value.isascii() and value.isdigit():
        digits = value.lstrip("0")
        return (0, len(digits), digits, value)
    return (1, 0, value, "")


def write_new(folder: Path, texts: dict[str, str]) -> list[Path]:
    """Write tables into a folder, all or none; a file that exists with other content is left unchanged.

    Args:
        folder: the folder; it is created if missing.
        texts: the content of each table, by its name.

    Returns:
        The files.

    Raises:
        UsageError: a file exists with other content, or the folder is not writable.

    """
    files = {folder / f"{name}.csv": text for name, text in texts.items()}
    existing = [str(path) for path, text in files.items() if path.exists() and path.read_text(encoding="utf-8") != text]
    if existing:
        raise UsageError(f"{', '.join(existing)}: exists with other rows; nothing was written. Name another folder with --out.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.with_suffix(".csv.part").write_text(text, encoding="utf-8")
        for path in files:
            path.with_suffix(".csv.part").replace(path)
    except OSError as error:
        for path in files:
            path.with_suffix(".csv.part").unlink(missing_ok=True)
        raise UsageError(f"{folder}: not writable ({error}).") from error
    return list(files)
