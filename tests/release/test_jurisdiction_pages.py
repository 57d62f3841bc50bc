"""The jurisdiction pages and the map: figures equal the catalogue's, and missing data are explained."""

import re

import pytest
from fastapi.testclient import TestClient

from tests.conftest import like
from tutela.catalog.catalog import Catalog
from tutela.web.components.timeline import Scale

BROWSER = {"accept": "text/html"}


@pytest.fixture(scope="module")
def client(client: TestClient) -> TestClient:
    return like(client, headers=BROWSER)


def text(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text.partition("<main")[2]))


def test_every_jurisdiction_is_listed_and_has_a_page(client: TestClient, catalog: Catalog) -> None:
    listed = client.get("/jurisdictions").text
    choices = catalog.allowed_values("jurisdiction")
    assert all(f'href="/jurisdictions/{choice.value}"' in listed for choice in choices)
    # Territories and other special cases, and one in eighteen of the others.
    special = {
        "COK",
        "ESH",
        "NIU",
        "PSE",
        "HKG",
        "MAC",
        "TWN",
        "GBR-EAW",
        "GBR-NIR",
        "GBR-SCT",
        "ABW",
        "XKX",
        "VAT",
        "DNK",
        "GBR",
    }
    for choice in [choice for at, choice in enumerate(choices) if choice.value in special or at % 18 == 0]:
        answer = client.get(f"/jurisdictions/{choice.value}")
        assert answer.status_code == 200, choice.value
        assert "Undefined" not in answer.text


def test_a_page_shows_findings_with_their_sources(client: TestClient) -> None:
    page = text(client, "/jurisdictions/ALB")
    assert "Albania meets four of the five criteria, according to the review as of 30 September 2023." in page
    assert "Note 252:" in page
    assert "by any means or form" in page
    assert "Criminal Code, Article 117" in page
    assert 'href="/queries/finding?jurisdiction=ALB&amp;criterion=isp-reporting"' in client.get("/jurisdictions/ALB").text


def test_unmet_obligations_equal_the_catalogue(client: TestClient, catalog: Catalog) -> None:
    for code in ("SMR", "IRQ", "AZE"):
        answer = catalog.run("unmet-obligations", {"jurisdiction": code})
        kind, name = answer.columns.index("kind"), answer.columns.index("provision_name")
        rows = [row for row in answer.rows() if row[kind] == "unmet obligation"]
        page = text(client, f"/jurisdictions/{code}")
        section = page.partition("What is missing")[2].partition("What is met")[0]
        section = section.partition("Obligations not met, according to the review")[2]
        assert rows
        for row in rows:
            assert str(row[name]) in section
    none = text(client, "/jurisdictions/BEL").partition("Obligations not met, according to the review")[2]
    assert "None on this date" in none.partition("What is met")[0]


def test_participation_status_depends_on_the_date(client: TestClient) -> None:
    assert "Bound since 1 July 2010" in text(client, "/jurisdictions/ALB")
    earlier = text(client, "/jurisdictions/ALB?as_of=2010-01-01")
    assert "Not yet in force for it; bound from 1 July 2010" in earlier
    wrong = client.get("/jurisdictions/ALB?as_of=soon")
    assert (wrong.status_code, "&#39;soon&#39; is not a date; expected YYYY-MM-DD" in wrong.text) == (400, True)


def test_a_discrepancy_is_shown_with_the_finding(client: TestClient) -> None:
    page = text(client, "/jurisdictions/BEL")
    section = page.partition("Reporting by internet service providers")[2].partition("Participation status")[0]
    assert "Recorded discrepancy." in section
    assert "The data follow: the first claim" in section


def test_territories_described_in_a_note_and_parties_outside_the_review(client: TestClient) -> None:
    page = text(client, "/jurisdictions/HKG")
    assert "The review covers only three of them." in page
    assert "No finding" in page
    outside = text(client, "/jurisdictions/PSE")
    assert "The review has no finding on State of Palestine." in outside
    assert "Bound" in outside


def test_neighbours_are_shown_with_their_provisions(client: TestClient) -> None:
    page = text(client, "/jurisdictions/LKA").partition("What is missing")[2].partition("What is met")[0]
    assert "Bhutan: Penal Code, Article 225(b)" in page.partition("Wordings in neighbouring countries")[2]


def test_a_page_begins_with_what_is_missing_and_what_could_be_done(client: TestClient, catalog: Catalog) -> None:
    page = text(client, "/jurisdictions/LKA")
    missing = page.partition("What is missing, and what could be done")[2].partition("What is met")[0]
    definition, technology = missing.split("The criterion asks:")[1:]
    assert definition.strip().startswith("Law says what child sexual abuse material is."), "what is asked, not what the law does"
    for row in catalog.run("recommendations-for", {"jurisdiction": "LKA"}).records():
        part = definition if row["criterion"] == "definition" else technology
        assert f"Model clause {row['label']}: {row['summary']}" in part
    assert "The Lanzarote Convention would require it: Lanzarote Convention, article 20(1)(f)" in technology
    assert "The Lanzarote Convention would ask for it in substance or in part: Lanzarote Convention, article 20(2)" in definition
    assert "article 20(2)" not in technology.partition("Instruments that it could join")[2]
    met = page.partition("What is met")[2].partition("Participation status")[0]
    assert [name for name in ("Simple possession Met", "Child sexual abuse material defined") if name in met] == [
        "Simple possession Met"
    ]
    assert 'href="/checklist/LKA"' in client.get("/jurisdictions/LKA").text


def test_the_nearest_wordings_are_shown_where_no_neighbour_has_one(client: TestClient) -> None:
    page = text(client, "/jurisdictions/SMR").partition("Reporting by internet service providers")[2].partition("What is met")[0]
    assert "Instruments that bind it None requires it outright or in substance, by our reading." in page
    near, _, further = page.partition("The nearest beyond Southern Europe:")
    assert "Portugal: Decree-Law No. 7/2004 on electronic commerce, article 19-A." in near
    assert further.strip().startswith("France: Law No. 2004-575 of 21 June 2004")
    assert "beyond Southern Asia" not in text(client, "/jurisdictions/LKA"), "there are three within the region"


def test_instruments_open_and_not_open_to_a_jurisdiction(client: TestClient) -> None:
    page = text(client, "/jurisdictions/BRA")
    folded = page.partition("acts that it cannot join")[2].partition("signature")[0]
    assert "Open only to members of an organisation that it does not belong to" in folded
    assert "African Charter (African Union)" in folded
    assert "Lanzarote Convention" not in folded
    could_join = page.partition("Instruments open to it")[2]
    assert "Lanzarote Convention" in could_join
    assert "African Charter" not in could_join
    cells = client.get("/jurisdictions/BRA").text.partition('id="join"')[2].partition("</section>")[0]
    assert '<table class="stack">' in cells and '<td data-label="What it would add">' in cells, "a list on a phone"
    assert re.search(
        r"Required: technology-facilitated offences \(article 20\(1\)\(f\); (not )?met\), "
        r"simple possession \(article 20\(1\)\(e\); (not )?met\)\. "
        r"In substance: legislation specific to child sexual abuse material \((not )?met\), child sexual abuse material defined",
        could_join,
    ), "what it asks for outright, then in substance"
    assert "In part: simple possession (met)." in text(client, "/jurisdictions/KEN").partition("OPSC signed 8 Sep")[2]
    assert '<a href="/checklist/BRA">What these instruments ask' in client.get("/jurisdictions/BRA").text
    assert "African Charter" in text(client, "/jurisdictions/MAR").partition("Instruments open to it")[2]


def test_unknown_urls_give_a_message(client: TestClient) -> None:
    for path in ("/jurisdictions/XXX", "/jurisdictions/alb", "/nothing"):
        answer = client.get(path)
        assert (answer.status_code, "<h1>Page not found</h1>" in answer.text) == (404, True), path
    assert client.get("/jurisdictions/XXX", headers={"accept": "application/json"}).status_code == 404
    for path in ("/map?show=x", "/map?only=x", "/map?show=lanzarote&as_of=x"):
        answer = client.get(path)
        assert (answer.status_code, "expected" in answer.text) == (400, True), path


def test_the_map_calls_states_parties_only_where_they_can_join(client: TestClient) -> None:
    treaty, act = text(client, "/map?show=lanzarote"), text(client, "/map?show=dir-2011-93")
    assert "Not a party" in treaty
    assert "Signed but not bound" in treaty
    assert "Not bound by it" in act
    assert not re.search("Not a party|not a party|[Ss]igned", act)
    assert "Tutela has no list of who is bound by it." in text(client, "/map?show=dir-95-46")


def test_pages_have_etags(client: TestClient) -> None:
    first = client.get("/jurisdictions/ALB")
    again = client.get("/jurisdictions/ALB", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/jurisdictions/ALB?as_of=2020-01-01").headers["etag"] != first.headers["etag"]
    head = client.head("/jurisdictions/ALB")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])


def test_versioned_files_are_immutable(client: TestClient) -> None:
    page = client.get("/").text
    addresses = re.findall(r'(?:href|src)="(/(?:static/|pages)[^"?]*)\?(v=[0-9a-f]{12})"', page)
    assert {path.rpartition(".")[2] for path, _ in addresses} == {"css", "woff2", "js", "svg"}
    for path, version in addresses:
        assert "immutable" in client.get(f"{path}?{version}").headers["cache-control"]
        assert "immutable" not in client.get(path).headers["cache-control"]


def test_positions_on_a_scale_of_years() -> None:
    scale = Scale(["1990-01-26", "not after 2020-08-04", "1999"], "2023-09-30")
    assert (scale.first, scale.last) == (1990, 2030)
    assert scale.position("2010-01-01") == pytest.approx(50, abs=0.1)
    assert scale.position("1999") == 25  # a year without a day counts as its last day
    assert scale.position("no date") is None
    lane = scale.lane(["1995-01-01"], ["2000-01-01"], [("2000-04-01", "")])
    assert [(mark.kind, mark.x < lane.bars[0].end) for mark in lane.marks] == [("signed", True), ("joined", True)]
    assert lane.bars[0].end == scale.position("2023-09-30")
    assert not scale.lane([], [], [("2024-01-01", "")]).bars  # after the end of the scale


def test_possible_gaps_are_in_document_order(client: TestClient) -> None:
    missing = text(client, "/jurisdictions/LKA").partition("What is met")[0]
    definition, technology = [
        part.partition("Model clause")[0] for part in missing.split("Possible gaps (need legal review)")[1:]
    ]
    assert 0 < definition.find("article 9(2)") < definition.find("article 9(3)") < definition.find("article 40")
    assert 0 < technology.find("article 9(1)(a)") < technology.find("article 9(1)(e)") < technology.find("article 2(c)")


def test_a_page_shows_the_other_assessment_apart_from_the_review(client: TestClient) -> None:
    page = text(client, "/jurisdictions/ALB")
    assert "Another assessment, which is not part of the review" in page
    assert "The United States Department of Labor, Bureau of International Labor Affairs judges another question" in page
    assert (
        "Report year 2022: not prohibited, does not meet international standards. Earlier report years: 2016 meets, 2017 meets"
        in page
    )
    assert "listed there as Burma" in text(client, "/jurisdictions/MMR")
    ukraine = text(client, "/jurisdictions/UKR")
    assert ukraine.count("The prohibition meets international standards.") == 1
    assert "Another assessment" not in text(client, "/jurisdictions/FRA")


def test_a_page_shows_hotlines_with_the_date_of_their_list(client: TestClient) -> None:
    page = text(client, "/jurisdictions/BRA")
    assert "Listed by International Centre for Missing" in page
    assert page.count("the page has no date") == 2
    assert "Hotlines and initiatives" not in text(client, "/jurisdictions/AFG")
