"""The change of a row that a table has, as a form of its cells."""

from tutela.entry.context import Context
from tutela.entry.correction import TABLE, add_correction
from tutela.entry.draft import Draft
from tutela.entry.fields import Field, Values
from tutela.entry.kind import Kind
from tutela.tables import Table
from tutela.validation.corrections import key_text

_BY = "Tutela editors"


def row_kind(table: Table, key: tuple[str, ...]) -> Kind:
    """Return a kind of entry that changes the cells of one row.

    A change of a protected table, such as a finding, is recorded as a correction, with its reason and source. For another
    table this is done if a reason is given.

    Args:
        table: the table.
        key: the key of the row.

    """
    names = {column.name: str(column.common_props.get("dc:description", "")) for column in table.columns}
    required = {column.name for column in table.columns if column.required}
    fields = [
        Field(name, f"{name}: {names[name]}" if names[name] else name, table.name, name, name in required)
        for name in table.column_names
        if name not in table.key
    ]
    because = "Reason for the correction, as the end of a sentence that begins with because"
    fields += [
        Field("correction_reason", because, TABLE, "reason", table.is_protected),
        Field("correction_source", "Source of the correction", TABLE, "source", table.is_protected),
    ]

    def build(draft: Draft, values: Values, context: Context) -> None:
        cells = {name: values[name] for name in table.column_names if name not in table.key}
        row = draft.row(table.name, key)
        reason, source = values["correction_reason"], values["correction_source"]
        if all(row[name] == text for name, text in cells.items()):
            draft.error(next(iter(cells)), row[next(iter(cells))], "a change of at least one cell")
        elif draft.errors:
            return
        elif reason or source:
            if not (reason and source):
                draft.error("correction_source" if reason else "correction_reason", "", "both a reason and a source, or neither")
            recorded = {"recorded": context.today, "corrected_by": _BY, "reason": reason, "source": source}
            add_correction(draft, table.name, key, cells, recorded, context)
        else:
            for name, text in cells.items():
                draft.change(table.name, key, name, text)

    title = f"the row {key_text(key)} of {table.name}"
    return Kind("edit", title, tuple(fields), build, has_source=False)
