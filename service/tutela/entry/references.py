"""Rows that refer to another row: by the references in the metadata of their tables, and as the subject of a record."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from tutela.tables import Row, Table
from tutela.validation.corrections import TABLE as CORRECTIONS
from tutela.validation.corrections import key_text

Key = tuple[str, ...]
_DISCREPANCIES, _ABOUT = "discrepancies", "about"
# Tables whose rows describe parts of what the rows of another table describe, and have addresses below theirs.
_PARTS = {"provisions": "instruments", "national_provisions": "national_laws"}


@dataclass(frozen=True)
class Reference:
    """A row that refers to another one.

    Args:
        table: the name of its table.
        row: the row.
        columns: the columns that refer to the other row.
        values: what they should be if the row referred to has its new values; the same as now if it has none.
        can_be_empty: a column that may be emptied, so that it refers to nothing; empty if there is none.

    """

    table: str
    row: Row
    columns: tuple[str, ...]
    values: tuple[str, ...]
    can_be_empty: str


def references_to(
    tables: Mapping[str, Table], name: str, row: Row, others: Collection[Row], new: Row | None = None
) -> Iterator[Reference]:
    """Yield each reference to a row that would lead nowhere without it.

    Args:
        tables: all tables, by name.
        name: the name of the row's table.
        row: the row.
        others: the other rows of the table that stay; a reference can lead to one of them instead.
        new: the row with other values, if it stays with them.

    """
    for table in tables.values():
        for columns, target, target_columns in table.foreign_keys:
            if target != name:
                continue
            before = tuple(row[column] for column in target_columns)
            after = tuple((new or row)[column] for column in target_columns)
            if not all(before) or (new and before == after):
                continue
            if any(tuple(other[column] for column in target_columns) == before for other in others):
                continue
            optional = [reader.name for reader in table.readers if not reader.is_required and reader.name not in table.key]
            empty = next((column for column in reversed(columns) if column in optional), "")
            for other in table.rows:
                if tuple(other[column] for column in columns) == before:
                    yield Reference(table.name, other, tuple(columns), after, empty)
    yield from _records_of(tables, name, row, new)


def _records_of(tables: Mapping[str, Table], name: str, row: Row, new: Row | None) -> Iterator[Reference]:
    """Yield the corrections of a row, and the discrepancies about what it describes."""
    old_key, new_key = (key_text(tables[name].key_of(one)) for one in (row, new or row))
    if new and old_key == new_key:
        return
    if CORRECTIONS in tables:
        for other in tables[CORRECTIONS].rows:
            if (other["table"], other["key"]) == (name, old_key):
                yield Reference(CORRECTIONS, other, ("key",), (new_key,), "")
    if _DISCREPANCIES in tables:
        old_path, new_path = ("/".join(tables[name].key_of(one)) for one in (row, new or row))
        for other in tables[_DISCREPANCIES].rows:
            kind, _, path = other[_ABOUT].partition("/")
            if _is_about(kind, name) and (path == old_path or path.startswith(f"{old_path}/")):
                yield Reference(_DISCREPANCIES, other, (_ABOUT,), (f"{kind}/{new_path}{path.removeprefix(old_path)}",), "")


def _is_about(kind: str, table: str) -> bool:
    """Return whether the address of a resource, such as ``party-count/malabo``, is that of what a table describes."""
    plural = f"{kind.replace('-', '_')}s"
    return any(one == plural or one.endswith(f"_{plural}") for one in (table, _PARTS.get(table, table)))


def counted(references: Collection[Reference], tables: Mapping[str, Table], most: int = 5) -> list[str]:
    """Return a line for each table with references: how many, and the keys of the first."""
    counts = Counter(reference.table for reference in references)
    lines = []
    for name, count in sorted(counts.items()):
        keys = ["/".join(tables[name].key_of(reference.row)) for reference in references if reference.table == name]
        more = f" and {count - most} more" if count > most else ""
        lines.append(f"{tables[name].location} ({count}): {', '.join(keys[:most])}{more}")
    return lines
