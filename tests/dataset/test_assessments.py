"""Assessments of other bodies: every row of the source is accounted for, and the cube keeps them apart from the review."""

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import SHARED, skip_or_fail
from tutela import paths
from tutela.catalog import Catalog

Row = Mapping[str, str]
SOURCE = SHARED / "sources" / "assessments" / "dol_child_labor.csv"
TABLE = paths.DATA / "assessments" / "external_findings.csv"
# Codes that the source uses instead of those of ISO 3166.
CODES = {"BUR": "MMR", "KVR": "KGZ"}
# data/README.md has the reasons.
NO_JURISDICTION = {"AIA", "CCK", "CXR", "FLK", "MSR", "NFK", "SHN", "TKL", "VGB", "WLF"}
ANOTHER_NAME = {"ESH", "WBG"}
CONSENT = {"ratification", "accession", "succession"}
DISCREPANCY = ("opsc", "CMR")  # recorded in discrepancies.csv
VALUES = {"Yes": "true", "No": "false"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected(row: Row) -> tuple[str, ...]:
    code = CODES.get(row["iso3"], row["iso3"])
    values = (VALUES[row["csec_prohibition"]], VALUES[row["csec_meets_standard"]])
    return ("dol-child-labor", code, row["report_year"], row["name_there"], *values, row["url"])


def test_every_row_of_the_source_is_in_the_table_or_left_out_for_a_reason() -> None:
    if not SOURCE.exists():
        skip_or_fail(f"{SOURCE} is missing")
    source = rows(SOURCE)
    findings = [row for row in source if row["csec_meets_standard"]]
    assert Counter(row["report_year"] for row in source if not row["csec_meets_standard"]) == {"2014": 137, "2022": 1}
    left_out = [row for row in findings if row["iso3"] in NO_JURISDICTION | ANOTHER_NAME]
    kept = [row for row in findings if row not in left_out]
    assert {row["iso3"] for row in left_out} == NO_JURISDICTION | ANOTHER_NAME
    assert [tuple(row.values()) for row in rows(TABLE)] == sorted(map(expected, kept))


def test_places_left_out_are_not_jurisdictions_of_the_graph() -> None:
    codes = {row["code"] for row in rows(paths.DATA / "review" / "jurisdictions.csv")}
    assert not codes & NO_JURISDICTION


def test_figures_on_the_review_do_not_count_external_findings(catalog: Catalog) -> None:
    """The cells of the review are those of its tables, whatever else is in a data cube."""
    counted = catalog.store.query(
        "BASE <https://w3id.org/tutela/> PREFIX qb: <http://purl.org/linked-data/cube#> PREFIX tutela: <https://w3id.org/tutela/ontology#> "
        "SELECT ?dataSet (COUNT(*) AS ?n) WHERE { ?o a qb:Observation ; qb:dataSet ?dataSet } GROUP BY ?dataSet"
    )
    sizes = {str(row[0]).rpartition("/")[2]: int(row[1] or 0) for row in counted.rows()}
    tables = ("review/observations", "review/place_observations", "assessments/external_findings")
    assert sizes == dict(
        zip(
            ("review", "review-places", "dol-child-labor"),
            (len(rows(paths.DATA / f"{table}.csv")) for table in tables),
            strict=True,
        )
    )


def test_assessments_differ_only_in_the_latest_year(catalog: Catalog) -> None:
    """The comparison takes the latest report year of each jurisdiction, and every difference of that year."""
    latest = {row["jurisdiction"]: row for row in rows(TABLE)}  # the table is sorted by year
    review = {
        row["jurisdiction"]: row["met"]
        for row in rows(paths.DATA / "review" / "observations.csv")
        if row["criterion"] == "specific-legislation" and row["edition"] == "10"
    }
    differ = {code for code, row in latest.items() if code in review and review[code] != row["meets_standard"]}
    answer = list(csv.DictReader(catalog.run("assessments-differ", {"edition": "10"}).serialize("csv").decode().splitlines()))
    assert {row["jurisdiction"].rpartition("/")[2]: row["year"] for row in answer} == {
        code: latest[code]["year"] for code in differ
    }


def test_the_days_of_ratification_agree_with_the_reports() -> None:
    """A report has what was ratified at its release, in the year after its report year."""
    if not SOURCE.exists():
        skip_or_fail(f"{SOURCE} is missing")
    stored = {
        (row["instrument"], row["jurisdiction"]): row for row in rows(paths.table_files()["actions"]) if row["action"] in CONSENT
    }
    reported = [row for row in rows(SOURCE) if row["iso3"] not in NO_JURISDICTION | ANOTHER_NAME]
    assert len(reported) > 800
    for row in reported:
        code, year = CODES.get(row["iso3"], row["iso3"]), row["report_year"]
        for instrument in ("c182", "opsc"):
            ratified, ratification = row[f"{instrument}_ratified"], stored.get((instrument, code))
            if ratified == "Yes" and (instrument, code) != DISCREPANCY:
                assert ratification, (instrument, code, year)
                assert ratification["date"] < f"{int(year) + 2}-01-01", (instrument, code, year)
            if ratified == "No" and ratification:
                assert ratification["date"] > f"{year}-12-31", (instrument, code, year)


def test_c182_entered_into_force_a_year_after_its_second_ratification() -> None:
    """Article 10(2): the days of ratification fit the day on which the convention entered into force, and its universal ratification."""
    days = sorted(row["date"] for row in rows(paths.table_files()["actions"]) if row["instrument"] == "c182")
    (convention,) = [row for row in rows(paths.table_files()["instruments"]) if row["slug"] == "c182"]
    assert (len(days), days[-1]) == (187, "2020-08-04")
    assert convention["in_force"] == days[1].replace("1999", "2000")


@pytest.mark.parametrize(("name", "initiative"), [("inhope_members", "inhope"), ("pathfinding", "pathfinding")])
def test_the_lists_of_initiatives_are_complete(name: str, initiative: str) -> None:
    path = SHARED / "sources" / "implementation" / f"{name}.csv"
    if not path.exists():
        skip_or_fail(f"{path} is missing")
    stored = rows(paths.table_files()["initiative_participants"])
    listed = {(row["iso3"], row["name_on_page"], row["url"]) for row in rows(path)}
    assert {
        (row["jurisdiction"], row["name_in_source"], row["url"]) for row in stored if row["initiative"] == initiative
    } == listed
