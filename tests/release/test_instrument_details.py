"""What stands next to an article, who was bound year by year, and the pages of treaty actions and of national law."""

import re
from html import unescape

import pytest
from fastapi.testclient import TestClient

from tests.conftest import like
from tutela.catalog.catalog import Catalog
from tutela.web.components import year_chart
from tutela.web.components.provision_tree import reservations_by_provision, reservations_of


@pytest.fixture(scope="module")
def client(client: TestClient) -> TestClient:
    return like(client, headers={"accept": "text/html"})


def text(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    plain = re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2].partition("</main>")[0])
    return re.sub(r" (?=[,.;:)])|(?<=\() ", "", re.sub(r"\s+", " ", unescape(plain)))


def rows(catalog: Catalog, query: str, **values: str) -> list[dict[str, str]]:
    return list(catalog.run(query, values).records())


def test_reservations_stand_next_to_their_article(client: TestClient) -> None:
    page = client.get("/instruments/lanzarote").text
    article = unescape(page.partition('id="art_20/par_1/pnt_e"')[2].partition("</li>\n<li id=")[0])
    assert "Three reservations and declarations: Denmark, Germany and Russia" in article
    assert "under 20(3). Production and possession by minors above the age of consent of their own images" in article
    assert '<time datetime="2009-11-18">18 November 2009</time>' in article
    budapest = text(client, "/instruments/budapest")
    assert "A source shows that none was made by Azerbaijan" in budapest
    assert "9(2)(b): Andorra, Argentina, Denmark, France, Hungary" in budapest.partition("The record is not complete.")[2]
    assert "in force from 1 May 2006" in budapest
    assert "Rwanda bound since 1 May 2025; no reservation on record, which is not complete" in budapest
    assert "San Marino bound since 1 July 2019; a source shows that it made no reservation" in budapest
    lanzarote = text(client, "/instruments/lanzarote")
    assert "Russia bound since 1 December 2013; reservation of 9 August 2013 (extent: part)" in lanzarote
    opsc = text(client, "/instruments/opsc").partition("Reservations and declarations A reservation")[2]
    assert "Applies only on the territory that its authorities control" in opsc  # it names no provision
    assert "Reads any representation as any visual representation" not in opsc


def test_a_reservation_is_shown_once_for_each_provision_that_it_names() -> None:
    provisions = [{"label": label, "provision": f"x/{label}"} for label in ("9(1)", "9(2)(b)", "9(2)(c)")]
    several = {"provisions": "9(2)(b) 9(2)(c)"}
    general, unknown = {"provisions": ""}, {"provisions": "14"}
    found, others = reservations_by_provision(provisions, [several, general, unknown])
    assert found == {"x/9(2)(b)": [several], "x/9(2)(c)": [several]}
    assert others == [general, unknown]


def test_a_reservation_to_an_article_applies_to_its_points() -> None:
    whole, point, other = ({"jurisdiction": "x/SMR", "kind": kind} for kind in ("none", "reservation", "declaration"))
    reserved = {"x/art_9": [whole], "x/art_9/par_1/pnt_e": [point, {"jurisdiction": "x/ARG"}], "x/art_9/par_1/pnt_d": [other]}
    assert reservations_of("x/SMR", ["x/art_9/par_1/pnt_e"], reserved) == [whole, point]
    assert reservations_of("x/SMR", ["x/art_90"], reserved) == []


def test_the_number_by_year_equals_the_count_on_that_day(catalog: Catalog) -> None:
    for slug, day in (
        ("opsc", "2010-12-31"),
        ("lanzarote", "2019-12-31"),
        ("arab-it", "2014-12-31"),
        ("dir-2011-93", "2020-12-31"),
    ):
        chart = year_chart.render(rows(catalog, "parties-by-year", instrument=slug))
        assert chart
        [column] = [column for column in chart.columns if column.day == day]
        [count] = [row for row in rows(catalog, "bound-counts", as_of=day) if row["instrument"] == slug]
        assert (column.bound, column.at_most) == (int(count["bound"]), int(count["bound_at_most"])), slug


def test_a_year_without_a_change_has_the_number_of_the_year_before() -> None:
    found = [
        {"year": "2010", "day": "2010-12-31", "bound": "7", "bound_at_most": "7"},
        {"year": "2012", "day": "2012-06-01", "bound": "9", "bound_at_most": "12"},
    ]
    chart = year_chart.render(found)
    assert chart
    assert [(one.day, one.bound, one.at_most, one.changed) for one in chart.columns] == [
        ("2010-12-31", 7, 7, True),
        ("2011-12-31", 7, 7, False),
        ("2012-06-01", 9, 12, True),
    ]
    before, after = chart.before("2011-06-15"), chart.after("2011-06-15")
    assert before and after and (before.day, after.day) == ("2010-12-31", "2011-12-31")
    assert chart.before("2010-12-31") is None and chart.after("2012-06-01") is None
    assert year_chart.render([]) is None


def test_treaty_actions_have_a_page_without_empty_columns(client: TestClient, catalog: Catalog) -> None:
    page = client.get("/instruments/opsc/parties").text
    assert len(page.encode()) < 150_000
    heads = re.findall(r'<th scope="col">([^<]*)</th>', page.partition('class="stack parties"')[2])
    assert heads == ["Jurisdiction", "Status", "Treaty action", "Signed", "Bound since", "Basis of the first date", "Source"]
    directive = client.get("/instruments/dir-2011-93/parties?as_of=2019-01-01").text
    assert "Signed</th>" not in directive
    bound = [row for row in rows(catalog, "standing", instrument="opsc") if row["state"] == "bound"]
    assert page.count('<td data-label="Status">Bound</td>') == len(bound) == 181
    assert "accession, 19 September 2002" in text(client, "/instruments/opsc/parties")
    assert "This is a gap in the data, not a finding." in text(client, "/instruments/dir-95-46/parties")


def test_national_law_has_the_number_that_the_article_gives(client: TestClient, catalog: Catalog) -> None:
    for row in rows(catalog, "national-implementation", instrument="lanzarote")[::3]:
        path = row["provision"].partition("/lanzarote/")[2]
        address = f"/instruments/lanzarote/national-law?provision={path}&criterion={row['criterion']}"
        assert f"For {row['known']} of these, Tutela knows" in text(client, address), address
    page = client.get("/instruments/opsc/national-law?provision=art_3/par_1/pnt_c&criterion=simple-possession").text
    assert len(page.encode()) < 150_000
    assert 'href="/laws/ALB/' in page
    assert '<q lang="es" dir="ltr">' in page
    assert "none of its provisions" not in text(client, "/instruments/lanzarote/national-law")


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/instruments/opsk/parties", 404, "Unknown instrument"),
        ("/instruments/opsc/parties?as_of=x", 400, "is not a date"),
        ("/instruments/opsc/national-law?provision=art_99", 404, "no provision"),
        ("/instruments/opsc/national-law?provision=art_1&criterion=isp-reporting", 404, "does not bear on the criterion"),
        ("/map?show=opsc&year=20", 400, "is not a year"),
        ("/map?show=edition-totals&of=5", 404, "Choose one of 1, 9, 10."),
    ],
)
def test_an_unknown_value_is_an_error_page(client: TestClient, path: str, status: int, message: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, message in unescape(answer.text)) == (status, True)


def test_the_map_steps_through_years_and_editions(client: TestClient) -> None:
    page = unescape(client.get("/map?show=opsc&year=2010").text)
    assert 'rel="prev" href="/map?show=opsc&as_of=2009-12-31">Previous: 2009</a>' in page
    assert 'rel="next" href="/map?show=opsc&as_of=2011-12-31">Next: 2011</a>' in page
    assert "data-play-next" not in page and "refresh" not in page
    playing = unescape(client.get("/map?show=opsc&as_of=2010-12-31&play=1").text)
    assert '<noscript><meta http-equiv="refresh" content="2;url=/map?show=opsc&as_of=2011-12-31&play=1"></noscript>' in playing
    assert 'href="/map?show=opsc&as_of=2010-12-31">Stop</a>' in playing
    assert "The latest date" in client.get("/map?show=opsc&play=1").text
    totals = text(client, "/map?show=edition-totals&of=9")
    assert "118 jurisdictions met at least four of the five criteria, according to the review of 2018." in totals
    assert "Previous: 2006" in totals and "Next: 2023" in totals
    assert "At least four criteria met 27 118 138" in totals


def test_outlines_are_one_file_that_may_be_kept(client: TestClient) -> None:
    page = client.get("/map").text
    address = re.findall(r'<use class="land s\d" href="([^"#]*)#c250"', page)
    assert len(address) == 1
    answer = client.get(address[0])
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "immutable" in answer.headers["cache-control"]
    assert "immutable" not in client.get("/basemap.svg").headers["cache-control"]
    symbols = set(re.findall(r'#([^"]+)"', "".join(re.findall(r"<use [^>]*>", page))))
    assert symbols <= set(re.findall(r'<path id="([^"]+)"', answer.text))
    assert len(symbols) > 150


def test_a_term_is_explained_where_it_is_first_used(client: TestClient) -> None:
    page = client.get("/instruments/lanzarote").text
    buttons = re.findall(r'<button type="button" class="explain" popovertarget="([^"]+)">', page)
    definitions = re.findall(r'<div class="definition" id="([^"]+)" popover>', page)
    assert sorted(buttons) == sorted(definitions)
    assert len(set(buttons)) == len(buttons) > 5
    assert "term-force-criminalise" in buttons
