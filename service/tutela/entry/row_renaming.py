"""Another key for a row, in its table and wherever it is referred to."""

from collections.abc import Mapping
from urllib.parse import unquote

from tutela.entry.context import Context
from tutela.entry.draft import CellEdit, Draft, Key
from tutela.entry.fields import Field, Values
from tutela.entry.kind import Kind, always
from tutela.entry.recorded import RECORDED_FIELDS, change_cells
from tutela.entry.references import references_to
from tutela.errors import UsageError
from tutela.tables import Row, Table
from tutela.validation.corrections import key_text


def renaming_kind(table: Table, key: Key) -> Kind:
    """Return a kind of entry that gives a row another key.

    Args:
        table: the table.
        key: the key of the row.

    """
    fields = tuple(Field(f"new_{name}", f"New {name}", required=True) for name in table.key)

    def build(draft: Draft, values: Values, context: Context) -> None:
        new = tuple(values[f"new_{name}"] for name in table.key)
        last = f"new_{table.key[-1]}"
        if new == key:
            draft.error(last, values[last], "another key than the one that the row has")
        elif draft.row(table.name, new):
            draft.error(last, values[last], f"a key that {table.location} does not have; it has a row {key_text(new)}")
        elif not draft.errors:
            draft.fields |= {(table.name, name): f"new_{name}" for name in table.key}
            change_cells(draft, _edits(draft, table.name, key, new), values, context)

    defaults = {f"new_{name}": always(value) for name, value in zip(table.key, key, strict=True)}
    title = f"the key {key_text(key)} of {table.name}"
    return Kind("rename", title, (*fields, *RECORDED_FIELDS), build, defaults, has_source=False)


def _edits(draft: Draft, name: str, key: Key, new: Key) -> list[CellEdit]:
    """Return the cells that change with a key: its own, those that refer to it, and those that refer to them in turn."""
    now: dict[str, dict[Key, Row]] = {}  # the rows that have changed so far, by the key that they had
    edits: dict[tuple[str, Key, str], CellEdit] = {}
    tables = draft.tables

    def change(table: str, old: Key, cells: Mapping[str, str]) -> tuple[Row, Row]:
        """Return a row before and after it gets other cells."""
        original = draft.row(table, old)
        row = now.setdefault(table, {}).get(old) or original
        now[table][old] = {**row, **cells}
        for column, text in cells.items():
            if text != original[column]:
                edits[table, old, column] = CellEdit(table, old, column, original[column], text)
        return row, now[table][old]

    # The columns by which other rows refer to the rows of each table.
    referred = {one: set(table.key) for one, table in tables.items()}
    for table in tables.values():
        for _, target, columns in table.foreign_keys:
            referred[target].update(columns)
    queue = [(name, *change(name, key, dict(zip(tables[name].key, new, strict=True))))]
    while queue:
        changed, before, after = queue.pop(0)
        current = {one: _current(tables[one], now.get(one, {})) for one in tables}
        stay = [row for row in current[changed].rows if row is not after]
        for reference in references_to(current, changed, before, stay, after):
            keys = {id(row): old for old, row in now.get(reference.table, {}).items()}
            old = keys.get(id(reference.row), tables[reference.table].key_of(reference.row))
            cells = dict(zip(reference.columns, reference.values, strict=True))
            rows = change(reference.table, old, cells)
            if referred[reference.table] & cells.keys():
                queue.append((reference.table, *rows))
    return list(edits.values())


def _current(table: Table, changed: Mapping[Key, Row]) -> Table:
    """Return a table with the rows that have changed."""
    return table.with_rows([changed.get(table.key_of(row), row) for row in table.rows]) if changed else table


def find_key(table: Table, text: str) -> Key:
    """Return the key of the row that a text means: values separated by slashes, or as the address of the row ends.

    Raises:
        UsageError: the table has no such row, or several.

    """
    keys = [table.key_of(row) for row in table.rows]
    found = [key for key in keys if text in (key_text(key), "/".join(key), ", ".join(key))]
    if len(found) != 1:
        count = "several rows" if found else "no row"
        raise UsageError(f"{table.location} has {count} {text!r}; a key is {' / '.join(table.key)}.{_nearest(text, keys)}")
    return found[0]


def read_key(table: Table, text: str, like: Key) -> Key:
    """Return the key that a text is.

    Args:
        table: the table.
        text: values separated by slashes. One of them can have slashes of its own where the key `like` has them; in general,
            a slash within a value is written as %2F.
        like: a key of the table.

    Raises:
        UsageError: it has another number of values.

    """
    parts, count = text.split("/"), len(table.key)
    if count == 1:
        return (text,)
    with_slash = [index for index, value in enumerate(like) if "/" in value]
    if len(parts) > count and len(with_slash) == 1:
        start, extra = with_slash[0], len(parts) - count
        parts = [*parts[:start], "/".join(parts[start : start + extra + 1]), *parts[start + extra + 1 :]]
    if len(parts) != count:
        expected = f"{count} values separated by slashes: {' / '.join(table.key)}"
        raise UsageError(f"{text!r}: expected {expected}; write a slash within one as %2F.")
    return tuple(unquote(part) for part in parts)


def _nearest(text: str, keys: list[Key]) -> str:
    from rapidfuzz import fuzz, process  # noqa: PLC0415

    texts = [key_text(key) for key in keys]
    near = [one for one, _, _ in process.extract(text, texts, scorer=fuzz.ratio, limit=3, score_cutoff=60)]
    return f" Did you mean {' or '.join(near)}?" if near else ""
