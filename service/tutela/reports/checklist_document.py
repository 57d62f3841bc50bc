"""The drafting checklist as a document and as JSON: exactly what its page shows, with what has been ticked."""

from collections.abc import Iterable, Iterator
from typing import Any

from tutela.reports.answers import Answers, Row
from tutela.reports.checklist import BOUND, COULD_JOIN, MODEL, NOT_IN_FORCE, NOT_KNOWN, Checklist, Group, Item
from tutela.reports.document import Block, Document, Heading, Items, Line, Link, Paragraph, Part, Quotation, Table, Tasks
from tutela.reports.words import GAPS, capitalised, day, with_long_dates

STANDING_HEADINGS = {
    BOUND: "Instruments that bind it",
    NOT_KNOWN: "Instruments of which it is not known whether they bind it",
    COULD_JOIN: "Instruments that it could join",
    NOT_IN_FORCE: "Instruments not yet in force",
    MODEL: "The model legislation",
}
STANDING_WORDS = {
    BOUND: "binds it",
    NOT_KNOWN: "not known whether it binds it",
    COULD_JOIN: "it could join",
    NOT_IN_FORCE: "not yet in force",
    MODEL: "recommended by the review",
}
PART_HEADINGS = {
    "criterion": "The five criteria of the review",
    "topic": "What no criterion tests, by topic of the model legislation",
    "force": "What else these instruments ask for, by type of obligation",
}
NO_ADVICE = (
    "This list gives no advice and is not complete. Each line is what a source asks for, in our words, with the source itself. "
    "“Not met” is a finding of the review on its date; it does not mean that an act is lawful."
)
NO_BINDING_INSTRUMENT = "By our reading, no instrument in Tutela that binds it asks for anything on this topic."
NOT_IN_FORCE_NOTE = "These bind nobody yet. What they would ask for is listed apart."
COMMON_HEADING = "What national wordings have in common"
COMMON_NOTE = "Words of national law that more than one note of the review quotes. Source: the notes of the review."
_ABBREVIATION = 9  # short names with fewer characters are abbreviations, such as CRC
_ACTS = {"signed": "signed", "consented": "ratified, or agreed to be bound in another way,"}  # columns of `not-yet-in-force`
_RULE = ("instrument", "instrument_name", "way", "organisation", "member", "summary", "signed")
_PENDING = (
    *_RULE,
    "signed_by",
    "consented",
    "consented_by",
    "in_force",
    "status_as_of",
    "list_reaches",
    "source",
    "official_text",
)
FINDINGS = {"true": "met", "false": "not met", "": "no finding"}


def checklist_document(answers: Answers, checklist: Checklist) -> Document:
    """Return a checklist as a document.

    Args:
        answers: the answers that it was made from, for the list of sources.
        checklist: the checklist.

    """
    labels = answers.concepts()
    total, remaining = len(checklist.items), len(checklist.items) - len(checklist.done)
    document = Document(f"Drafting checklist: {checklist.name}")
    document.add(
        Paragraph(
            f"What a bill would need, from the instruments that bind {checklist.name}, those that it could join, those not yet "
            "in force that it signed or could join, and the model legislation of the review: "
            f"{total} items{f', of which {remaining} remain' if checklist.done else ''}."
        ),
        Paragraph(NO_ADVICE),
        Paragraph(
            f"Made by Tutela, release {answers.release}. Findings: {checklist.edition['source']}, as of "
            f"{day(checklist.edition['findings_as_of'])}. Participation in treaties as of {day(checklist.as_of)}."
        ),
        *([Paragraph(_gone(checklist.gone))] if checklist.gone else []),
        Heading("What remains"),
        _by_instrument(checklist),
        _by_group(checklist),
        *_rules(checklist),
        *_not_in_force(checklist),
    )
    kind = ""
    for group in checklist.groups:
        if group.kind != kind:
            kind = group.kind
            document.add(Heading(PART_HEADINGS[kind]))
        document.add(*_group(group, labels))
    document.add(Heading("Sources"), *_sources(answers, checklist))
    return document


def _sources(answers: Answers, checklist: Checklist) -> Iterator[Block]:
    """Yield the sources of each line, and those of what binds the jurisdiction."""
    named = [item.iri for item in checklist.items]
    named += [row["observation"] for group in checklist.groups for row in group.findings]
    named += [row["provision"] for group in checklist.groups for row in (*group.law, *group.elsewhere)]
    yield answers.sources_of(named)
    bound = {item.instrument for item in checklist.items if item.standing in (BOUND, NOT_KNOWN)}
    actions = answers.rows("timeline", jurisdiction=checklist.code)
    titles = sorted({row["source"] for row in actions if row["instrument"] in bound and row["source"]})
    if titles:
        yield Paragraph("What binds it:")
        yield Items(tuple(titles))


def _gone(ids: Iterable[str]) -> str:
    return f"Ticked, but not on this list on this day: {', '.join(ids)}."


def _by_instrument(checklist: Checklist) -> Table:
    return Table(
        ("Instrument", "Its standing", "Items that remain", "Items"),
        tuple(
            (_full_name(checklist, item), STANDING_WORDS[item.standing], str(remaining), str(total))
            for item, remaining, total in checklist.by_instrument
        ),
    )


def instrument_name(item: Item) -> str:
    """Return the short name of the instrument of an item, or that of the model legislation."""
    return item.instrument_name if item.instrument else STANDING_HEADINGS[MODEL]


def full_title(checklist: Checklist, item: Item) -> str:
    """Return the title of an instrument whose short name is an abbreviation; otherwise nothing."""
    return checklist.titles.get(item.instrument, "") if len(item.instrument_name) < _ABBREVIATION else ""


def _full_name(checklist: Checklist, item: Item) -> str:
    title = full_title(checklist, item)
    return f"{instrument_name(item)} ({title})" if title else instrument_name(item)


def _by_group(checklist: Checklist) -> Table:
    return Table(
        ("Criterion, topic or type of obligation", "Finding", "Items that remain", "Items"),
        tuple(
            (
                capitalised(group.name),
                FINDINGS[group.met] if group.kind == "criterion" else "",
                str(group.remaining),
                str(len(group.items)),
            )
            for group in checklist.groups
        ),
    )


def _rules(checklist: Checklist) -> Iterator[Block]:
    if checklist.ways:
        yield Heading("Who can join", 3)
        yield Items(
            tuple(
                (Link(rows[0]["instrument_name"], checklist.texts[slug]), f": {' '.join(row['summary'] for row in rows)}")
                for slug, rows in checklist.ways.items()
            )
        )


def _not_in_force(checklist: Checklist) -> Iterator[Block]:
    if checklist.not_in_force:
        yield Heading(STANDING_HEADINGS[NOT_IN_FORCE], 3)
        yield Paragraph(NOT_IN_FORCE_NOTE)
        yield Items(
            tuple(
                (Link(rows[0]["instrument_name"], rows[0]["official_text"]), f": {not_in_force(rows)}")
                for rows in checklist.not_in_force.values()
            )
        )


def not_in_force(rows: list[Row]) -> str:
    """Return in words where an instrument that is not yet in force stands, from its rows of the query `not-yet-in-force`."""
    row = rows[0]
    until = f"in force only from {day(row['in_force'])}" if row["in_force"] else "not yet in force"
    known = f" (as of {with_long_dates(row['status_as_of'])})" if row["status_as_of"] and not row["in_force"] else ""
    acts = [
        f"{words} {'on' if row[column] else 'by'} {with_long_dates(row[column] or row[f'{column}_by'])}"
        for column, words in _ACTS.items()
        if row[column] or row[f"{column}_by"]
    ]
    listed = f" up to {day(row['list_reaches'])}, where the list ends" if row["list_reaches"] else ""
    participation = f"It {' and '.join(acts)}." if acts else f"No act of it is on record{listed}."
    rules = " ".join(one["summary"] for one in rows)
    return f"{until}{known}. {participation} {rules} Source: {row['source']}."


def _group(group: Group, labels: dict[str, str]) -> Iterator[Block]:
    yield Heading(capitalised(group.name), 3)
    if group.kind == "criterion":
        yield Paragraph(f"{group.meaning} {_finding(group)}")
        notes = [row for row in group.findings if row["note"]]
        if notes:
            yield Items(tuple(f"Note {row['note']}: {row['summary']}" for row in notes))
    elif group.kind == "topic" and not group.in_binding_instruments:
        yield Paragraph(NO_BINDING_INSTRUMENT)
    for standing, heading in STANDING_HEADINGS.items():
        items = group.of(standing)
        if items:
            yield Heading(heading, 4)
            yield Tasks(tuple((item.done, _item(item, labels)) for item in items))
    for (_, _, name), provisions in group.also.items():
        yield Paragraph(f"Also on this topic, listed under “{name}”: {'; '.join(provisions)}.")
    if group.law:
        yield Heading("Its own law", 4)
        yield Items(tuple(_law(row, labels) for row in group.law))
    if group.common:
        yield Heading(COMMON_HEADING, 4)
        yield Paragraph(COMMON_NOTE)
        yield Items(tuple(common_wording(row) for row in group.common))
    if group.elsewhere:
        yield Heading("Wordings elsewhere, the nearest first", 4)
        yield Items(tuple(_wording(row, labels) for row in group.elsewhere))


def common_wording(row: Row) -> str:
    """Return words that several notes quote, with their jurisdictions, from a row of the query `common-wording`."""
    return f"“{row['wording']}”: {row['notes']} notes ({row['jurisdictions']})"


def _finding(group: Group) -> str:
    if not group.findings:
        return "The review has no finding on it."
    row = group.findings[0]
    return f"{capitalised(FINDINGS[row['met']])}, by the review as of {day(row['as_of'])}."


def _item(item: Item, labels: dict[str, str]) -> Line:
    parts: list[Part] = [Link(item.name, item.official_text or item.iri), f": {item.summary}"]
    details = [f"level of obligation: {labels[f'strength/{item.strength}']}"] if item.strength else []
    details += [f"a reservation is possible under {item.reservable_under}"] if item.reservable_under else []
    details += [GAPS[item.gap]] if item.gap else []
    details += [f"summarised from: {labels[f'read-from/{item.read_from}']}"] if item.read_from not in ("", "text") else []
    if not item.instrument:
        details += [f"part “{item.instrument_name}” of the model legislation"]
    if details:
        parts.append(f" ({'; '.join(details)})")
    parts += [f" {reservation(row, labels)}" for row in item.reservations]
    return tuple(parts)


def reservation(row: Row, labels: dict[str, str]) -> str:
    """Return what is on record about a reservation or declaration, as a sentence, from a row of the query `reservations-by`."""
    kind = capitalised(labels.get(f"reservation-kind/{row['kind']}", row["kind"]))
    dated = f" of {day(row['date'])}" if row["date"] else ""
    withdrawn = f" Withdrawn on {day(row['withdrawn'])}." if row["withdrawn"] else ""
    return f"On record, {kind.lower()}{dated}: {row['effect'].rstrip('.')}.{withdrawn}"


def _law(row: Row, labels: dict[str, str]) -> Line:
    words = (Quotation(row["wording"], row["language"]),) if row["wording"] else (row["summary"],)
    basis = f" ({labels['relation/' + row['relation']]}; {labels['relation-basis/' + row['basis']]})"
    return (Link(row["label"], row["url"] or row["provision"]), ": ", *words, basis)


def _wording(row: Row, labels: dict[str, str]) -> Line:
    cited = Link(row["label"], row["url"] or row["provision"])
    basis = f" ({labels['relation-basis/' + row['basis']]})"
    return (f"{row['name']}: ", cited, ": ", Quotation(row["wording"], row["language"]), basis)


def checklist_data(release: str, checklist: Checklist) -> dict[str, Any]:
    """Return a checklist as values of JSON.

    Args:
        release: the version of the release.
        checklist: the checklist.

    """
    return {
        "jurisdiction": checklist.code,
        "name": checklist.name,
        "release": release,
        "as_of": checklist.as_of,
        "findings": {"source": checklist.edition["source"], "as_of": checklist.edition["findings_as_of"]},
        "note": NO_ADVICE,
        "done": checklist.done,
        "not_on_the_list": list(checklist.gone),
        "remaining": {
            "items": len(checklist.items) - len(checklist.done),
            "by_instrument": {item.instrument or MODEL: remaining for item, remaining, _ in checklist.by_instrument},
            "by_group": {group.slug: group.remaining for group in checklist.groups},
        },
        "who_can_join": [_named(row, _RULE) for rows in checklist.ways.values() for row in rows],
        "not_in_force": [_named(row, _PENDING) for rows in checklist.not_in_force.values() for row in rows],
        "groups": [_group_data(group) for group in checklist.groups],
    }


def _named(row: Row, columns: Iterable[str]) -> dict[str, str]:
    return {column: row[column] for column in columns if row[column]}


def _group_data(group: Group) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": group.kind, "slug": group.slug, "name": group.name}
    if group.kind == "criterion":
        keep = ("note", "summary", "source", "as_of")
        wordings = ("jurisdiction", "name", "provision", "label", "wording", "language", "basis", "url")
        law = ("provision", "label", "relation", "basis", "wording", "language", "summary", "url")
        data |= {
            "meaning": group.meaning,
            "met": {"true": True, "false": False}.get(group.met),
            "findings": [{key: row[key] for key in keep if row[key]} for row in group.findings],
            "national_law": [{key: row[key] for key in law if row[key]} for row in group.law],
            "common_wordings": [_named(row, ("wording", "notes", "jurisdictions")) for row in group.common],
            "wordings_elsewhere": [{key: row[key] for key in wordings if row[key]} for row in group.elsewhere],
        }
    if group.kind == "topic":
        data["in_binding_instruments"] = group.in_binding_instruments
        data["also"] = [{"kind": kind, "slug": slug, "provisions": names} for (kind, slug, _), names in group.also.items()]
    return {**data, "items": [_item_data(item) for item in group.items]}


def _item_data(item: Item) -> dict[str, Any]:
    values = {key: value for key, value in vars(item).items() if value not in ("", ()) and key != "own_text"}
    keep = ("kind", "date", "withdrawn", "under", "effect")
    if item.reservations:
        values["reservations"] = [{key: row[key] for key in keep if row[key]} for row in item.reservations]
    return values
