"""Every question of the catalogue gives its expected answer, and the numbers are confirmed from the tables.

The answer to a question with its examples is ``questions/NAME.csv``; with other values ``questions/NAME@K=V.csv``.
Set TUTELA_ANSWERS=1 to write them anew, then read the difference line by line.
"""

import csv
import io
import os
from collections import Counter
from pathlib import Path

import pytest

from tutela import paths, sources
from tutela.catalog import Catalog, Question
from tutela.tables import read_rows

EXPECTED = Path(__file__).parent / "questions"
OTHERS = ("neighbours@jurisdiction=IRQ", "could-join@jurisdiction=BGR,as_of=2006-01-01", "jurisdiction-card@jurisdiction=CHN", "jurisdiction-card@jurisdiction=HKG", "jurisdiction-card@jurisdiction=GBR-NIR",
          "jurisdictions-lacking@criterion=definition", "edition-totals@edition=1", "region-findings@region=035",
          "notes-of-a-kind@kind=judging-rule", "finding@jurisdiction=MAC,criterion=definition",
          "standing@instrument=malabo", "standing@instrument=opsc", "could-join@jurisdiction=ZAF,as_of=2006-01-01", "would-add@jurisdiction=HTI,as_of=2012-01-01",
          "parties@instrument=crc,as_of=1995-06-01", "bound-by@jurisdiction=ABW,as_of=2012-01-01", "signed-only@instrument=crc,as_of=2015-03-01")  # fmt: skip


def cases() -> list[str]:
    return sorted([*(question.name for question in Catalog.listed()), *OTHERS])


def answer_to(catalog: Catalog, case: str) -> str:
    """Return the answer to a question, with its examples but for the values that the case names, as CSV."""
    name, _, given = case.partition("@")
    values = {parameter.name: parameter.example for parameter in catalog.question(name).parameters}
    for pair in filter(None, given.split(",")):
        key, _, values[key] = pair.partition("=")
    return catalog.ask(name, values).serialize("csv").decode().replace("\r\n", "\n")


@pytest.mark.parametrize("case", cases())
def test_the_answer_is_the_expected_one(catalog: Catalog, case: str) -> None:
    answer = answer_to(catalog, case)
    path = EXPECTED / f"{case}.csv"
    if os.environ.get("TUTELA_ANSWERS"):
        path.write_text(answer, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == answer
    assert answer.count("\n") > 1, "an answer without rows shows nothing"
    assert next(csv.reader(io.StringIO(answer))) == list(catalog.question(case.partition("@")[0]).columns)


@pytest.mark.parametrize("question", Catalog.listed(), ids=lambda q: str(q.name))
def test_a_question_runs_as_it_stands(catalog: Catalog, question: Question) -> None:
    """The file's own VALUES are the examples of its head: any editor gets the expected answer."""
    values = {parameter.name: parameter.example for parameter in question.parameters}
    as_it_stands = catalog.store.query(question.file.text).serialize("csv")
    assert as_it_stands == catalog.ask(question.name, values).serialize("csv")


@pytest.mark.parametrize("question", Catalog.listed(), ids=lambda q: str(q.name))
def test_answers_on_jurisdictions_begin_with_jurisdiction_and_name(question: Question) -> None:
    columns = list(question.columns)
    if "jurisdiction" in columns and question.name != "notes-of-a-kind":
        assert columns[:2] == ["jurisdiction", "name"]
    assert "ORDER BY" in question.file.text
    assert question.title.endswith("?")


@pytest.mark.parametrize("question", Catalog.listed(), ids=lambda q: str(q.name))
def test_no_filter_asks_for_at_most(question: Question) -> None:
    """Virtuoso 7.2 loses most rows of ``FILTER(?day <= "2012-01-01"^^xsd:date)`` and none of ``FILTER(!(?day > ...))``."""
    assert [line for line in question.file.text.splitlines() if "FILTER" in line and "<=" in line] == []


@pytest.mark.parametrize("question", Catalog.listed(), ids=lambda q: str(q.name))
def test_an_answer_has_sources(catalog: Catalog, question: Question) -> None:
    values = {parameter.name: parameter.example for parameter in question.parameters}
    for kind in question.rests_on:
        assert catalog.store.query(f"ASK {{ ?s a <{kind}> }}").truth, f"nothing is a {kind}"
    found = sources.of_question(catalog, question.name, values)
    assert found
    assert all(source["title"] and int(source["statements"]) for source in found)


def named(catalog: Catalog, name: str, **values: str) -> set[str]:
    return {source["source"].rpartition("/")[2] for source in sources.of_question(catalog, name, values)}


def test_the_sources_are_those_of_what_is_asked_about(catalog: Catalog) -> None:
    assert named(catalog, "finding", jurisdiction="ALB", criterion="definition") == {"icmec-10"}
    assert "coe-budapest-parties" in named(catalog, "parties", instrument="budapest")
    assert "coe-budapest-parties" not in named(catalog, "parties", instrument="lanzarote")
    # San Marino's points rest on two treaties; Albania has no reservation, and so none is a source.
    assert named(catalog, "chain", jurisdiction="SMR", criterion="simple-possession") >= {"icmec-10", "coe-lanzarote-parties"}
    assert not {"reservations", "untc-opsc-declarations-2015"} & named(catalog, "timeline", jurisdiction="ALB")


def rows(catalog: Catalog, name: str, **values: str) -> list[dict[str, str]]:
    answer = catalog.ask(name, values)
    return [dict(zip(answer.columns, ("" if v is None else v for v in row), strict=True)) for row in answer.rows()]


def yes() -> dict[str, set[str]]:
    """Return the criteria that each jurisdiction meets, read from the table alone."""
    met: dict[str, set[str]] = {}
    for row in read_rows(paths.DATA / "observations.csv"):
        met.setdefault(row["jurisdiction"], set())
        if row["met"] == "true":
            met[row["jurisdiction"]].add(row["criterion"])
    return met


def test_the_totals_of_the_report_come_out_of_the_cells(catalog: Catalog) -> None:
    counted = {row["measure"]: row["counted"] for row in rows(catalog, "edition-totals", edition="10")}
    assert counted["five-criteria"] == "27"
    assert counted["four-criteria"] == "111"
    assert counted["sufficient"] == "138"
    assert counted["no-specific-legislation"] == "10"
    assert counted["remaining"] == "48"
    assert counted["remaining-without-definition"] == "34"
    assert counted["remaining-without-technology-facilitated"] == "15"
    assert counted["remaining-without-simple-possession"] == "28"


def test_the_counts_agree_with_the_table_counted_in_another_way(catalog: Catalog) -> None:
    met = yes()
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


def test_eight_are_sufficient_and_short_of_something_else_than_reporting(catalog: Catalog) -> None:
    names = [row["name"] for row in rows(catalog, "sufficient-short-of-another")]
    assert names == ["China", "Comoros", "Ethiopia", "Mozambique", "Qatar", "Tanzania", "Turkey", "Vietnam"]


def test_regions_and_profiles_add_up_to_every_jurisdiction_with_a_row(catalog: Catalog) -> None:
    by_region = rows(catalog, "totals-by-region")
    assert sum(int(row["jurisdictions"]) for row in by_region) == 196
    assert sum(int(row["sufficient"]) for row in by_region) == 138
    assert sum(int(row["jurisdictions"]) for row in rows(catalog, "profiles")) == 196


def test_places_have_the_findings_of_their_note_and_no_others(catalog: Catalog) -> None:
    found = Counter((row["name"], row["met"]) for row in rows(catalog, "places-without-row"))
    assert found == {
        ("Hong Kong", "true"): 3, ("Taiwan", "true"): 5, ("Macau", "true"): 2, ("Macau", "false"): 3,
        ("England and Wales", ""): 1, ("Northern Ireland", ""): 1, ("Scotland", ""): 1,
    }  # fmt: skip


def test_lacking_leaves_places_out(catalog: Catalog) -> None:
    lacking = {
        row["jurisdiction"].rpartition("/")[2] for row in rows(catalog, "jurisdictions-lacking", criterion="isp-reporting")
    }
    assert lacking == {code for code, criteria in yes().items() if "isp-reporting" not in criteria}
    assert "MAC" not in lacking


def test_findings_are_the_cells_of_the_table_in_one_row_each(catalog: Catalog) -> None:
    found = {row["code"]: row for row in rows(catalog, "findings")}
    met = yes()
    assert set(found) == set(met)
    for code, row in found.items():
        assert {c for c in read_criteria() if row[c.replace("-", "_")] == "true"} == met[code]
        assert int(row["criteria_met"]) == len(met[code])
        assert row["region"]
    notes = Counter(row["jurisdiction"] for row in read_rows(paths.DATA / "notes.csv") if row["jurisdiction"])
    assert {code: int(row["notes"]) for code, row in found.items() if row["notes"] != "0"} == notes
    # The report names it so; its note is to its technology cell, and ISO writes its number with a leading nought.
    assert (found["ALB"]["name"], found["ALB"]["numeric"], found["ALB"]["notes"]) == ("Albania", "008", "1")


def read_criteria() -> set[str]:
    return {row["criterion"] for row in read_rows(paths.DATA / "observations.csv")}


def test_doubts_are_found_by_what_they_are_about(catalog: Catalog) -> None:
    listed = read_rows(paths.DATA / "discrepancies.csv")
    about = {row["slug"]: row["about"].split("/") for row in listed}
    codes = {row["code"] for row in read_rows(paths.DATA / "jurisdictions.csv")}
    expected = {slug: codes & set(parts) for slug, parts in about.items()}
    found: dict[str, set[str]] = {slug: set() for slug in about}
    for code in codes:
        for row in rows(catalog, "doubts", jurisdiction=code):
            found[row["discrepancy"].rpartition("/")[2]].add(code)
            assert row["criterion"] == (row["about"].rpartition("/")[2] if "/observation/" in row["about"] else "")
    assert found == expected
    instruments = {row["slug"] for row in read_rows(paths.DATA / "instruments.csv")}
    for instrument in instruments:
        slugs = {row["discrepancy"].rpartition("/")[2] for row in rows(catalog, "doubts-of-instrument", instrument=instrument)}
        assert slugs == {slug for slug, parts in about.items() if instrument in parts[1:2]}, instrument


def test_the_sources_of_a_doubt_are_those_at_odds(catalog: Catalog) -> None:
    assert named(catalog, "doubts", jurisdiction="GBR") == {"icmec-10", "tutela"}
    assert named(catalog, "doubts-of-instrument", instrument="gdpr") == {"icmec-10", "tutela"}
    assert {"malabo-cipit", "au-status-malabo"} <= named(catalog, "doubts-of-instrument", instrument="malabo")


def test_neighbours_are_models_nearby_for_each_criterion_that_is_lacking(catalog: Catalog) -> None:
    for code, lacked in (
        ("IRQ", read_criteria()),
        ("LKA", {"definition", "technology-facilitated", "isp-reporting"} - yes()["LKA"]),
    ):
        found = rows(catalog, "neighbours", jurisdiction=code)
        for criterion in read_criteria():
            nearby = rows(catalog, "models-nearby", around=code, criterion=criterion) if criterion in lacked else []
            mine = [row for row in found if row["criterion"] == criterion]
            assert [(r["neighbour"], r["law_title"], r["label"], r["summary"], r["note"]) for r in mine] == [
                (r["jurisdiction"], r["law_title"], r["label"], r["summary"], r["note"]) for r in nearby
            ]


def test_recommendations_for_are_those_whose_criterion_is_not_met(catalog: Catalog) -> None:
    tested = {row["slug"]: row["criterion"] for row in read_rows(paths.DATA / "model_recommendations.csv") if row["criterion"]}
    assert len(tested) == 5
    for code, met in yes().items():
        found = rows(catalog, "recommendations-for", jurisdiction=code)
        assert {row["recommendation"].rpartition("/")[2] for row in found} == {s for s, c in tested.items() if c not in met}, code


def test_topics_hold_every_recommendation_and_each_provision_on_its_topics(catalog: Catalog) -> None:
    found = rows(catalog, "topics")
    base = "https://w3id.org/tutela/id/"
    recommended = {(r["topic_slug"], r["resource"]) for r in found if r["kind"] == "recommendation"}
    assert recommended == {
        (r["topic"], f"{base}recommendation/{r['slug']}") for r in read_rows(paths.DATA / "model_recommendations.csv")
    }
    spoken = {(r["topic_slug"], r["resource"]) for r in found if r["kind"] == "provision"}
    assert spoken == {
        (r["topic"], f"{base}instrument/{r['instrument']}/{r['path']}") for r in read_rows(paths.DATA / "provision_topics.csv")
    }
    assert len({r["topic"] for r in found}) == 13
    [define] = [r for r in found if r["resource"].endswith("/define-csam")]
    assert (define["part"], define["criterion"], define["instrument"], define["force"]) == ("Definitions", "definition", "", "")
    [grooming] = [r for r in found if r["resource"].endswith("lanzarote/art_23") and r["topic_slug"] == "grooming"]
    assert (grooming["instrument_name"], grooming["part"], grooming["force"]) == ("Lanzarote Convention", "", "criminalise")
