"""The start page, the map and the search, with and without JavaScript."""

import re

import pytest

from tests.browser.conftest import OpenPage, overflows, shot
from tutela.catalog.catalog import Catalog

WIDTHS = [(320, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_the_start_page_works_without_javascript(open_page: OpenPage, width: int, scheme: str) -> None:
    page = open_page("", width, scheme, js=False)
    shot(page, f"start-{width}-{scheme}")
    assert not overflows(page)
    assert page.get_by_role("heading", level=2).first.inner_text() == "Map of the criteria met"
    assert (
        "27 of 196 jurisdictions meet all five criteria and 111 meet four" in page.get_by_role("region", name="Map").inner_text()
    )
    bars = page.get_by_role("row").filter(has_text="2006")
    assert bars.get_by_role("cell").all_inner_texts() == ["27 sufficient", "95 with none"]
    page.locator("main").get_by_role("link", name="query, results and sources").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "What does the review find, jurisdiction by jurisdiction?"
    assert "Model Legislation & Global Review" in page.get_by_role("region", name="Sources").inner_text()


@pytest.mark.parametrize("js", [True, False], ids=["javascript", "no-javascript"])
def test_the_map_switches_and_each_view_has_a_url(open_page: OpenPage, js: bool) -> None:
    page = open_page("map", js=js)
    page.get_by_label("Show", exact=True).first.select_option("lanzarote")
    if not js:
        page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("heading", level=1, name="Who is bound by the Lanzarote Convention").wait_for()
    assert re.search(r"\?show=lanzarote\b", page.url)
    assert page.locator("svg.world use.s5").count() > 35
    outline = page.locator("svg.world a[href='/jurisdictions/FRA'] use").bounding_box()
    assert outline and outline["width"] > 10  # the outlines are in a file of their own
    page.get_by_label("As of").fill("2012-01-01")
    if not js:
        page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**as_of=2012-01-01*")
    page.get_by_role("link", name=re.compile("^Bound by it")).wait_for()
    earlier = int(page.get_by_role("link", name=re.compile("^Bound by it")).inner_text().split()[-1])
    assert 0 < earlier < 48
    page.get_by_role("link", name=re.compile("^Bound by it")).click()
    page.get_by_text("Only “bound by it”.").wait_for()
    assert page.get_by_role("list").filter(has_text="since").get_by_role("listitem").count() == earlier
    page.go_back()
    page.get_by_role("heading", level=3, name="Not a party").wait_for()
    page.go_back()
    page.go_back()
    page.get_by_role("heading", level=1, name="Map of the criteria met").wait_for()


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_the_map_shows_each_jurisdiction_once(open_page: OpenPage, catalog: Catalog, width: int, scheme: str) -> None:
    page = open_page("map", width, scheme)
    shot(page, f"map-{width}-{scheme}")
    assert not overflows(page)
    names = page.locator("#list ~ ul a").all_inner_texts()
    assert len(names) == len(set(names)) == 196
    drawn = set(page.locator("svg.world a").evaluate_all("links => links.map(link => link.getAttribute('href'))"))
    dots = set(page.locator(".dots a").evaluate_all("links => links.map(link => link.getAttribute('href'))"))
    listed = {f"/jurisdictions/{row[2]}" for row in catalog.run("findings", {}).rows()}
    assert drawn | dots == listed


def test_a_jurisdiction_is_found_by_typing(open_page: OpenPage) -> None:
    page = open_page("", 390)
    field = page.get_by_label("Search for a place, a treaty, an article or a subject, in your words")
    field.press_sequentially("alban")
    option = page.get_by_role("listbox", name="Suggestions").get_by_role("option").first
    option.wait_for()
    assert "Albania" in option.inner_text()
    field.press("ArrowDown")
    assert option.get_attribute("aria-selected") == "true"
    field.press("Enter")
    page.get_by_role("heading", level=1, name="Albania").wait_for()
