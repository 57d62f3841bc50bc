"""Comparison with the last release: no row is lost, and no finding, note or total changes, without anybody noticing.

The tables whose changes need a correction have ``dc:accrualPolicy`` in their metadata.
"""

from collections.abc import Collection, Iterator, Mapping

from tutela.tables import Row, Table
from tutela.tables.compare import CellChange, Key, TableDifference, compare
from tutela.tables.published import PublishedRelease
from tutela.validation.corrections import COLUMNS, TABLE, Correction, corrections_by_cell, key_text
from tutela.validation.result import ValidationResult

_LISTED = 3  # lost rows that a message names


def compare_with_release(
    tables: Mapping[str, Table], release: PublishedRelease, allow_loss: Collection[str] = ()
) -> list[ValidationResult]:
    """Return each change since a release that needs a correction and has none, and each table that lost rows.

    Args:
        tables: the tables, by name; they are valid by their metadata.
        release: the last release.
        allow_loss: names of tables that are allowed to lose rows.

    Raises:
        TutelaError: the release cannot be read.

    """
    results: list[ValidationResult] = []
    corrections = _since(release, tables)
    for name in sorted(release.table_files.keys() | tables.keys()):
        table = tables.get(name)
        before = release.rows(name)
        difference = compare(before, table.rows, table.key) if table else None
        location = table.location if table else release.table_files[name]
        if name not in allow_loss:
            removed = difference.removed if difference else ()
            # Rows cannot be matched if the table is gone, or has other columns in its key.
            count = len(removed) if difference else len(before) - (len(table.rows) if table else 0)
            results += _lost(name, location, count, removed, release)
        if table and difference:
            results += _unrecorded(table, difference, corrections, release) if table.is_protected else ()
            results += _wrong_start(table, before, corrections, release)
    return sorted(results)


def _since(release: PublishedRelease, tables: Mapping[str, Table]) -> dict[tuple[str, str, str], list[Correction]]:
    """Return the corrections that the release does not have, by cell."""
    known = {
        (row["table"], row["key"], row["column"], int(row["item"])) for row in release.rows(TABLE) if set(COLUMNS) <= row.keys()
    }
    new = {
        cell: [one for one in several if (*cell, one.item) not in known] for cell, several in corrections_by_cell(tables).items()
    }
    return {cell: several for cell, several in new.items() if several}


def _lost(name: str, location: str, count: int, keys: Collection[Key], release: PublishedRelease) -> Iterator[ValidationResult]:
    if count <= 0:
        return
    examples = ", ".join(map(key_text, list(keys)[:_LISTED]))
    more = f", such as {examples}" if examples else ""
    rows = "1 row" if count == 1 else f"{count} rows"
    found = f"{rows} of release {release.name} {'is' if count == 1 else 'are'} missing{more}"
    expected = f"every row of the release; if rows are meant to go, build with --allow-loss {name}"
    yield ValidationResult("Violation", location, name, found, expected)


def _unrecorded(
    table: Table,
    difference: TableDifference,
    corrections: Mapping[tuple[str, str, str], list[Correction]],
    release: PublishedRelease,
) -> Iterator[ValidationResult]:
    for change in difference.changed:
        if (table.name, key_text(change.key), change.column) in corrections:
            continue
        where = f"{table.location} row {table.row_numbers[change.key]}"
        found = f"'{change.now}' in the row {key_text(change.key)}; release {release.name} has '{change.before}'"
        expected = (
            f"'{change.before}'; or, if the change is intended, a row in data/review/corrections.csv that begins with "
            f"{_row_to_add(table.name, change)}"
        )
        yield ValidationResult("Violation", where, change.column, found, expected)


def _row_to_add(table: str, change: CellChange) -> str:
    return ",".join((table, key_text(change.key), change.column, "1 (or the next number)", change.before, change.now))


def _wrong_start(
    table: Table,
    before: list[Row],
    corrections: Mapping[tuple[str, str, str], list[Correction]],
    release: PublishedRelease,
) -> Iterator[ValidationResult]:
    """Yield each cell whose first correction since the release does not start from the value in the release."""
    cells = {cell: several for cell, several in corrections.items() if cell[0] == table.name}
    if not cells:
        return
    values = {key_text(tuple(row[name] for name in table.key)): row for row in before}
    for (_, key, column), several in cells.items():
        value = values.get(key, {}).get(column)
        if value is not None and several[0].was != value:
            expected = f"'{value}', the value in release {release.name}"
            yield ValidationResult("Violation", several[0].where, "was", f"'{several[0].was}'", expected)
