"""Signatures, ratifications, accessions and denunciations, with the date of effect and the day to which a list reaches."""

from collections import Counter

from tutela.entry.context import Context
from tutela.entry.draft import Draft
from tutela.entry.effective_date import CONSENT, effective_date
from tutela.entry.fields import Field, Values
from tutela.entry.kind import Kind, columns, next_item

TABLE = "actions"
# The cautious value: no page of the depositary is known to confirm the row.
_UNCONFIRMED = "reported"
_NOTE = "Entered singly: the list of parties as a whole is current to {}."
_TITLES = {
    "signature": "a signature of a treaty",
    "ratification": "a ratification of a treaty",
    "acceptance": "an acceptance of a treaty",
    "approval": "an approval of a treaty",
    "accession": "an accession to a treaty",
    "succession": "a succession to a treaty",
    "denunciation": "a denunciation of a treaty",
}
_QUESTIONS = {
    "jurisdiction": "State or territory (code or name)",
    "instrument": "Treaty (identifier or name)",
    "date": "Day of the act (YYYY-MM-DD); empty if only a year is known",
    "year": "Year, if only the year is known",
    "not_before": "Day before which it had not happened, if its own day is unknown",
    "not_after": "Day by which it had happened, if its own day is unknown",
    "deposited": "Day of deposit, if it differs from the day of the act",
    "entry_into_force": "Day of entry into force for this party, if the source states it",
    "confidence": "Confidence in the source",
    "url": "Page where it was found",
    "note": "Note",
}


def treaty_actions() -> list[Kind]:
    """Return a kind of entry for each type of treaty action."""
    return [_kind(action, title) for action, title in _TITLES.items()]


def _kind(action: str, title: str) -> Kind:
    fields = columns(TABLE, "jurisdiction instrument", "date", "year not_before not_after deposited", _QUESTIONS)
    if action == "denunciation":
        fields += columns(TABLE, "entry_into_force", questions={"entry_into_force": "Day on which it takes effect (YYYY-MM-DD)"})
    elif action != "signature":
        fields += columns(TABLE, "", "", "entry_into_force", _QUESTIONS)
    reaches = Field(
        "list_reaches",
        "Day to which the list of parties is now complete, if it is later than before",
        "instruments",
        "list_reaches",
    )
    fields += (reaches, *columns(TABLE, "source", "url", "confidence note", _QUESTIONS))

    def build(draft: Draft, values: Values, context: Context) -> None:
        _build(action, draft, values)

    conditions = {"list_reaches": _is_beyond_list}
    return Kind(action, title, fields, build, {"confidence": _confidence}, conditions)


def _is_beyond_list(values: Values, context: Context) -> bool:
    """Return whether a treaty action is later than the day to which the list of its instrument reaches."""
    return _reaches(values, context) not in ("", None) and _day(values) > str(_reaches(values, context))


def _reaches(values: Values, context: Context) -> str | None:
    rows = context.tables["instruments"].rows
    return next((row["list_reaches"] for row in rows if row["slug"] == values.get("instrument")), None)


def _confidence(values: Values, context: Context) -> str:
    """Return the confidence that most treaty actions from the same source have."""
    source = values.get("source", "")
    used = Counter(row["confidence"] for row in context.tables[TABLE].rows if row["source"] == source)
    return used.most_common(1)[0][0] if used else _UNCONFIRMED


def _day(values: Values) -> str:
    return values.get("deposited") or values.get("date") or values.get("not_after") or values.get("year") or ""


def _build(action: str, draft: Draft, values: Values) -> None:
    if not any(values.get(name) for name in ("date", "year", "not_after")):
        draft.error("date", "", "a day (YYYY-MM-DD); or a year, or a day by which it had happened")
    _check_dates(draft, values)
    instrument, jurisdiction = values.get("instrument", ""), values.get("jurisdiction", "")
    row = {name: text for name, text in values.items() if name in draft.tables[TABLE].column_names}
    row |= {"action": action, "item": next_item(draft, TABLE, {"instrument": instrument, "jurisdiction": jurisdiction})}
    if not draft.errors:
        row |= _effect(action, draft, values)
        row["note"] = _reach(draft, values)
    draft.add(TABLE, row)


def _check_dates(draft: Draft, values: Values) -> None:
    issued = next((row["issued"] for row in draft.tables["dataset"].rows), "")
    for name in ("date", "deposited", "not_after"):
        if issued and values.get(name, "") > issued:
            advice = "Look the day up again; or first set issued in data/meta/dataset.csv to the day of the next release."
            draft.error(name, values[name], f"a day not after the release, which is of {issued}", advice)
    if values.get("date") and values.get("year"):
        draft.error("year", values["year"], "no year where the day is known", "Leave it out.")


def _effect(action: str, draft: Draft, values: Values) -> dict[str, str]:
    """Return the date of effect and its basis: stated, or calculated by the rule of the instrument."""
    if values.get("entry_into_force"):
        return {"entry_into_force": values["entry_into_force"], "effect_basis": "stated"}
    if action not in CONSENT:
        return {}
    instrument = values["instrument"]
    rule, in_force = draft.row("entry_rules", (instrument,)), draft.row("instruments", (instrument,))["in_force"]
    start = values.get("deposited") or (values.get("date", "") if rule.get("counted_from") == "deposit" else "")
    if not (rule and start and in_force):
        reason = (
            "the instrument has no rule in entry_rules.csv"
            if not rule
            else "the instrument is not in force"
            if not in_force
            else "the day from which the rule counts is not known"
        )
        draft.notes.append(f"No date of effect is filled in: {reason}.")
        return {}
    day = effective_date(rule, start, in_force)
    counted = (
        rule["rule"].replace("-", " ").replace("months", f"{rule['amount']} months").replace("days", f"{rule['amount']} days")
    )
    article = f", {rule['path'].replace('_', ' ').replace('/', ', ')}" if rule["path"] else ""
    draft.notes.append(
        f"The date of effect, {day}, is calculated from {start} by the rule of the instrument ({counted}{article})."
    )
    return {"entry_into_force": day, "effect_basis": "computed"}


def _reach(draft: Draft, values: Values) -> str:
    """Move the day to which the list reaches, if that was answered; return the note of the treaty action."""
    key, note, new = (values["instrument"],), values.get("note", ""), values.get("list_reaches", "")
    reaches = draft.row("instruments", key)["list_reaches"]
    if new and new < max(reaches, _day(values)):
        draft.error("list_reaches", new, f"a day not before {max(reaches, _day(values))}", "Leave it out to keep the day.")
    elif new:
        draft.change("instruments", key, "list_reaches", new)
    elif reaches and _day(values) > reaches and not note:
        draft.notes.append(
            f"The list of parties stays current to {reaches}, and the note says so. If the whole list was compared "
            "with the register on a later day, give that day too (--list-reaches)."
        )
        return _NOTE.format(reaches)
    return note
