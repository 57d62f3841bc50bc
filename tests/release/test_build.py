"""The build: it is reproducible and atomic, and every changed cell is noticed."""

import csv
import filecmp
import hashlib
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tutela import graph, paths, release, tables
from tutela.errors import BuildFailedError, UsageError
from tutela.paths import Source
from tutela.release import bundle
from tutela.release.build import build
from tutela.tables import Row
from tutela.tables.csv_file import canonical
from tutela.validation.checks import run_checks
from tutela.validation.inputs import read_inputs
from tutela.validation.result import ValidationResult
from tutela.validation.tables import validate_tables

Edit = Callable[[list[Row]], list[Row] | None]


def edit(folder: Path, table: str, change: Edit) -> None:
    """Change the rows of a table in a copy of the data."""
    path = paths.table_files(folder)[table]
    rows = tables.read_rows(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        columns = next(csv.reader(file))
    rows = change(rows) or rows
    path.write_text(
        canonical(rows, columns, []),
        encoding="utf-8",
    )


def check_data(folder: Path, *checks: str) -> list[ValidationResult]:
    """Run a build without the shapes, which validate single resources; if checks are given, run only these."""
    loaded = tables.load(folder)
    if tables.validate(loaded):
        return validate_tables(loaded)[0]
    builder = graph.construct(loaded)
    graph.derive(builder)
    return run_checks(builder, loaded, names=checks or None)


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def save_differently(folder: Path) -> None:
    """Save each table as another program would: in another order, with quotes, other line ends and a byte order mark."""
    for path in paths.table_files(folder).values():
        heading, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
        text = io.StringIO(newline="")
        csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([heading, *reversed(rows)])
        path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")


@pytest.mark.slow
def test_a_build_depends_only_on_what_the_tables_say_when_it_starts(
    built: release.Release, data_copy: Path, tmp_path: Path
) -> None:
    """The tables are saved differently before the build, and edited during it: the release is the same, byte by byte."""
    save_differently(data_copy)

    def change(step: str) -> None:
        if step == "construct the graph":
            for path in paths.table_files(data_copy).values():
                path.unlink()

    second, _ = build(tmp_path / "again", change)
    names = files_in(built.folder)
    assert names == files_in(second.folder)
    same, different, errors = filecmp.cmpfiles(built.folder, second.folder, names, shallow=False)
    assert (sorted(same), different, errors) == (names, [], [])


def test_a_release_contains_what_it_was_built_from(built: release.Release) -> None:
    inputs = read_inputs()
    assert read_inputs(Source.at(built.source)).files == inputs.files
    assert {name for name in built.manifest["files"] if name.startswith("source/")} == {f"source/{name}" for name in inputs.files}
    assert built.version == inputs.version
    assert built.read("source/data/review/notes.csv") == (paths.DATA / "review" / "notes.csv").read_bytes()


def test_a_release_is_current_until_a_table_says_something_else(built: release.Release, data_copy: Path) -> None:
    assert release.is_current(built)
    save_differently(data_copy)
    assert release.is_current(built)
    edit(data_copy, "note_readings", lambda rows: rows[0].update(summary="Another summary of the same note."))
    assert not release.is_current(built)


def test_a_release_is_not_current_if_a_table_is_added_or_removed(built: release.Release, data_copy: Path) -> None:
    path = data_copy / "review" / "notes.csv"
    shutil.copy(path, path.with_name("more.csv"))
    assert not release.is_current(built)
    path.with_name("more.csv").unlink()
    assert release.is_current(built)
    path.unlink()
    assert not release.is_current(built)


def test_the_checksums_match_the_files(built: release.Release) -> None:
    lines = (built.folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert {line.split("  ")[1] for line in lines} == set(files_in(built.folder)) - {"SHA256SUMS"}
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((built.folder / name).read_bytes()).hexdigest() == digest


def flip(jurisdiction: str, criterion: str) -> Edit:
    def change(rows: list[Row]) -> None:
        [row] = [r for r in rows if (r["jurisdiction"], r["criterion"]) == (jurisdiction, criterion)]
        row["met"] = "false" if row["met"] == "true" else "true"

    return change


# Two cells of each criterion. Those in one group are changed together, because their criteria have separate totals.
CHANGED_CELLS = {
    "specific-legislation": ("ALB", "YEM"), "definition": ("ALB", "AFG"), "technology-facilitated": ("ALB", "AZE"),
    "simple-possession": ("ALB", "BLR"), "isp-reporting": ("AUS", "ZMB"),
}  # fmt: skip


@pytest.mark.parametrize("group", [0, 1])
def test_a_changed_cell_contradicts_the_total_of_its_criterion(data_copy: Path, group: int) -> None:
    for criterion, jurisdictions in CHANGED_CELLS.items():
        edit(data_copy, "observations", flip(jurisdictions[group], criterion))
    found = check_data(data_copy, "totals")
    for criterion in CHANGED_CELLS:
        results = [result for result in found if f"the total met-{criterion} of edition 10" in result.found]
        assert results, criterion
        assert results[0].where.startswith("data/review/totals.csv row ")


def test_every_criterion_has_a_total() -> None:
    """So, with the test above, each of the 980 cells is part of a total that was transcribed from the report."""
    observations = tables.read_rows(paths.table_files()["observations"])
    measures = {r["measure"] for r in tables.read_rows(paths.table_files()["totals"]) if r["basis"] == "transcribed"}
    assert len(observations) == 980
    assert {f"met-{row['criterion']}" for row in observations} == measures


def test_a_removed_cell_is_reported(data_copy: Path) -> None:
    edit(
        data_copy,
        "observations",
        lambda rows: [r for r in rows if (r["jurisdiction"], r["criterion"]) != ("ALB", "definition")],
    )
    results = [
        result for result in check_data(data_copy, "observations-complete") if "has no row 10,ALB,definition" in result.found
    ]
    assert [result.where for result in results] == ["data/review/jurisdictions.csv row 5"]


def test_a_jurisdiction_without_cells_is_reported(data_copy: Path) -> None:
    edit(data_copy, "observations", lambda rows: [r for r in rows if r["jurisdiction"] != "ALB"])
    assert sum("has no row 10,ALB," in result.found for result in check_data(data_copy, "observations-complete")) == 5


INVALID_VALUES = [
    ("jurisdictions", "ARE", "alpha2", "AO", "data/review/jurisdictions.csv row 7", "'AO' is also that of"),
    ("notes", "252", "jurisdiction", "", "data/review/notes.csv row 6", "oa:hasTarget: missing"),
    ("notes", "253", "criterion", "posession", "data/review/notes.csv row 7", "oa:hasTarget: id/observation/10/DZA/posession"),
    ("note_kinds", "254", "kind", "gossip", "data/review/notes.csv row 8", "dcterms:type: id/note-kind/gossip"),
    ("note_readings", "255", "summary", "short", "data/review/notes.csv row 9", "oa:bodyValue: 'short'"),
    ("readings", "acrwc", "strength", "requires-reservable", "data/treaties/readings.csv row 2", "no clause is named"),
    ("readings", "arab-it", "rationale", "short", "data/treaties/readings.csv row 22", "dcterms:description: 'short'"),
    (
        "actions",
        "acrwc",
        "entry_into_force",
        "1990-01-01",
        "data/participation/actions.csv row 2",
        "before the act or its deposit",
    ),
    ("actions", "arab-it", "jurisdiction", "HKG", "data/participation/actions.csv row 96", "HKG is a territory or a place"),
    (
        "actions",
        "budapest",
        "date",
        "1999-01-01",
        "data/participation/actions.csv row 120",
        "dated 1999-01-01, before 2001-11-23",
    ),
    ("provisions", "crc", "within", "art_34", "data/treaties/provisions.csv row", "it is said to be part of"),
]


@pytest.mark.slow
def test_a_failed_build_reports_each_invalid_value_and_does_not_change_the_last_release(
    built: release.Release, data_copy: Path, tmp_path: Path
) -> None:
    out = tmp_path / "release"
    shutil.copytree(built.folder, out)
    before = {name: (out / name).read_bytes() for name in files_in(out)}
    for table, row, column, value, _, _ in INVALID_VALUES:

        def change(rows: list[Row], row: str = row, column: str = column, value: str = value) -> None:
            keys = ("code", "number", "instrument")
            matching_rows = [r for r in rows if row in (r.get(key) for key in keys)]
            (next((r for r in matching_rows if r.get("path") == "art_49/par_1"), matching_rows[0]))[column] = value

        edit(data_copy, table, change)
    with pytest.raises(BuildFailedError) as caught:
        build(out)
    for _, _, _, _, where, found in INVALID_VALUES:
        matching = [result for result in caught.value.results if where in result.where and found in result.found]
        assert matching, (where, found, [result for result in caught.value.results if where.split(" row")[0] in result.where])

    assert {name: (out / name).read_bytes() for name in files_in(out)} == before
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("data", "release")] == []
    assert release.open_release(out).version == built.version


def test_a_failed_build_leaves_nothing_where_no_release_was(data_copy: Path, tmp_path: Path) -> None:
    edit(data_copy, "observations", lambda rows: rows[0].update(met="yes"))
    with pytest.raises(BuildFailedError):
        build(tmp_path / "release")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_folder_with_other_content_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="contains something other than a release"):
        build(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.slow
def test_the_version_depends_on_the_inputs(built: release.Release, data_copy: Path, tmp_path: Path) -> None:
    edit(data_copy, "note_readings", lambda rows: rows[0].update(summary="Another summary of the same note."))
    other, _ = build(tmp_path / "release")
    assert other.version != built.version
    changes = list(bundle.diff(built, other))
    assert [sign for sign, line in changes if "bodyValue" in line] == ["+", "-"]
