"""Comparison with the last release: no finding, note or total changes without a correction, and no row is lost unnoticed."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.published_releases import publish_tables
from tutela import paths, tables
from tutela.errors import TutelaError, UsageError
from tutela.release.build import build
from tutela.tables import Row
from tutela.tables.compare import compare
from tutela.tables.files import replace_rows
from tutela.tables.published import SOURCE_ARCHIVE, PublishedRelease, pack_source, published_releases
from tutela.validation import ValidationResult
from tutela.validation.comparison import compare_with_release
from tutela.validation.corrections import check_corrections

CORRECTION = {
    "table": "observations", "key": "10/JOR/simple-possession", "column": "met", "item": "1", "was": "false", "now": "true",
    "date": "2026-11-25", "corrected_by": "Tutela editors", "reason": "article 9 punishes it.", "source": "tutela",
}  # fmt: skip


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> PublishedRelease:
    return publish_tables(tmp_path_factory.mktemp("releases"))


def edit(folder: Path, table: str, change: Callable[[list[Row]], list[Row] | None]) -> None:
    path = paths.table_files(folder)[table]
    rows = tables.read_rows(path)
    replace_rows(path, changed if (changed := change(rows)) is not None else rows)


def put(folder: Path, table: str, key: dict[str, str], column: str, value: str) -> None:
    def change(rows: list[Row]) -> None:
        [row] = [row for row in rows if key.items() <= row.items()]
        assert row[column] != value
        row[column] = value

    edit(folder, table, change)


def compared(data: Path, release: PublishedRelease, *allow_loss: str) -> list[ValidationResult]:
    loaded = tables.load(data)
    assert tables.validate(loaded) == []
    return compare_with_release(loaded, release, allow_loss)


def met(jurisdiction: str, criterion: str = "simple-possession") -> dict[str, str]:
    return {"edition": "10", "jurisdiction": jurisdiction, "criterion": criterion}


def test_unchanged_tables_do_not_differ_and_are_compared_quickly(release: PublishedRelease) -> None:
    loaded = tables.load(paths.DATA)
    fresh = published_releases(release.folder.parent)[-1]
    begin = time.process_time()
    assert compare_with_release(loaded, fresh) == []
    assert time.process_time() - begin < 0.3


def test_swapped_findings_of_two_countries_are_reported(data_copy: Path, release: PublishedRelease) -> None:
    """All totals stay as they are, so nothing else notices it."""

    def swap(rows: list[Row]) -> None:
        for row in rows:
            row["jurisdiction"] = {"ALB": "AFG", "AFG": "ALB"}.get(row["jurisdiction"], row["jurisdiction"])

    edit(data_copy, "observations", swap)
    results = [result for result in compared(data_copy, release) if result.resource == "met"]
    before = {(row["jurisdiction"], row["criterion"]): row["met"] for row in release.rows("observations")}
    differ = sum(before["ALB", c] != before["AFG", c] for _, c in before if _ == "ALB")
    assert len(results) == 2 * differ
    assert differ
    [result] = [result for result in results if result.where == "data/review/observations.csv row 7"]
    assert result.found == "'true' in the row 10/AFG/definition; release 1.0 has 'false'"
    assert "data/review/corrections.csv" in result.expected
    assert result.expected.endswith(" observations,10/AFG/definition,met,1,false,true")


@pytest.mark.parametrize(
    ("table", "key", "column", "value"),
    [
        ("totals", {"edition": "10", "measure": "sufficient"}, "value", "140"),
        ("totals", {"edition": "1", "measure": "five-criteria"}, "line", "230"),
        ("party_counts", {"instrument": "acrwc"}, "parties", "49"),
        ("notes", {"edition": "10", "number": "252"}, "line", "1230"),
        ("note_readings", {"edition": "10", "number": "248"}, "summary", "Met by any law that forbids this material."),
        ("note_wordings", {"edition": "10", "note": "252"}, "wording", "by any means"),
        ("correspondence", {"edition": "10", "note": "255"}, "date", "2012-09-05"),
        ("place_observations", {"jurisdiction": "HKG", "criterion": "definition"}, "met", "false"),
    ],
)
def test_a_changed_note_or_rounded_total_is_reported(
    data_copy: Path, release: PublishedRelease, table: str, key: dict[str, str], column: str, value: str
) -> None:
    put(data_copy, table, key, column, value)
    [result] = compared(data_copy, release)
    assert (result.severity, result.resource) == ("Violation", column)
    assert result.where.startswith(f"data/review/{table}.csv row ")
    assert result.found.startswith(f"'{value}' in the row ")


def test_other_tables_change_without_a_correction(data_copy: Path, release: PublishedRelease) -> None:
    put(data_copy, "national_laws", {"jurisdiction": "ALB", "slug": "criminal-code"}, "note", "another note")
    assert compared(data_copy, release) == []


def test_a_table_that_loses_rows_is_reported_unless_that_is_allowed(data_copy: Path, release: PublishedRelease) -> None:
    edit(data_copy, "jurisdiction_links", lambda rows: rows[2:])
    [result] = compared(data_copy, release)
    assert result.where == "data/review/jurisdiction_links.csv"
    assert result.found == "2 rows of release 1.0 are missing, such as ABW/eu, ABW/wikidata"
    assert "--allow-loss jurisdiction_links" in result.expected
    assert compared(data_copy, release, "jurisdiction_links") == []
    assert compared(data_copy, release, "notes") == [result]


def test_every_emptied_table_is_reported(data_copy: Path, release: PublishedRelease) -> None:
    for path in paths.table_files(data_copy).values():
        path.write_text(path.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    found = {result.resource: result.found for result in compare_with_release(tables.load(data_copy), release)}
    counts = {name: len(release.rows(name)) for name in release.table_files}
    assert found.keys() == {name for name, count in counts.items() if count}
    for name, text in found.items():
        assert text.startswith(f"{counts[name]} row")


def test_a_removed_table_is_reported(release: PublishedRelease) -> None:
    loaded = {name: table for name, table in tables.load(paths.DATA).items() if name != "implementation"}
    [result] = compare_with_release(loaded, release)
    assert result.where == "data/treaties/implementation.csv"


def test_a_recorded_correction_is_accepted(data_copy: Path, release: PublishedRelease) -> None:
    put(data_copy, "observations", met("JOR"), "met", "true")
    edit(data_copy, "corrections", lambda rows: [CORRECTION])
    assert compared(data_copy, release) == []
    assert check_corrections(tables.load(data_copy)) == []


def test_a_correction_of_a_cell_that_was_empty_is_accepted(data_copy: Path, release: PublishedRelease) -> None:
    put(data_copy, "note_readings", {"edition": "10", "number": "248"}, "wording", "as such")
    changes = {"table": "note_readings", "key": "10/248", "column": "wording", "was": "", "now": "as such"}
    edit(data_copy, "corrections", lambda rows: [CORRECTION | changes])
    assert compared(data_copy, release) == []
    assert check_corrections(tables.load(data_copy)) == []


def test_a_correction_starts_from_the_value_of_the_release(data_copy: Path, release: PublishedRelease) -> None:
    put(data_copy, "totals", {"edition": "10", "measure": "sufficient"}, "value", "140")
    changes = {"table": "totals", "key": "10/sufficient/stated", "column": "value", "was": "139", "now": "140"}
    edit(data_copy, "corrections", lambda rows: [CORRECTION | changes])
    [result] = compared(data_copy, release)
    assert (result.where, result.resource, result.found) == ("data/review/corrections.csv row 2", "was", "'139'")
    assert result.expected == "'138', the value in release 1.0"


def test_a_correction_of_the_release_does_not_explain_a_later_change(data_copy: Path, tmp_path: Path) -> None:
    put(data_copy, "observations", met("JOR"), "met", "true")
    edit(data_copy, "corrections", lambda rows: [CORRECTION])
    later = publish_tables(tmp_path / "later", data_copy)
    put(data_copy, "observations", met("JOR"), "met", "false")
    [result] = compared(data_copy, later)
    assert result.expected.endswith(" observations,10/JOR/simple-possession,met,2,true,false")
    second = CORRECTION | {"item": "2", "was": "true", "now": "false"}
    edit(data_copy, "corrections", lambda rows: [*rows, second])
    assert compared(data_copy, later) == []
    assert check_corrections(tables.load(data_copy)) == []


def test_a_published_correction_does_not_change(data_copy: Path, tmp_path: Path) -> None:
    put(data_copy, "observations", met("JOR"), "met", "true")
    edit(data_copy, "corrections", lambda rows: [CORRECTION])
    later = publish_tables(tmp_path / "later", data_copy)
    edit(data_copy, "corrections", lambda rows: [CORRECTION | {"reason": "another reason."}])
    assert [result.resource for result in compared(data_copy, later)] == ["reason"]


@pytest.mark.parametrize(
    ("change", "column", "found"),
    [
        ({"now": "false", "was": "true"}, "now", "'false'"),
        ({"was": "true"}, "now", "so the correction changes nothing"),
        ({"item": "2"}, "item", "2"),
        ({"table": "observation"}, "table", "'observation'"),
        ({"column": "criterion"}, "column", "'criterion'"),
        ({"column": "value"}, "column", "'value'"),
        ({"key": "10/JOR/possession"}, "key", "'10/JOR/possession'"),
    ],
)
def test_a_correction_that_contradicts_the_tables_is_reported(
    data_copy: Path, change: dict[str, str], column: str, found: str
) -> None:
    put(data_copy, "observations", met("JOR"), "met", "true")
    edit(data_copy, "corrections", lambda rows: [CORRECTION | change])
    results = check_corrections(tables.load(data_copy))
    assert [(result.where, result.resource) for result in results] == [("data/review/corrections.csv row 2", column)]
    assert found in results[0].found


def test_corrections_of_a_cell_continue_from_each_other(data_copy: Path) -> None:
    put(data_copy, "observations", met("JOR"), "met", "true")
    edit(data_copy, "corrections", lambda rows: [CORRECTION, CORRECTION | {"item": "2"}])
    [result] = check_corrections(tables.load(data_copy))
    assert (result.where, result.resource, result.found) == ("data/review/corrections.csv row 3", "was", "'false'")


def test_tables_with_other_keys_are_not_matched() -> None:
    assert compare([{"edition": "10", "met": "true"}], [{"table": "x", "met": "true"}], ["table"]) is None
    difference = compare([], [{"table": "x", "met": "true"}], ["table"])
    assert difference is not None
    assert difference.added == (("x",),)


def test_an_unknown_table_that_may_lose_rows_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--allow-loss note: no such table"):
        build(tmp_path / "release", allow_loss=["note"])
    assert not (tmp_path / "release").exists()


def test_a_damaged_archive_is_reported(tmp_path: Path) -> None:
    release = publish_tables(tmp_path / "releases")
    (release.folder / SOURCE_ARCHIVE).write_bytes(pack_source({}))
    with pytest.raises(TutelaError, match="SHA-256 differs"):
        _ = release.inputs
    (tmp_path / "releases" / "index.json").write_text("{}", encoding="utf-8")
    with pytest.raises(TutelaError, match="not readable as an index"):
        published_releases(tmp_path / "releases")


def test_the_same_inputs_give_the_same_archive() -> None:
    files = {"data/a/b.csv": b"x\n", "data/a/a.csv": b"y\n"}
    assert pack_source(files) == pack_source(dict(reversed(files.items())))
