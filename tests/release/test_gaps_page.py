"""The page about gaps: figures that equal the catalogue's, lists and files with as many rows as a number says."""

import csv
import io
import re
from collections import Counter
from html import unescape

import pytest
from fastapi.testclient import TestClient

from tests.conftest import like
from tutela.catalog.catalog import Catalog


@pytest.fixture(scope="module")
def client(client: TestClient) -> TestClient:
    return like(client, headers={"accept": "text/html"})


def text(client: TestClient, path: str) -> str:
    """Return the text of a page without its markup."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    plain = re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2].partition("</main>")[0])
    return re.sub(r" (?=[,.;)])|(?<=\() ", "", re.sub(r"\s+", " ", unescape(plain)))


def rows(catalog: Catalog, query: str, **values: str) -> list[dict[str, str]]:
    return list(catalog.run(query, values).records())


def listed(page: str) -> int:
    """Return the number of gaps that a page lists."""
    return page.partition('id="names"')[2].count('class="gap"')


def file_rows(client: TestClient, query: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(f"/gaps.csv?{query}").text)))


def counts(page: str) -> dict[str, int]:
    """Return the numbers of the matrix by the link of each."""
    found = re.findall(r'<a class="count" data-swap="gaps" href="([^"]*)#names"><strong>(\d+)</strong>', page)
    return {unescape(link): int(number) for link, number in found}


def test_gap_counts_equal_the_catalogue(client: TestClient, catalog: Catalog) -> None:
    kinds = Counter(row["kind"] for row in rows(catalog, "gaps") if row["state"] == "bound")
    page = text(client, "/gaps")
    assert "12 obligations under treaties and directives are not met, according to the review's findings and our reading" in page
    assert kinds["unmet obligation"] == 12
    assert f"{kinds['possible gap']} possible gaps" in page
    for by, query in (("instrument", "unmet-by-instrument"), ("region", "unmet-by-region")):
        markup = client.get(f"/gaps?by={by}").text
        cells = dict(re.findall(r'<tr class="level-0">\s*<th scope="row">(.*?)</th>(.*?)</tr>', markup, re.DOTALL))
        totals = {
            re.sub(r"<.*", "", re.sub(r"^(<[^>]*>|\s)*", "", head)).strip(): row.rsplit("<td", 2)[1]
            for head, row in cells.items()
        }
        for row in rows(catalog, query):
            last = totals[row[f"{by}_name"]]
            assert re.findall(r"<strong>(\d+)</strong> unmet", last) == [n for n in [row["unmet"]] if n != "0"]
            assert re.findall(r"<strong>(\d+)</strong> possible", last) == [n for n in [row["points"]] if n != "0"]


@pytest.mark.parametrize("view", ["open=malabo", "by=region&region=002"])
def test_every_count_links_to_as_many_rows(client: TestClient, view: str) -> None:
    found = counts(client.get(f"/gaps?{view}").text)
    assert len(found) > 30
    for link, count in list(found.items())[::6]:
        assert listed(client.get(link).text) == count, link
        if "region" not in link:
            assert len(file_rows(client, link.partition("?")[2])) == count, link


def test_a_jurisdiction_has_an_explanation(client: TestClient) -> None:
    assert "/queries/unmet-obligations?jurisdiction=" in client.get("/gaps?instrument=malabo").text


def test_what_only_the_model_legislation_asks_for_is_shown(client: TestClient, catalog: Catalog) -> None:
    not_met = {(row["jurisdiction"], row["criterion"]) for row in rows(catalog, "recommended-not-met")}
    by_criterion = Counter(criterion for _, criterion in not_met)
    for criterion, number in by_criterion.items():
        assert len(rows(catalog, "jurisdictions-lacking", criterion=criterion)) == number
    assert by_criterion["isp-reporting"] == 158
    under_treaties = {(row["jurisdiction"], row["criterion"]) for row in rows(catalog, "gaps")}
    only = not_met - under_treaties
    assert Counter(criterion for _, criterion in only)["isp-reporting"] == 158
    page = client.get("/gaps").text
    shown = counts(page.partition('<tbody class="model">')[2].partition("</tbody>")[0])
    as_of = {"as_of": catalog.release_date()}
    assert {(link, number) for link, number in shown.items() if "criterion=isp-reporting" in link} == {
        (f"/gaps?as_of={as_of['as_of']}&kind=recommendation&criterion=isp-reporting", 158),
        (f"/gaps?as_of={as_of['as_of']}&kind=only-recommended&criterion=isp-reporting", 158),
    }
    assert sum(number for link, number in shown.items() if "kind=recommendation&criterion" in link) == len(not_met)
    assert f"{len(only)} more findings of “not met”" in text(client, "/gaps")
    listed_there = text(client, "/gaps?kind=recommendation&criterion=isp-reporting")
    assert "not met in 158 jurisdictions" in listed_there
    assert "The model legislation recommends: Require internet service providers to report." in listed_there
    assert "Internet service providers must report suspected material" in listed_there


@pytest.mark.parametrize(
    "query", ["criterion=simple-possession&kind=both", "region=150&kind=possible+gap", "kind=recommendation&region=202", ""]
)
def test_the_file_has_the_rows_of_the_filter(client: TestClient, catalog: Catalog, query: str) -> None:
    found = file_rows(client, query)
    assert len(found) == (listed(client.get(f"/gaps?{query}").text) if query else 12 + 186 + 200)
    earlier = query.replace("possible+gap", "point+to+examine")  # the earlier name of this kind, in URLs that people keep
    assert file_rows(client, earlier) == found
    kinds = {"only-recommended", "recommendation"} if "recommendation" in query else {"unmet obligation", "possible gap"}
    assert {row["kind"] for row in found} <= (kinds if query else {*kinds, "only-recommended"})
    assert f"/gaps.csv?as_of={catalog.release_date()}" in client.get(f"/gaps?{query}").text
    assert ("This list as CSV" in client.get(f"/gaps?{query}").text) == bool(query), "a list is shown with a filter only"
    answer = client.get(f"/gaps.csv?{query}")
    assert answer.headers["content-disposition"].startswith('attachment; filename="gaps-')


def test_what_is_not_certain_is_listed_apart_and_not_counted(client: TestClient) -> None:
    query = "as_of=2015-06-01&instrument=arab-it"
    states = Counter(row["state"] for row in file_rows(client, query))
    page = client.get(f"/gaps?{query}").text
    assert states["not known"] > 0
    assert listed(page) == states.total()
    assert f'<h3>Not known whether it was bound <span class="from">{states["not known"]}, not counted</span></h3>' in page


def test_a_region_includes_the_regions_within_it(client: TestClient, catalog: Catalog) -> None:
    europe = {row["name"] for row in rows(catalog, "region-findings", region="150")}
    wanted = sum(row["name"] in europe for row in rows(catalog, "gaps"))
    assert listed(client.get("/gaps?region=150&kind=both").text) == wanted > 0


def test_no_gap_is_shown_where_no_instrument_asks(client: TestClient) -> None:
    page = text(client, "/gaps?criterion=isp-reporting&kind=both")
    assert (
        "No gaps to show: by our reading, none of the instruments in Tutela requires reporting by internet service providers"
        in page
    )
    assert "The model legislation recommends it." in page
    assert "The record of reservations is not complete" in page
    assert "on this date, the review finds that no jurisdiction bound by these instruments lacks these criteria" in text(
        client, "/gaps?as_of=1990-01-01&criterion=definition&kind=both"
    )
    assert "by our reading, GDPR neither requires a criterion" in text(client, "/gaps?instrument=gdpr")


def test_columns_without_anything_to_show_are_left_out(client: TestClient) -> None:
    heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', client.get("/gaps?instrument=opsc").text)
    assert heads[:5] == [
        "Instrument",
        "Legislation specific to child sexual abuse material",
        "Child sexual abuse material defined",
        "Technology-facilitated offences",
        "Total",
    ]


@pytest.mark.parametrize("path", ["/gaps?kind=point+to+examine", "/gaps?region=002", "/gaps?kind=recommendation", "/gaps.csv"])
def test_lists_are_small(client: TestClient, path: str) -> None:
    assert len(client.get(path).content) < 150_000


def test_an_invalid_filter_of_the_file_gives_a_message(client: TestClient) -> None:
    answer = client.get("/gaps.csv?criterion=possession", headers={"accept": "text/csv"})
    assert (answer.status_code, "the nearest is simple-possession" in answer.text) == (400, True)


@pytest.mark.parametrize(
    "path",
    [
        "/instruments/un-cybercrime?as_of=2025-12-31",
        "/instruments/csar",
        "/map?show=un-cybercrime&as_of=2025-12-31",
        "/gaps?as_of=1950-01-01",
        "/compare?place=ALB&place=BEL&as_of=1950-01-01",
        "/jurisdictions/SOM",
        "/search?q=zzzzqq",
        "/changes?since=2026-11-26",
    ],
)
def test_no_page_counts_none_of_something(client: TestClient, path: str) -> None:
    assert not re.search(r"\b[Nn]one (?!of\b|on\b|requires\b|known\b|chosen\b)[a-z]+s\b", text(client, path))
