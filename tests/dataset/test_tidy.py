"""Tidying tables: what it restores, what it says, and what it leaves alone."""

import codecs
import csv
import io
from pathlib import Path

import pytest

from tutela import paths
from tutela.errors import TutelaError
from tutela.tables.edit_report import conversion_lines
from tutela.tables.tidy import tidy


def test_the_tables_are_tidy() -> None:
    assert [item.table.name for item in tidy(paths.DATA)] == []


def test_a_table_in_another_form_is_restored_byte_for_byte_and_every_change_named(data_copy: Path) -> None:
    path = data_copy / "review" / "jurisdictions.csv"
    before = path.read_bytes()
    rows = list(csv.reader(io.StringIO(before.decode("utf-8"))))
    numeric = rows[0].index("numeric")
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(rows[0])
    for row in reversed(rows[1:]):
        writer.writerow([cell.lstrip("0") if index == numeric else f"{cell}\u00a0" for index, cell in enumerate(row)])
    path.write_bytes(codecs.BOM_UTF8 + text.getvalue().encode())
    (item,) = tidy(data_copy)
    assert item.after == before
    assert item.notes == [
        "byte order mark left out",
        "semicolons between cells read as commas",
        "line ends of Windows or an old Mac read as line feeds",
        "rows sorted by key",
    ]
    lines = conversion_lines(item.conversions, every=True)
    assert "jurisdictions, numeric: 4 to 004 (1 cell: row 208)" in lines
    assert any("non-breaking spaces to spaces, spaces at the ends left out" in line for line in lines)
    path.write_bytes(item.after)
    assert tidy(data_copy) == []


def test_quotation_marks_that_are_not_needed_are_left_out(data_copy: Path) -> None:
    path = data_copy / "review" / "totals.csv"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("stated", '"stated"').rstrip("\n"), encoding="utf-8")
    (item,) = tidy(data_copy, ["totals"])
    assert (item.after.decode(), item.notes) == (before, ["quotation marks, empty lines or the line end of the last row"])


def test_what_nobody_can_decide_is_an_error_for_each_cell(data_copy: Path) -> None:
    path = data_copy / "review" / "correspondence.csv"
    text = path.read_text(encoding="utf-8").replace("2012-09-04", "04/09/2012", 1).replace("letter", "let\x07ter", 1)
    path.write_text(text, encoding="utf-8")
    totals = data_copy / "review" / "totals.csv"
    totals.write_text(totals.read_text(encoding="utf-8").replace("stated,5,", "stated,5,,", 1), encoding="utf-8")
    with pytest.raises(TutelaError) as error:
        tidy(data_copy)
    assert "correspondence.csv row 2, column date: '04/09/2012' can mean 2012-09-04 or 2012-04-09" in str(error.value)
    assert "correspondence.csv row 2, column form: 'let\x07ter', a control character" in str(error.value)
    assert "totals.csv, row 2: another number of cells than in the heading" in str(error.value)


def test_values_that_are_wrong_stay_for_the_validation(data_copy: Path) -> None:
    path = data_copy / "review" / "observations.csv"
    text = path.read_text(encoding="utf-8").replace("definition,true", "definition,maybe", 1).replace("true", "TRUE")
    path.write_text(text, encoding="utf-8")
    (item,) = tidy(data_copy)
    assert item.after.decode() == text.replace("TRUE", "true")


def test_a_table_in_another_encoding_is_not_guessed(data_copy: Path) -> None:
    path = data_copy / "treaties" / "organisations.csv"
    path.write_bytes(path.read_text(encoding="utf-8").replace("League", "L\u00e9ague").encode("cp1252"))
    with pytest.raises(TutelaError, match="not UTF-8, so that letters may have been lost"):
        tidy(data_copy)


def test_two_rows_with_the_same_key_both_stay(data_copy: Path) -> None:
    path = data_copy / "review" / "totals.csv"
    text = path.read_text(encoding="utf-8")
    last = text.splitlines()[-1]
    path.write_text(f"{text}{last}\r\n", encoding="utf-8", newline="")
    (item,) = tidy(data_copy)
    assert item.after.decode().splitlines().count(last) == 2
