"""The drafting checklist: ticking an item updates the counts and the address, and the keyboard stays where it is."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage


def test_ticking_an_item_updates_the_counts_and_keeps_the_focus(open_page: OpenPage) -> None:
    page = open_page("checklist/KEN")
    remaining = page.locator(".ticked-bar strong")
    before = int(remaining.inner_text())
    item = page.get_by_role("checkbox", name="Lanzarote Convention, article 20(1)(e)").first
    item.focus()
    page.keyboard.press("Space")
    expect(remaining).to_have_text(str(before - 1))
    expect(page).to_have_url(re.compile(r"\?done=[a-z-]+\.lanzarote\.art_20\.par_1\.pnt_e$"))
    expect(item).to_be_checked()
    expect(item).to_be_focused()
    # Once more: it is not ticked any longer.
    page.keyboard.press("Space")
    expect(remaining).to_have_text(str(before))
    expect(page).to_have_url(re.compile(r"/checklist/KEN$"))


def test_the_text_of_an_item_ticks_it_on_a_phone(open_page: OpenPage) -> None:
    page = open_page("checklist/KEN", 320)
    page.get_by_text("Lanzarote Convention, article 20(1)(e)", exact=True).first.click()
    expect(page.get_by_role("checkbox", name="Lanzarote Convention, article 20(1)(e)").first).to_be_checked()
