"""Corrections: a cell of any table, with a row that says what it was, when it changed, and why."""

from collections.abc import Mapping

from rapidfuzz import fuzz, process

from tutela.entry.context import Context
from tutela.entry.draft import Draft
from tutela.entry.fields import Field, Values
from tutela.entry.kind import Kind, always, columns, next_item, today
from tutela.validation.corrections import key_text

TABLE = "corrections"
_QUESTIONS = {
    "date": "Day of the correction",
    "corrected_by": "Office or role responsible; no name of a person",
    "reason": "Why, as the end of a sentence that begins with because",
}


def correction() -> Kind:
    """Return the kind of entry for a correction."""
    fields = (
        Field("table", "Table, such as observations", required=True),
        Field("key", "Key of the row, such as 10/ALB/simple-possession", required=True),
        Field("column", "Column, such as met", required=True),
        Field("now", "Right value; empty if the cell should be empty"),
        *columns(TABLE, "reason source", "", "corrected_by", _QUESTIONS),
        Field("recorded", "Day of the correction", TABLE, "date", asked=False),
    )
    defaults = {"corrected_by": always("Tutela editors"), "recorded": today}
    return Kind("correction", "a correction of a cell of any table", fields, _build, defaults)


def _build(draft: Draft, values: Values, context: Context) -> None:
    name, key = values.get("table", ""), values.get("key", "").replace(", ", "/")
    if not name or not key or not values.get("column"):
        return
    if name not in draft.tables or name == TABLE:
        names = ", ".join(sorted(set(draft.tables) - {TABLE}))
        draft.error("table", name, f"the name of a table: {names}", _near(name, draft.tables))
        return
    table = draft.tables[name]
    keys = {key_text(table.key_of(row)): table.key_of(row) for row in table.rows}
    if key not in keys:
        draft.error("key", key, f"the key of a row of {name}: {' / '.join(table.key)}", _near(key, keys))
    column = values["column"]
    possible = [one for one in table.column_names if one not in table.key]
    if column not in possible:
        draft.error("column", column, f"a column of {name}: {', '.join(possible)}", _near(column, possible))
    if draft.errors:
        return
    now = values.get("now", "")
    if draft.row(name, keys[key])[column] == now:
        draft.error("now", now, "a value other than the one that the cell has")
    else:
        draft.fields[name, column] = "now"
        add_correction(draft, name, keys[key], {column: now}, values, context)


def add_correction(  # noqa: PLR0913, PLR0917
    draft: Draft, table: str, key: tuple[str, ...], cells: Mapping[str, str], values: Values, context: Context
) -> None:
    """Change cells of a row, and add a correction for each. The next release is not older than its corrections.

    Args:
        draft: the entry.
        table: the table.
        key: the key of the row.
        cells: the new text of each column.
        values: ``reason``, ``source``, ``corrected_by``, and ``recorded`` for the date.
        context: what the entry starts from.

    """
    day = values["recorded"]
    if day > context.today:
        draft.error("recorded", day, f"a day not after today, which is {context.today}")
        return
    row = draft.row(table, key)
    for column, now in cells.items():
        if row[column] == now:
            continue
        cell = {"table": table, "key": key_text(key), "column": column}
        draft.change(table, key, column, now)
        draft.add(
            TABLE,
            {
                **cell,
                "item": next_item(draft, TABLE, cell),
                "was": row[column],
                "now": now,
                "date": day,
                **{name: values[name] for name in ("corrected_by", "reason", "source")},
            },
        )
    for dataset in draft.tables["dataset"].rows:
        if dataset["issued"] < day:
            draft.change("dataset", draft.tables["dataset"].key_of(dataset), "issued", day)
            draft.notes.append(f"issued in data/meta/dataset.csv becomes {day}: a release is not older than its corrections.")


def _near(text: str, choices: "Mapping[str, object] | list[str]") -> str:
    found = [one for one, _, _ in process.extract(text, list(choices), scorer=fuzz.WRatio, limit=3, score_cutoff=60)]
    return f"Did you mean {' or '.join(found)}?" if found else ""
