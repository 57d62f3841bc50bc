"""Each check across the graph is silent on the project's data and speaks on its invalid examples."""

from pathlib import Path

import pytest

from tutela import header, paths, validate
from tutela.store import Workbench

EXAMPLES = Path(__file__).parent / "checks"
CHECKS = {check.name: check for check in header.read_all(paths.QUERIES / "checks")}


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.ttl")), ids=lambda p: p.stem)
def test_the_invalid_example_is_found_by_its_check(example: Path) -> None:
    check = CHECKS[example.name.split(".")[0]]
    bench = Workbench()
    bench.add_turtle(example, "https://example.org/graph")
    answer = bench.query(check.path)
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows()]
    assert rows, "the check finds nothing"
    assert all(row["resource"] and row["found"] for row in rows)


def test_every_check_has_an_invalid_example() -> None:
    assert set(CHECKS) == {path.name.split(".")[0] for path in EXAMPLES.glob("*.ttl")}


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda c: str(c.name))
def test_every_check_says_its_severity_and_orders_its_rows(check: header.QueryFile) -> None:
    assert check.head["severity"] in ("Violation", "Warning", "Info")
    assert "ORDER BY" in check.text


def test_a_result_tells_file_and_row() -> None:
    bench = Workbench()
    bench.add_turtle(EXAMPLES / "codes-unique.same-alpha2.ttl", "https://example.org/graph")
    problems = [p for p in validate.check_queries(bench) if p.rule.endswith("check-codes-unique")]
    assert [(p.severity, p.resource, p.where) for p in problems] == [
        ("Violation", "id/jurisdiction/QYY", "no row"),
        ("Violation", "id/jurisdiction/QZZ", "no row"),
    ]
