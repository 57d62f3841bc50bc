"""National laws, their provisions, and readings of these. None of them needs a note of the review."""

from collections.abc import Callable

from tutela.entry.context import Context
from tutela.entry.draft import Draft
from tutela.entry.fields import Values
from tutela.entry.kind import Kind, always, columns, seen, slug, today

_QUESTIONS = {
    "jurisdiction": "State or territory (code or name)",
    "law": "Law (identifier or title)",
    "title": "Title in English",
    "title_original": "Title in the original language",
    "language": "Language of the original title or wording, such as fr",
    "kind": "Kind of law",
    "number": "Number, such as Act 5 of 2021",
    "year": "Year",
    "slug": "Identifier; empty to make one of the title",
    "enacted_by": "Body that enacted it, if not the legislature",
    "url": "Page where it was found",
    "seen": "Day on which the page was seen",
    "note": "Note",
    "path": "Path in the law, such as sec_12/par_1",
    "label": "As a lawyer cites it, such as section 12(1)",
    "summary": "What it says, in our own words",
    "max_penalty": "Highest penalty as stated in the text",
    "status": "Status",
    "in_force_from": "When it took effect (year, month or day)",
    "wording_from": "When the present wording took effect, if an earlier one was in force",
    "ended": "Last day in force",
    "read_from": "What was read: its text, or a description",
    "source_kind": "Kind of the page",
    "wording": "Its own words, at most 160 characters",
    "text_as_of": "Version of the text that was read",
    "replaced_by": "Path of the provision that replaced it",
    "criterion": "Criterion",
    "level": "Whether the provision meets the criterion",
    "rationale": "Why, in a sentence",
    "reader": "Who read it; no name of a person",
    "read_on": "Day of the reading",
}


def law() -> Kind:
    """Return the kind of entry for a national law."""
    fields = columns(
        "national_laws", "jurisdiction title kind", "year title_original language url", "number enacted_by", _QUESTIONS
    )
    fields += columns("national_laws", "slug source", "", "seen note", _QUESTIONS)
    return Kind("law", "a national law", fields, _adder("national_laws"), {"slug": _law_slug, "seen": seen})


def _law_slug(values: Values, context: Context) -> str:
    title, year = values.get("title", ""), values.get("year", "")
    return slug(title if not year or year in title else f"{title} {year}")


def provision() -> Kind:
    """Return the kind of entry for a provision of a national law."""
    table = "national_provisions"
    fields = columns(
        table, "jurisdiction law path", "label summary status in_force_from read_from source_kind url", "", _QUESTIONS
    )
    further = "language wording wording_from ended replaced_by text_as_of max_penalty seen note"
    fields += columns(table, "source", "", further, _QUESTIONS)
    return Kind("provision", "a provision of a national law", fields, _adder(table), {"seen": seen})


def reading() -> Kind:
    """Return the kind of entry for a reading of a provision of a national law."""
    table = "national_readings"
    fields = columns(table, "jurisdiction law path criterion level rationale source", "", "reader read_on", _QUESTIONS)
    defaults = {"source": always("tutela"), "reader": always("Tutela"), "read_on": today}
    return Kind("reading", "a reading of a national provision: whether it meets a criterion", fields, _adder(table), defaults)


def discrepancy() -> Kind:
    """Return the kind of entry for a discrepancy between sources."""
    questions = {
        "about": "What it is about: the path under id/, such as instrument/opsc",
        "claim": "The one claim, as a sentence",
        "claim_source": "Source of that claim",
        "other_claim": "The other claim, as a sentence",
        "other_source": "Source of the other claim",
        "followed": "Which one is followed",
        "reason": "Why, as a sentence",
        "slug": "Identifier, such as kenya-accession-day",
        "recorded": "Day on which it was recorded",
    }
    names = "about claim claim_source other_claim other_source followed reason slug"
    fields = columns("discrepancies", names, "", "recorded", questions)
    return Kind(
        "discrepancy", "a conflict between two claims", fields, _adder("discrepancies"), {"recorded": today}, has_source=False
    )


def source() -> Kind:
    """Return the kind of entry for a source."""
    questions = {
        "title": "Title",
        "publisher": "Publisher",
        "url": "Page",
        "issued": "Year, month or day of publication, as far as known",
        "as_of": "Day to which it is current",
        "id": "Identifier; empty to make one of the title",
        "licence": "Licence",
        "note": "Note",
    }
    fields = columns("sources", "title publisher", "url issued as_of", "licence note", questions)
    fields += columns("sources", "id", "", "", questions)
    defaults = {"id": lambda values, context: slug(values.get("title", ""))}
    return Kind("source", "a source", fields, _adder("sources"), defaults, has_source=False)


def _adder(table: str) -> Callable[[Draft, Values, Context], None]:
    def build(draft: Draft, values: Values, context: Context) -> None:
        draft.add(table, values)

    return build
