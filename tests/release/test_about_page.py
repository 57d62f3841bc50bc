"""The topics page and the page about the data show what the catalogue answers."""

import html
import re

import pytest
from fastapi.testclient import TestClient

from tests.dataset.test_catalog_answers import rows
from tutela import paths, release
from tutela.catalog.catalog import Catalog
from tutela.tables import read_rows

# Items of the README's list that are about the software, not the data.


@pytest.fixture(scope="module")
def about(client: TestClient) -> str:
    return client.get("/about").text


@pytest.fixture(scope="module")
def topics(client: TestClient) -> str:
    return client.get("/topics").text


def plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", markup)).split())


def section(page: str, start: str, end: str) -> str:
    return page.partition(f'id="{start}"')[2].partition(f'id="{end}"')[0]


def test_each_topic_lists_its_provisions_and_says_if_none_is_binding(topics: str, catalog: Catalog) -> None:
    slugs = [row["slug"] for row in sorted(read_rows(paths.table_files()["model_topics"]), key=lambda row: int(row["number"]))]
    without_instrument = {row["topic"].rpartition("/")[2] for row in rows(catalog, "topics-without-treaty")}
    addressing = read_rows(paths.table_files()["provision_topics"])
    recommended = read_rows(paths.table_files()["model_recommendations"])
    for slug, following in zip(slugs, [*slugs[1:], "parts"], strict=True):
        part = topics.partition(f'<h2 id="{slug}"')[2].partition(f'<h2 id="{following}"')[0]
        assert part.count('class="recommended"') == sum(row["topic"] == slug for row in recommended)
        assert part.count('<th scope="row">') == sum(row["topic"] == slug for row in addressing)
        assert ("No binding instrument in Tutela addresses this topic" in part) == (slug in without_instrument)
        assert f'href="#{slug}"' in topics


def test_each_recommendation_is_listed_under_its_part(topics: str) -> None:
    for row in read_rows(paths.table_files()["model_recommendations"]):
        part = topics.partition(f'id="part-{row["part"]}"')[2].partition('<li id="part-')[0]
        assert f'href="#recommendation-{row["slug"]}"' in part
        assert f'id="recommendation-{row["slug"]}"' in topics
    assert "The six parts" in topics
    assert "The model legislation has five parts" in topics  # what another part of the report says


def test_articles_link_to_their_anchor_on_the_instrument_page(topics: str) -> None:
    assert 'href="/instruments/lanzarote#art_20/par_2"' in topics


def test_all_discrepancies_are_shown_in_full_with_an_anchor(about: str) -> None:
    recorded = read_rows(paths.table_files()["discrepancies"])
    text = plain(about)
    for row in recorded:
        assert f'<li id="{row["slug"]}">' in about
        for column in ("claim", "other_claim", "reason"):
            assert " ".join(row[column].split()) in text
    counted = re.findall(r'<h3 id="doubts-[a-z]+">.*?<span class="from">(\d+)</span>', about)
    assert sum(map(int, counted)) == len(recorded)


def test_counts_equal_those_of_the_graph(about: str, catalog: Catalog, client: TestClient) -> None:
    count_of = {row["class"].rpartition("#")[2]: int(row["things"]) for row in rows(catalog, "contents")}
    assert count_of["Note"] == len(read_rows(paths.table_files()["notes"]))
    assert count_of["TreatyAction"] == len(read_rows(paths.table_files()["actions"]))
    assert f"{count_of['Provision']:,} provisions and {count_of['ProvisionMapping']:,} readings of them (ours)" in plain(about)
    assert f"{client.get('/health').json()['quads']:,} statements" in about
    lists = section(about, "lists", "editions")
    for row in read_rows(paths.table_files()["instruments"]):
        assert f'/instruments/{row["slug"]}">{row["short_name"]}</a>' in lists
        assert not row["list_reaches"] or f'datetime="{row["list_reaches"]}"' in lists
    stated = section(about, "counts", "totals")
    for row in read_rows(paths.table_files()["party_counts"]):
        assert f'<td class="number" data-label="Parties stated">{row["parties"]}</td>' in stated


def test_every_source_is_listed_with_its_dates_and_licence(about: str, client: TestClient) -> None:
    assert 'href="/sources"' in section(about, "sources", "licences")
    listed = client.get("/sources").text
    words = plain(listed).lower()
    for row in read_rows(paths.table_files()["sources"]):
        assert " ".join(row["title"].split()).lower() in words
        for day in (row["issued"], row["as_of"]):
            assert not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", day) or f'datetime="{day}"' in listed
        assert row["licence"].startswith("http") or " ".join(row["licence"].split()).lower() in words


def test_page_and_document_list_the_same_missing_data(about: str) -> None:
    document = (paths.ROOT / "docs" / "limitations.md").read_text(encoding="utf-8")
    stated = re.findall(r"^- (.+)$", document, re.MULTILINE)
    shown = [plain(item) for item in re.findall(r"<li>(.*?)</li>", section(about, "missing-list", "doubts"), re.DOTALL)]
    assert len(shown) > 4
    assert set(shown) <= {plain(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", item).replace("`", "")) for item in stated}


def test_a_citation_names_the_release(about: str, built: release.Release) -> None:
    cited = section(about, "cite", "correct")
    assert f"version      = {{{built.version}}}" in cited
    assert f"@misc{{tutela-{built.version}," in cited
    assert cited.count(f"release {built.version}") == 3


def test_every_linked_table_can_be_downloaded(about: str, client: TestClient) -> None:
    tables = set(re.findall(r'href="(/data/[a-z_]+\.csv)"', about))
    assert len(tables) > 15
    assert [table for table in tables if client.head(table).status_code != 200] == []
