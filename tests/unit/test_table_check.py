"""The table level of `tutela check`: all errors at once, their causes, and the nearest valid values."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tutela import paths
from tutela.tables import read_rows
from tutela.validation.check_report import as_json, as_text, summary
from tutela.validation.consequences import fold
from tutela.validation.problem import Problem
from tutela.validation.table_check import TableCheck
from tutela.validation.valid_tables import ValidTables
from tutela.validation.working_copy import Outcome

Edit = Callable[[str, str, str], None]


@pytest.fixture
def edit(data_copy: Path) -> Edit:
    """Return a function that replaces a text in a table of the copy, everywhere."""

    def replace(table: str, old: str, new: str) -> None:
        path = paths.table_files(data_copy)[table]
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


def last_rows(table: str) -> list[dict[str, str]]:
    """Return the rows of a table of the project, which serves as the last release."""
    return read_rows(
        Path(__file__).parents[2] / "data" / next(paths.table_files(paths.ROOT / "data")[table].parent.glob(f"{table}.csv"))
    )


def found(problems: list[Problem]) -> list[tuple[str, str, int, str]]:
    return [(one.level, one.table.rpartition("/")[2], one.row, one.found) for one in problems]


def test_valid_tables_have_no_problems(data_copy: Path) -> None:
    problems, tables = TableCheck(data_copy).run()
    assert problems == []
    assert tables is not None
    assert {name: len(table.rows) for name, table in tables.items()}["observations"] == 980


def test_errors_of_several_tables_and_levels_are_found_in_one_run(data_copy: Path, edit: Edit) -> None:
    edit("notes", "10,251,", "10,251,extra,")
    edit("correspondence", "2012-09-04", "4 September 2012")
    edit("observations", "10,AFG,definition", "10,Afghanistan,definition")
    problems, tables = TableCheck(data_copy).run()
    assert ("file", "notes.csv", 5, "8 cells") in found(problems)
    assert ("cell", "correspondence.csv", 2, "'4 September 2012'") in found(problems)
    assert ("reference", "observations.csv", 7, "'Afghanistan'") in found(problems)
    assert tables is not None, "the graph can be built from the other rows"


def test_the_code_of_a_name_and_the_nearest_spelling_are_suggested(data_copy: Path, edit: Edit) -> None:
    edit("observations", "10,AFG,definition", "10,Afghanistan,definition")
    edit("jurisdictions", "ALB,row,", "ALB,rowe,")
    edit("observations", "10,AGO,definition,true,icmec-10", "10,AGO,definition,true,icmec10")
    nearest = {(one.column, one.value): one.nearest for one in TableCheck(data_copy).run()[0]}
    assert nearest["jurisdiction", "Afghanistan"] == "AFG"
    assert nearest["kind", "rowe"] == "row"
    assert nearest["source", "icmec10"] == "icmec-10"


def test_a_missing_row_is_one_problem_with_its_references_as_consequences(data_copy: Path, edit: Edit) -> None:
    row = next(
        line for line in (data_copy / "review" / "jurisdictions.csv").read_text("utf-8").splitlines() if line.startswith("ALB,")
    )
    edit("jurisdictions", f"{row}\n", "")
    problems, tables = TableCheck(data_copy, last_rows).run()
    [problem] = problems
    assert (problem.table, problem.column, problem.value) == ("data/review/jurisdictions.csv", "code", "ALB")
    assert problem.advice == "Restore the row; the last release has it."
    assert len(problem.consequences) > 20
    assert tables is not None
    assert ("ALB",) in tables["jurisdictions"].row_numbers, "the graph is built with the row of the last release"


def test_an_emptied_table_is_one_problem(data_copy: Path) -> None:
    path = data_copy / "review" / "notes.csv"
    path.write_text(path.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    [problem], tables = TableCheck(data_copy, last_rows).run()
    assert (problem.found, problem.advice, len(problem.consequences)) == ("the table has no rows", "Restore its rows.", 96)
    assert tables is not None
    assert len(tables["notes"].rows) == 96


def test_a_value_in_another_form_is_read_as_what_is_meant(data_copy: Path, edit: Edit) -> None:
    edit("observations", ",true,", ",TRUE,")
    problems, tables = TableCheck(data_copy).run()
    assert {(one.level, one.column, one.value, one.nearest, one.is_tidied) for one in problems} == {
        ("cell", "met", "TRUE", "true", True)
    }
    assert tables is not None
    assert {row["met"] for row in tables["observations"].rows} == {"true", "false"}


def test_a_row_that_cannot_be_helped_is_that_of_the_last_release(data_copy: Path, edit: Edit) -> None:
    edit("observations", "10,AFG,definition,false", "10,AFG,definition,maybe")
    edit("observations", "10,AGO,definition,true", "10,QQQ,definition,true")
    _, tables = TableCheck(data_copy, last_rows).run()
    assert tables is not None
    rows = {(row["jurisdiction"], row["criterion"]): row["met"] for row in tables["observations"].rows}
    assert (rows["AFG", "definition"], rows["AGO", "definition"], len(rows)) == ("false", "true", 980)


@pytest.mark.parametrize(
    ("content", "message", "advice"),
    [
        ("edition,né\n".encode("latin-1"), "not UTF-8", "in UTF-8"),
        (b"", "the file is empty", "Restore"),
        (b'edition,"number\n', "not readable as CSV", "quotation mark"),
        (b"edition;number;target;jurisdiction;criterion;source;line\n", "semicolons between the cells", "with commas"),
        (b"edition,number,target,jurisdiction,criterion,source\n", "the column 'line' is missing", "Add it"),
        (b"edition,number,target,jurisdiction,criterion,source,line,more\n", "the column 'more' is unknown", "Remove it"),
    ],
)
def test_a_table_that_cannot_be_read_hides_no_other_error(
    data_copy: Path, edit: Edit, content: bytes, message: str, advice: str
) -> None:
    (data_copy / "review" / "notes.csv").write_bytes(content)
    edit("correspondence", "2012-09-04", "4 September 2012")
    problems, tables = TableCheck(data_copy).run()
    first, *others = problems
    assert (first.level, message in first.found, advice in first.advice) == ("file", True, True), first
    # Nothing is said of references to a table that cannot be read.
    assert {one.value for one in others} == {"4 September 2012"}
    assert tables is None


def test_columns_in_another_order_a_missing_and_a_stray_table_are_errors(data_copy: Path) -> None:
    path = data_copy / "meta" / "dataset.csv"
    heading, row = path.read_text(encoding="utf-8").splitlines()
    columns = heading.split(",")
    path.write_text(f"{','.join([columns[1], columns[0], *columns[2:]])}\n{row}\n", encoding="utf-8")
    (data_copy / "review" / "notes.csv").unlink()
    (data_copy / "review" / "stray.csv").write_text("a\n", encoding="utf-8")
    messages = [one.found for one in TableCheck(data_copy).run()[0]]
    assert any(message.startswith("the columns are in another order: title, id") for message in messages)
    assert "there is no such file" in messages
    assert "there is no metadata file stray.csv-metadata.json next to it" in messages


def test_a_second_run_reads_only_what_has_changed(data_copy: Path, edit: Edit) -> None:
    check = TableCheck(data_copy)
    _, before = check.run()
    edit("observations", "10,AFG,definition,false", "10,AFG,definition,true")
    _, after = check.run()
    assert before is not None
    assert after is not None
    changed = {name for name in before if before[name].rows != after[name].rows}
    assert changed == {"observations"}


def test_a_table_that_had_no_error_is_not_read_again(data_copy: Path, edit: Edit, tmp_path: Path) -> None:
    file = tmp_path / "cache" / "valid.json"
    edit("totals", "four-criteria,stated,22", "four-criteria,state,22")
    for _ in ("read", "known"):
        assert [one.value for one in TableCheck(data_copy, valid=ValidTables(file)).run()[0]] == ["state"]
    marks = json.loads(file.read_text(encoding="utf-8"))
    assert len(marks) == len(paths.table_files(data_copy)) - 1, "the table with an error is read again"
    edit("observations", "10,AFG,definition,false", "10,AFG,definition,maybe")
    assert {one.value for one in TableCheck(data_copy, valid=ValidTables(file)).run()[0]} == {"state", "maybe"}
    metadata = data_copy / "review" / "editions.csv-metadata.json"
    metadata.write_text(metadata.read_text(encoding="utf-8").replace("published|draft", "printed|draft"), encoding="utf-8")
    assert "published" in {one.value for one in TableCheck(data_copy, valid=ValidTables(file)).run()[0]}
    file.write_text("{", encoding="utf-8")
    assert {"state", "maybe"} < {one.value for one in TableCheck(data_copy, valid=ValidTables(file)).run()[0]}


def cell(row: int, value: str, **more: object) -> Problem:
    expected = "a boolean: true or false, in lower case"
    details = {"advice": "Write true.", "nearest": "true", "is_tidied": True, **more}
    return Problem("cell", "Violation", "data/review/observations.csv", row, "met", value, f"'{value}'", expected, **details)  # type: ignore[arg-type]


def graph(row: int, text: str, nearest: str = "") -> Problem:
    table = "data/review/observations.csv"
    return Problem(
        "graph", "Violation", table, row, "", "", text, "A rule.", nearest=nearest, where=f"{table} row {row}", rule="x:y"
    )


def test_many_errors_of_a_kind_are_one_line() -> None:
    text = as_text([cell(row, "TRUE") for row in range(2, 982)])
    assert (
        "met: 980 cells contain 'TRUE'; expected a boolean: true or false, in lower case; `tutela tables --tidy` fixes them"
        in text
    )
    assert "Rows 2 to 981." in text
    assert text.count("\n") == 5


def test_a_single_error_has_row_column_value_expected_and_advice() -> None:
    assert as_text([cell(7, "maybe", advice="Correct the cell.", nearest="", is_tidied=False)]) == (
        "Cells\n  data/review/observations.csv\n"
        "    row 7, met: 'maybe'; expected a boolean: true or false, in lower case\n      Correct the cell.\n"
    )


def test_what_follows_from_an_error_is_under_it() -> None:
    missing = Problem("reference", "Violation", "data/review/jurisdictions.csv", 0, "code", "ALB", "there is no row", "a row")
    same_row, same_name, own = graph(7, "no value"), graph(9, "the jurisdiction ALB has no name"), graph(11, "ALBANIA")
    problems = fold([cell(7, "maybe"), missing], [same_row, same_name, own])
    assert [(one.found, [other.found for other in one.consequences]) for one in problems] == [
        ("'maybe'", ["no value"]),
        ("there is no row", ["the jurisdiction ALB has no name"]),
        ("ALBANIA", []),
    ]


def test_results_of_the_row_of_a_misspelt_value_follow_from_it() -> None:
    misspelt = graph(7, "'defintion' is unknown", nearest="definition")
    [problem] = fold([], [graph(7, "not described"), misspelt])
    assert (problem.nearest, [one.found for one in problem.consequences]) == ("definition", ["not described"])


def change(row: int, *key: str) -> Problem:
    """Return what the comparison with the last release says of a finding that changed without a correction."""
    table = "data/review/observations.csv"
    return Problem("graph", "Violation", table, row, "met", "true", "'true'", "'false'", where=f"{table} row {row}", key=key)


def test_totals_are_under_the_finding_that_changed_them() -> None:
    first, second = change(7, "10", "AFG", "definition"), change(55, "10", "ALB", "simple-possession")
    total = Problem(
        "graph", "Violation", "data/review/totals.csv", 17, "", "", "the total sufficient is 138", "138", rule="x:totals"
    )
    order = replace(total, row=0, table="", found="ALB meets simple-possession without a law", rule="x:order")
    other = replace(total, row=20, found="another error", rule="x:other")
    follows = {"x:totals": ["observations"], "x:order": ["observations"]}
    problems = fold([], [other, total, order, first, second, graph(55, "of the same row")], follows)
    assert {one.row: [other.found for other in one.consequences] for one in problems} == {
        7: ["the total sufficient is 138"],
        55: ["ALB meets simple-possession without a law", "of the same row"],
        20: [],
    }
    text = as_text(problems)
    assert (
        "      1 further error follows from this:\n        data/review/totals.csv row 17: the total sufficient is 138\n" in text
    )


def test_a_key_that_was_changed_is_one_problem_with_the_references_to_it(data_copy: Path, edit: Edit) -> None:
    edit("jurisdictions", "ALB,row,", "ALX,row,")
    [problem], tables = TableCheck(data_copy, last_rows).run()
    assert (problem.row, problem.column, problem.value, problem.nearest) == (5, "code", "ALX", "ALB")
    assert problem.found.startswith("the key 'ALB' of the last release was changed to 'ALX'; 43 rows refer to it")
    assert len(problem.consequences) == 43
    assert tables is not None
    assert ("ALB",) in tables["jurisdictions"].row_numbers
    about_the_new_one = replace(graph(0, "no row 10,ALX,definition"), where="")
    assert len(fold([problem], [about_the_new_one])) == 1


def test_the_summary_and_the_json_say_what_was_checked() -> None:
    outcome = Outcome([cell(7, "maybe")], 47, 10362, None, 0.25)
    assert summary(outcome).startswith("1 error. Checked in 0.2 s: 47 tables, 10,362 rows. The graph was not checked")
    document = json.loads(as_json(outcome))
    assert (document["valid"], document["errors"], document["checked"]["graph"]) == (False, 1, False)
    assert document["problems"][0]["row"] == 7
    assert document["problems"][0]["nearest"] == "true"
