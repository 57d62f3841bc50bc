"""The removal of a row, and of the rows that refer to it if that is wanted."""

from collections.abc import Mapping

from tutela.entry.context import Context
from tutela.entry.draft import CellEdit, Draft, Key
from tutela.entry.fields import Field, Values
from tutela.entry.kind import Kind
from tutela.entry.recorded import RECORDED_FIELDS, change_cells
from tutela.entry.references import Reference, counted, references_to
from tutela.tables import Row, Table
from tutela.validation.corrections import key_text

YES = "yes"


def removal_kind(tables: Mapping[str, Table], name: str, key: Key) -> Kind:
    """Return a kind of entry that removes a row.

    Rows that refer to it prevent that, unless ``cascade`` is answered with yes: then they go too, and so do those that refer to
    them. A cell that may be empty is emptied instead.

    Args:
        tables: all tables, by name.
        name: the name of the table.
        key: the key of the row.

    """

    def build(draft: Draft, values: Values, context: Context) -> None:
        removed, emptied, direct = _closure(draft.tables, name, key)
        if direct and values.get("cascade") != YES:
            count = f"{len(direct)} {'reference leads' if len(direct) == 1 else 'references lead'}"
            expected = f"'{YES}' if they are meant to go too: {count} to this row, in {'; '.join(counted(direct, draft.tables))}"
            draft.error("cascade", "", expected)
            return
        draft.removed += removed
        change_cells(draft, emptied, values, context)
        for table, rows in draft.rows().items():
            if not rows and any(draft.tables[table].with_rows([]).errors()):
                draft.error("cascade", "", f"at least one row that stays in {draft.tables[table].location}")

    row = next(row for row in tables[name].rows if tables[name].key_of(row) == key)
    others = [one for one in tables[name].rows if one is not row]
    lines = counted(list(references_to(tables, name, row, others)), tables)
    lead = ("These rows refer to it:", *lines) if lines else ("No row refers to it.",)
    cascade = Field("cascade", "Remove the rows that refer to it too", asked=False, options=(YES,))
    fields = (cascade, *RECORDED_FIELDS) if lines else RECORDED_FIELDS
    return Kind("remove", f"the row {key_text(key)} of {name}", fields, build, has_source=False, lead=lead)


def _closure(tables: Mapping[str, Table], name: str, key: Key) -> tuple[list[tuple[str, Key]], list[CellEdit], list[Reference]]:
    """Return the rows that go with a row, the cells that are emptied, and the references to the row itself."""
    left: dict[str, dict[Key, Row]] = {}
    removed: dict[tuple[str, Key], None] = {(name, key): None}
    emptied: dict[tuple[str, Key, str], CellEdit] = {}
    direct: list[Reference] = []
    queue = [(name, key)]
    while queue:
        current, current_key = queue.pop(0)
        table = tables[current]
        rows = left.setdefault(current, {table.key_of(row): row for row in table.rows})
        row = rows.pop(current_key)
        for reference in references_to(tables, current, row, rows.values()):
            other = (reference.table, tables[reference.table].key_of(reference.row))
            if (current, current_key) == (name, key):
                direct.append(reference)
            if other in removed:
                continue
            if reference.can_be_empty:
                column = reference.can_be_empty
                emptied[*other, column] = CellEdit(*other, column, reference.row[column], "")
            else:
                removed[other] = None
                queue.append(other)
    return list(removed), [edit for edit in emptied.values() if (edit.table, edit.key) not in removed], direct
