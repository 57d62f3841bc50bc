"""Corrections: each one continues from the one before it, and the last one for a cell gives the cell's value.

A correction is on a cell of any table, so this compares rows; the graph does not contain the cells of every table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tutela.namespaces import row_iri
from tutela.tables import Row, Table
from tutela.validation.result import ValidationResult

TABLE = "corrections"
COLUMNS = ("table", "key", "column", "item", "was", "now")
Cell = tuple[str, str, str]  # table, key as `key_text` gives it, column


@dataclass(frozen=True)
class Correction:
    """One row of ``corrections.csv``: where it is, its number among the corrections of its cell, the value before and after."""

    where: str
    item: int
    was: str
    now: str


def key_text(key: tuple[str, ...]) -> str:
    """Return a key as the column ``key`` has it, which is how the IRI of a row ends: ``10/ALB/simple-possession``."""
    return row_iri("", key).partition("#key=")[2]


def corrections_by_cell(tables: Mapping[str, Table]) -> dict[Cell, list[Correction]]:
    """Return the corrections of each cell, in their order; none if the tables are from before corrections had this form."""
    table = tables.get(TABLE)
    found: dict[Cell, list[Correction]] = {}
    if table is None or not set(COLUMNS) <= set(table.column_names):
        return found
    for number, row in enumerate(table.rows, start=2):
        correction = Correction(f"{table.location} row {number}", int(row["item"]), row["was"], row["now"])
        found.setdefault((row["table"], row["key"], row["column"]), []).append(correction)
    return {cell: sorted(several, key=lambda one: one.item) for cell, several in found.items()}


def check_corrections(tables: Mapping[str, Table]) -> list[ValidationResult]:
    """Return what is wrong with the corrections: an unknown cell, a gap in the sequence, or another value in the cell."""
    rows: dict[str, dict[str, Row]] = {}
    results = []
    for cell, corrections in corrections_by_cell(tables).items():
        name, key, column = cell
        table = tables.get(name)
        if table is None:
            results.append(_result(corrections[-1], "table", f"'{name}'", "the name of a table, such as observations"))
            continue
        if column not in table.column_names or column in table.key:
            names = ", ".join(one for one in table.column_names if one not in table.key)
            results.append(_result(corrections[-1], "column", f"'{column}'", f"a column of {table.location}: {names}"))
            continue
        by_key = rows.setdefault(name, {key_text(table.key_of(row)): row for row in table.rows})
        if key not in by_key:
            expected = f"the key of a row of {table.location}: {' / '.join(table.key)}, as in the address of the row after #key="
            results.append(_result(corrections[-1], "key", f"'{key}'", expected))
            continue
        results += _sequence(corrections, by_key[key][column], f"{table.location}, key {key}")
    return results


def _sequence(corrections: list[Correction], value: str, where: str) -> Iterator[ValidationResult]:
    for number, one in enumerate(corrections, start=1):
        before = corrections[number - 2] if number > 1 else None
        if one.item != number:
            yield _result(one, "item", str(one.item), f"{number}, because the corrections of a cell are numbered from 1")
        if one.was == one.now:
            yield _result(one, "now", f"'{one.now}', so the correction changes nothing", "a value other than that in was")
        if before and before.now != one.was:
            yield _result(one, "was", f"'{one.was}'", f"'{before.now}', with which the correction before it ends")
    last = corrections[-1]
    if last.now != value:
        yield _result(last, "now", f"'{last.now}'", f"'{value}', the value of the cell ({where}); or change the cell")


def _result(correction: Correction, column: str, found: str, expected: str) -> ValidationResult:
    return ValidationResult("Violation", correction.where, column, found, expected)
