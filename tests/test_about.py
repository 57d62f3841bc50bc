"""The topics of the model legislation, and the page about the data: what they show is what the catalogue answers."""

import html
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.test_questions import rows
from tutela import paths, release
from tutela.catalog import Catalog
from tutela.pool import Pool
from tutela.tables import read_rows
from tutela.web.app import create

# What README.md says of the program is missing, and is no matter of the data.
OF_THE_PROGRAM = ("Measurements",)


@pytest.fixture(scope="module")
def client(built: release.Release) -> Iterator[TestClient]:
    with TestClient(create(Pool(built), built)) as client:
        yield client


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


def test_each_topic_shows_what_it_has_and_says_where_nothing_binds(topics: str, catalog: Catalog) -> None:
    slugs = [row["slug"] for row in sorted(read_rows(paths.DATA / "model_topics.csv"), key=lambda row: int(row["number"]))]
    silent = {row["topic"].rpartition("/")[2] for row in rows(catalog, "topics-without-treaty")}
    speaking = read_rows(paths.DATA / "provision_topics.csv")
    recommended = read_rows(paths.DATA / "model_recommendations.csv")
    for slug, following in zip(slugs, [*slugs[1:], "parts"], strict=True):
        part = topics.partition(f'<h2 id="{slug}"')[2].partition(f'<h2 id="{following}"')[0]
        assert part.count('class="recommended"') == sum(row["topic"] == slug for row in recommended)
        assert part.count('<th scope="row">') == sum(row["topic"] == slug for row in speaking)
        assert ("No binding instrument held here speaks to it" in part) == (slug in silent)
        assert f'href="#{slug}"' in topics


def test_each_recommendation_stands_under_its_part(topics: str) -> None:
    for row in read_rows(paths.DATA / "model_recommendations.csv"):
        part = topics.partition(f'id="part-{row["part"]}"')[2].partition('<li id="part-')[0]
        assert f'href="#recommendation-{row["slug"]}"' in part
        assert f'id="recommendation-{row["slug"]}"' in topics
    assert "The six parts" in topics
    assert "The model legislation has five parts" in topics  # what another place of the report says


def test_articles_lead_to_their_place_on_the_page_of_their_instrument(topics: str) -> None:
    assert 'href="/instruments/lanzarote#art_20/par_2"' in topics


def test_all_doubts_stand_in_full_each_with_an_anchor(about: str) -> None:
    recorded = read_rows(paths.DATA / "discrepancies.csv")
    text = plain(about)
    for row in recorded:
        assert f'<li id="{row["slug"]}">' in about
        for column in ("claim", "other_claim", "reason"):
            assert " ".join(row[column].split()) in text
    counted = re.findall(r'<h3 id="doubts-[a-z]+">.*?<span class="from">(\d+)</span>', about)
    assert sum(map(int, counted)) == len(recorded)


def test_the_counts_are_those_of_the_graph(about: str, catalog: Catalog, client: TestClient) -> None:
    held = {row["class"].rpartition("#")[2]: int(row["things"]) for row in rows(catalog, "contents")}
    assert held["Note"] == len(read_rows(paths.DATA / "notes.csv"))
    assert held["Action"] == len(read_rows(paths.DATA / "actions.csv"))
    assert f"{held['Provision']:,} provisions and {held['Reading']:,} readings" in plain(about)
    assert f"{client.get('/health').json()['quads']:,} statements" in about
    reach = section(about, "lists", "editions")
    for row in read_rows(paths.DATA / "instruments.csv"):
        assert f'/instruments/{row["slug"]}">{row["short_name"]}</a>' in reach
        assert not row["list_reaches"] or f'datetime="{row["list_reaches"]}"' in reach
    stated = section(about, "counts", "totals")
    for row in read_rows(paths.DATA / "party_counts.csv"):
        assert f'<td class="number">{row["parties"]}</td>' in stated


def test_every_source_stands_with_its_day(about: str) -> None:
    listed = section(about, "sources", "licences")
    for row in read_rows(paths.DATA / "sources.csv"):
        assert html.escape(row["title"]).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in listed
        assert not row["as_of"] or f'datetime="{row["as_of"]}"' in listed


def test_the_page_and_the_readme_miss_the_same(about: str) -> None:
    readme = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    stated = readme.partition("## What is missing")[2].partition("\n## ")[0].split("\n- ")[1:]
    said = [" ".join(item.replace("`", "").split()) for item in stated]
    shown = [plain(item) for item in re.findall(r"<li>(.*?)</li>", section(about, "missing-list", "doubts"), re.DOTALL)]
    assert shown == [item for item in said if not item.startswith(OF_THE_PROGRAM)]
    assert len(shown) > 4


def test_a_citation_names_the_release(about: str, built: release.Release) -> None:
    cited = section(about, "cite", "correct")
    assert f"version      = {{{built.version}}}" in cited
    assert f"@misc{{tutela-{built.version}," in cited
    assert cited.count(f"release {built.version}") == 3


def test_every_table_that_is_named_can_be_had(about: str, client: TestClient) -> None:
    tables = set(re.findall(r'href="(/data/[a-z_]+\.csv)"', about))
    assert len(tables) > 15
    assert [table for table in tables if client.head(table).status_code != 200] == []
