"""Changes that come back from spreadsheets: what is written, what is listed, and every error with its cell."""

import codecs
import csv
import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import odfdo
import pytest
from openpyxl import load_workbook

from tests.spreadsheets import ods, ods_row, rows_of, xlsx
from tutela import paths, tables
from tutela.errors import TutelaError
from tutela.tables import Table
from tutela.tables.edits import Edits, read_edits
from tutela.tables.record_file import save_rows, with_rows, write_files
from tutela.tables.workbook import BASE, workbook, write_workbook

Tables = dict[str, Table]


@pytest.fixture(scope="module")
def loaded() -> Tables:
    return tables.load(paths.DATA)


@pytest.fixture
def saved(loaded: Tables, tmp_path: Path) -> Path:
    """Return a workbook of three tables, as it is exported."""
    path = tmp_path / "tables.xlsx"
    write_workbook(path, workbook(loaded, ["corrections", "observations", "totals"]))
    return path


def changed(path: Path, change: Callable[[Any], None]) -> None:
    """Change a workbook as somebody does in a program."""
    book = load_workbook(path)
    change(book)
    book.save(path)


def columns_of(edits: Edits) -> list[tuple[str, str, str, str, str]]:
    return [(item.kind, ", ".join(item.key), item.column, item.old, item.new) for item in edits.changes]


def written(loaded: Tables, edits: Edits) -> dict[str, str]:
    return {
        name: with_rows(loaded[name].path.read_bytes(), loaded[name], rows).decode("utf-8") for name, rows in edits.rows.items()
    }


def test_only_the_cell_that_differs_is_written(loaded: Tables, saved: Path) -> None:
    def change(book: Any) -> None:
        book["observations"]["D2"] = "FALSE"

    changed(saved, change)
    edits = read_edits([saved], loaded)
    assert columns_of(edits) == [("changed", "10, ABW, definition", "met", "true", "false")]
    assert [(item.column, item.row, item.reason) for item in edits.conversions] == [("met", 2, "FALSE to false")]
    before = loaded["observations"].path.read_text(encoding="utf-8")
    assert written(loaded, edits) == {"observations": before.replace("ABW,definition,true", "ABW,definition,false", 1)}


def test_a_row_is_added_in_its_place_wherever_it_is_on_the_sheet(loaded: Tables, saved: Path) -> None:
    def change(book: Any) -> None:
        row = ["observations", "10/KEN/definition", "met", 1, "true", "false"]
        book["corrections"].append([*row, "25.11.2026", "Tutela", "misread", "icmec-10"])
        book["observations"].append([9, "KEN — Kenya", "definition", "true", "icmec-10", 1])
        book["totals"].append([10, "remaining", "transcribed", 47, "tutela"])

    changed(saved, change)
    edits = read_edits([saved], loaded)
    assert edits.errors == []
    texts = written(loaded, edits)
    correction = "observations,10/KEN/definition,met,1,true,false,2026-11-25,Tutela,misread,icmec-10"
    assert texts["corrections"].splitlines()[1:] == [correction]
    assert texts["observations"].splitlines()[1] == "9,KEN,definition,true,icmec-10,1"
    lines = texts["totals"].splitlines()
    added = lines.index("10,remaining,transcribed,47,tutela,")
    assert lines[added - 1].startswith("10,remaining,stated")
    assert {item.reason for item in edits.conversions} >= {"25.11.2026 to 2026-11-25", "KEN — Kenya to KEN"}


def test_a_missing_row_is_a_loss(loaded: Tables, saved: Path) -> None:
    changed(saved, lambda book: book["observations"].delete_rows(3, 2))
    edits = read_edits([saved], loaded)
    assert edits.losses() == {"observations": 2}
    assert [item.key for item in edits.changes] == [("10", "ABW", "isp-reporting"), ("10", "ABW", "simple-possession")]


def test_what_others_changed_since_the_export_is_not_undone(loaded: Tables, saved: Path) -> None:
    def change(book: Any) -> None:
        book["observations"]["F3"] = "1"

    changed(saved, change)
    table = loaded["observations"]
    rows = [{**row, "line": "7"} if number == 0 else row for number, row in enumerate(table.rows)]
    rows = [*rows[:10], *rows[11:], {**rows[10], "jurisdiction": "ZWE", "criterion": "new-criterion"}]
    edits = read_edits([saved], {**loaded, "observations": table.with_rows(rows)})
    assert edits.errors == []
    assert columns_of(edits) == [("changed", "10, ABW, isp-reporting", "line", "1237", "1")]


def test_a_cell_that_was_changed_in_both_places_is_an_error(loaded: Tables, saved: Path) -> None:
    def change(book: Any) -> None:
        book["observations"]["F2"] = "1"

    changed(saved, change)
    table = loaded["observations"]
    rows = [{**table.rows[0], "line": "7"}, *table.rows[1:]]
    edits = read_edits([saved], {**loaded, "observations": table.with_rows(rows)})
    assert edits.rows == {}
    assert "cell F2: line is '1' here and '7' in data/review/observations.csv" in edits.errors[0]


def test_a_row_that_was_added_in_both_places_is_an_error(loaded: Tables, saved: Path) -> None:
    cell = ["observations", "10/KEN/definition", "met", "1", "true", "false"]
    row = [*cell, "2026-11-25", "Tutela", "misread", "icmec-10"]

    def change(book: Any) -> None:
        book["corrections"].append(row)
        book["corrections"].append([" ", "\u00a0"])

    changed(saved, change)
    table = loaded["corrections"]
    same = dict(zip(table.column_names, row, strict=True))
    assert read_edits([saved], {**loaded, "corrections": table.with_rows([same])}).changes == []
    other = {**same, "reason": "misprint"}
    (error,) = read_edits([saved], {**loaded, "corrections": table.with_rows([other])}).errors
    assert "cell I2: reason is 'misread' here and 'misprint'" in error
    assert "the row observations, 10/KEN/definition, met, 1 was added in both" in error


def test_rows_of_a_sheet_that_was_not_exported_are_compared_with_the_table(loaded: Tables, saved: Path) -> None:
    def change(book: Any) -> None:
        sheet = book.create_sheet("notes")
        for row in rows_of(loaded["notes"])[:-1]:
            sheet.append(row)
        sheet["G2"] = "1"

    changed(saved, change)
    edits = read_edits([saved], loaded)
    assert [(item.kind, item.column) for item in edits.changes] == [("changed", "line"), ("removed", "")]


def test_a_table_with_two_rows_of_one_key_is_corrected_first(loaded: Tables, saved: Path) -> None:
    table = loaded["observations"]
    edits = read_edits([saved], {**loaded, "observations": table.with_rows([*table.rows, table.rows[0]])})
    assert edits.errors == ["data/review/observations.csv: two rows have the same key; run `tutela build` and correct it first."]


def test_the_same_workbook_can_be_brought_back_twice(loaded: Tables, saved: Path) -> None:
    def change(book: Any) -> None:
        book["observations"]["D2"] = "false"

    changed(saved, change)
    first = read_edits([saved], loaded)
    after = {**loaded, "observations": loaded["observations"].with_rows(first.rows["observations"])}
    assert read_edits([saved], after).changes == []


def test_every_error_is_named_with_sheet_and_cell_and_nothing_is_written(loaded: Tables, saved: Path) -> None:
    def change(book: Any) -> None:
        sheet = book["observations"]
        sheet["D2"] = "=NOT(TRUE)"
        sheet["D3"] = "maybe"
        sheet["B4"] = "QQQ"
        sheet["G5"] = "stray"
        sheet["D6"] = "#N/A"
        sheet["A8"], sheet["B8"], sheet["C8"] = (cell.value for cell in sheet[7][:3])
        sheet.merge_cells("E20:F21")
        sheet.row_dimensions[30].hidden = sheet.row_dimensions[31].hidden = True
        book["totals"]["C1"] = "Basis"
        book["totals"]["H1"] = "remarks"
        book.create_sheet("observation")

    changed(saved, change)
    edits = read_edits([saved], loaded)
    expected = (
        "sheet observations, cell D2: met is '=NOT(TRUE)', a formula",
        "sheet observations, cell G5: 'stray' is in a column without a heading",
        "sheet observations, cell D6: met is '#N/A', an error of the spreadsheet program",
        "cell A8: the key 10, AFG, definition is in row 7 too",
        "sheet observations, cells E20:F21: these cells are merged",
        "sheet observations, row 30-31: hidden",
        "sheet totals, cell C1: the heading 'Basis' is no column of totals; perhaps basis was renamed",
        "sheet totals, cell H1: the heading 'remarks' is no column",
        "sheet totals, row 1: without the column basis",
        "sheet observation: no table is named observation; perhaps observations.",
    )
    for message in expected:
        assert [error for error in edits.errors if message in error], message
    assert edits.rows == {}


def test_changed_cells_are_checked_and_others_are_not(loaded: Tables, saved: Path) -> None:
    def change(book: Any) -> None:
        sheet = book["observations"]
        sheet["D3"] = "maybe"
        sheet.append(["10", "QQQ", "definition", "true", "icmec-10", "12"])
        sheet.append(["10", "KEN", "new-criterion", "", "no-source", "12"])

    changed(saved, change)
    edits = read_edits([saved], loaded)
    assert edits.errors == [
        "tables.xlsx, sheet observations, cell D3: met: 'maybe'; expected a boolean: true or false, in lower case.",
        "tables.xlsx, sheet observations, cell D983: met: the cell is empty; expected a boolean: true or false, in lower case.",
        "tables.xlsx, sheet observations, cell B982: jurisdiction: 'QQQ'; expected a code of data/review/jurisdictions.csv.",
        "tables.xlsx, sheet observations, cell E983: source: 'no-source'; expected a id of data/meta/sources.csv.",
    ]


def test_an_ambiguous_value_is_a_question_until_it_is_answered(loaded: Tables, saved: Path) -> None:
    def change(book: Any) -> None:
        book["corrections"].append(
            ["observations", "10/KEN/definition", "met", "1", "true", "false", "03/04/2024", "Tutela", "misread", "icmec-10"]
        )

    changed(saved, change)
    edits = read_edits([saved], loaded)
    (question,) = edits.questions
    assert question.where == "tables.xlsx, sheet corrections, cell G2"
    assert question.choices == ("2024-04-03", "2024-03-04")
    answered = read_edits([saved], loaded, answers={question.where: "2024-03-04"})
    assert (answered.questions, answered.errors) == ([], [])
    assert answered.rows["corrections"][0]["date"] == "2024-03-04"


def test_columns_are_found_by_name(loaded: Tables, tmp_path: Path) -> None:
    rows = [list(reversed(row)) for row in rows_of(loaded["totals"])]
    xlsx(tmp_path / "a.xlsx", "totals", [*rows, [], [None] * 6])
    edits = read_edits([tmp_path / "a.xlsx"], loaded)
    assert (edits.errors, edits.changes) == ([], [])
    assert edits.notes == ["a.xlsx, sheet totals: columns in another order read by their names."]


CSV = {
    "as it is": ("utf-8", ",", "\n", 0),
    "with a byte order mark": ("utf-8-sig", ",", "\r\n", 2),
    "with semicolons, of Windows": ("cp1252", ";", "\r\n", 3),
    "of Latin-1": ("latin-1", ",", "\n", 1),
    "with tabs, as Unicode text of Excel": ("utf-16", "\t", "\r\n", 3),
    "of an old Mac": ("utf-8", ",", "\r", 1),
}


@pytest.mark.parametrize("name", CSV)
def test_a_text_file_of_a_spreadsheet_program_changes_nothing(loaded: Tables, tmp_path: Path, name: str) -> None:
    encoding, separator, end, notes = CSV[name]
    for table in ("instrument_names", "correspondence") if encoding.startswith("utf") else ("organisations", "observations"):
        path = tmp_path / f"{table}.csv"
        text = io.StringIO()
        rows = [["TRUE" if cell == "true" else cell for cell in row] for row in rows_of(loaded[table])]
        csv.writer(text, delimiter=separator, lineterminator=end).writerows(rows)
        path.write_bytes(text.getvalue().encode(encoding))
        edits = read_edits([path], loaded)
        assert (edits.errors, edits.questions, edits.changes) == ([], [], [])
        if table == "instrument_names":
            assert len(edits.notes) == notes


def test_letters_that_were_lost_in_a_text_file_are_errors(loaded: Tables, tmp_path: Path) -> None:
    path = tmp_path / "region_names.csv"
    text = loaded["region_names"].path.read_text(encoding="utf-8")
    path.write_bytes(text.encode("cp1252", "replace"))
    edits = read_edits([path], loaded)
    assert edits.rows == {}
    assert (
        "region_names.csv, cell C2: name is '???????', letters were lost when the file was saved (it was 'أفريقيا')"
        in edits.errors[0]
    )


def test_a_text_file_in_another_encoding_is_refused(loaded: Tables, tmp_path: Path) -> None:
    path = tmp_path / "totals.csv"
    path.write_bytes(loaded["totals"].path.read_bytes() + b"\x81\x8d")
    assert "neither UTF-8 nor cp1252" in read_edits([path], loaded).errors[0]


def test_the_table_of_a_text_file_can_be_named(loaded: Tables, tmp_path: Path) -> None:
    path = tmp_path / "totals (1).csv"
    shutil.copy(loaded["totals"].path, path)
    assert "Name the table with --table." in read_edits([path], loaded).errors[0]
    assert read_edits([path], loaded, ["totals"]).errors == []


def test_a_text_file_with_a_line_of_excel_and_protected_zeros_is_read(loaded: Tables, tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    lines = [line.split(",") for line in loaded["regions"].path.read_text(encoding="utf-8").splitlines()]
    text = "\n".join(";".join(f'"=""{cell}"""' if cell.isdigit() else cell for cell in line) for line in lines)
    path.write_text(f"sep=;\n{text}\n", encoding="utf-8")
    edits = read_edits([path], loaded)
    assert (edits.errors, edits.changes) == ([], [])


def test_a_file_whose_rows_keep_their_own_form_keeps_it(data_copy: Path, tmp_path: Path) -> None:
    path = data_copy / "review" / "totals.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [lines[0], *(",".join(f'"{cell}"' for cell in line.split(",")) for line in reversed(lines[1:]))]
    path.write_bytes(codecs.BOM_UTF8 + "\r\n".join(lines).encode())
    loaded = tables.load(data_copy)
    sheet = xlsx(tmp_path / "a.xlsx", "totals", rows_of(loaded["totals"]))
    sheet["D3"] = "99"
    sheet.parent.save(tmp_path / "a.xlsx")
    edits = read_edits([tmp_path / "a.xlsx"], loaded)
    after = with_rows(path.read_bytes(), loaded["totals"], edits.rows["totals"])
    changed_line = lines[2].replace('"', "").split(",")
    expected = [*lines[:2], ",".join([*changed_line[:3], "99", *changed_line[4:]]), *lines[3:]]
    assert after == codecs.BOM_UTF8 + "\r\n".join(expected).encode() + b"\r\n"


def test_opendocument_cells_are_read_as_they_are_displayed(loaded: Tables, tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    ods(path, [loaded["organisations"]], typed=False)
    document = odfdo.Document(str(path))
    sheet: Any = document.body.get_table(name="organisations")
    values = dict(loaded["organisations"].rows[0])
    row = ods_row(values.values(), typed=False)
    cell = odfdo.Cell()
    cell.append(odfdo.Paragraph("two  spaces\tand a tab\nand a line"))
    cell.append(odfdo.Paragraph("and a paragraph"))
    cell.set_attribute("office:value-type", "string")
    cell.append(odfdo.Annotation("a comment is not part of the cell", creator="me"))
    row.set_cell(list(values).index("note"), cell)
    sheet.set_row(1, row)
    document.save(str(path))
    edits = read_edits([path], loaded)
    assert [item.new for item in edits.changes] == ["two  spaces\tand a tab\nand a line\nand a paragraph"]


def test_errors_of_an_opendocument_spreadsheet_are_named(loaded: Tables, tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    ods(path, [loaded["totals"]], typed=False)
    document = odfdo.Document(str(path))
    sheet: Any = document.body.get_table(name="totals")
    row = sheet.get_row(2)
    row.set_cell(3, odfdo.Cell(5, formula="of:=2+3"))
    row.set_attribute("table:visibility", "filter")
    sheet.set_row(2, row)
    sheet.set_span((0, 4, 1, 5))
    document.save(str(path))
    errors = "\n".join(read_edits([path], loaded).errors)
    assert "a.ods, sheet totals, cell D3: value is 'of:=2+3', a formula" in errors
    assert "a.ods, sheet totals, row 3: hidden" in errors
    assert "a.ods, sheet totals, cell A5: merged with others" in errors


def test_hidden_columns_and_sheets_are_read_and_named(loaded: Tables, saved: Path, tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book["observations"].column_dimensions["D"].hidden = True
        book["observations"].column_dimensions.group("E", "F", hidden=True)
        book["observations"]["D2"] = "true" if book["observations"]["D2"].value == "false" else "false"
        book["totals"].sheet_state = "veryHidden"

    changed(saved, change)
    edits = read_edits([saved], loaded)
    assert edits.errors == [] and len(edits.changes) == 1
    assert sorted(edits.notes) == [
        "tables.xlsx, sheet observations: hidden columns D (met), E (source), F (line) read like the others.",
        "tables.xlsx, sheet totals: a hidden sheet, which was read.",
    ]
    assert "tables.xlsx, sheet totals: a hidden sheet, which was not read." in read_edits([saved], loaded, ["observations"]).notes

    path = tmp_path / "a.ods"
    ods(path, [loaded["totals"]], typed=False)
    document = odfdo.Document(str(path))
    sheet: Any = document.body.get_table(name="totals")
    column = sheet.get_column(1)
    column.repeated = None
    column.set_attribute("table:visibility", "collapse")
    sheet.set_column(1, column)
    style = '<style:style style:name="gone" style:family="table"><style:table-properties table:display="false"/></style:style>'
    document.insert_style(style, automatic=True)
    sheet.set_attribute("table:style-name", "gone")
    document.save(str(path))
    edits = read_edits([path], loaded)
    assert edits.errors == []
    assert edits.notes == [
        "a.ods, sheet totals: a hidden sheet, which was read.",
        "a.ods, sheet totals: hidden column B (measure) read like the others.",
    ]


def test_one_table_in_two_files_is_an_error(loaded: Tables, saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "totals.csv"
    shutil.copy(loaded["totals"].path, path)
    assert "the table totals is in tables.xlsx, sheet totals too" in read_edits([saved, path], loaded).errors[0]
    assert read_edits([saved, path], loaded, ["observations"]).errors == []


def package(path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)


@pytest.mark.parametrize("name", ["a.xlsx", "a.ods", "a.xlsm"])
def test_corrupt_and_hostile_files_are_one_clear_error(loaded: Tables, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    entities = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: path.write_bytes(b""), "not readable as a workbook"),
        (lambda: path.write_bytes(b"PK\x03\x04 broken"), "not readable as a workbook"),
        (lambda: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), "remove a password"),
        (lambda: package(path, {"hello.txt": b"x"}), "not readable as a workbook"),
        (lambda: package(path, {"content.xml": b"<a", "[Content_Types].xml": b"<a"}), "not readable as a workbook"),
        (lambda: package(path, {"content.xml": entities}), "content.xml declares a document type"),
        (lambda: package(path, {"content.xml": entities.decode().encode("utf-16")}), "content.xml declares a document type"),
        (lambda: package(path, {f"{number}.xml": bytes(50_000_001) for number in range(4)}), "larger than 200 MB when unpacked"),
    ]
    for write, message in cases:
        write()
        (error,) = read_edits([path], loaded).errors
        assert message in error
        assert str(path) in error


def test_a_truncated_workbook_is_an_error(loaded: Tables, saved: Path) -> None:
    content = saved.read_bytes()
    for size in range(0, len(content), len(content) // 40):
        saved.write_bytes(content[:size])
        assert "not readable as a workbook" in read_edits([saved], loaded).errors[0]


def test_a_stray_cell_far_away_is_an_error_and_not_a_long_wait(loaded: Tables, saved: Path) -> None:
    def change(book: Any) -> None:
        book["observations"]["XFD1048576"] = "x"

    changed(saved, change)
    (error,) = read_edits([saved], loaded).errors
    assert "sheet observations, cell XFD1048576: the sheet reaches to this cell" in error


def test_a_missing_or_old_file_is_an_error(loaded: Tables, tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    (first, second, third) = read_edits([tmp_path / "a.xls", tmp_path / "b.xlsx", tmp_path / "totals.csv"], loaded).errors
    assert "Save it as .xlsx." in first
    assert "b.xlsx: no such file" in second
    assert "totals.csv: no such file" in third


def test_a_changed_hidden_sheet_is_an_error(loaded: Tables, saved: Path) -> None:
    def change(book: Any) -> None:
        book[BASE]["B1"] = "[1, 2"

    changed(saved, change)
    assert "write a new workbook with --xlsx" in read_edits([saved], loaded).errors[0]


def test_macros_are_not_read(loaded: Tables, saved: Path) -> None:
    with zipfile.ZipFile(saved, "a") as target:
        target.writestr("xl/vbaProject.bin", b"macro")
    assert read_edits([saved], loaded).errors == []


def test_a_table_that_changed_since_it_was_read_is_not_overwritten(data_copy: Path) -> None:
    loaded = tables.load(data_copy)
    table = loaded["totals"]
    wanted = {"totals": [{**table.rows[0], "value": "99"}, *table.rows[1:]], "notes": loaded["notes"].rows}
    table.path.write_text("\n".join(table.path.read_text(encoding="utf-8").splitlines()[:-1]), encoding="utf-8")
    before = table.path.read_bytes()
    with pytest.raises(TutelaError, match=r"totals\.csv: changed while the command ran"):
        save_rows(loaded, wanted)
    assert table.path.read_bytes() == before


def test_files_are_replaced_together_or_not_at_all(data_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = data_copy / "review" / "totals.csv", data_copy / "review" / "notes.csv"
    before = {path: path.read_bytes() for path in (one, two)}
    with pytest.raises(TutelaError, match="changed while the command ran"):
        write_files({one: (before[one], b"new"), two: (b"another", b"new")})
    replace, calls = Path.replace, []

    def fail_second(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == 2:
            raise OSError(28, "No space left on device", str(self))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_second)
    with pytest.raises(TutelaError, match="nothing was changed"):
        write_files({path: (before[path], b"new") for path in (one, two)})
    assert {path: path.read_bytes() for path in (one, two)} == before
    assert not list(data_copy.glob("*/*.part"))
