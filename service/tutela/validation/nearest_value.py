"""The valid value that is nearest to an invalid one: a spelling that differs little, or the code of what a cell names."""

from collections.abc import Collection, Iterable

from rapidfuzz import fuzz, process

from tutela.tables import Row, Table

_ALIKE = 70  # of 100; below it, a suggestion is a guess


def nearest_text(value: str, candidates: Collection[str], alike: int = _ALIKE) -> str:
    """Return the candidate that is spelt most like a value; empty if none is.

    Args:
        value: the value.
        candidates: the candidates.
        alike: how much it must be like the value, of 100.

    """
    folded = value.casefold().strip()
    if not folded:
        return ""
    found = process.extractOne(folded, {one: one.casefold() for one in candidates}, scorer=fuzz.ratio, score_cutoff=alike)
    return str(found[2]) if found else ""


def nearest_key(values: tuple[str, ...], target: Table, columns: list[str]) -> tuple[str, ...]:
    """Return the key that is nearest to one that a table does not have; empty if none is.

    Args:
        values: the key.
        target: the table.
        columns: the columns of the key.

    """
    same_start = [
        row for row in target.rows if all(row[name] == value for name, value in zip(columns[:-1], values, strict=False))
    ]
    named = _named(values[-1], same_start, columns[-1])
    last = named or nearest_text(values[-1], list(dict.fromkeys(row[columns[-1]] for row in same_start)))
    if last:
        return (*values[:-1], last)
    if len(columns) > 1:
        joined = {", ".join(row[name] for name in columns): tuple(row[name] for name in columns) for row in target.rows}
        return joined.get(nearest_text(", ".join(values), joined), ())
    return ()


def _named(value: str, rows: Iterable[Row], column: str) -> str:
    """Return the code of the row in which any cell is the value, such as ALB for Albania; empty if several or none are."""
    folded = value.casefold().strip()
    found = {row[column] for row in rows if any(cell.casefold() == folded for cell in row.values())}
    return found.pop() if len(found) == 1 else ""
