"""A treaty with all that a build expects of it: provisions, readings, eligibility, and when it enters into force for a party."""

from tutela.entry.context import Context
from tutela.entry.draft import Draft
from tutela.entry.fields import Field, Values
from tutela.entry.kind import Kind, always, columns, slug
from tutela.entry.outline import add_outline

_QUESTIONS = {
    "slug": "Identifier; empty to make one of the short name",
    "title": "Full title",
    "short_name": "Short name",
    "kind": "Kind of instrument",
    "organisation": "Organisation",
    "adopted": "Day of adoption (YYYY-MM-DD)",
    "opened": "Day of opening for signature",
    "in_force": "Day of entry into force; empty if it is not in force",
    "binding": "Whether it binds its parties: true or false",
    "list_reaches": "Day to which the list of its parties is complete; empty if there is no list yet",
    "status": "Status, if it is not in force",
    "status_as_of": "Day or month for which the source gives that status",
    "instrument": "Treaty (identifier or name)",
}
_PROVISIONS = Field(
    "provisions", "Provisions, one a line: path | force | summary, such as art_5/par_1 | criminalise | States ...", several=True
)
_READINGS = Field("readings", "Readings, one a line: path | criterion | strength | rationale", several=True, asked=False)
_READER = Field("reader", "Who read it; no name of a person", "readings", "reader", asked=False)
_READ_FROM = Field("read_from", "What was read: text, paraphrase or memory", "provisions", "read_from", required=True)
_OUTLINE_COLUMNS = {
    **{("provisions", name): "provisions" for name in ("path", "label", "within", "force", "summary")},
    **{("readings", name): "readings" for name in ("path", "criterion", "strength", "rationale", "reservable_under")},
}
_ELIGIBILITY = (
    Field("way", "Who can become bound", "openness", "way"),
    Field("eligible_organisation", "Organisation whose members can (for some ways)", "openness", "organisation", asked=False),
    Field(
        "related", "Treaty whose parties or signatories can (for the way party-or-signatory)", "openness", "related", asked=False
    ),
    Field("until", "Day from which no further state can", "openness", "until", asked=False),
    Field("eligibility_path", "Path of the provision on this", asked=False),
    Field("eligibility_summary", "Who can become bound, as a sentence", "openness", "summary"),
)
_OF_ORGANISATION = ("member", "took-part", "invited", "membership-only")  # ways that depend on an organisation
_ENTRY = (
    Field("entry_rule", "When it takes effect for a new party", "entry_rules", "rule"),
    Field("entry_amount", "Number of days or months of that rule; 0 on deposit", "entry_rules", "amount"),
    Field("entry_counted_from", "From what these are counted", "entry_rules", "counted_from", asked=False),
    Field("entry_path", "Path of the provision on this", asked=False),
    Field("entry_note", "Note on this rule", "entry_rules", "note", asked=False),
)


def treaty() -> Kind:
    """Return the kind of entry for a treaty."""
    fields = columns("instruments", "title short_name slug kind organisation", "adopted", "opened", _QUESTIONS)
    fields += columns(
        "instruments", "binding", "in_force status status_as_of", "list_reaches applies_from transpose_by", _QUESTIONS
    )
    fields += (_READ_FROM, *_ELIGIBILITY, *_ENTRY, _PROVISIONS, _READINGS, _READER)
    fields += columns("instruments", "source", "", "note", _QUESTIONS)
    defaults = {
        "slug": lambda values, context: slug(values.get("short_name", "")),
        "binding": always("true"),
        "reader": always("Tutela"),
        "entry_counted_from": lambda values, context: "deposit" if values.get("entry_rule") else "",
        "entry_amount": lambda values, context: "0" if values.get("entry_rule") == "on-deposit" else "",
    }
    conditions = {
        "eligible_organisation": lambda values, context: values.get("way") in _OF_ORGANISATION,
        "related": lambda values, context: values.get("way") == "party-or-signatory",
        "entry_amount": lambda values, context: values.get("entry_rule", "on-deposit") not in ("", "on-deposit"),
        "status": lambda values, context: not values.get("in_force"),
        "status_as_of": lambda values, context: bool(values.get("status")),
    }
    title = "a treaty, with provisions, readings, eligibility and entry into force"
    columns_of = _OUTLINE_COLUMNS | {("openness", "path"): "eligibility_path", ("entry_rules", "path"): "entry_path"}
    return Kind("treaty", title, fields, _build, defaults, conditions, columns=columns_of)


def treaty_provision() -> Kind:
    """Return the kind of entry for provisions and readings of a treaty that the tables have."""
    instrument = columns("provisions", "instrument", "", "", _QUESTIONS)
    fields = (*instrument, _READ_FROM, _PROVISIONS, _READINGS, _READER, *columns("provisions", "source"))

    def build(draft: Draft, values: Values, context: Context) -> None:
        if not (values.get("provisions") or values.get("readings")):
            draft.error("provisions", "", "provisions, or readings of provisions")
        add_outline(draft, values.get("instrument", ""), values)

    title = "provisions of a treaty, or readings of them"
    return Kind("treaty-provision", title, fields, build, {"reader": always("Tutela")}, columns=_OUTLINE_COLUMNS)


def _build(draft: Draft, values: Values, context: Context) -> None:
    instrument = values.get("slug", "")
    own = {name: text for name, text in values.items() if name in draft.tables["instruments"].column_names}
    draft.add("instruments", own)
    common = {"instrument": instrument, "source": values.get("source", "")}
    if values.get("way") or values.get("eligibility_summary"):
        for name in ("way", "eligibility_summary"):
            if not values.get(name):
                draft.error(name, "", "an answer, because the other part of the rule on eligibility is given")
        if values.get("way") in _OF_ORGANISATION and not values.get("eligible_organisation"):
            draft.error("eligible_organisation", "", f"the organisation, because the way is {values['way']}")
        if values.get("way") == "party-or-signatory" and not values.get("related"):
            draft.error("related", "", "the other treaty, because the way is party-or-signatory")
        renamed = {"organisation": "eligible_organisation", "path": "eligibility_path", "summary": "eligibility_summary"}
        names = ("way", "organisation", "related", "until", "path", "summary", "read_from")
        row = {name: values.get(renamed.get(name, name), "") for name in names}
        draft.add("openness", common | row)
    elif values.get("binding") == "true":
        expected = "a rule on who can become bound, because the instrument is binding"
        draft.error("way", "", expected, "Read it in the final provisions; --eligibility-summary says it in a sentence.")
    _add_entry_rule(draft, common, values)
    add_outline(draft, instrument, values)
    if not values.get("provisions"):
        draft.notes.append(
            f"Open: the treaty has no provisions yet. `tutela add treaty-provision --instrument {instrument}` adds them."
        )


def _add_entry_rule(draft: Draft, common: Values, values: Values) -> None:
    if values.get("entry_rule"):
        row = {name: values.get(f"entry_{name}", "") for name in ("rule", "amount", "counted_from", "path", "note")}
        draft.add("entry_rules", common | row)
    elif values.get("binding") == "true":
        draft.notes.append("Open: no rule on when it takes effect for a new party, so no such date can be calculated.")
