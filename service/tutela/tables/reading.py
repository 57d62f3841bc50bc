"""Reading a table that may be damaged: every error of the file, and the rows that can be read.

`csv_file.read_rows` stops at the first error, as a build should. Here each row that has as many cells as the heading is read.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from tutela.tables.csv_file import Row
from tutela.tables.table import CellError, Table

_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_SAVE_AS = "Save the file as CSV with commas, in UTF-8."


@dataclass
class TableReading:
    """What was read of one table.

    Args:
        table: the table with the rows that could be read; None if none could.
        errors: what is wrong with the file.

    """

    table: Table | None
    errors: list[CellError] = field(default_factory=list)


def read_table(table: Table, content: bytes) -> TableReading:
    """Read a table and every error of its file; the cells themselves are not checked.

    Args:
        table: the table by its metadata.
        content: the content of the file.

    """
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        found = f"the byte {content[error.start]:#04x} is not UTF-8; another encoding, such as Windows-1252"
        return TableReading(None, [CellError(table.name, row, "", found, "text in UTF-8", advice=_SAVE_AS)])
    try:
        lines = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        found = f"not readable as CSV ({error})"
        advice = "Look for a quotation mark that is not closed, or that is not doubled within quotes."
        return TableReading(None, [CellError(table.name, 1, "", found, "comma-separated values", advice=advice)])
    wrong = list(_heading_errors(table, lines[0] if lines else []))
    if wrong and (not lines or sorted(lines[0]) != sorted(table.column_names)):
        return TableReading(None, wrong)
    rows: list[Row] = []
    numbers: list[int] = []
    for number, line in enumerate(lines[1:], start=2):
        if len(line) == len(lines[0]):
            cells = dict(zip(lines[0], line, strict=True))
            rows.append({name: cells[name] for name in table.column_names})
            numbers.append(number)
        else:
            wrong.append(_uneven(table, number, len(line)))
    return TableReading(table.with_rows(rows, numbers), wrong)


def _heading_errors(table: Table, heading: list[str]) -> Iterator[CellError]:
    expected = f"the columns {', '.join(table.column_names)}, in that order"
    if heading == table.column_names:
        return
    if not heading:
        yield CellError(table.name, 1, "", "the file is empty", expected, advice="Restore the file.")
        return
    for delimiter, name in _DELIMITERS.items():
        if len(heading) == 1 and heading[0].split(delimiter) == table.column_names:
            yield CellError(table.name, 1, "", f"{name} between the cells", "commas between the cells", advice=_SAVE_AS)
            return
    missing = [name for name in table.column_names if name not in heading]
    unknown = [name for name in heading if name not in table.column_names]
    repeated = sorted({name for name in heading if heading.count(name) > 1})
    for what, names, advice in (
        ("missing", missing, "Add it to the heading, and its cells to the rows."),
        ("unknown", unknown, "Remove it, or correct its name."),
        ("repeated", repeated, "Remove one of them."),
    ):
        for name in names:
            yield CellError(table.name, 1, name, f"the column '{name}' is {what}", expected, name, advice)
    if not (missing or unknown or repeated):
        found = f"the columns are in another order: {', '.join(heading)}"
        yield CellError(table.name, 1, "", found, expected, advice="Put the columns in this order.")


def _uneven(table: Table, number: int, cells: int) -> CellError:
    expected = f"{len(table.column_names)} cells"
    if not cells:
        return CellError(table.name, number, "", "the row is empty", expected, advice="Remove the row.")
    more = cells > len(table.column_names)
    advice = "Put a cell that contains a comma in double quotes." if more else "Add the missing commas."
    return CellError(table.name, number, "", f"{cells} cells", expected, advice=advice)
