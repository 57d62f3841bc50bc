"""CSV files as lists of rows, and their canonical form: UTF-8, one line feed per row, quotes only where needed, sorted by key."""

import csv
import io
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
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except FileNotFoundError as error:
        raise TutelaError(f"{path}: no such table.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TutelaError(f"{path}: not readable as UTF-8 CSV ({error}).") from error
    header = lines[0] if lines else []
    if expected is not None and header != expected:
        raise TutelaError(f"{path} row 1: the columns are {', '.join(header)}; expected {', '.join(expected)}, in that order.")
    wrong = [number for number, line in enumerate(lines[1:], start=2) if len(line) != len(header)]
    if wrong:
        where = "; ".join(f"{path} row {number}: {len(lines[number - 1])} cells" for number in wrong)
        raise TutelaError(f"{where}; expected {len(header)}. Is a comma unquoted?")
    return [dict(zip(header, line, strict=True)) for line in lines[1:]]


def canonical(rows: list[Row], columns: list[str], key: list[str]) -> str:
    """Return a table in canonical form."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: [_sort_key(row[name]) for name in key]))
    return text.getvalue()


def _sort_key(value: str) -> tuple[int, int, str]:
    # Numbers by size, then everything else as text.
    return (0, int(value), "") if value.isdigit() else (1, 0, value)


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
