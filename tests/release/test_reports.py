"""Reports: the tables of the review are those of the source, cell by cell, and a brief says what the queries say."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tutela import paths
from tutela.catalog import Catalog
from tutela.errors import InvalidValuesError, UsageError
from tutela.importers.icmec_report import CRITERIA, Transcript, transcribe
from tutela.reports import Answers, jurisdiction_brief, review_report, write
from tutela.tables import read_rows
from tutela.validation.corrections import key_text

Cells = list[list[str]]
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


@pytest.fixture(scope="module")
def transcript(report: Path) -> Transcript:
    return transcribe(report, 10, paths.table_files()["jurisdictions"])


class _Tables(HTMLParser):
    """Reads the cells of each table; the number of a note follows its text after a space, as in Markdown."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Cells] = []
        self.is_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.is_cell = True

    def handle_endtag(self, tag: str) -> None:
        self.is_cell = self.is_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.is_cell:
            self.tables[-1][-1][-1] += data


def tables_of(text: str, format_name: str) -> list[Cells]:
    """Return the cells of each table of a report, with the numbers of notes in plain figures."""
    if format_name == "html":
        reader = _Tables()
        reader.feed(text)
        return reader.tables
    blocks = [block.split("\n") for block in text.translate(_DIGITS).split("\n\n") if block.startswith("| ")]
    return [
        [[cell.replace("\\", "") for cell in line.strip("| ").split(" | ")] for line in lines if "---" not in line]
        for lines in blocks
    ]


@pytest.mark.parametrize("format_name", ["markdown", "html"])
def test_the_tables_of_the_review_equal_the_source(catalog: Catalog, transcript: Transcript, format_name: str) -> None:
    text = write(review_report(Answers(catalog, "test"), "10"), format_name)
    results, table = tables_of(text, format_name)
    names = {row["code"]: row["report_name"] for row in read_rows(paths.table_files()["jurisdictions"])}
    corrected = {row["key"] for row in read_rows(paths.table_files()["corrections"]) if row["table"] == "observations"}
    notes = {(row["jurisdiction"], row["criterion"]): row["number"] for row in transcript.notes}
    expected: dict[str, list[str]] = {}
    for row in transcript.observations:
        key = row["jurisdiction"], row["criterion"]
        marked = expected.setdefault(row["jurisdiction"], [with_mark(names[row["jurisdiction"]], notes.get((key[0], "")))])
        met = row["met"] if key_text(("10", *key)) not in corrected else ("false" if row["met"] == "true" else "true")
        marked.append(with_mark("✓" if met == "true" else "✗", notes.get(key)))
    assert table[1:] == list(expected.values()), "the same rows in the same order, with the same marks"
    assert [re.findall(r"\d+$", heading) for heading in table[0][1:]] == [
        [notes[("", criterion)]] if ("", criterion) in notes else [] for criterion in CRITERIA
    ]
    assert numbers(results) == {
        (row["edition"], row["measure"]): row["value"] for row in transcript.totals if row["basis"] == "stated"
    }


def with_mark(text: str, note: str | None) -> str:
    return f"{text} {note}" if note else text


def numbers(results: Cells) -> dict[tuple[str, str], str]:
    """Return each number of the table of results by edition and measure."""
    measures = ("sufficient", "no-specific-legislation", "remaining", "remaining-without-definition",
                "remaining-without-technology-facilitated", "remaining-without-simple-possession")  # fmt: skip
    found = {}
    editions = [re.match(r"\d+", heading)[0] for heading in results[0][1:]]  # type: ignore[index]
    for measure, row in zip(measures, results[1:], strict=True):
        for edition, cell in zip(editions, row[1:], strict=True):
            values = re.findall(r"\d+", cell)
            if values:
                found[edition, measure] = values[0]
            if len(values) > 1:
                found[edition, "five-criteria"], found[edition, "four-criteria"] = values[1:]
    return found


def test_each_note_of_the_source_has_its_number(catalog: Catalog, transcript: Transcript) -> None:
    text = write(review_report(Answers(catalog, "test"), "10"), "html")
    assert re.findall(r'id="note-(\d+)"', text) == [row["number"] for row in transcript.notes]
    marks = re.findall(r'href="#note-(\d+)"', text)
    assert sorted(marks) == sorted(row["number"] for row in transcript.notes), "each note has exactly one mark"


def test_a_brief_says_what_the_queries_say(catalog: Catalog) -> None:
    text = write(jurisdiction_brief(Answers(catalog, "0123456789ab"), "IRQ"), "markdown")
    assert text == write(jurisdiction_brief(Answers(catalog, "0123456789ab"), "IRQ"), "markdown")
    assert text.startswith("# Iraq\n") and "release 0123456789ab" in text and "as of 30 September 2023" in text
    unmet = list(catalog.run("unmet-obligations", {"jurisdiction": "IRQ"}).records())
    assert unmet
    for row in unmet:
        assert row["provision_name"] in text
    headings = re.findall("^## (.*)$", text, re.MULTILINE)
    assert headings[:3] == ["Findings", "National provisions", "Participation"] and headings[-1] == "Sources"
    assert "Obligations not met, according to the review" in headings
    assert "International Centre for Missing & Exploited Children, as of 30 September 2023" in text.split("## Sources")[1]


@pytest.mark.parametrize("code", ["MAC", "VAT", "GBR-SCT", "COK"])
def test_every_kind_of_jurisdiction_has_a_brief(catalog: Catalog, code: str) -> None:
    """A territory of a note, the Holy See, a territory without findings, and a state outside the review."""
    assert "## Sources" in write(jurisdiction_brief(Answers(catalog, "test"), code), "markdown")


def test_a_report_that_does_not_exist_is_an_error(catalog: Catalog) -> None:
    answers = Answers(catalog, "test")
    with pytest.raises(UsageError, match="--edition 9: only totals of this edition are known, not its findings; choose 10"):
        review_report(answers, "9")
    with pytest.raises(InvalidValuesError, match="there is no edition '12'"):
        review_report(answers, "12")
    with pytest.raises(InvalidValuesError, match=r"the nearest is KEN \(Kenya\)"):
        jurisdiction_brief(answers, "Kenia")
