"""`tutela check --xlsx`: faulty cells are marked and explained, a first sheet links to them, and the workbook can be brought back."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tutela import paths
from tutela.sparql.vocabularies import read_vocabularies
from tutela.tables import load
from tutela.tables.edits import read_edits
from tutela.validation.annotated_workbook import annotated_workbook
from tutela.validation.problem import Problem
from tutela.validation.table_check import TableCheck


@pytest.fixture
def faulty(data_copy: Path) -> TableCheck:
    """Return a check of three tables with a wrong cell."""
    for table, old, new in (
        ("totals", "four-criteria,stated,22", "four-criteria,state,22"),
        ("editions", "1,published,", "1,Published,"),
        ("party_counts", "acrwc,2023-02-14,50", "acrwc,2023-02-14,fifty"),
    ):
        path = paths.table_files(data_copy)[table]
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return TableCheck(data_copy)


def marked(sheet: Any) -> dict[str, str]:
    """Return the comment of each cell below the headings that has one; each is filled with a colour."""
    found = {}
    for cell in (cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.comment):
        assert cell.fill.fgColor.rgb in ("00FFC7CE", "00FCE4D6", "00FFEB9C")
        found[cell.coordinate] = cell.comment.text
    return found


def test_faulty_cells_are_marked_listed_and_linked(faulty: TableCheck) -> None:
    problems, _ = faulty.run()
    content, left_out = annotated_workbook(faulty.tables, problems, read_vocabularies(paths.ONTOLOGY))
    assert left_out == []
    book = load_workbook(io.BytesIO(content))
    concerned = {one.table.rpartition("/")[2].removesuffix(".csv") for one in problems}
    assert book.sheetnames == ["Problems", "Start here", *sorted(concerned), "Lists", "As exported"]
    listed = list(book["Problems"].iter_rows(min_row=5, values_only=True))
    assert len(listed) == sum(1 + len(one.consequences) for one in problems)
    [problem] = [one for one in problems if one.value == "Published"]
    [line] = [row for row in book["Problems"].iter_rows(min_row=5) if row[2].value == "Published"]
    assert [cell.value for cell in line[3:6]] == [problem.found, problem.expected, "published"]
    link: Any = line[0].hyperlink
    sheet, address = link.location.split("!")
    assert (sheet.strip("'"), book[sheet.strip("'")][address].value) == ("editions", "Published")
    comment = marked(book["editions"])[address]
    assert comment.startswith(f"Error: {problem.found}\nExpected: {problem.expected}\nNearest valid value: published")


def test_it_is_brought_back_without_a_change(faulty: TableCheck, data_copy: Path, tmp_path: Path) -> None:
    problems, _ = faulty.run()
    content, _ = annotated_workbook(faulty.tables, problems, read_vocabularies(paths.ONTOLOGY))
    path = tmp_path / "errors.xlsx"
    path.write_bytes(content)
    edits = read_edits([path], load(data_copy), vocabularies=read_vocabularies(paths.ONTOLOGY))
    assert (edits.errors, edits.changes, edits.conversions, edits.rows) == ([], [], [], {})
    book = load_workbook(path)
    [cell] = [one for row in book["editions"].iter_rows() for one in row if one.value == "Published"]
    cell.value = "published"
    book.save(path)
    corrected = read_edits([path], load(data_copy), vocabularies=read_vocabularies(paths.ONTOLOGY))
    assert [(one.table, one.column, one.new) for one in corrected.changes] == [("editions", "status", "published")]


def test_consequences_say_what_they_follow_from_and_other_text_is_harmless(data_copy: Path) -> None:
    check = TableCheck(data_copy)
    check.run()
    table = "data/review/totals.csv"
    total = Problem("graph", "Violation", table, 3, "", "", "=1+1\x00", "another number", where=f"{table} row 3", rule="x:y")
    place = "data/review/editions.csv"
    cause = Problem("graph", "Violation", place, 2, "status", "x", "it changed", "a correction", consequences=(total,))
    warning = replace(cause, severity="Warning", row=3, consequences=())
    book = load_workbook(io.BytesIO(annotated_workbook(check.tables, [cause, warning])[0]))
    kinds = [row[1] for row in book["Problems"].iter_rows(min_row=5, values_only=True)]
    assert kinds == ["error", "consequence", "warning"]
    [found] = [row[3] for row in book["Problems"].iter_rows(min_row=6, max_row=6)]
    assert (found.data_type, found.value) == ("s", "=1+1\ufffd")
    [comment] = marked(book["totals"]).values()
    assert "The other error: data/review/editions.csv row 2: it changed" in comment
    assert len(marked(book["editions"])) == 2
