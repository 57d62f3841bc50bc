"""The search in Chromium: while the user types, without JavaScript, and on narrow screens."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, overflows, shot


def test_suggestions_appear_while_typing_and_link_to_pages(open_page: OpenPage) -> None:
    page = open_page("search")
    field = page.get_by_role("main").get_by_role("combobox")
    field.press_sequentially("сан-м")
    option = page.get_by_role("main").get_by_role("option").filter(has_text="Сан-Марино")
    expect(option).to_contain_text("San Marino")
    expect(option.locator("bdi")).to_have_attribute("lang", "ru")
    field.press("ArrowDown")
    shot(page, "search-suggestions")
    field.fill("lanzarote 20")
    field.press("Enter")
    page.wait_for_url("**/search?q=lanzarote+20")
    first = page.get_by_role("main").get_by_role("listitem").get_by_role("link").filter(has_text="article 20").first
    assert str(first.get_attribute("href")).endswith("/instruments/lanzarote#art_20")


def test_one_kind_is_shown_without_reload_and_back_works(open_page: OpenPage) -> None:
    page = open_page("search?q=report")
    page.get_by_role("navigation", name="Kinds of results").get_by_role("link", name="Notes of the review").click()
    expect(page.get_by_role("heading", level=2)).to_have_count(1)
    assert re.search(r"kind=note", page.url)
    page.go_back()
    expect(page.get_by_role("heading", name="Catalogue queries")).to_be_visible()


@pytest.mark.parametrize("width", [320, 1280])
def test_results_without_javascript(open_page: OpenPage, width: int) -> None:
    page = open_page("search?q=جنوب السودان", width, js=False)
    found = page.get_by_role("main").get_by_role("link", name="جنوب السودان")
    assert (found.get_attribute("lang"), found.get_attribute("dir")) == ("ar", "rtl")
    assert "South Sudan" in page.get_by_role("main").inner_text()
    for path in ("search", "search?q=possession", "search?q=qqqqzz", "search?q=germny"):
        page.goto(page.url.partition("search")[0] + path)
        assert not overflows(page), path
    assert page.get_by_role("link", name="Germany").count() == 2
