"""The tables: one canonical form, and a problem named by file, row and column."""

import os
from pathlib import Path

import pytest

from tutela import paths, tables
from tutela.errors import TutelaError


def test_every_table_is_in_its_canonical_form() -> None:
    """Set TUTELA_REPAIR=1 to have the files rewritten in it."""
    wrong = []
    for table in tables.load(paths.DATA).values():
        text = tables.canonical(table.rows, table.names, table.key)
        if table.path.read_text(encoding="utf-8") != text:
            wrong.append(table.path.name)
            if os.environ.get("TUTELA_REPAIR"):
                tables.replace_rows(table.path, table.rows)
    assert not wrong, "sort by key, quote only where needed; TUTELA_REPAIR=1 rewrites them"


def test_the_data_have_no_problem() -> None:
    assert tables.problems(tables.load(paths.DATA)) == []


def test_every_row_names_its_source() -> None:
    for table in tables.load(paths.DATA).values():
        if table.name in ("sources", "dataset", "discrepancies"):
            continue
        assert "source" in table.names, table.name


@pytest.mark.parametrize(
    ("table", "old", "new", "where", "column", "found", "expected"),
    [
        ("observations", "10,AFG,definition,false", "10,AFG,definition,maybe", "row 7", "met", "'maybe'", "true or false"),
        ("observations", "10,AFG,definition,false", "10,AFG,definition,", "row 7", "met", "the cell is empty", "boolean"),
        ("observations", "10,AFG,definition", "10,QQQ,definition", "row 7", "jurisdiction", "'QQQ'", "a code of data/jurisdictions.csv"),
        ("observations", "10,AFG,definition", "10,AFG,isp-reporting", "row 8", "edition + jurisdiction + criterion", "stands in row 7", "a key of its own"),
        ("correspondence", "2012-09-04", "4 September 2012", "row 2", "date", "'4 September 2012'", "YYYY-MM-DD"),
        ("jurisdictions", "AFG,row,", "AFG,state,", "row 3", "kind", "'state'", "row: has a row"),
        ("notes", "10,252,observation", "10,252,cell", "row 6", "target", "'cell'", "criterion|jurisdiction|observation"),
        ("totals", "10,five-criteria,stated,27", "10,five-criteria,stated,many", "row", "value", "'many'", "integer"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named_by_file_row_and_column(
    data_copy: Path, table: str, old: str, new: str, where: str, column: str, found: str, expected: str
) -> None:
    path = data_copy / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    problem = tables.problems(tables.load(data_copy))[0]
    assert problem.where.startswith(f"data/{table}.csv {where}")
    assert (problem.resource, found in problem.found, expected in problem.expected) == (column, True, True)


def test_a_row_that_is_too_long_is_named(data_copy: Path) -> None:
    path = data_copy / "notes.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("criterion,,specific-legislation", "criterion,,,specific-legislation", 1),
        encoding="utf-8",
    )
    with pytest.raises(TutelaError, match=r"notes\.csv row \d+: 8 cells; expected 7. Is a comma unquoted\?"):
        tables.load(data_copy)


def test_other_columns_are_refused(data_copy: Path) -> None:
    path = data_copy / "notes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("edition,number", "number,edition", 1), encoding="utf-8")
    with pytest.raises(TutelaError, match=r"notes\.csv row 1: the columns are number, edition"):
        tables.load(data_copy)


def test_a_table_that_is_missing_or_undescribed_is_named(data_copy: Path) -> None:
    (data_copy / "stray.csv").write_text("a\n", encoding="utf-8")
    with pytest.raises(TutelaError, match="describes no table stray"):
        tables.load(data_copy)
    (data_copy / "stray.csv").unlink()
    (data_copy / "notes.csv").unlink()
    with pytest.raises(TutelaError, match=r"notes\.csv: there is no such table"):
        tables.load(data_copy)


def test_text_that_is_not_utf8_is_refused(data_copy: Path) -> None:
    (data_copy / "notes.csv").write_bytes("edition,né\n".encode("latin-1"))
    with pytest.raises(TutelaError, match=r"notes\.csv: not readable as UTF-8 CSV"):
        tables.load(data_copy)
