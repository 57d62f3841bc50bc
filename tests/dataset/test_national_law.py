"""National law: every row of the compilation is accounted for, and the grounds of findings follow from it by rule."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import SHARED, TESTS, skip_or_fail
from tutela import paths
from tutela.catalog import Catalog

Row = Mapping[str, str]
COMPILATION = SHARED / "sources" / "national_law"
# Columns of the compilation, and the columns of our tables that have them.
LAW = {
    "title_en": "title",
    "title_original": "title_original",
    "language": "language",
    "kind": "kind",
    "number": "number",
    "year": "year",
    "url": "url",
    "note": "note",
}
PROVISION = {
    name: name
    for name in (
        "label",
        "summary",
        "max_penalty",
        "status",
        "in_force_from",
        "text_as_of",
        "read_from",
        "source_kind",
        "language",
        "wording",
        "url",
    )
}
READING = {"reading": "level", "rationale": "rationale"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def key(row: Row, *names: str) -> str:
    return "/".join(row[name] for name in names)


@pytest.mark.parametrize(
    ("compiled", "table", "columns", "compiled_key", "own_key"),
    [
        ("laws", "national_laws", LAW, ("iso3", "law"), ("jurisdiction", "slug")),
        ("provisions", "national_provisions", PROVISION, ("iso3", "law", "path"), ("jurisdiction", "law", "path")),
        (
            "readings",
            "national_readings",
            READING,
            ("iso3", "law", "path", "criterion"),
            ("jurisdiction", "law", "path", "criterion"),
        ),
    ],
)
def test_every_row_of_the_compilation_is_taken_over_or_changed_with_a_reason(
    compiled: str, table: str, columns: Mapping[str, str], compiled_key: tuple[str, ...], own_key: tuple[str, ...]
) -> None:
    if not COMPILATION.is_dir():
        skip_or_fail("the compilation is not at ../shared/sources/national_law")
    changes = {(r["key"], r["column"]): r for r in rows(TESTS / "dataset" / "national_law_changes.csv") if r["table"] == compiled}
    own = {key(row, *own_key): row for row in rows(paths.table_files()[table])}
    unexplained = []
    for row in rows(COMPILATION / f"{compiled}.csv"):
        name = key(row, *compiled_key)
        found = own.get(name)
        if found is None:
            if not changes.get((name, ""), {}).get("reason"):
                unexplained.append(f"{name}: missing")
            continue
        for theirs, ours in columns.items():
            change = changes.get((name, ours))
            if change:
                assert change["reason"]
                assert (change["compiled"], change["taken"]) == (row[theirs], found[ours]), name
            elif row[theirs] != found[ours]:
                unexplained.append(f"{name} {ours}: {row[theirs]!r} became {found[ours]!r}")
    assert not unexplained


def test_every_lead_of_the_compilation_is_taken_over() -> None:
    if not COMPILATION.is_dir():
        skip_or_fail("the compilation is not at ../shared/sources/national_law")
    own = {
        (r["jurisdiction"], r["law_title"], r["article"], r["criteria"].replace(" ", ";"), r["why_not"], r["url"])
        for r in rows(paths.table_files()["national_leads"])
    }
    compiled = [tuple(row.values()) for row in rows(COMPILATION / "leads.csv")]
    assert [row for row in compiled if row not in own] == []


def test_the_grounds_of_findings_reach_what_the_documentation_says(catalog: Catalog) -> None:
    totals = dict.fromkeys(("findings", "with_ground", "by_note", "by_text"), 0)
    for record in catalog.run("coverage-of-law", {}).records():
        for name in totals:
            totals[name] += int(record[name] or 0)
    assert totals["findings"] == 697
    assert totals["with_ground"] >= 446
    assert totals["by_text"] >= 361


def test_a_reading_never_changes_a_finding(catalog: Catalog) -> None:
    at_odds = {(r["jurisdiction"], r["criterion"]) for r in catalog.run("findings-at-odds", {}).records()}
    findings = {(row["jurisdiction"], row["criterion"]): row["met"] for row in rows(paths.table_files()["observations"])}
    assert len(at_odds) == 8
    assert {findings[str(place)[-3:], str(criterion)] for place, criterion in at_odds} == {"false"}
