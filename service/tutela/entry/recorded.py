"""Changes of cells that are recorded as corrections, because a published cell of their table changes only with one."""

from collections.abc import Iterable

from tutela.entry.context import Context
from tutela.entry.correction import TABLE
from tutela.entry.draft import CellEdit, Draft
from tutela.entry.fields import Field, Values
from tutela.entry.kind import next_item
from tutela.validation.corrections import key_text

BY = "Tutela editors"

# Needed only if a cell of a protected table changes; a build says so otherwise.
RECORDED_FIELDS = (
    Field("reason", "Reason for corrections, as the end of a sentence that begins with because", TABLE, "reason", asked=False),
    Field("source", "Source of corrections", TABLE, "source", asked=False),
)


def change_cells(draft: Draft, edits: Iterable[CellEdit], values: Values, context: Context) -> None:
    """Change cells; those of protected tables with a correction each, if there is a reason.

    Args:
        draft: the entry.
        edits: the changes. A row whose key changes has the correction under its new key.
        values: ``reason`` and ``source``; both or neither.
        context: the tables and the day.

    """
    edits = list(edits)
    reason, source = values["reason"], values["source"]
    if bool(reason) != bool(source):
        draft.error("source" if reason else "reason", "", "both a reason and a source, or neither")
    new_keys: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}
    for edit in edits:
        new_keys.setdefault((edit.table, edit.key), {})[edit.column] = edit.new
    draft.changed += edits
    for edit in edits:
        table = draft.tables[edit.table]
        if not (reason and table.is_protected) or edit.column in table.key or edit.table == TABLE:
            continue
        changed = new_keys[edit.table, edit.key]
        key = tuple(changed.get(name, value) for name, value in zip(table.key, edit.key, strict=True))
        cell = {"table": edit.table, "key": key_text(key), "column": edit.column}
        item = next_item(draft, TABLE, cell | {"key": key_text(edit.key)})
        given = {"date": context.today, "corrected_by": BY, "reason": reason, "source": source}
        draft.add(TABLE, cell | {"item": item, "was": edit.old, "now": edit.new} | given)
