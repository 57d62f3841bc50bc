"""The review's global table with its notes, and its table of results, made again from the data."""

from collections.abc import Iterable

from tutela.errors import UsageError
from tutela.reports.answers import Answers, Row
from tutela.reports.document import Document, Heading, Line, NoteMark, Notes, Paragraph, Table
from tutela.reports.words import capitalised, day, ordinal

_YES, _NO = "✓", "✗"  # as the report prints them
# Rows of the report's table of results: measures, and the measures that it gives in the same cell.
_RESULTS = (
    ("sufficient", ("five-criteria", "four-criteria")),
    ("no-specific-legislation", ()),
    ("remaining", ()),
    ("remaining-without-definition", ()),
    ("remaining-without-technology-facilitated", ()),
    ("remaining-without-simple-possession", ()),
)


def review_report(answers: Answers, number: str) -> Document:
    """Return the tables of an edition.

    Args:
        answers: the answers of the catalogue.
        number: the number of the edition.

    Raises:
        UsageError: there is no such edition, or only its totals are known.

    """
    cells = answers.rows("review-table", edition=number)
    edition = answers.edition(number)
    if not cells:
        raise UsageError(
            f"--edition {number}: only totals of this edition are known, not its findings; "
            f"choose {answers.catalog.current_edition()}."
        )
    notes = answers.rows("notes", edition=number)
    document = Document(
        f"Global review of legislation, {ordinal(number)} edition" + (" (draft)" if edition["status"] == "draft" else "")
    )
    document.add(
        *_introduction(answers, edition),
        Heading("Results"),
        _results(answers, number),
        Heading("Global table"),
        Paragraph(f"{_YES} = yes, {_NO} = no. A raised number refers to a note below the table."),
        _global_table(cells, notes),
        *_corrections(cells),
    )
    if notes:
        document.add(Heading("Notes"), Paragraph("In our own words."), _notes(notes))
    document.add(Heading("Sources"), answers.sources())
    return document


def _introduction(answers: Answers, edition: Row) -> Iterable[Paragraph]:
    as_of = f", findings as of {day(edition['findings_as_of'])}" if edition["findings_as_of"] else ""
    if edition["status"] == "draft":
        yield Paragraph("This is a draft. Its findings are under review and nobody has published them.")
    yield Paragraph(f"Made by Tutela, release {answers.release}, from {edition['source']}{as_of}.")
    yield Paragraph("“No” is a finding of the review on its date; it does not mean that an act is lawful.")


def _results(answers: Answers, number: str) -> Table:
    """Return the totals that the report states of this and earlier editions, and the counted ones if it states none."""
    stated: dict[str, dict[str, str]] = {}
    for row in answers.rows("change-over-editions"):
        if int(row["edition"]) <= int(number):
            stated.setdefault(row["edition"], {})[row["measure"]] = row["stated"]
    own = answers.rows("edition-totals", edition=number)
    if number not in stated:
        stated[number] = {row["measure"]: row["counted"] for row in own}
    years = {row["number"]: row["published"][:4] for row in answers.rows("editions")}
    labels = {row["measure"]: row["label"] for row in own}
    columns = sorted(stated, key=int)
    headings = [f"{ordinal(one)} edition ({years[one] or 'draft'})" for one in columns]
    rows = [
        (capitalised(labels[measure]), *(_result(stated[one], measure, within, labels) for one in columns))
        for measure, within in _RESULTS
    ]
    return Table(("Jurisdictions", *headings), tuple(rows))


def _result(totals: dict[str, str], measure: str, within: Iterable[str], labels: dict[str, str]) -> str:
    parts = [f"{totals[one]}: {labels[one]}" for one in within if one in totals]
    return totals.get(measure, "") + (f" ({'; '.join(parts)})" if parts else "")


def _global_table(cells: list[Row], notes: list[Row]) -> Table:
    marks = {(note["jurisdiction_name"], note["criterion"]): note["number"] for note in notes}
    criteria = list(dict.fromkeys((cell["criterion"], cell["criterion_name"]) for cell in cells))
    rows: dict[str, dict[str, Row]] = {}
    for cell in cells:
        rows.setdefault(cell["name"], {})[cell["criterion"]] = cell
    headings = [_marked(capitalised(name), marks.get(("", slug))) for slug, name in criteria]
    return Table(
        ("Country", *headings),
        tuple(
            (
                _marked(name, marks.get((name, ""))),
                *(_marked(_YES if row[slug]["met"] == "true" else _NO, row[slug]["note"]) for slug, _ in criteria),
            )
            for name, row in rows.items()
        ),
    )


def _marked(text: str, note: str | None) -> Line:
    return (text, NoteMark(note)) if note else text


def _corrections(cells: list[Row]) -> Iterable[Paragraph]:
    """Yield the findings that differ from the report because they were corrected after it."""
    for cell in cells:
        if cell["stated"] and cell["stated"] != cell["met"]:
            was, now = (("yes" if cell[key] == "true" else "no") for key in ("stated", "met"))
            yield Paragraph(f"Corrected after the report: {cell['name']}, {cell['criterion_name']}, from {was} to {now}.")


def _notes(notes: list[Row]) -> Notes:
    return Notes(tuple((note["number"], _note(note)) for note in notes))


def _note(note: Row) -> str:
    wording = f" Wording: “{note['wording'].replace('; ', '”, “')}”." if note["wording"] else ""
    return f"{note['summary']}{wording}"
