"""The transcription of the report: what it reads, and its error messages."""

import csv
import re
from pathlib import Path

import pytest

from tutela import paths
from tutela.errors import TutelaError, UsageError
from tutela.importers.icmec_report import CRITERIA, ingest, transcribe
from tutela.tables import read_rows
from tutela.tables.files import metadata_file, read_metadata
from tutela.validation.corrections import key_text

HEADINGS = (
    "Country\tLegislation Specific to CSAM ¹\t“Child Sexual Abuse Material” Defined\t"
    "Technology-Facilitated CSAM Offenses\tSimple Possession\tISP Reporting"
)
RESULTS = """Criteria\t1st Edition (2006)*\t9th Edition (2018)\t10th Edition (2023)
Legislation sufficient to combat\t3 countries had sufficient legislation a 1 countries met all 5 criteria b 2 countries met 4 of the 5 criteria \
\t3 countries had sufficient legislation a 1 countries met all 5 criteria b 2 countries met 4 of the 5 criteria \
\t2 countries have sufficient legislation a 1 countries meet all 5 criteria b 1 countries meet 4 of the 5 criteria
No legislation at all specifically addressing CSAM\t9 countries\t8 countries\t0 countries
Of the remaining 0 countries that have legislation\t\t\t
Do not define CSAM\t1 countries\t1 countries\t0 countries
Do not provide for technology-facilitated CSAM offenses\t1 countries\t1 countries\t0 countries
Do not criminalize the knowing possession of CSAM, regardless of intent to distribute\t1 countries\t1 countries\t0 countries
"""
BODY = f"""10th Edition, 2099

{RESULTS}
Global Legislative Review

✓ = Yes | ✗ = No

{HEADINGS}
Erewhon\t✓\t✓\t✓ ²\t✓\t✗ ³
Utopia\t✓\t✓\t✓\t✓\t✓

¹ How this is judged.

² A law that covers it **by any art**, and so on. *Emphasis added.*

³ No such duty. Letter from A. B. Person, Counsellor, Embassy of Erewhon, Washington, D.C., to the International Centre for \
Missing & Exploited Children (Sep. 4, 2012) (on file with the International Centre for Missing & Exploited Children).

A second paragraph of the same note.

Conclusion
"""


@pytest.fixture
def jurisdictions(tmp_path: Path) -> Path:
    path = tmp_path / "jurisdictions.csv"
    path.write_text("code,kind,report_name\nQEE,row,Erewhon\nQUU,row,Utopia\n", encoding="utf-8")
    return path


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "report.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_made_up_report_is_transcribed(tmp_path: Path, jurisdictions: Path) -> None:
    transcript = transcribe(write(tmp_path, BODY), 10, jurisdictions)
    cells = {(row["jurisdiction"], row["criterion"]): row["met"] for row in transcript.observations}
    assert len(cells) == 10
    assert cells["QEE", "isp-reporting"] == "false"
    assert cells["QUU", "isp-reporting"] == "true"
    assert [(r["number"], r["target"], r["jurisdiction"], r["criterion"]) for r in transcript.notes] == [
        ("1", "criterion", "", "specific-legislation"),
        ("2", "observation", "QEE", "technology-facilitated"),
        ("3", "observation", "QEE", "isp-reporting"),
    ]
    assert [row["wording"] for row in transcript.note_wordings] == ["by any art"]
    assert {row["measure"]: row["value"] for row in transcript.totals if row["basis"] == "transcribed"} == {
        "met-specific-legislation": "2", "met-definition": "2", "met-technology-facilitated": "2",
        "met-simple-possession": "2", "met-isp-reporting": "1",
    }  # fmt: skip


def test_a_letter_is_recorded_without_the_name_of_its_sender(tmp_path: Path, jurisdictions: Path) -> None:
    [letter] = transcribe(write(tmp_path, BODY), 10, jurisdictions).correspondence
    assert (letter["form"], letter["office"], letter["date"]) == (
        "letter",
        "Embassy of Erewhon",
        "2012-09-04",
    )
    assert "Person" not in str(letter)


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("Utopia\t✓\t✓", "Utopia\t?\t✓", "Utopia", "the cell for specific-legislation is '?'"),
        ("Utopia\t✓\t✓", "Utopia\t✓", "Utopia", "the row has 5 cells; expected 6"),
        ("Utopia\t", "Atlantis\t", "Atlantis", "no jurisdiction has the report name 'Atlantis'"),
        ("Utopia\t", "Erewhon\t", "Erewhon", "duplicate row for 'Erewhon'"),
        ("✓ ²\t", "✓ ⁹\t", "Erewhon", "note 9 is marked here, but its text is missing"),
        ("✓ ²\t", "✓ ² ³\t", "Erewhon", "more than one note marker"),
        ("✓ ²\t", "✓ ³\t", "Erewhon", "note 3 is marked here and on line"),
        ("✓ ²\t", "✓\t", "A law that covers it", "note 2 has no marker on any row or heading"),
        ("Simple Possession\t", "Possession\t", "Country", "the column is headed 'Possession'"),
        ("¹ How", "How", "How this is judged", "neither a heading, a row, nor a note"),
        ("Embassy of Erewhon, Washington, D.C., ", "Erewhon, ", "No such duty", "names no embassy"),
        ("(Sep. 4, 2012)", "(autumn)", "No such duty", "the date 'autumn' of a letter"),
        ("Letter from A", "Word from A", "No such duty", "correspondence in an unknown form"),
        ("No legislation at all specifically addressing CSAM\t9 countries", "No legislation at all specifically addressing CSAM\tnine", "No legislation", "'nine' is not a count"),
    ],
)  # fmt: skip
def test_an_unknown_structure_is_an_error_with_its_line(
    tmp_path: Path, jurisdictions: Path, old: str, new: str, line: str, expected: str
) -> None:
    assert old in BODY
    report = write(tmp_path, BODY.replace(old, new, 1))
    with pytest.raises(TutelaError) as caught:
        transcribe(report, 10, jurisdictions)
    message = str(caught.value)
    assert expected in message
    assert re.search(rf"report\.txt, line \d+: .*\n  the line: .*{line}", message)
    assert "Nothing was written" in message


def test_a_missing_row_is_an_error(tmp_path: Path, jurisdictions: Path) -> None:
    with pytest.raises(TutelaError, match="the table has no row for Utopia"):
        transcribe(write(tmp_path, BODY.replace("Utopia\t✓\t✓\t✓\t✓\t✓\n", "")), 10, jurisdictions)


def test_another_edition_is_an_error(tmp_path: Path, jurisdictions: Path) -> None:
    with pytest.raises(UsageError, match="layout of edition 9 is unknown; known: 10"):
        transcribe(write(tmp_path, BODY), 9, jurisdictions)
    with pytest.raises(TutelaError, match="does not say '10th Edition'"):
        transcribe(write(tmp_path, BODY.replace("10th Edition, 2099", "9th Edition, 2018")), 10, jurisdictions)


def test_a_table_with_other_rows_is_not_overwritten(tmp_path: Path, jurisdictions: Path) -> None:
    report, out = write(tmp_path, BODY), tmp_path / "out"
    first = ingest(report, 10, out, jurisdictions)
    assert ingest(report, 10, out, jurisdictions) == first
    (out / "notes.csv").write_text("mine\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"notes\.csv: exists with other rows"):
        ingest(report, 10, out, jurisdictions)
    assert (out / "notes.csv").read_text(encoding="utf-8") == "mine\n"
    assert not list(out.glob("*.part"))


def test_the_tables_equal_a_new_transcription(report: Path, tmp_path: Path) -> None:
    """Every cell, note marker and total of the report is in data/; recorded corrections are undone before the comparison."""
    for path in ingest(report, 10, tmp_path / "out", paths.table_files()["jurisdictions"]):
        transcribed, stored = read_rows(path), read_rows(paths.table_files()[path.stem])
        key = read_metadata(metadata_file(paths.table_files()[path.stem])).key
        by_key = {key_text(tuple(row[name] for name in key)): row for row in stored}
        for correction in reversed(read_rows(paths.table_files()["corrections"])):
            if correction["table"] == path.stem:
                by_key[correction["key"]][correction["column"]] = correction["was"]
        assert stored == transcribed, path.name


def test_the_tables_agree_with_an_independent_parser(report: Path) -> None:
    """Parse the table without the code of the transcription, and compare every cell and note marker."""
    names = {row["report_name"]: row["code"] for row in read_rows(paths.table_files()["jurisdictions"]) if row["kind"] == "row"}
    cells, marks = {}, {}
    digits = {ord(char): str(n) for n, char in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
    for line in report.read_text(encoding="utf-8").split("Global Legislative Review\n")[1].split("\nConclusion\n")[0].split("\n"):
        parts = line.translate(digits).split("\t")
        if len(parts) != 6 or "Country" in parts[0]:
            continue
        name, _, mark = re.fullmatch(r"(.*?)( (\d{3}))?", parts[0]).groups()  # type: ignore[union-attr]
        if mark:
            marks[int(mark)] = (names[name], "")
        for criterion, part in zip(CRITERIA, parts[1:], strict=True):
            cells[names[name], criterion] = part[0] == "✓"
            if part[1:].strip():
                marks[int(part[1:])] = (names[name], criterion)
    assert len(cells) == 980
    stored = {(r["jurisdiction"], r["criterion"]): r["met"] == "true" for r in read_rows(paths.table_files()["observations"])}
    corrected = {r["key"] for r in read_rows(paths.table_files()["corrections"]) if r["table"] == "observations"}
    assert {f"10/{'/'.join(key)}" for key in cells if cells[key] != stored[key]} <= corrected
    notes = {int(r["number"]): (r["jurisdiction"], r["criterion"]) for r in read_rows(paths.table_files()["notes"])}
    assert {number: target for number, target in notes.items() if number >= 252} == marks


def test_quoted_wording_is_in_the_text_of_its_note(report: Path) -> None:
    texts = transcribe(report, 10, paths.table_files()["jurisdictions"]).note_texts
    for row in read_rows(paths.table_files()["note_readings"]):
        assert row["wording"].replace("’", "'") in texts[int(row["number"])].replace("’", "'")


def report_words(text: str) -> set[tuple[str, ...]]:
    """Return every sequence of eight words in a text."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {tuple(words[i : i + 8]) for i in range(len(words) - 7)}


def test_summaries_do_not_copy_the_report(report: Path) -> None:
    """No summary shares a sequence of eight words with the report."""
    source = report_words(report.read_text(encoding="utf-8"))
    for row in read_rows(paths.table_files()["note_readings"]):
        assert not report_words(row["summary"]) & source, row["number"]


def test_the_tables_do_not_name_senders_of_letters(report: Path) -> None:
    senders = re.findall(
        r"(?:Letter|Emails?) from (?:Ms\. |Archbishop |His Excellency )?([^,]+),",
        report.read_text(encoding="utf-8"),
    )
    surnames = {sender.split()[-1] for sender in senders if not re.search(r"Embassy|Ministry|Department", sender)}
    assert len(surnames) > 25
    words = set()
    for path in paths.table_files().values():
        if path.stem not in ("jurisdiction_names", "region_names"):
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.reader(file):
                    words |= set(re.findall(r"\w+", " ".join(row)))
    assert not surnames & words


def test_facts_about_editions_are_on_the_lines_that_the_table_cites(report: Path) -> None:
    lines = report.read_text(encoding="utf-8").splitlines()
    for row in read_rows(paths.table_files()["editions"]):
        if row["line"]:
            text = lines[int(row["line"]) - 1]
            assert re.search(rf"{row['number']}(st|th) Edition|verified as of 30 September 2023", text), row
            if row["jurisdictions_reviewed"] and row["number"] != "10":
                assert f"the {row['jurisdictions_reviewed']}" in text or f"of {row['jurisdictions_reviewed']}" in text, row
    assert "the report includes 196 countries" in "".join(lines)
