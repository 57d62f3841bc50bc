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


ACTION = "<id/instrument/example/action/QYY/{}> a tutela:TreatyAction ; tutela:instrument <id/instrument/example> ; tutela:jurisdiction <id/jurisdiction/QYY> ; "
PREFIXES = """@base <https://w3id.org/tutela/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix tutela: <https://w3id.org/tutela/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def action(item: int, kind: str, date: str, more: str = "") -> str:
    return f'{ACTION.format(item)} dcterms:type <id/action-type/{kind}> ; dcterms:date "{date}"^^xsd:date {more}.\n'


@pytest.mark.parametrize(
    ("check", "actions"),
    [
        # It denounced in between, and both happened on the days of the acts.
        ("actions-not-repeated", [(1, "ratification", "2001-01-01"), (2, "denunciation", "2002-01-01"), (3, "accession", "2003-01-01")]),
        ("actions-not-repeated", [(1, "signature", "2001-01-01"), (2, "ratification", "2002-01-01")]),
        ("denunciations-after-consent", [(1, "accession", "2001-01-01"), (2, "denunciation", "2002-01-01")]),
        ("deposits-after-signature", [(1, "ratification", "2001-01-01"), (2, "signature", "2002-01-01", '; skos:note "in this order"@en ')]),
        ("actions-within-list", [(1, "accession", "2024-01-01", '; skos:note "a later one"@en ')]),
    ],
)  # fmt: skip
def test_a_plausible_history_passes(check: str, actions: list[tuple[int, str, str]], tmp_path: Path) -> None:
    example = tmp_path / "example.ttl"
    current = '<id/instrument/example> tutela:dataCurrentTo "2023-01-01"^^xsd:date .\n'
    example.write_text(PREFIXES + current + "".join(action(*one) for one in actions), encoding="utf-8")
    builder = DatasetBuilder()
    builder.add_turtle(example, "https://example.org/graph")
    assert not run_checks(builder, {}, names=[check])
