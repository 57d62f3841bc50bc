"""Edits, conversions and questions in words, for a terminal or a page."""

from collections.abc import Iterable, Sequence

from tutela.tables.edits import CellConversion, Change, Edits, Question
from tutela.tables.spreadsheet import ranges

# Shown unless everything is asked for: different values of a column, and ranges of rows of a value.
_DIFFERENT_VALUES = 5
_ROWS = 6


def conversion_lines(conversions: Iterable[CellConversion], every: bool = False) -> list[str]:
    """Return a line for each kind of conversion in each column, with the rows.

    Args:
        conversions: the conversions.
        every: name every value, if a column has many different ones.

    """
    columns: dict[tuple[str, str], dict[str, list[int]]] = {}
    for conversion in conversions:
        rows = columns.setdefault((conversion.table, conversion.column), {}).setdefault(conversion.reason, [])
        rows.append(conversion.row)
    lines: list[str] = []
    for (table, column), reasons in columns.items():
        shown = list(reasons.items()) if every else list(reasons.items())[:_DIFFERENT_VALUES]
        lines.extend(f"{table}, {column}: {reason} ({_cells(rows, every)})" for reason, rows in shown)
        rest = [row for rows in list(reasons.values())[len(shown) :] for row in rows]
        if rest:
            lines.append(
                f"{table}, {column}: {len(rest)} more cells in the same way ({_cells(rest, every)}); --verbose lists them"
            )
    return lines


def _cells(rows: list[int], every: bool) -> str:
    parts = ranges(rows).split(", ")
    shown = parts if every or len(parts) <= _ROWS else [*parts[:_ROWS], "..."]
    return f"{len(rows)} {'cell' if len(rows) == 1 else 'cells'}: row {', '.join(shown)}"


def change_lines(changes: Sequence[Change]) -> list[str]:
    """Return a line for each change, and a hint where the key of a row seems to have been changed."""
    lines = []
    for change in changes:
        where = f"{change.table}, {', '.join(change.key)}"
        if change.kind == "changed":
            lines.append(f"changed: {where}, {change.column}: {_quoted(change.old)} to {_quoted(change.new)}")
        else:
            lines.append(f"{change.kind}: {where}: {_brief(change.old or change.new)}")
    added: dict[tuple[str, int], list[Change]] = {}
    for change in changes:
        if change.kind == "added":
            added.setdefault((change.table, len(change.key)), []).append(change)
    for change in changes:
        near = [other for other in added.get((change.table, len(change.key)), []) if _seems_renamed(change, other)]
        if change.kind == "removed" and len(near) == 1:
            key = ", ".join(near[0].key)
            lines.append(
                f"hint: {change.table}, {', '.join(change.key)} seems to have become {key}. A key identifies a row: other tables "
                "and links refer to it"
            )
    return lines


def _seems_renamed(removed: Change, added: Change) -> bool:
    """Return whether two rows have the same cells but for one value of the key."""
    before, after = removed.old, added.new
    different = [(old, new) for old, new in zip(removed.key, added.key, strict=True) if old != new]
    return len(different) == 1 and before.replace(different[0][0], different[0][1], 1) == after


def _quoted(text: str) -> str:
    return f"'{_brief(text)}'" if text else "empty"


def _brief(text: str) -> str:
    line = " ".join(text.split("\n"))
    return line if len(line) <= 120 else f"{line[:117]}..."


def question_line(question: Question) -> str:
    """Return what is asked."""
    return f"{question.where}: {question.column} is '{question.value}', which can mean {' or '.join(question.choices)}."


def summary(edits: Edits) -> str:
    """Return the number of changes in words."""
    counts = {kind: sum(change.kind == kind for change in edits.changes) for kind in ("changed", "added", "removed")}
    tables = len({change.table for change in edits.changes})
    if not tables:
        return "No cell differs."
    parts = [
        f"{counts['changed']} {'cell' if counts['changed'] == 1 else 'cells'} changed",
        f"{counts['added']} {'row' if counts['added'] == 1 else 'rows'} added",
        f"{counts['removed']} removed",
    ]
    return f"{', '.join(parts)}, in {tables} {'table' if tables == 1 else 'tables'}."
