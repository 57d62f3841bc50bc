"""The compare page in Chromium."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, overflows, shot


def test_jurisdictions_are_added_and_filtered_without_reload(open_page: OpenPage) -> None:
    page = open_page("compare?j=ALB&j=BEL")
    as_of = page.get_by_label("Bound as of").input_value()
    page.get_by_label("Add a jurisdiction").select_option("PHL")
    expect(page.get_by_role("columnheader").filter(has_text="Philippines")).to_be_visible()
    assert page.url.endswith(f"/compare?j=ALB&j=BEL&j=PHL&as_of={as_of}")
    rows = page.get_by_role("rowheader")
    expect(rows.filter(has_text="Simple possession")).to_have_count(1)
    page.get_by_label("Only differences").check()
    expect(rows.filter(has_text="Simple possession")).to_have_count(0)
    for row in page.locator("tbody tr:not(.part) th").all():
        assert "differs" in row.inner_text()
    assert "differs=1" in page.url
    page.get_by_role("link", name="Remove Belgium").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Albania and Philippines")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Albania, Belgium and Philippines")


def test_headers_stay_visible(open_page: OpenPage) -> None:
    page = open_page("compare?j=ALB&j=BEL&j=PHL&j=SMR&j=CHN", 390, "dark")
    region = page.get_by_label("Comparison", exact=True)
    region.evaluate("element => element.scrollTo(300, 900)")
    region.scroll_into_view_if_needed()
    box, corner = region.bounding_box(), page.get_by_role("columnheader", name="Subject").bounding_box()
    first = page.get_by_role("rowheader", name="Lanzarote Convention").bounding_box()
    assert box is not None and corner is not None and first is not None
    assert abs(corner["x"] - box["x"]) < 2
    assert abs(corner["y"] - box["y"]) < 2
    assert abs(first["x"] - box["x"]) < 2
    shot(page, "compare-scrolled")


@pytest.mark.parametrize("width", [320, 1280])
def test_it_works_without_javascript(open_page: OpenPage, width: int) -> None:
    page = open_page("compare", width, js=False)
    page.get_by_label("First jurisdiction").select_option("SMR")
    page.get_by_label("Second jurisdiction").select_option("LKA")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("San Marino and Sri Lanka")
    assert not overflows(page)
    page.goto(page.url.partition("?")[0] + "?j=SMR")
    page.get_by_role("main").get_by_role("link", name="Albania").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("San Marino and Albania")
