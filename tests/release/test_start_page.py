"""The start page: its numbers lead to lists of the same length, and it promises only what the search can do."""

import re

import pytest
from fastapi.testclient import TestClient

from tutela.catalog.catalog import Catalog
from tutela.search import Search
from tutela.web.page_names import PAGES

HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def page(client: TestClient) -> str:
    return client.get("/", headers=HTML).text


def listed(client: TestClient, address: str) -> int:
    """Return the number of jurisdictions that the page of a criterion lists."""
    main = (
        client.get(address.replace("&amp;", "&"), headers=HTML)
        .text.partition('<h2 id="jurisdictions">')[2]
        .partition("</section>")[0]
    )
    return len(re.findall(r'<li><a href="/jurisdictions/', main))


def test_the_heading_counts_the_rarest_criterion_and_leads_to_the_list(client: TestClient, catalog: Catalog, page: str) -> None:
    rows = list(catalog.run("criterion-counts", {}).records())
    rarest = min(rows, key=lambda row: int(row["met"]))
    heading = re.search(r'<h1><a [^>]*href="([^"]*)">(\d+) of (\d+)</a> (.*)</h1>', page)
    assert heading
    address, met, total, words = heading.groups()
    assert words == "jurisdictions require internet service providers to report child sexual abuse material"
    assert (met, int(met) + int(rarest["not_met"])) == (rarest["met"], int(total))
    assert listed(client, address) == int(met) == 38


def test_the_continents_have_all_jurisdictions_and_lead_to_their_pages_and_lists(client: TestClient, page: str) -> None:
    table = page.partition('<table class="continents">')[2].partition("</table>")[0]
    rows = re.findall(
        r'<a href="(/regions/\d+)">([^<]*)</a></th><td class="number">(\d+)</td>.*?<a class="how-many" href="([^"]*)">(\d+)</a>',
        table,
    )
    assert [name for _, name, _, _, _ in rows] == ["Africa", "Americas", "Asia", "Europe", "Oceania"]
    assert (sum(int(row[2]) for row in rows), sum(int(row[4]) for row in rows)) == (196, 38)
    for region, name, _, address, met in rows:
        assert f"<h1>{name}</h1>" in client.get(region, headers=HTML).text
        assert listed(client, address) == int(met), name


def test_the_examples_of_the_search_find_what_they_name(catalog: Catalog, page: str) -> None:
    examples = re.findall(r">([^<]*)</a>", page.partition('<p class="examples-of">')[2].partition("</p>")[0])
    search = Search(catalog, PAGES)
    found = {text: search.find(text) for text in (*examples, "Kenya", "Lanzarote 20", "grooming")}
    assert len(examples) > 5
    assert [text for text, results in found.items() if not results.results or results.partial or results.suggestion] == []
    assert found["UK"].results[0].label == "United Kingdom"


def test_the_page_says_what_the_site_is_and_has_one_search(page: str) -> None:
    assert "<title>The law on child sexual abuse material, by country and by treaty - Tutela</title>" in page
    assert page.count('role="search"') == 1
    assert "state by state" not in page.lower()
    assert len(page.encode()) < 150_000
