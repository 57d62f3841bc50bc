"""Reservations and declarations, and their withdrawal."""

from tutela.entry.context import Context
from tutela.entry.correction import add_correction
from tutela.entry.draft import Draft
from tutela.entry.fields import Field, Values
from tutela.entry.kind import Kind, columns, next_item

TABLE = "reservations"
_QUESTIONS = {
    "jurisdiction": "State or territory (code or name)",
    "instrument": "Treaty (identifier or name)",
    "kind": "Reservation or declaration; none if the source shows that none was made",
    "date": "Day on which it was made (YYYY-MM-DD)",
    "date_basis": "How the day is known, such as seen",
    "under": "Clause that allows it (path, such as art_9/par_4)",
    "extent": "How much of the provisions it excludes",
    "effect": "Its effect, in our own words",
    "confidence": "Confidence in the source",
    "url": "Page where it was found",
    "note": "Note",
}


def reservation() -> Kind:
    """Return the kind of entry for a reservation or declaration."""
    fields = columns(TABLE, "jurisdiction instrument kind", "date under", "date_basis", _QUESTIONS)
    provisions = Field(
        "provisions", "Provisions that it applies to (paths, separated by commas)", "reservation_provisions", "path", several=True
    )
    fields += (provisions, *columns(TABLE, "extent effect source", "url", "confidence note", _QUESTIONS))
    return Kind("reservation", "a reservation or declaration", fields, _build, {"confidence": _confidence})


def _confidence(values: Values, context: Context) -> str:
    source = values.get("source", "")
    return next((row["confidence"] for row in context.tables[TABLE].rows if row["source"] == source), "partly-seen")


def _build(draft: Draft, values: Values, context: Context) -> None:
    key = {name: values.get(name, "") for name in ("instrument", "jurisdiction")}
    item = next_item(draft, TABLE, key)
    paths = [path for part in values.get("provisions", "").splitlines() for path in part.replace(",", " ").split()]
    row = {name: text for name, text in values.items() if name in draft.tables[TABLE].column_names}
    draft.add(TABLE, {**row, **key, "item": item})
    known = {row["path"] for row in draft.tables["provisions"].rows if row["instrument"] == key["instrument"]}
    if unknown := [path for path in paths if path not in known]:
        draft.error("provisions", ", ".join(unknown), "paths of provisions of this instrument, such as art_9/par_2/pnt_b")
    for path in dict.fromkeys(paths):
        draft.add("reservation_provisions", {**key, "item": item, "path": path, "source": values.get("source", "")})


def withdrawal() -> Kind:
    """Return the kind of entry for the withdrawal of a reservation."""
    fields = columns(TABLE, "jurisdiction instrument", "", "", _QUESTIONS)
    fields += (
        Field("item", "Number of the reservation among those of the state", TABLE, "item", required=True),
        Field("withdrawn", "Day of the withdrawal (YYYY-MM-DD)", TABLE, "withdrawn", required=True),
        Field("source", "Source", "corrections", "source", required=True),
        Field("corrected_by", "Office or role that enters it; no name of a person", "corrections", "corrected_by", asked=False),
        Field("recorded", "Day of this entry", "corrections", "date", asked=False),
    )
    defaults = {
        "item": _only_item,
        "corrected_by": lambda values, context: "Tutela editors",
        "recorded": lambda values, context: context.today,
    }
    return Kind("withdrawal", "the withdrawal of a reservation (for a treaty: denunciation)", fields, _build_withdrawal, defaults)


def _only_item(values: Values, context: Context) -> str:
    items = [
        row["item"]
        for row in context.tables[TABLE].rows
        if (row["instrument"], row["jurisdiction"]) == (values.get("instrument"), values.get("jurisdiction"))
        and not row["withdrawn"]
    ]
    return items[0] if len(items) == 1 else ""


def _build_withdrawal(draft: Draft, values: Values, context: Context) -> None:
    key = (values.get("instrument", ""), values.get("jurisdiction", ""), values.get("item", ""))
    if draft.errors:
        return
    row = draft.row(TABLE, key)
    if not row:
        items = [one["item"] for one in draft.tables[TABLE].rows if (one["instrument"], one["jurisdiction"]) == key[:2]]
        expected = (
            f"one of the items {', '.join(items)}" if items else f"a state with a reservation to {key[0]}; {key[1]} has none"
        )
        draft.error("item" if items else "jurisdiction", key[2] if items else key[1], expected)
    elif row["withdrawn"]:
        draft.error("item", key[2], f"a reservation that is not withdrawn; this one was, on {row['withdrawn']}")
    else:
        reason = f"the {row['kind']} was withdrawn on {values['withdrawn']}"
        add_correction(draft, TABLE, key, {"withdrawn": values["withdrawn"]}, {**values, "reason": reason}, context)
