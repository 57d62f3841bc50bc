"""The pages of criteria, regions, notes, sources and recommendations, and links between pages."""

import re
from html import unescape

import pytest
from fastapi.testclient import TestClient

from tests.conftest import like
from tutela import paths
from tutela.catalog import Catalog
from tutela.tables import read_rows
from tutela.web.linked_data.documents import SUFFIXES

HTML = {"accept": "text/html"}
# One page of each kind that has links to resources.
PAGES = (
    "/", "/checklist/KEN", "/jurisdictions", "/jurisdictions/SMR", "/jurisdictions/CHN", "/jurisdictions/BRA", "/instruments", "/instruments/lanzarote",
    "/instruments/malabo", "/laws", "/laws/KEN/computer-and-cybercrimes-act-2018", "/criteria", "/criteria/simple-possession",
    "/regions", "/regions/002", "/notes", "/notes/10/254", "/notes/10/267", "/notes/10/340", "/sources", "/sources/icmec-10",
    "/recommendations", "/recommendations/criminalise-possession", "/glossary", "/organisations", "/initiatives", "/editions",
    "/editions/10", "/changes", "/compare?j=ALB&j=CHN", "/gaps", "/gaps?instrument=lanzarote&criterion=simple-possession", "/topics",
    "/search?q=possession", "/search?q=africa", "/about",
)  # fmt: skip


@pytest.fixture(scope="module")
def client(client: TestClient) -> TestClient:
    return like(client, follow_redirects=False)


def text(client: TestClient, path: str) -> str:
    """Return the text of a page without its elements."""
    response = client.get(path, headers=HTML)
    assert response.status_code == 200, path
    assert response.text.count("<h1") == 1
    assert len(response.content) < 150_000
    return " ".join(unescape(re.sub("<[^>]*>", " ", response.text.partition("<main")[2])).split())


def rows(catalog: Catalog, name: str, **values: str) -> list[dict[str, str]]:
    return list(catalog.run(name, values).records())


@pytest.mark.parametrize("path", PAGES)
def test_pages_link_to_pages_and_not_to_tables_of_properties(client: TestClient, path: str) -> None:
    main = client.get(path, headers=HTML).text.partition("<main")[2].partition("</main>")[0]
    links = re.findall(r'<a[^>]*href="(/(?:id|doc)/[^"]*)"[^>]*>(.*?)</a>', main, re.S)
    formats = tuple(f".{suffix}" for suffix in SUFFIXES)
    tables = {(link, re.sub("<[^>]*>", "", words)) for link, words in links if not link.endswith(formats)}
    assert {pair for pair in tables if not re.match("a table of properties|data on|Data (on|at)", pair[1])} == set()


@pytest.mark.parametrize("path", [path for path in PAGES if re.match("/(criteria|regions|notes|sources|recommend|gloss)", path)])
def test_links_to_places_on_other_pages_arrive_there(client: TestClient, path: str) -> None:
    links = set(
        re.findall(
            r'href="(/(?:glossary|topics|about|organisations|initiatives|instruments|laws)[^"#]*)#([^"]+)"', client.get(path).text
        )
    )
    for page, anchor in sorted(links)[::12]:
        assert f'id="{anchor}"' in client.get(page).text, f"{page}#{anchor}"


def test_the_glossary_links_each_abbreviation_to_its_source(client: TestClient, catalog: Catalog) -> None:
    glossary = client.get("/glossary").text
    entries = dict(
        re.findall(r'<dt id="abbreviation-([^"]+)">[^<]*</dt><dd>(?:(?!</dd>).)*<a class="from" href="([^"]+)"', glossary)
    )
    found = [row for row in rows(catalog, "terms") if row["scheme_name"] == "Abbreviations"]
    assert entries.keys() == {row["term"].rpartition("/")[2] for row in found}
    assert entries["csam"] == "/sources/icmec-10"
    assert entries["iri"] == "https://www.rfc-editor.org/info/rfc3987"
    assert {row["seen"] for row in found} == {"2026-11-26"}


def test_each_criterion_has_a_page_with_its_counts(client: TestClient, catalog: Catalog) -> None:
    found = {row["criterion"].rpartition("/")[2]: row for row in rows(catalog, "criterion-counts")}
    assert {slug: row["met"] for slug, row in found.items()} == {
        "specific-legislation": "186", "definition": "146", "technology-facilitated": "171", "simple-possession": "156", "isp-reporting": "38",
    }  # fmt: skip
    for slug, row in found.items():
        page = text(client, f"/criteria/{slug}")
        assert f"{row['met']} of 196 jurisdictions meet this criterion, according to the review as of 30 September 2023" in page
        assert f"World {row['met']} {row['not_met']}" in page
    assert "38 of 196 jurisdictions, not met by 158" in text(client, "/criteria")


def test_a_criterion_by_region_equals_an_independent_count(client: TestClient) -> None:
    region_of = {row["code"]: row["region"] for row in read_rows(paths.table_files()["jurisdictions"])}
    within = {row["code"]: row["within"] for row in read_rows(paths.table_files()["regions"])}
    counted: dict[str, list[int]] = {}
    for row in read_rows(paths.table_files()["observations"]):
        if row["criterion"] == "simple-possession":
            code = region_of[row["jurisdiction"]]
            while code:
                counted.setdefault(code, [0, 0])[row["met"] != "true"] += 1
                code = within[code]
    page = text(client, "/criteria/simple-possession")
    for code, name in (("002", "Africa"), ("150", "Europe"), ("035", "Southeast Asia"), ("143", "Central Asia")):
        assert f"{name} {counted[code][0]} {counted[code][1]}" in page
    assert sum(sum(counted[code]) for code in ("002", "009", "019", "142", "150")) == 196


def test_a_criterion_shows_its_rule_its_trend_its_provisions_and_wordings(client: TestClient) -> None:
    page = text(client, "/criteria/simple-possession")
    assert "Possession for the purpose of distributing, alone, does not meet it." in page
    assert "note 250 , line 1225 of the plain text of the report" in page
    assert "April 2006 41 of 184 reviewed 2018 38; the number reviewed is not stated 2023 28 of 196 reviewed" in page
    assert "Article 20(1)(e) : Possession must be an offence" in page
    assert "Punish simple possession" in page
    markup = client.get("/criteria/simple-possession").text
    assert 'href="/instruments/lanzarote#art_20/par_1/pnt_e"' in markup
    assert 'href="/recommendations/criminalise-possession"' in markup
    assert re.search(r'href="/laws/[A-Z]{3}/[^"]*">[^<]*</a>: <q lang="es"', markup)
    assert "states no total on this criterion for earlier editions" in text(client, "/criteria/isp-reporting")


def test_the_list_of_a_criterion_can_be_filtered(client: TestClient) -> None:
    page = text(client, "/criteria/isp-reporting?show=met&region=002").partition("Jurisdictions Show")[2].partition("Treaties")[0]
    assert "Met 16 in Africa" in page
    assert "South Africa" in page
    assert "Albania" not in page
    assert "Not met" not in page.partition("Met 16 in Africa")[2]


def test_a_region_counts_the_regions_within_it(client: TestClient, catalog: Catalog) -> None:
    members = rows(catalog, "region-findings", region="002")
    page = text(client, "/regions/002")
    assert len(members) == 54
    sufficient = sum(int(row["criteria_met"]) >= 4 for row in members)
    assert f"Of the 54 jurisdictions that the review covers, {sufficient} meet at least four of the five criteria" in page
    for row in members:
        assert row["name"] in page
    assert re.search(r"Regions within it .* Northern Africa 6 \d+ Sub-Saharan Africa 48 \d+ Eastern Africa 18", page)
    bound = {row["instrument"]: row for row in rows(catalog, "bound-in-region", region="002")}
    assert f"Malabo Convention {bound['malabo']['bound']} " in page
    assert "Not covered separately by the review Sahrawi" in page or "Not covered separately by the review Western Sahara" in page


def test_those_bound_in_the_continents_are_those_bound_in_the_world(catalog: Catalog) -> None:
    world = {row["instrument"]: int(row["bound"]) for row in rows(catalog, "bound-counts")}
    found: dict[str, int] = {}
    for region in ("002", "009", "019", "142", "150"):
        for row in rows(catalog, "bound-in-region", region=region):
            found[row["instrument"]] = found.get(row["instrument"], 0) + int(row["bound"])
    assert found["lanzarote"] == world["lanzarote"]
    assert found["budapest"] == world["budapest"]
    assert found["crc"] == world["crc"]


def test_a_note_shows_what_it_is_on_what_it_cites_and_where_it_is(client: TestClient) -> None:
    page = text(client, "/notes/10/254")
    assert "On the finding that Argentina meets the criterion technology-facilitated offences" in page
    assert "Words of the law that the note quotes: “by any means”" in page
    assert "Penal Code , Article 128 (1921)" in page
    assert "line 1244 of the plain text of the report" in page
    territories = text(client, "/notes/10/267")
    assert "Hong Kong ; child sexual abuse material defined: met; technology-facilitated offences: met" in territories
    assert client.get("/notes/254", headers=HTML).headers["location"] == "/notes/10/254"
    assert "Letter from the Embassy of Austria, 4 September 2012" in text(client, "/notes/10/255")


def test_every_note_is_listed_with_its_kinds(client: TestClient, catalog: Catalog) -> None:
    listed = client.get("/notes").text
    notes = rows(catalog, "notes")
    assert len(notes) == 96
    assert all(f'href="/notes/10/{row["number"]}"' in listed for row in notes)
    kinds: dict[str, int] = {}
    for row in read_rows(paths.table_files()["note_kinds"]):
        kinds[row["kind"]] = kinds.get(row["kind"], 0) + 1
    assert sum(len(row["kinds"].split()) for row in notes) == sum(kinds.values())
    rules = client.get("/notes?kind=judging-rule").text
    assert rules.count('<li><a href="/notes/10/') == kinds["judging-rule"] == 4


def test_a_source_says_what_rests_on_it(client: TestClient, catalog: Catalog) -> None:
    page = text(client, "/sources/icmec-10")
    assert "International Centre for Missing & Exploited Children" in page
    assert "Observation 993" in page
    table = list(read_rows(paths.table_files()["actions"]))
    actions = sum(row["source"] == "coe-lanzarote-parties" for row in table)
    counted = {
        row["class_name"]: int(row["statements"]) for row in rows(catalog, "source-statements", source="coe-lanzarote-parties")
    }
    assert counted["treaty action"] == actions
    assert 'href="/instruments/lanzarote"' in client.get("/sources/coe-lanzarote-parties").text


def test_a_recommendation_leads_to_its_criterion_provisions_and_laws(client: TestClient) -> None:
    page = client.get("/recommendations/criminalise-possession").text
    assert 'href="/criteria/simple-possession"' in page
    assert 'href="/instruments/budapest#art_9/par_1/pnt_e"' in page
    assert re.search(r'href="/laws/[A-Z]{3}/', page)
    other = text(client, "/recommendations/punish-attempt")
    assert "None of the five criteria tests it" in other
    assert "Tutela read national law for the five criteria only" in other


def test_the_editions_are_compared(client: TestClient) -> None:
    compared = text(client, "/editions").partition("The editions compared")[2]
    assert "10th (2023) 9th (2018) 1st (2006)" in compared
    assert "Five criteria met 27 21 5" in compared
    assert "No specific legislation 10 16 95" in compared


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/criteria/simple-posession", 404, "Unknown criterion 'simple-posession'; the nearest is simple-possession."),
        ("/criteria/definition?show=all", 400, "show: unknown value 'all'; expected met or not-met."),
        ("/criteria/definition?region=999", 404, "Unknown region '999'"),
        ("/regions/africa", 404, "Unknown region 'africa'"),
        ("/notes/10/999", 404, "Unknown note '999' of the 10th edition; its notes are 248 to 343."),
        ("/notes/999", 404, "Unknown note '999'"),
        ("/notes/9/1", 404, "Tutela includes none of its notes."),
        ("/notes/77/1", 404, "Unknown edition '77'."),
        ("/notes?kind=gossip", 400, "kind: unknown kind of note 'gossip'"),
        ("/sources/icmec-9", 404, "the nearest is icmec-10."),
        ("/recommendations/x", 404, "Unknown recommendation 'x'"),
    ],
)
def test_an_unknown_value_is_a_clear_error(client: TestClient, path: str, status: int, message: str) -> None:
    response = client.get(path, headers=HTML)
    assert response.status_code == status
    assert message in unescape(response.text)


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("simple possession", "/criteria/simple-possession"),
        ("Africa", "/regions/002"),
        ("note 254", "/notes/10/254"),
        ("Punish grooming", "/recommendations/criminalise-grooming"),
        ("NORMLEX", "/sources/normlex-2023"),
    ],
)
def test_the_search_finds_the_page(client: TestClient, words: str, page: str) -> None:
    found = client.get("/search", params={"q": words, "format": "json"}).json()
    assert page in [result["link"] for result in found["results"]]


@pytest.mark.parametrize(
    ("resource", "page"),
    [("criterion/definition", "/criteria/definition"), ("source/icmec-10", "/sources/icmec-10"), ("region/150", "/regions/150")],
)
def test_an_iri_leads_people_to_the_page_and_programs_to_the_data(client: TestClient, resource: str, page: str) -> None:
    assert client.get(f"/id/{resource}", headers=HTML).headers["location"] == page
    assert client.get(f"/id/{resource}", headers={"accept": "text/turtle"}).headers["location"] == f"/doc/{resource}.ttl"
    assert f'<link rel="alternate" type="text/turtle" href="/doc/{resource}.ttl">' in client.get(page, headers=HTML).text
