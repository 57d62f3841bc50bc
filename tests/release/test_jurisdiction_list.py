"""The table of jurisdictions: its order, its filters, and the same rows as CSV."""

import csv
import io
import re
from html import unescape

import pytest
from fastapi.testclient import TestClient

from tests.conftest import like
from tutela.catalog.catalog import Catalog


@pytest.fixture(scope="module")
def client(client: TestClient) -> TestClient:
    return like(client, headers={"accept": "text/html"})


def names(client: TestClient, path: str) -> list[str]:
    """Return the names in the table, in its order."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    table = answer.text.partition('<table class="jurisdictions">')[2].partition("</table>")[0]
    return [unescape(name) for name in re.findall(r'<th scope="row"[^>]*><a [^>]*>([^<]*)</a>', table)]


def test_the_table_has_each_jurisdiction_once_with_its_five_findings(client: TestClient, catalog: Catalog) -> None:
    found = names(client, "/jurisdictions")
    expected = [record["name"] for record in catalog.run("findings", {}).records()]
    assert sorted(found) == sorted(expected)
    assert len(found) == 196
    page = client.get("/jurisdictions").text
    albania = re.search(r"<tr><th[^>]*>[^\n]*Albania</a></th>.*?</tr>", page, re.DOTALL)
    assert albania
    assert re.findall(r"<span>(Met|Not met)</span>", albania[0]) == ["Met"] * 4 + ["Not met"]
    assert albania[0].endswith('<td class="number">4</td><td class="number">5</td></tr>')
    assert len(page.encode()) < 150_000


def test_filters_give_the_numbers_of_the_review(client: TestClient) -> None:
    assert len(names(client, "/jurisdictions?finding=isp-reporting")) == 38
    assert len(names(client, "/jurisdictions?finding=not-isp-reporting")) == 158
    assert len(names(client, "/jurisdictions?met=5")) == 27
    assert names(client, "/jurisdictions?region=053&sort=name") == ["Australia", "New Zealand"]
    assert names(client, "/jurisdictions?q=cote") == ["Côte d'Ivoire"]
    assert "No jurisdiction has all of these." in client.get("/jurisdictions?met=5&finding=not-definition").text
    africa = names(client, "/jurisdictions?region=002&met=5")
    assert "27 of 196" in client.get("/jurisdictions?met=5").text
    assert "Kenya" not in africa
    assert "Nigeria" in africa


def test_a_column_sorts_both_ways_and_keeps_the_filter(client: TestClient) -> None:
    most = names(client, "/jurisdictions?sort=instruments")
    assert most[0] == "Austria"
    assert names(client, "/jurisdictions?dir=desc")[0] == "Zimbabwe"
    page = unescape(client.get("/jurisdictions?region=150&sort=met").text)
    assert 'aria-sort="descending" class="number"><a data-swap="list" href="/jurisdictions?sort=met&dir=asc&region=150">' in page
    assert 'href="/jurisdictions?region=150">Name</a>' in page
    fewest = names(client, "/jurisdictions?sort=met&dir=asc")
    assert fewest[:3] == ["Equatorial Guinea", "Iraq", "Lesotho"]


def test_the_csv_has_the_rows_of_the_page(client: TestClient) -> None:
    query = "?sort=instruments&region=150&finding=isp-reporting"
    answer = client.get(f"/jurisdictions.csv{query}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["name"] for row in rows] == names(client, f"/jurisdictions{query}")
    assert rows[0]["name"] == "Belgium"
    assert (rows[0]["region_name"], rows[0]["criteria_met"], rows[0]["findings_as_of"]) == ("Western Europe", "5", "2023-09-30")
    assert f'href="/jurisdictions.csv{query}"' in unescape(client.get(f"/jurisdictions{query}").text)


@pytest.mark.parametrize("query", ["sort=height", "dir=up", "region=999", "met=6", "finding=isp"])
def test_an_unknown_value_is_an_error_that_lists_the_known_ones(client: TestClient, query: str) -> None:
    for path in ("/jurisdictions", "/jurisdictions.csv"):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code == 400
        assert "expected one of" in answer.text
