"""Every catalogue query returns its expected answer, and the numbers agree with the tables.

The answer with the example values is NAME.csv, and with other values NAME@KEY=VALUE.csv, in the folder `EXPECTED_ANSWERS`.
Set TUTELA_ANSWERS=1 to write these files again, then check every changed line.
"""

import csv
import io
import os
from collections import Counter

import pytest

from tests import EXPECTED_ANSWERS
from tutela import paths
from tutela.catalog import CatalogQuery, provenance
from tutela.catalog.catalog import Catalog
from tutela.tables import read_rows

OTHER_CASES = ("neighbours@jurisdiction=IRQ", "could-join@jurisdiction=BGR,as_of=2006-01-01", "jurisdiction-card@jurisdiction=CHN", "jurisdiction-card@jurisdiction=HKG", "jurisdiction-card@jurisdiction=GBR-NIR",
          "jurisdictions-lacking@criterion=definition", "edition-totals@edition=1", "region-findings@region=035",
          "notes-of-a-kind@kind=judging-rule", "finding@jurisdiction=MAC,criterion=definition",
          "standing@instrument=malabo", "standing@instrument=opsc", "could-join@jurisdiction=ZAF,as_of=2006-01-01", "would-add@jurisdiction=HTI,as_of=2012-01-01",
          "parties@instrument=crc,as_of=1995-06-01", "bound-by@jurisdiction=ABW,as_of=2012-01-01", "signed-only@instrument=crc,as_of=2015-03-01",
          "bound-by@jurisdiction=DZA,as_of=2015-01-01", "standing@instrument=arab-it,as_of=2015-01-01", "parties@instrument=arab-it,as_of=2015-01-01",
          "bound-counts@as_of=2015-06-01", "unmet-by-instrument@as_of=2015-06-01", "unmet-by-region@as_of=2015-06-01", "timeline@jurisdiction=ECU",
          "signed-only@instrument=arab-it,as_of=2015-01-01", "members@organisation=ilo,as_of=2015-01-01", "bound-by-none@as_of=1992-01-01",
          "unmet-obligations@jurisdiction=IRQ,as_of=2015-06-01", "national-implementation@instrument=arab-it,as_of=2015-06-01",
          "parties-by-year@instrument=arab-it,as_of=2026-11-01")  # fmt: skip


# No cell may have been corrected yet; tests/release/test_corrections.py has an answer with rows.
MAY_BE_EMPTY = {"corrections": "corrections"}


def may_be_empty(name: str) -> bool:
    """Return whether a query has no answer because its table has no rows."""
    return name in MAY_BE_EMPTY and not read_rows(paths.table_files()[MAY_BE_EMPTY[name]])


def cases() -> list[str]:
    return sorted([*(query.name for query in Catalog.load()), *OTHER_CASES])


def answer_csv(catalog: Catalog, case: str) -> str:
    """Return the answer to a query as CSV: with the values in the case's name, and otherwise the example values."""
    name, _, pairs = case.partition("@")
    values = {parameter.name: parameter.example for parameter in catalog.query(name).parameters}
    for pair in filter(None, pairs.split(",")):
        key, _, values[key] = pair.partition("=")
    return catalog.run(name, values).serialize("csv").decode().replace("\r\n", "\n")


@pytest.mark.parametrize("case", cases())
def test_the_answer_is_the_expected_one(catalog: Catalog, case: str) -> None:
    answer = answer_csv(catalog, case)
    path = EXPECTED_ANSWERS / f"{case}.csv"
    if os.environ.get("TUTELA_ANSWERS"):
        path.write_text(answer, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == answer
    assert answer.count("\n") > 1 or may_be_empty(case), "an answer without rows tests nothing"
    assert next(csv.reader(io.StringIO(answer))) == list(catalog.query(case.partition("@")[0]).columns)


@pytest.mark.parametrize("query", Catalog.load(), ids=lambda q: str(q.name))
def test_a_query_file_runs_unchanged(catalog: Catalog, query: CatalogQuery) -> None:
    """The VALUES in the file are the example values in its metadata, so any SPARQL editor returns the expected answer."""
    values = {parameter.name: parameter.example for parameter in query.parameters}
    unchanged = catalog.store.query(query.file.text).serialize("csv")
    assert unchanged == catalog.run(query.name, values).serialize("csv")


@pytest.mark.parametrize("query", Catalog.load(), ids=lambda q: str(q.name))
def test_answers_about_jurisdictions_begin_with_jurisdiction_and_name(query: CatalogQuery) -> None:
    columns = list(query.columns)
    if "jurisdiction" in columns and query.name != "notes-of-a-kind":
        assert columns[:2] == ["jurisdiction", "name"]
    assert "ORDER BY" in query.file.text
    assert query.title.endswith("?")


@pytest.mark.parametrize("query", Catalog.load(), ids=lambda q: str(q.name))
def test_no_filter_uses_less_than_or_equal(query: CatalogQuery) -> None:
    """Virtuoso 7.2 loses most rows of ``FILTER(?day <= "2012-01-01"^^xsd:date)`` and none of ``FILTER(!(?day > ...))``."""
    assert [line for line in query.file.text.splitlines() if "FILTER" in line and "<=" in line] == []


@pytest.mark.parametrize("query", Catalog.load(), ids=lambda q: str(q.name))
def test_an_answer_has_sources(catalog: Catalog, query: CatalogQuery) -> None:
    if may_be_empty(query.name):
        return
    values = {parameter.name: parameter.example for parameter in query.parameters}
    for class_iri in query.evidence:
        assert catalog.store.query(f"ASK {{ ?s a <{class_iri}> }}").boolean, f"no resource has the class {class_iri}"
    sources = provenance.of_query(catalog, query.name, values)
    assert sources
    assert all(source["title"] and int(source["statements"]) for source in sources)


def source_names(catalog: Catalog, name: str, **values: str) -> set[str]:
    return {source["source"].rpartition("/")[2] for source in provenance.of_query(catalog, name, values)}


def test_the_sources_are_those_of_the_parameter_values(catalog: Catalog) -> None:
    assert source_names(catalog, "finding", jurisdiction="ALB", criterion="definition") == {"icmec-10"}
    assert "coe-budapest-parties" in source_names(catalog, "parties", instrument="budapest")
    assert "coe-budapest-parties" not in source_names(catalog, "parties", instrument="lanzarote")
    # The answer about San Marino uses two treaties; no reservation of Albania is recorded, so it has no source for one.
    assert source_names(catalog, "chain", jurisdiction="SMR", criterion="simple-possession") >= {
        "icmec-10",
        "coe-lanzarote-parties",
    }
    assert not {"reservations", "untc-opsc-declarations-2015"} & source_names(catalog, "timeline", jurisdiction="ALB")


def rows(catalog: Catalog, name: str, **values: str) -> list[dict[str, str]]:
    result = catalog.run(name, values)
    return [dict(zip(result.columns, ("" if v is None else v for v in row), strict=True)) for row in result.rows()]


def criteria_met() -> dict[str, set[str]]:
    """Return the criteria that each jurisdiction meets, from the table."""
    met: dict[str, set[str]] = {}
    for row in read_rows(paths.table_files()["observations"]):
        met.setdefault(row["jurisdiction"], set())
        if row["met"] == "true":
            met[row["jurisdiction"]].add(row["criterion"])
    return met


def test_counted_cells_give_the_totals_of_the_report(catalog: Catalog) -> None:
    counted = {row["measure"]: row["counted"] for row in rows(catalog, "edition-totals", edition="10")}
    assert counted["five-criteria"] == "27"
    assert counted["four-criteria"] == "111"
    assert counted["sufficient"] == "138"
    assert counted["no-specific-legislation"] == "10"
    assert counted["remaining"] == "48"
    assert counted["remaining-without-definition"] == "34"
    assert counted["remaining-without-technology-facilitated"] == "15"
    assert counted["remaining-without-simple-possession"] == "28"


def test_counts_agree_with_an_independent_count(catalog: Catalog) -> None:
    met = criteria_met()
    totals = {row["measure"]: int(row["counted"]) for row in rows(catalog, "edition-totals")}
    sizes = Counter(len(criteria) for criteria in met.values())
    assert (totals["five-criteria"], totals["four-criteria"]) == (sizes[5], sizes[4])
    for row in rows(catalog, "criterion-counts"):
        slug = row["criterion"].rpartition("/")[2]
        assert int(row["met"]) == sum(slug in criteria for criteria in met.values())
        assert int(row["met"]) + int(row["not_met"]) == 196
    near = {row["jurisdiction"].rpartition("/")[2]: set(row["missing"].split()) for row in rows(catalog, "nearly-sufficient")}
    everything = {
        "specific-legislation",
        "definition",
        "technology-facilitated",
        "simple-possession",
        "isp-reporting",
    }
    assert near == {code: everything - criteria for code, criteria in met.items() if len(criteria) == 3}
    ranked = {
        row["criterion"].rpartition("/")[2]: int(row["would_become_sufficient"]) for row in rows(catalog, "criteria-ranked")
    }
    assert ranked == {criterion: sum(criterion in missing for missing in near.values()) for criterion in everything}


def test_eight_are_sufficient_and_lack_a_criterion_other_than_reporting(catalog: Catalog) -> None:
    names = [row["name"] for row in rows(catalog, "sufficient-short-of-another")]
    assert names == ["China", "Comoros", "Ethiopia", "Mozambique", "Qatar", "Tanzania", "Turkey", "Vietnam"]


def test_regions_and_profiles_add_up_to_all_reviewed_jurisdictions(catalog: Catalog) -> None:
    by_region = rows(catalog, "totals-by-region")
    assert sum(int(row["jurisdictions"]) for row in by_region) == 196
    assert sum(int(row["sufficient"]) for row in by_region) == 138
    assert sum(int(row["jurisdictions"]) for row in rows(catalog, "profiles")) == 196


def test_places_have_only_the_findings_of_their_note(catalog: Catalog) -> None:
    findings = Counter((row["name"], row["met"]) for row in rows(catalog, "places-without-row"))
    assert findings == {
        ("Hong Kong", "true"): 3, ("Taiwan", "true"): 5, ("Macau", "true"): 2, ("Macau", "false"): 3,
        ("England and Wales", ""): 1, ("Northern Ireland", ""): 1, ("Scotland", ""): 1,
    }  # fmt: skip


def test_jurisdictions_lacking_leaves_places_out(catalog: Catalog) -> None:
    codes = {row["jurisdiction"].rpartition("/")[2] for row in rows(catalog, "jurisdictions-lacking", criterion="isp-reporting")}
    assert codes == {code for code, criteria in criteria_met().items() if "isp-reporting" not in criteria}
    assert "MAC" not in codes


def test_findings_has_one_row_for_each_jurisdiction(catalog: Catalog) -> None:
    by_code = {row["code"]: row for row in rows(catalog, "findings")}
    met = criteria_met()
    assert set(by_code) == set(met)
    for code, row in by_code.items():
        assert {c for c in all_criteria() if row[c.replace("-", "_")] == "true"} == met[code]
        assert int(row["criteria_met"]) == len(met[code])
        assert row["region"]
    notes = Counter(row["jurisdiction"] for row in read_rows(paths.table_files()["notes"]) if row["jurisdiction"])
    assert {code: int(row["notes"]) for code, row in by_code.items() if row["notes"] != "0"} == notes
    # The note on Albania belongs to one of its cells; ISO writes its number with a leading zero.
    assert (by_code["ALB"]["name"], by_code["ALB"]["numeric"], by_code["ALB"]["notes"]) == ("Albania", "008", "1")


def all_criteria() -> set[str]:
    return {row["criterion"] for row in read_rows(paths.table_files()["observations"])}


def test_doubts_are_those_about_the_jurisdiction_or_instrument(catalog: Catalog) -> None:
    discrepancies = read_rows(paths.table_files()["discrepancies"])
    about = {row["slug"]: row["about"].split("/") for row in discrepancies}
    codes = {row["code"] for row in read_rows(paths.table_files()["jurisdictions"])}
    expected = {slug: codes & set(parts) for slug, parts in about.items()}
    codes_of: dict[str, set[str]] = {slug: set() for slug in about}
    for code in codes:
        for row in rows(catalog, "doubts", jurisdiction=code):
            codes_of[row["discrepancy"].rpartition("/")[2]].add(code)
            assert row["criterion"] == (row["about"].rpartition("/")[2] if "/observation/" in row["about"] else "")
    assert codes_of == expected
    instruments = {row["slug"] for row in read_rows(paths.table_files()["instruments"])}
    for instrument in instruments:
        slugs = {row["discrepancy"].rpartition("/")[2] for row in rows(catalog, "doubts-of-instrument", instrument=instrument)}
        assert slugs == {slug for slug, parts in about.items() if instrument in parts[1:2]}, instrument


def test_the_sources_of_a_discrepancy_are_those_that_differ(catalog: Catalog) -> None:
    assert source_names(catalog, "doubts", jurisdiction="GBR") == {"icmec-10", "tutela"}
    assert source_names(catalog, "doubts-of-instrument", instrument="gdpr") == {"icmec-10", "text-gdpr", "tutela"}
    assert {"malabo-cipit", "au-status-malabo"} <= source_names(catalog, "doubts-of-instrument", instrument="malabo")


def test_neighbours_equals_models_nearby_for_each_criterion_not_met(catalog: Catalog) -> None:
    for code, not_met in (
        ("IRQ", all_criteria()),
        ("LKA", {"definition", "technology-facilitated", "isp-reporting"} - criteria_met()["LKA"]),
    ):
        neighbours = rows(catalog, "neighbours", jurisdiction=code)
        for criterion in all_criteria():
            models = rows(catalog, "models-nearby", around=code, criterion=criterion) if criterion in not_met else []
            of_criterion = [row for row in neighbours if row["criterion"] == criterion]
            assert [(r["neighbour"], r["law_title"], r["label"], r["summary"], r["note"]) for r in of_criterion] == [
                (r["jurisdiction"], r["law_title"], r["label"], r["summary"], r["note"]) for r in models
            ]


def test_recommendations_for_lists_those_whose_criterion_is_not_met(catalog: Catalog) -> None:
    criterion_of = {
        row["slug"]: row["criterion"] for row in read_rows(paths.table_files()["model_recommendations"]) if row["criterion"]
    }
    assert len(criterion_of) == 5
    for code, met in criteria_met().items():
        recommendations = rows(catalog, "recommendations-for", jurisdiction=code)
        assert {row["recommendation"].rpartition("/")[2] for row in recommendations} == {
            s for s, c in criterion_of.items() if c not in met
        }, code


def test_topics_lists_every_recommendation_and_provision(catalog: Catalog) -> None:
    topic_rows = rows(catalog, "topics")
    base = "https://w3id.org/tutela/id/"
    recommendations = {(r["topic_slug"], r["resource"]) for r in topic_rows if r["kind"] == "recommendation"}
    assert recommendations == {
        (r["topic"], f"{base}recommendation/{r['slug']}") for r in read_rows(paths.table_files()["model_recommendations"])
    }
    provisions = {(r["topic_slug"], r["resource"]) for r in topic_rows if r["kind"] == "provision"}
    assert provisions == {
        (r["topic"], f"{base}instrument/{r['instrument']}/{r['path']}")
        for r in read_rows(paths.table_files()["provision_topics"])
    }
    assert len({r["topic"] for r in topic_rows}) == 13
    [define] = [r for r in topic_rows if r["resource"].endswith("/define-csam")]
    assert (define["part"], define["criterion"], define["instrument"], define["force"]) == ("Definitions", "definition", "", "")
    [grooming] = [r for r in topic_rows if r["resource"].endswith("lanzarote/art_23") and r["topic_slug"] == "grooming"]
    assert (grooming["instrument_name"], grooming["part"], grooming["force"]) == ("Lanzarote Convention", "", "criminalise")
