"""Each check over the whole graph finds its invalid examples."""

from pathlib import Path

import pytest

from tests.conftest import TESTS
from tutela import paths
from tutela.sparql import query_file
from tutela.sparql.dataset_builder import DatasetBuilder
from tutela.validation.checks import run_checks

EXAMPLES = TESTS / "checks"
CHECKS = {check.name: check for check in query_file.read_all(paths.QUERIES / "checks")}


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.ttl")), ids=lambda p: p.stem)
def test_a_check_finds_its_invalid_example(example: Path) -> None:
    check = CHECKS[example.name.split(".")[0]]
    builder = DatasetBuilder()
    builder.add_turtle(example, "https://example.org/graph")
    result = builder.query(check.path)
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows()]
    assert rows, "the check finds nothing"
    assert all(row["resource"] and row["found"] for row in rows)


def test_every_check_has_an_invalid_example() -> None:
    assert set(CHECKS) == {path.name.split(".")[0] for path in EXAMPLES.glob("*.ttl")}


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda c: str(c.name))
def test_every_check_has_a_severity_and_an_order(check: query_file.QueryFile) -> None:
    assert check.metadata["severity"] in ("Violation", "Warning", "Info")
    assert "ORDER BY" in check.text


def test_a_result_has_the_location() -> None:
    builder = DatasetBuilder()
    builder.add_turtle(EXAMPLES / "codes-unique.same-alpha2.ttl", "https://example.org/graph")
    results = [result for result in run_checks(builder, {}) if result.rule.endswith("check-codes-unique")]
    assert [(result.severity, result.resource, result.where) for result in results] == [
        ("Violation", "id/jurisdiction/QYY", "no row"),
        ("Violation", "id/jurisdiction/QZZ", "no row"),
    ]
