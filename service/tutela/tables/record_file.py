"""Writes rows of tables; the text of every row that does not change stays as it is, byte for byte."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from tutela.errors import TutelaError, UsageError
from tutela.tables.csv_file import Row, read_rows
from tutela.tables.table import Table

_ENDS = ("\n", "\r")  # of a line


def with_rows(content: bytes, table: Table, rows: list[Row]) -> bytes:
    """Return the content of a CSV file with other rows.

    Args:
        content: the file as it is.
        table: the table, with the rows that the file has.
        rows: the rows that it should have, in order.

    """
    heading, records = _records(content.decode("utf-8"))
    end = "\r\n" if heading.endswith("\r\n") else "\n"
    unchanged = {tuple(row.values()): record for row, record in zip(table.rows, records, strict=True)}
    parts = [heading if heading.endswith(_ENDS) else heading + end]
    for row in rows:
        record = unchanged.get(tuple(row[name] for name in table.column_names)) or _record(row, table.column_names, end)
        parts.append(record if record.endswith(_ENDS) else record + end)
    return "".join(parts).encode()


def _records(text: str) -> tuple[str, list[str]]:
    """Return the text of the heading and of each row; a row with a line feed in a cell has several lines."""
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(iter(lines), strict=True)
    records, start = [], 0
    for _ in reader:
        records.append("".join(lines[start : reader.line_num]))
        start = reader.line_num
    return records[0], records[1:]


def _record(row: Row, columns: list[str], end: str) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerow([row[name] for name in columns])
    return text.getvalue()


def save_rows(tables: Mapping[str, Table], rows: Mapping[str, list[Row]]) -> None:
    """Write rows of tables, of all or none of them.

    Args:
        tables: the tables as they were read, by name.
        rows: for each table that changes all of its rows, in order.

    Raises:
        TutelaError: a table has changed since it was read.
        UsageError: a table cannot be written.

    """
    files = {}
    changed = []
    for name, wanted in rows.items():
        table = tables[name]
        before = table.path.read_bytes()
        if read_rows(table.path, table.column_names) != table.rows:
            changed.append(table.path)
        else:
            files[table.path] = (before, with_rows(before, table, wanted))
    _refuse_changed(changed)
    write_files(files)


def write_files(files: Mapping[Path, tuple[bytes, bytes]]) -> None:
    """Write files, all or none.

    Args:
        files: for each file its content as it was read, and as it should be.

    Raises:
        TutelaError: a file has changed since it was read.
        UsageError: a file cannot be written.

    """
    _refuse_changed([path for path, (before, _) in files.items() if path.read_bytes() != before])
    replaced: list[Path] = []
    try:
        for path, (_, after) in files.items():
            _part(path).write_bytes(after)
        for path in files:
            _part(path).replace(path)
            replaced.append(path)
    except OSError as error:
        for path in replaced:
            path.write_bytes(files[path][0])
        for path in files:
            _part(path).unlink(missing_ok=True)
        raise UsageError(f"{error.filename}: not writable ({error.strerror}); nothing was changed.") from error


def _refuse_changed(files: list[Path]) -> None:
    if files:
        names = ", ".join(map(str, files))
        raise TutelaError(f"{names}: changed while the command ran; nothing was written. Run it again.")


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")
