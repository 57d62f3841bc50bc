"""The workbook of the tables: what is on its sheets, and that reading it back changes nothing."""

import io
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.conftest import skip_or_fail
from tests.spreadsheets import ods, without_text_format
from tutela import paths, tables
from tutela.errors import TutelaError, UsageError
from tutela.sparql.vocabularies import read_vocabularies
from tutela.tables import Table
from tutela.tables.edits import read_edits
from tutela.tables.tidy import tidy
from tutela.tables.workbook import BASE, sheet_names, workbook, write_workbook

Tables = dict[str, Table]


@pytest.fixture(scope="module")
def loaded() -> Tables:
    return tables.load(paths.DATA)


@pytest.fixture(scope="module")
def content(loaded: Tables) -> bytes:
    return workbook(loaded, loaded, read_vocabularies(paths.ONTOLOGY))


@pytest.fixture(scope="module")
def smaller(loaded: Tables) -> bytes:
    """Return a workbook with the tables in which programs change most."""
    names = ("editions", "instruments", "jurisdictions", "national_laws", "observations", "regions", "sources")
    return workbook(loaded, names, read_vocabularies(paths.ONTOLOGY))


@pytest.fixture(scope="module")
def book(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content))


def test_reading_the_workbook_back_changes_nothing(loaded: Tables, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "tables.xlsx"
    write_workbook(path, content)
    edits = read_edits([path], loaded)
    assert (edits.errors, edits.questions, edits.changes, edits.conversions, edits.rows) == ([], [], [], [], {})


@pytest.mark.parametrize("keep_base", [True, False])
def test_what_a_program_makes_of_numbers_and_dates_changes_nothing(
    loaded: Tables, content: bytes, smaller: bytes, tmp_path: Path, keep_base: bool
) -> None:
    path = tmp_path / "tables.xlsx"
    without_text_format(content if keep_base else smaller, path, keep_base)
    edits = read_edits([path], loaded)
    assert (edits.errors, edits.questions, edits.changes) == ([], [], [])
    assert {"TRUE to true", "FALSE to false"} <= {found.reason for found in edits.conversions if found.column == "met"}
    assert sum(found.table == "observations" and found.column == "met" for found in edits.conversions) == 980
    assert any(found.table == "regions" and found.reason == "2 to 002" for found in edits.conversions)


@pytest.mark.parametrize("typed", [True, False])
def test_an_opendocument_spreadsheet_changes_nothing(loaded: Tables, tmp_path: Path, typed: bool) -> None:
    path = tmp_path / "tables.ods"
    names = ("editions", "instruments", "jurisdictions", "national_laws", "observations", "regions", "sources")
    ods(path, [loaded[name] for name in names], typed)
    edits = read_edits([path], loaded)
    assert (edits.errors, edits.questions, edits.changes) == ([], [], [])
    assert bool(edits.conversions) == typed


@pytest.mark.slow
@pytest.mark.parametrize("extension", ["xlsx", "ods"])
def test_a_round_trip_through_libreoffice_changes_nothing(
    loaded: Tables, content: bytes, smaller: bytes, tmp_path: Path, extension: str
) -> None:
    (tmp_path / "tables.xlsx").write_bytes(content if extension == "xlsx" else smaller)
    folder = saved_by_libreoffice([tmp_path / "tables.xlsx"], tmp_path, extension)
    edits = read_edits([folder / f"tables.{extension}"], loaded)
    assert (edits.errors, edits.questions, edits.changes, edits.conversions) == ([], [], [], [])


# Commas, quotation marks, UTF-8, from the first line, English, no quotes around every cell, recognise dates and numbers.
CSV_FILTER = "Text - txt - csv (StarCalc):44,34,76,1,,1033,false,true,false"
# Semicolons, quotation marks, Windows-1252, German.
GERMAN_FILTER = "Text - txt - csv (StarCalc):59,34,1,1,,1031,false,true,false"


def saved_by_libreoffice(files: list[Path], tmp_path: Path, target: str, *options: str) -> Path:
    program = shutil.which("soffice") or ""
    if not program:
        skip_or_fail("LibreOffice is not installed; the other tests here simulate what it does")
    folder = tmp_path / "saved"
    command = [program, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", *options, "--convert-to", target]
    subprocess.run([*command, "--outdir", folder, *files], check=True, timeout=300, capture_output=True)
    return folder


@pytest.mark.slow
def test_tables_that_libreoffice_opened_and_saved_change_nothing(loaded: Tables, tmp_path: Path) -> None:
    files = [table.path for table in loaded.values()]
    folder = saved_by_libreoffice(files, tmp_path, "xlsx", f"--infilter={CSV_FILTER}")
    edits = read_edits(sorted(folder.glob("*.xlsx")), loaded)
    assert (edits.errors, edits.questions, edits.changes) == ([], [], [])
    assert len(edits.conversions) > 3_000


@pytest.mark.slow
def test_no_letter_is_lost_where_libreoffice_saves_in_an_encoding_without_it(loaded: Tables, tmp_path: Path) -> None:
    files = [table.path for table in loaded.values()]
    folder = saved_by_libreoffice(files, tmp_path, f"csv:{GERMAN_FILTER}", f"--infilter={CSV_FILTER}")
    edits = read_edits(sorted(folder.glob("*.csv")), loaded)
    assert edits.changes == []
    assert len(edits.errors) > 900
    assert all("letters were lost" in error for error in edits.errors)
    assert "correspondence.csv: Windows-1252 read as UTF-8." in edits.notes


@pytest.mark.slow
def test_tidy_restores_tables_that_libreoffice_saved(data_copy: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in data_copy.glob("*/*.csv")}
    folder = saved_by_libreoffice(list(before), tmp_path, f"csv:{CSV_FILTER}", f"--infilter={CSV_FILTER}")
    for path in before:
        shutil.copy(folder / path.name, path)
    assert sum(path.read_bytes() != content for path, content in before.items()) >= 8
    for item in tidy(data_copy):
        item.table.path.write_bytes(item.after)
    assert {path: path.read_bytes() for path in before} == before


def test_the_same_tables_give_the_same_bytes(loaded: Tables) -> None:
    chosen = ["regions", "totals"]
    assert workbook(loaded, chosen) == workbook(loaded, reversed(chosen))


def test_every_cell_is_text_and_so_are_new_rows(loaded: Tables, book: Any) -> None:
    assert book.sheetnames == ["Start here", *sorted(loaded), "Lists", "As exported"]
    for name, table in loaded.items():
        sheet = book[name]
        assert [cell.value for cell in sheet[1]] == table.column_names
        assert sheet.freeze_panes == "A2"
        assert {cell.number_format for row in sheet.iter_rows() for cell in row} == {"@"}
        assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
        for letter in sheet.column_dimensions:
            assert sheet.column_dimensions[letter].number_format == "@"
            assert not sheet.column_dimensions[letter].protection.locked


def test_keys_of_existing_rows_are_protected_without_a_password(loaded: Tables, book: Any) -> None:
    for name, table in loaded.items():
        sheet = book[name]
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        for cell in sheet[2] if table.rows else ():
            assert cell.protection.locked == (table.column_names[cell.column - 1] in table.key)


def test_columns_that_refer_to_rows_or_schemes_have_drop_downs_with_codes_and_names(book: Any) -> None:
    def entries(table: str, column: str) -> list[str]:
        sheet = book[table]
        letter = next(cell.column_letter for cell in sheet[1] if cell.value == column)
        found = next(item for item in sheet.data_validations.dataValidation if str(item.sqref).startswith(f"{letter}2:"))
        assert str(found.sqref) == f"{letter}2:{letter}1048576"
        return [row[0].value for row in book["Lists"][found.formula1.split("!")[1].replace("$", "")]]

    assert "KEN — Kenya" in entries("observations", "jurisdiction")
    assert "KEN" in entries("observations", "jurisdiction")  # so that a code alone is not refused
    assert "simple-possession — simple possession" in entries("observations", "criterion")
    assert entries("observations", "met") == ["true", "false"]
    assert "budapest — Convention on Cybercrime" in entries("actions", "instrument")
    assert "002 — Africa" in entries("regions", "within")
    assert "whole — whole" in entries("reservations", "extent")
    assert "criminal-code" in entries("national_readings", "law")


def test_a_heading_explains_its_column(book: Any) -> None:
    explanations = {cell.value: cell.comment.text for cell in book["actions"][1]}
    assert "date by which the treaty action had happened" in explanations["not_after"]
    assert "a day such as 2024-12-31" in explanations["not_after"]
    assert "Part of the key" in explanations["item"]
    assert "Must not be empty" in explanations["action"]


def test_the_first_sheet_lists_the_tables_and_says_what_to_do(loaded: Tables, book: Any) -> None:
    texts = [cell.value for row in book["Start here"].iter_rows() for cell in row if cell.value]
    for table in loaded.values():
        assert table.location in texts
        assert table.title in texts
    for needed in ("How to save", "How to bring it back", "What never to do"):
        assert needed in texts
    assert book[BASE].sheet_state == "veryHidden"
    assert book.active.title == "Start here"


HOSTILE = (
    "=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "'quoted", "#N/A", "TRUE", "1E5", "0001", "_x0041_", "_x005F_", "tab\tand\nline",
    " spaces ", "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace") + "\U0001f600", "<b>&amp;</b>", "x" * 32_767,
)  # fmt: skip


def test_text_that_looks_like_something_else_comes_back_as_it_was(loaded: Tables, tmp_path: Path) -> None:
    table = loaded["organisations"]
    row = table.rows[0]
    rows = [{**row, "slug": f"slug-{number}", "note": text} for number, text in enumerate(HOSTILE)]
    changed = {**loaded, "organisations": table.with_rows(rows)}
    path = tmp_path / "tables.xlsx"
    write_workbook(path, workbook(changed, ["organisations"]))
    edits = read_edits([path], changed)
    assert (edits.errors, edits.changes, edits.conversions) == ([], [], [])
    saved = load_workbook(path)["organisations"]
    assert {cell.data_type for cell in saved["D"] if cell.value} == {"s"}
    assert saved["D2"].quotePrefix  # without it, LibreOffice may make a formula of it when it is edited


def test_what_a_workbook_cannot_contain_is_an_error_for_each_cell(loaded: Tables) -> None:
    table = loaded["organisations"]
    rows = [{**table.rows[0], "note": "bell\x07"}, {**table.rows[1], "note": "x" * 32_768}]
    with pytest.raises(TutelaError) as error:
        workbook({**loaded, "organisations": table.with_rows(rows)}, ["organisations"])
    assert "organisations.csv row 2, column note: a control character" in str(error.value)
    assert "organisations.csv row 3, column note: 32768 characters" in str(error.value)


def test_a_workbook_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tables.xlsx"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(UsageError, match="Permission denied"):
        write_workbook(path, b"new")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("tables.xlsx", b"old")]
    with pytest.raises(UsageError, match=r"ends in \.xlsx"):
        write_workbook(tmp_path / "tables.ods", b"new")


def test_names_of_sheets_are_short_and_different() -> None:
    long = ["a" * 31 + "x", "a" * 31 + "y", "lists", "notes"]
    names = sheet_names(long)
    assert names["notes"] == "notes"
    assert len({name.lower() for name in (*names.values(), "Lists")}) == 5
    assert max(map(len, names.values())) <= 31


def test_the_workbook_does_not_say_who_wrote_it_when(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert {item.date_time for item in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2026-11-26T00:00:00Z</dcterms:modified>" in package.read("docProps/core.xml")
