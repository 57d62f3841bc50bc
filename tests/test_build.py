"""The build: repeatable, all or nothing, and no cell can change unnoticed."""

import csv
import filecmp
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tutela import build, paths, release, tables, validate
from tutela.build import BuildFailedError
from tutela.errors import UsageError
from tutela.problems import Problem
from tutela.tables import Row

Edit = Callable[[list[Row]], list[Row] | None]


def edit(folder: Path, table: str, change: Edit) -> None:
    """Change the rows of a table in a copy of the data."""
    path = folder / f"{table}.csv"
    rows = tables.read_rows(path)
    with path.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    rows = change(rows) or rows
    path.write_text(
        tables.canonical(rows, columns, []),
        encoding="utf-8",
    )


def problems_of(folder: Path, *checks: str) -> list[Problem]:
    """Run all of a build but the shapes, which look at one resource at a time; perhaps some checks only."""
    read = tables.load(folder)
    found = tables.problems(read)
    if found:
        return found
    bench = build.construct(read)
    build.derive(bench)
    if not checks:
        return validate.check_queries(bench)
    some = folder.parent / "checks"
    some.mkdir(exist_ok=True)
    for name in checks:
        shutil.copy(paths.QUERIES / "checks" / f"{name}.rq", some)
    return validate.check_queries(bench, some)


def test_two_builds_are_the_same_bytes(built: release.Release, tmp_path: Path) -> None:
    again, _ = build.build(tmp_path / "again")
    names = sorted(path.name for path in built.folder.iterdir())
    assert names == sorted(path.name for path in again.folder.iterdir())
    same, different, errors = filecmp.cmpfiles(built.folder, again.folder, names, shallow=False)
    assert (sorted(same), different, errors) == (names, [], [])


def test_the_checksums_are_those_of_the_files(built: release.Release) -> None:
    lines = (built.folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert {line.split("  ")[1] for line in lines} == {p.name for p in built.folder.iterdir()} - {"SHA256SUMS"}
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((built.folder / name).read_bytes()).hexdigest() == digest


def flip(jurisdiction: str, criterion: str) -> Edit:
    def change(rows: list[Row]) -> None:
        [row] = [r for r in rows if (r["jurisdiction"], r["criterion"]) == (jurisdiction, criterion)]
        row["met"] = "false" if row["met"] == "true" else "true"

    return change


@pytest.mark.parametrize(
    ("jurisdiction", "criterion"),
    [
        ("ALB", "specific-legislation"), ("YEM", "specific-legislation"), ("ALB", "definition"), ("AFG", "definition"),
        ("ALB", "technology-facilitated"), ("AZE", "technology-facilitated"), ("ALB", "simple-possession"),
        ("BLR", "simple-possession"), ("AUS", "isp-reporting"), ("ZMB", "isp-reporting"),
    ],
)  # fmt: skip
def test_a_changed_cell_breaks_the_count_of_its_criterion(data_copy: Path, jurisdiction: str, criterion: str) -> None:
    edit(data_copy, "observations", flip(jurisdiction, criterion))
    found = [p for p in problems_of(data_copy, "totals") if f"the total met-{criterion} of edition 10" in p.found]
    assert found
    assert found[0].where.startswith("data/totals.csv row ")


def test_every_criterion_is_counted_so_that_no_cell_is_free_to_change() -> None:
    """With the test above: each of the 980 cells is in a count that was fixed at transcription."""
    observations = tables.read_rows(paths.DATA / "observations.csv")
    counted = {r["measure"] for r in tables.read_rows(paths.DATA / "totals.csv") if r["basis"] == "transcribed"}
    assert len(observations) == 980
    assert {f"met-{row['criterion']}" for row in observations} == counted


def test_a_removed_cell_is_named(data_copy: Path) -> None:
    edit(
        data_copy,
        "observations",
        lambda rows: [r for r in rows if (r["jurisdiction"], r["criterion"]) != ("ALB", "definition")],
    )
    found = [p for p in problems_of(data_copy, "observations-complete") if "has no row 10,ALB,definition" in p.found]
    assert [p.where for p in found] == ["data/jurisdictions.csv row 5"]


def test_a_jurisdiction_without_any_cell_is_named(data_copy: Path) -> None:
    edit(data_copy, "observations", lambda rows: [r for r in rows if r["jurisdiction"] != "ALB"])
    assert sum("has no row 10,ALB," in p.found for p in problems_of(data_copy, "observations-complete")) == 5


def test_an_intended_correction_passes_when_it_is_recorded_with_its_totals(data_copy: Path, tmp_path: Path) -> None:
    edit(data_copy, "observations", flip("ALB", "definition"))
    correction = {
        "edition": "10", "jurisdiction": "ALB", "criterion": "definition", "item": "1", "was": "true", "now": "false",
        "date": "2026-12-01", "corrected_by": "Tutela editors", "reason": "The definition was repealed.", "source": "tutela",
    }  # fmt: skip
    edit(data_copy, "corrections", lambda rows: [*rows, correction])
    problems = problems_of(data_copy)
    wrong = [p for p in problems if p.rule.endswith("check-totals-corrected")]
    assert any("a row 10,met-definition,corrected,145" in p.expected for p in wrong)
    assert {p.rule for p in problems} == {p.rule for p in wrong}
    corrected = [
        {
            "edition": "10",
            "measure": measure,
            "basis": "corrected",
            "value": value,
            "source": "tutela",
            "line": "",
        }
        for measure, value in [p.expected.split(" ")[2].split(",")[1::2] for p in wrong]
    ]
    edit(data_copy, "totals", lambda rows: [*rows, *corrected])
    built, _ = build.build(tmp_path / "release")
    assert built.manifest["rows"]["corrections"] == 1


def test_a_correction_that_says_something_else_than_the_cell_fails(data_copy: Path) -> None:
    correction = {
        "edition": "10", "jurisdiction": "ALB", "criterion": "definition", "item": "1", "was": "true", "now": "false",
        "date": "2026-12-01", "corrected_by": "Tutela editors", "reason": "The definition was repealed.", "source": "tutela",
    }  # fmt: skip
    edit(data_copy, "corrections", lambda rows: [*rows, correction])
    found = problems_of(data_copy, "corrections-agree")
    assert found[0].where == "data/corrections.csv row 2"
    assert found[0].found == "it ends with false, and data/observations.csv has true"


BAD_VALUES = [
    ("jurisdictions", "ALB", "alpha2", "Al", "data/jurisdictions.csv row 5", "tutela:alpha2: 'Al'"),
    ("jurisdictions", "AND", "numeric", "20", "data/jurisdictions.csv row 6", "tutela:numericCode: '20'"),
    ("jurisdictions", "ARE", "alpha2", "AO", "data/jurisdictions.csv row 7", "'AO' is also that of"),
    ("notes", "252", "jurisdiction", "", "data/notes.csv row 6", "oa:hasTarget: missing"),
    ("notes", "253", "criterion", "posession", "data/notes.csv row 7", "oa:hasTarget: id/observation/10/DZA/posession"),
    ("note_kinds", "254", "kind", "gossip", "data/notes.csv row 8", "dcterms:type: id/note-kind/gossip"),
    ("note_readings", "255", "summary", "short", "data/notes.csv row 9", "oa:bodyValue: 'short'"),
    ("readings", "acrwc", "strength", "requires-reservable", "data/readings.csv row 2", "no clause is named"),
    ("readings", "arab-it", "rationale", "short", "data/readings.csv row 12", "dcterms:description: 'short'"),
    ("actions", "acrwc", "entry_into_force", "1990-01-01", "data/actions.csv row 2", "before the act or its deposit"),
    ("actions", "arab-it", "jurisdiction", "HKG", "data/actions.csv row 96", "HKG is a territory or a place"),
    ("actions", "budapest", "date", "1999-01-01", "data/actions.csv row 120", "dated 1999-01-01, before 2001-11-23"),
    ("provisions", "crc", "within", "art_34", "data/provisions.csv row", "it is said to be part of"),
]


def test_each_bad_value_is_named_by_file_and_row_in_one_failed_build(data_copy: Path, tmp_path: Path) -> None:
    for table, row, column, value, _, _ in BAD_VALUES:

        def change(rows: list[Row], row: str = row, column: str = column, value: str = value) -> None:
            keys = ("code", "number", "instrument")
            wanted = [r for r in rows if row in (r.get(key) for key in keys)]
            (next((r for r in wanted if r.get("path") == "art_49/par_1"), wanted[0]))[column] = value

        edit(data_copy, table, change)
    with pytest.raises(BuildFailedError) as failure:
        build.build(tmp_path / "release")
    for _, _, _, _, where, found in BAD_VALUES:
        hits = [p for p in failure.value.problems if where in p.where and found in p.found]
        assert hits, (where, found, [p for p in failure.value.problems if where.split(" row")[0] in p.where])
    assert not (tmp_path / "release").exists()


def test_a_failed_build_leaves_the_last_release_as_it_was(built: release.Release, data_copy: Path, tmp_path: Path) -> None:
    out = tmp_path / "release"
    shutil.copytree(built.folder, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    edit(data_copy, "observations", flip("ALB", "definition"))
    with pytest.raises(BuildFailedError):
        build.build(out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("data", "release")] == []
    assert release.open_release(out).version == built.version


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="holds something else than a release"):
        build.build(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_version_follows_the_inputs(built: release.Release, data_copy: Path, tmp_path: Path) -> None:
    edit(data_copy, "note_readings", lambda rows: rows[0].update(summary="Another summary of the same note."))
    other, _ = build.build(tmp_path / "release")
    assert other.version != built.version
    changes = list(release.difference(built, other))
    assert [sign for sign, line in changes if "bodyValue" in line] == ["+", "-"]
