"""The rows of a table that differ from an earlier state of it, matched by primary key."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tutela.tables.csv_file import Row

Key = tuple[str, ...]


@dataclass(frozen=True)
class CellChange:
    """One cell that differs: the key of its row, its column, its value before and now."""

    key: Key
    column: str
    before: str
    now: str


@dataclass(frozen=True)
class TableDifference:
    """How a table differs from an earlier state.

    Args:
        added: the keys of rows that only the later state has.
        removed: the keys of rows that only the earlier state has.
        changed: the cells that differ, in columns that both states have.

    """

    added: tuple[Key, ...]
    removed: tuple[Key, ...]
    changed: tuple[CellChange, ...]


def compare(before: Sequence[Row], now: Sequence[Row], key: Sequence[str]) -> TableDifference | None:
    """Compare two states of a table. Of rows with the same key, the last counts.

    Args:
        before: the rows of the earlier state.
        now: the rows of the later state.
        key: the columns of the primary key.

    Returns:
        The difference; None if one of the states lacks a column of the key, so that rows cannot be matched.

    """
    if any(rows and not set(key) <= rows[0].keys() for rows in (before, now)):
        return None
    earlier, later = _by_key(before, key), _by_key(now, key)
    columns = [name for name in now[0] if name in before[0] and name not in key] if before and now else []
    return TableDifference(
        added=tuple(one for one in later if one not in earlier),
        removed=tuple(one for one in earlier if one not in later),
        changed=tuple(
            CellChange(one, column, earlier[one][column], row[column])
            for one, row in later.items()
            if one in earlier and row != earlier[one]
            for column in columns
            if row[column] != earlier[one][column]
        ),
    )


def renamed(removed: Sequence[Row], added: Sequence[Row], key: Sequence[str]) -> dict[Key, Key]:
    """Return which rows have another key and are otherwise the same, as the new key by the old one.

    A row is only taken for another one if no third row could be meant.

    Args:
        removed: the rows that only the earlier state has.
        added: the rows that only the later state has.
        key: the columns of the primary key.

    """
    before, now = _by_other_cells(removed, key), _by_other_cells(added, key)
    return {
        before[cells][0]: now[cells][0]
        for cells in before.keys() & now.keys()
        if any(cells) and len(before[cells]) == len(now[cells]) == 1
    }


def _by_other_cells(rows: Iterable[Row], key: Sequence[str]) -> dict[tuple[str, ...], list[Key]]:
    found: dict[tuple[str, ...], list[Key]] = {}
    for row in rows:
        cells = tuple(text for name, text in sorted(row.items()) if name not in key)
        found.setdefault(cells, []).append(tuple(row[name] for name in key))
    return found


def _by_key(rows: Iterable[Row], key: Sequence[str]) -> dict[Key, Row]:
    return {tuple(row[name] for name in key): row for row in rows}
