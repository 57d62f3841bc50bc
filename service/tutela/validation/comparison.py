"""Comparison with the last release: no row is lost, and no finding, note or total changes, without anybody noticing.

The tables whose changes need a correction have ``dc:accrualPolicy`` in their metadata.
"""

from collections.abc import Collection, Iterator, Mapping

from tutela.errors import UsageError
from tutela.tables import Row, Table
from tutela.tables.compare import Key, TableDifference, compare, renamed
from tutela.tables.csv_file import csv_line
from tutela.tables.published import PublishedRelease
from tutela.validation.corrections import COLUMNS, TABLE, Cell, Correction, corrections_by_cell, key_text
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
    every = corrections_by_cell(tables)
    corrections = _since(release, every)
    for name in sorted(release.table_files.keys() | tables.keys()):
        table = tables.get(name)
        before = release.rows(name)
        difference = compare(before, table.rows, table.key) if table else None
        location = table.location if table else release.table_files[name]
        if name not in allow_loss:
            removed = difference.removed if difference else ()
            # Rows cannot be matched if the table is gone, or has other columns in its key.
            count = len(removed) if difference else len(before) - (len(table.rows) if table else 0)
            new_keys = _new_keys(table, before, difference) if table and difference and removed else {}
            results += _lost(name, location, count, removed, new_keys, release)
        if table and difference:
            results += _unrecorded(table, difference, corrections, every, release) if table.is_protected else ()
            results += _wrong_start(table, before, corrections, release)
    return sorted(results)


def ensure_tables(names: Collection[str], known: Collection[str]) -> None:
    """Raise an error unless the tables that are allowed to lose rows exist.

    Raises:
        UsageError: there is no such table.

    """
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise UsageError(f"--allow-loss {', '.join(unknown)}: no such table; expected one of {', '.join(sorted(known))}.")


def _since(release: PublishedRelease, every: Mapping[Cell, list[Correction]]) -> dict[Cell, list[Correction]]:
    """Return the corrections that the release does not have, by cell."""
    known = {
        (row["table"], row["key"], row["column"], int(row["item"])) for row in release.rows(TABLE) if set(COLUMNS) <= row.keys()
    }
    new = {cell: [one for one in several if (*cell, one.item) not in known] for cell, several in every.items()}
    return {cell: several for cell, several in new.items() if several}


def _new_keys(table: Table, before: list[Row], difference: TableDifference) -> dict[Key, Key]:
    """Return the new key of each row whose key has changed and nothing else."""
    removed, added = set(difference.removed), set(difference.added)
    return renamed(
        [row for row in before if tuple(row[name] for name in table.key) in removed],
        [row for row in table.rows if table.key_of(row) in added],
        table.key,
    )


def _lost(  # noqa: PLR0913, PLR0917
    name: str, location: str, count: int, keys: Collection[Key], new_keys: Mapping[Key, Key], release: PublishedRelease
) -> Iterator[ValidationResult]:
    if count <= 0:
        return
    examples = ", ".join(map(key_text, list(keys)[:_LISTED]))
    more = f", such as {examples}" if examples else ""
    rows = "1 row" if count == 1 else f"{count} rows"
    again = [f"{key_text(old)} is now {key_text(new)}" for old, new in new_keys.items()]
    moved = f"; the key {', '.join(again[:_LISTED])}{' and so on' if len(again) > _LISTED else ''}" if again else ""
    found = f"{rows} of release {release.name} {'is' if count == 1 else 'are'} missing{more}{moved}"
    expected = f"every row of the release; if rows are meant to go, build with --allow-loss {name}"
    yield ValidationResult("Violation", location, name, found, expected)


def _unrecorded(
    table: Table,
    difference: TableDifference,
    new: Mapping[Cell, list[Correction]],
    every: Mapping[Cell, list[Correction]],
    release: PublishedRelease,
) -> Iterator[ValidationResult]:
    """Yield each cell that differs from the release without a correction since."""
    for change in difference.changed:
        cell = (table.name, key_text(change.key), change.column)
        if cell in new:
            continue
        where = f"{table.location} row {table.row_numbers[change.key]}"
        found = f"'{change.now}' in the row {cell[1]}; release {release.name} has '{change.before}'"
        row = csv_line([*cell, str(len(every.get(cell, ())) + 1), change.before, change.now])
        expected = f"'{change.before}'; or, if it is meant to change, a row in data/review/corrections.csv that begins with {row}"
        yield ValidationResult("Violation", where, change.column, found, expected)


def _wrong_start(
    table: Table,
    before: list[Row],
    corrections: Mapping[Cell, list[Correction]],
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
