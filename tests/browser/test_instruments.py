"""The instrument and gap pages in Chromium, with and without JavaScript, on a phone and on a desktop."""

import re
from datetime import date
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, overflows, scroll_boxes, shot

PATHS = {
    "instruments": "instruments",
    "instrument": "instruments/lanzarote",
    "directive": "instruments/dir-2011-93",
    "named": "instruments/sdg-16-2",
    "gaps": "gaps?open=lanzarote",
    "names": "gaps?instrument=budapest&by=region",
}


@pytest.mark.parametrize(("width", "scheme", "js"), [(320, "dark", False), (1280, "light", True)])
def test_pages_fit_and_have_ordered_headings(open_page: OpenPage, width: int, scheme: str, js: bool) -> None:
    for name, path in PATHS.items():
        page = open_page(path, width, scheme, js=js)
        assert page.get_by_role("heading", level=1).count() == 1
        assert not overflows(page), name
        levels = [
            int(level) for level in page.locator("main :is(h1, h2, h3, h4)").evaluate_all("all => all.map(h => h.tagName[1])")
        ]
        assert all(after - before <= 1 for before, after in pairwise(levels)), name
        shot(page, f"{name}-{width}-{scheme}")


@pytest.mark.parametrize("js", [True, False])
def test_another_date_changes_who_is_bound(open_page: OpenPage, js: bool) -> None:
    page = open_page("instruments/lanzarote", js=js)
    today = date.fromisoformat(page.get_by_label("As of").input_value())  # the date of the release
    first = page.get_by_text(f"As of {today.day} {today:%B %Y}, it binds 48 jurisdictions.")
    expect(first).to_be_visible()
    if js:
        page.evaluate("window.stayed = true")
    page.get_by_label("As of").fill("2012-06-01")
    if not js:
        page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("As of 1 June 2012, it binds")).to_be_visible()
    assert page.url.endswith("/instruments/lanzarote?as_of=2012-06-01")
    if js:
        assert page.evaluate("window.stayed")
    page.go_back()
    expect(first).to_be_visible()


def test_a_provision_has_an_anchor(open_page: OpenPage) -> None:
    page = open_page("instruments/lanzarote")
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="article 20(1)(e)", exact=True).first.click()
    assert page.url.endswith("#art_20/par_1/pnt_e")
    provision = page.locator('[id="art_20/par_1/pnt_e"]')
    expect(provision).to_be_in_viewport()
    expect(provision).to_contain_text("Our reading: requires simple possession.")
    page.go_back()
    assert page.evaluate("window.stayed")


@pytest.mark.parametrize("js", [True, False])
def test_a_count_links_to_its_jurisdictions(open_page: OpenPage, js: bool) -> None:
    page = open_page("gaps", js=js)
    if js:
        page.evaluate("window.stayed = true")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Lanzarote Convention"))
    row.get_by_role("link", name="3 unmet", exact=True).click()
    page.wait_for_url(re.compile("criterion=simple-possession.*#names$"))
    expect(page.get_by_role("heading", name="Jurisdictions", exact=True)).to_be_in_viewport()
    names = page.get_by_role("table", name="Unmet obligations, by jurisdiction")
    expect(names.get_by_role("row")).to_have_count(4)
    expect(names).to_contain_text("San Marino")
    expect(names).to_contain_text("1 July 2010")
    if js:
        assert page.evaluate("window.stayed")
    page.get_by_role("link", name="Clear all filters").click()
    expect(page.get_by_role("row").filter(has_text="Budapest Convention")).to_be_visible()


def test_gaps_fit_a_phone_without_a_box_that_scrolls(open_page: OpenPage) -> None:
    for path in ("gaps", "gaps?instrument=lanzarote", "gaps?by=region", "gaps?criterion=isp-reporting"):
        page = open_page(path, width=390)
        assert not overflows(page), path
        assert not scroll_boxes(page), path
    row = page.get_by_role("row").filter(has_text="Model legislation")
    expect(row).to_contain_text("158 not met")
    row.get_by_role("link", name="158 only recommended").click()
    expect(page.get_by_role("heading", name="not met in 158 jurisdictions")).to_be_visible()


def test_filters_and_provisions_work_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("gaps", width=390)
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="7 provisions of Lanzarote Convention").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("rowheader", name="Article 20(1)(e)")).to_be_visible()
    expect(page.get_by_role("link", name="Hide the provisions of Lanzarote Convention")).to_be_focused()
    page.get_by_label("Rows by").focus()
    page.get_by_label("Rows by").select_option("region")
    expect(page.get_by_role("rowheader", name="Western Asia")).to_be_visible()
    expect(page.get_by_label("Rows by")).to_be_focused()
    assert page.evaluate("window.stayed")
