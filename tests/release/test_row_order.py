"""No statement depends on the position of a row: sorting changes nothing, and an edit changes only what follows from it."""

import random

import pytest

from tutela import graph, paths, tables
from tutela.release import Release
from tutela.sparql.dataset_builder import DatasetBuilder
from tutela.tables import Table
from tutela.validation.checks import run_checks

POSITION = 600  # of the accession that is added; about the middle of the table


def construct(loaded: dict[str, Table]) -> DatasetBuilder:
    builder = graph.construct(loaded)
    graph.derive(builder)
    return builder


@pytest.fixture(scope="module")
def published(built: Release) -> list[str]:
    return built.nquads.read_text(encoding="utf-8").split("\n")[:-1]


def test_sorting_tables_changes_nothing(published: list[str]) -> None:
    loaded = tables.load(paths.DATA)
    shuffle = random.Random(12).shuffle  # noqa: S311 - an order that is the same in each run
    for table in loaded.values():
        shuffle(table.rows)
    assert [f"{quad} ." for quad in construct(loaded).quads()] == published


def test_an_edit_changes_only_what_follows_from_it(published: list[str]) -> None:
    """An accession is added in the middle of a table, with a wrong date that a check finds, and a summary is changed."""
    loaded = tables.load(paths.DATA)
    accession = dict.fromkeys(loaded["actions"].column_names, "") | {
        "instrument": "lanzarote", "jurisdiction": "BRA", "item": "1", "action": "accession", "date": "2026-01-15", "deposited": "2026-01-15",
        "entry_into_force": "2026-06-01", "effect_basis": "stated", "source": "tutela", "confidence": "listed",
    }  # fmt: skip
    loaded["actions"].rows.insert(POSITION, accession)
    [provision] = [row for row in loaded["provisions"].rows if (row["instrument"], row["path"]) == ("crc", "art_1")]
    provision["summary"] = "A child is anyone under eighteen."
    builder = construct(loaded)
    before, after = set(published), {f"{quad} ." for quad in builder.quads()}

    base = "<https://w3id.org/tutela/id"
    subjects = [line.split(" ", 1)[0] for line in sorted(before ^ after)]
    assert {subject: subjects.count(subject) for subject in subjects} == {
        f"{base}/binding/lanzarote/BRA/1>": 11,
        f"{base}/instrument/lanzarote/action/BRA/1>": 14,
        f"{base}/instrument/crc/art_1>": 2,
    }
    assert len(before - after) == 1

    # The check names the number of the row in these tables.
    [result] = run_checks(builder, loaded, names=["effective-date-as-calculated"])
    assert (result.resource, result.where) == (
        "id/instrument/lanzarote/action/BRA/1",
        f"data/participation/actions.csv row {POSITION + 2}",
    )
