"""The brief on one jurisdiction: findings, their grounds, participation, obligations, gaps, what it could join, sources."""

from collections.abc import Iterable, Iterator

from tutela.reports.answers import Answers, Row
from tutela.reports.document import Block, Document, Heading, Items, Line, Link, NoteMark, Notes, Paragraph, Table
from tutela.reports.participation import bound_since
from tutela.reports.words import capitalised, day, with_long_dates

_MET = {"true": "met", "false": "not met", "": "no finding"}
# Levels of obligation, the highest first. One that allows a reservation is no lower.
_LEVELS = {"requires": "requires", "requires-reservable": "requires", "in-substance": "in-substance", "partly": "partly"}
ASKED_WORDS = {"requires": "Required", "in-substance": "In substance", "partly": "In part"}


def jurisdiction_brief(answers: Answers, code: str) -> Document:
    """Return the brief, with the findings of the current edition and participation on the date of the release.

    Args:
        answers: the answers of the catalogue.
        code: the alpha-3 code of the jurisdiction.

    Raises:
        InvalidValuesError: there is no such jurisdiction; the message suggests the nearest.

    """
    card = answers.rows("jurisdiction-card", jurisdiction=code)
    name = answers.names("jurisdiction")[code]
    edition = answers.edition(answers.catalog.current_edition())
    as_of = answers.catalog.release_date()
    labels = answers.concepts()
    document = Document(name)
    document.add(
        Paragraph(
            f"Brief by Tutela, release {answers.release}. Findings: {edition['source']}, "
            f"as of {day(edition['findings_as_of'])}. Participation in treaties as of {day(as_of)}."
        ),
        Paragraph("“Not met” is a finding of the review on its date; it does not mean that an act is lawful."),
        Heading("Findings"),
        *_findings(card),
        Heading("National provisions"),
        *_grounds(answers.rows("grounds", jurisdiction=code), labels),
        Heading("Participation"),
        *_participation(answers, code, as_of, labels),
        *_obligations(answers.rows("unmet-obligations", jurisdiction=code, as_of=as_of), labels),
        Heading("Instruments that it could join"),
        *_open_instruments(answers, code, as_of, labels),
        *_doubts(answers.rows("doubts", jurisdiction=code)),
        Heading("Sources"),
        answers.sources(),
    )
    return document


def _findings(card: list[Row]) -> Iterator[Block]:
    found = [row for row in card if row["criterion"]]
    if found:
        yield Table(
            ("Criterion", "Finding"),
            tuple(
                (
                    capitalised(row["criterion_name"]),
                    (_MET[row["met"]], NoteMark(row["note"])) if row["note"] else _MET[row["met"]],
                )
                for row in found
            ),
        )
    else:
        yield Paragraph("The review has no finding on it.")
    notes = {row["note"]: _note(row) for row in card if row["note"]}
    if notes:
        yield Notes(tuple(sorted(notes.items(), key=lambda item: int(item[0]))))


def _note(row: Row) -> str:
    wording = f" Wording: “{row['wording'].replace('; ', '”, “')}”." if row["wording"] else ""
    return f"{row['summary']}{wording}"


def _grounds(rows: list[Row], labels: dict[str, str]) -> Iterator[Block]:
    if not rows:
        yield Paragraph("No provision behind the findings is known.")
        return
    yield Paragraph("Found by Tutela in public sources, or cited by a note of the review. They never change a finding.")
    yield Table(
        ("Criterion", "Relation to the finding", "Provision", "What it says", "Evidence"),
        tuple(
            (
                capitalised(labels[f"criterion/{row['criterion']}"]),
                labels[f"relation/{row['relation']}"],
                (Link(row["label"], row["url"]),),
                f"“{row['wording']}”" if row["wording"] else row["summary"],
                _evidence(row, labels),
            )
            for row in rows
        ),
    )


def _evidence(row: Row, labels: dict[str, str]) -> str:
    parts = [labels[f"relation-basis/{row['basis']}"]]
    parts += [f"highest penalty stated: {row['penalty']}"] if row["penalty"] else []
    parts += [f"in force from {day(row['in_force_from'])}"] if row["in_force_from"] else []
    parts += [f"text as of {day(row['text_as_of'])}"] if row["text_as_of"] else []
    return "; ".join(parts)


def _participation(answers: Answers, code: str, as_of: str, labels: dict[str, str]) -> Iterator[Block]:
    names = answers.names("instrument")
    rows = answers.rows("bound-by", jurisdiction=code, as_of=as_of)
    shown = [row for row in rows if row["state"] not in ("cannot join", "no act on record")]
    if shown:
        yield Table(
            ("Instrument", "Status", "Since", "Basis", "List current to"),
            tuple(
                (
                    names[row["instrument"]],
                    row["state"],
                    _since(row),
                    labels.get(f"bound-basis/{row['basis']}", ""),
                    day(row["list_reaches"]),
                )
                for row in shown
            ),
        )
    else:
        yield Paragraph("No treaty action or membership on record.")
    reservations = answers.rows("reservations-by", jurisdiction=code)
    if reservations:
        yield Items(tuple(_reservation(row) for row in reservations))


def _since(row: Row) -> str:
    """Return from when an instrument binds the jurisdiction, or when it signed."""
    if not row["bound_from"]:
        return f"signed {day(row['signed'])}" if row["signed"] else ""
    since = bound_since(row).removeprefix("since ") + (f", until {row['bound_until']}" if row["bound_until"] else "")
    return with_long_dates(since)


def _reservation(row: Row) -> str:
    dated = f" of {day(row['date'])}" if row["date"] else ""
    withdrawn = f" Withdrawn on {day(row['withdrawn'])}." if row["withdrawn"] else ""
    kind = "No reservation" if row["kind"] == "none" else capitalised(row["kind"])
    return f"{kind}{dated}, {row['instrument_name']}: {row['effect'].rstrip('.')}.{withdrawn}"


def _obligations(rows: list[Row], labels: dict[str, str]) -> Iterator[Block]:
    certain = [row for row in rows if row["state"] == "bound"]
    groups = (
        ("Obligations not met, according to the review", [row for row in certain if row["kind"] == "unmet obligation"]),
        ("Possible gaps, which need legal review", [row for row in certain if row["kind"] != "unmet obligation"]),
        ("Not known whether it is bound", [row for row in rows if row["state"] != "bound"]),
    )
    for heading, group in groups:
        if group:
            yield Heading(heading)
            yield Items(tuple(_obligation(row, labels) for row in group))
        elif heading.startswith("Obligations"):
            yield Heading(heading)
            yield Paragraph("None on this date, according to the review and our reading of the instruments.")


def _obligation(row: Row, labels: dict[str, str]) -> Line:
    criterion = labels[f"criterion/{row['criterion']}"]
    return (Link(row["provision_name"], row["provision"]), f" ({criterion}). {row['explanation']}")


def _open_instruments(answers: Answers, code: str, as_of: str, labels: dict[str, str]) -> Iterator[Block]:
    duties: dict[str, list[Row]] = {}
    for row in answers.rows("would-add", jurisdiction=code, as_of=as_of):
        duties.setdefault(row["instrument"], []).append(row)
    rows: dict[str, list[Row]] = {}
    for row in answers.rows("could-join", jurisdiction=code, as_of=as_of):
        if not (row["way"] in ("member", "membership-only") and row["member"] == "false"):
            rows.setdefault(row["instrument"], []).append(row)
    if not rows:
        yield Paragraph("None on this date, according to the data.")
        return
    yield Table(
        ("Instrument", "Who can become a party", "What it would add"),
        tuple(
            (ways[0]["instrument_name"], " ".join(row["summary"] for row in ways), _added(duties.get(slug, []), labels))
            for slug, ways in rows.items()
        ),
    )


def asked_for(duties: Iterable[Row]) -> dict[str, dict[str, list[Row]]]:
    """Return what an instrument asks for: the criteria by their highest level of obligation, with the provisions.

    Args:
        duties: rows of the query `would-add` on the instrument.

    """
    by_criterion: dict[str, list[Row]] = {}
    for row in duties:
        by_criterion.setdefault(row["criterion"], []).append(row)
    found: dict[str, dict[str, list[Row]]] = {}
    for criterion, rows in by_criterion.items():
        level = min((_LEVELS[row["strength"]] for row in rows), key=list(ASKED_WORDS).index)
        found.setdefault(level, {})[criterion] = [row for row in rows if _LEVELS[row["strength"]] == level]
    return {level: found[level] for level in ASKED_WORDS if level in found}


def _added(duties: Iterable[Row], labels: dict[str, str]) -> str:
    """Return the criteria that an instrument asks for, by level, each with its provisions and the finding."""
    parts = []
    for level, criteria in asked_for(duties).items():
        named = [
            f"{labels[f'criterion/{criterion}']} ({', '.join(row['provision_name'] for row in rows)}): {_MET[rows[0]['met']]}"
            for criterion, rows in criteria.items()
        ]
        parts.append(f"{ASKED_WORDS[level]}: {'; '.join(named)}.")
    return " ".join(parts) or "Nothing that the five criteria test."


def _doubts(rows: list[Row]) -> Iterator[Block]:
    if rows:
        yield Heading("Where sources conflict")
        yield Items(
            tuple(
                f"{row['about_name']}: {row['claim']} ({row['claim_source']}); {row['other_claim']} ({row['other_source']}). "
                f"{row['reason']}"
                for row in rows
            )
        )
