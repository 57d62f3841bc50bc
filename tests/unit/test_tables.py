"""The tables: their canonical form, and errors with file, row and column."""

import os
from pathlib import Path

import pytest

from tutela import paths, tables
from tutela.errors import TutelaError
from tutela.tables.csv_file import canonical
from tutela.tables.files import replace_rows


def test_every_table_is_in_its_canonical_form() -> None:
    """Set TUTELA_REPAIR=1 to rewrite the files in this form."""
    not_canonical = []
    for table in tables.load(paths.DATA).values():
        text = canonical(table.rows, table.column_names, table.key)
        if table.path.read_text(encoding="utf-8") != text:
            not_canonical.append(table.path.name)
            if os.environ.get("TUTELA_REPAIR"):
                replace_rows(table.path, table.rows)
    assert not not_canonical, "not sorted by key, or with unnecessary quotes; TUTELA_REPAIR=1 rewrites them"


def test_the_data_are_valid() -> None:
    assert tables.validate(tables.load(paths.DATA)) == []


def test_every_table_has_a_source_column() -> None:
    for table in tables.load(paths.DATA).values():
        if table.name in ("sources", "dataset", "discrepancies", "releases"):
            continue
        assert "source" in table.column_names, table.name


@pytest.mark.parametrize(
    ("table", "old", "new", "where", "column", "found", "expected"),
    [
        ("observations", "10,AFG,definition,false", "10,AFG,definition,maybe", "row 7", "met", "'maybe'", "true or false"),
        ("observations", "10,AFG,definition,false", "10,AFG,definition,", "row 7", "met", "the cell is empty", "boolean"),
        ("observations", "10,AFG,definition", "10,QQQ,definition", "row 7", "jurisdiction", "'QQQ'", "a code of data/review/jurisdictions.csv"),
        ("observations", "10,AFG,definition", "10,AFG,isp-reporting", "row 8", "edition + jurisdiction + criterion", "first used in row 7", "a unique key"),
        ("notes", "10,251,", "010,250,", "row 5", "edition", "'010'", "without sign, decimal point or leading zeros"),
        ("notes", "10,251,", "10,250,", "row 5", "edition + number", "duplicate key 10, 250 (first used in row 4)", "a unique key"),
        ("correspondence", "2012-09-04", "4 September 2012", "row 2", "date", "'4 September 2012'", "YYYY-MM-DD"),
        ("jurisdictions", "AFG,row,", "AFG,state,", "row 3", "kind", "'state'", "row: covered by the review"),
        ("notes", "10,252,observation", "10,252,cell", "row 6", "target", "'cell'", "criterion, jurisdiction or observation"),
        ("totals", "10,five-criteria,stated,27", "10,five-criteria,stated,many", "row", "value", "'many'", "integer"),
    ],
)  # fmt: skip
def test_an_invalid_cell_is_reported_with_file_row_and_column(
    data_copy: Path, table: str, old: str, new: str, where: str, column: str, found: str, expected: str
) -> None:
    path = paths.table_files(data_copy)[table]
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    error = tables.validate(tables.load(data_copy))[0]
    assert (error.table, f"row {error.row}".startswith(where)) == (table, True)
    assert (error.column, found in error.found, expected in error.expected) == (column, True, True)


def test_a_row_with_too_many_cells_is_an_error(data_copy: Path) -> None:
    path = data_copy / "review" / "notes.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("criterion,,specific-legislation", "criterion,,,specific-legislation", 1),
        encoding="utf-8",
    )
    with pytest.raises(TutelaError, match=r"notes\.csv row \d+: 8 cells; expected 7. Is a comma unquoted\?"):
        tables.load(data_copy)


def test_other_columns_are_an_error(data_copy: Path) -> None:
    path = data_copy / "review" / "notes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("edition,number", "number,edition", 1), encoding="utf-8")
    with pytest.raises(TutelaError, match=r"notes\.csv row 1: the columns are number, edition"):
        tables.load(data_copy)


def test_a_missing_table_or_metadata_file_is_an_error(data_copy: Path) -> None:
    (data_copy / "review" / "stray.csv").write_text("a\n", encoding="utf-8")
    with pytest.raises(TutelaError, match=r"no metadata file stray\.csv-metadata\.json"):
        tables.load(data_copy)
    (data_copy / "review" / "stray.csv").unlink()
    (data_copy / "review" / "notes.csv").unlink()
    with pytest.raises(TutelaError, match=r"notes\.csv: no such table"):
        tables.load(data_copy)


def test_text_that_is_not_utf8_is_an_error(data_copy: Path) -> None:
    (data_copy / "review" / "notes.csv").write_bytes("edition,né\n".encode("latin-1"))
    with pytest.raises(TutelaError, match=r"notes\.csv: not readable as UTF-8 CSV"):
        tables.load(data_copy)
