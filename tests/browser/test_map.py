"""The map in time, terms that explain themselves, and forced colours."""

import re

from playwright.sync_api import Browser, expect

from tests.browser.conftest import OpenPage


def test_back_returns_to_the_view_before_show(open_page: OpenPage) -> None:
    page = open_page("map")
    page.get_by_label("Show", exact=True).select_option("opsc")  # sends the form
    page.get_by_role("heading", level=1, name="Who is bound by the OPSC").wait_for()
    page.get_by_role("button", name="Show", exact=True).click()  # sends the same choice again, with the date
    page.wait_for_url(re.compile("as_of="))
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("heading", level=1, name="Who is bound by the OPSC").wait_for()
    page.go_back()
    page.wait_for_url(re.compile(r"show=opsc$"))
    page.go_back()
    page.get_by_role("heading", level=1, name="Map of the criteria met").wait_for()


def test_the_map_plays_until_it_is_stopped(open_page: OpenPage) -> None:
    page = open_page("map?show=lanzarote&year=2012")
    page.get_by_role("link", name="Next: 2013").click()
    expect(page.locator(".steps strong")).to_have_text("31 December 2013")
    page.get_by_role("link", name="Play from 2014").click()
    expect(page.locator(".steps strong")).to_have_text("31 December 2015", timeout=8000)
    page.get_by_role("link", name="Stop").click()
    expect(page.get_by_role("link", name=re.compile("^Play from"))).to_be_focused()
    stopped = page.locator(".steps strong").inner_text()
    page.wait_for_timeout(2000)
    assert page.locator(".steps strong").inner_text() == stopped
    page.go_back()
    expect(page.locator(".steps strong")).not_to_have_text("31 December 2013")
    page.go_back()  # all steps of playing are one entry
    expect(page.locator(".steps strong")).to_have_text("31 December 2013")


def test_a_term_is_explained_by_keyboard_mouse_and_tap(open_page: OpenPage) -> None:
    page = open_page("instruments/lanzarote")
    term = page.get_by_role("button", name="criminalise")
    definition = page.locator("#term-force-criminalise")
    expect(definition).to_be_hidden()
    term.hover()
    expect(definition).to_be_visible()
    box, button = definition.bounding_box(), term.bounding_box()
    assert box and button and box["width"] < 500
    assert 0 <= box["y"] - (button["y"] + button["height"]) < 20 or 0 <= button["y"] - (box["y"] + box["height"]) < 20
    page.mouse.move(5, 5)
    expect(definition).to_be_hidden()
    page.locator("body").press("Tab")
    term.focus()
    expect(definition).to_be_visible()
    page.keyboard.press("Escape")
    expect(definition).to_be_hidden()
    plain = open_page("instruments/lanzarote", width=390, js=False)
    plain.get_by_role("button", name="criminalise").click()
    expect(plain.locator("#term-force-criminalise")).to_be_in_viewport(ratio=1)


def test_the_legend_is_readable_in_forced_colours(browser: Browser, address: str) -> None:
    context = browser.new_context(forced_colors="active", color_scheme="dark")
    page = context.new_page()
    page.goto(f"{address}map")
    colours = page.locator(".legend a .swatch").evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")
    assert len(set(colours)) == 6
    context.close()


def test_the_legend_is_next_to_the_map_on_a_phone(open_page: OpenPage) -> None:
    page = open_page("map", width=390)
    drawn, legend = page.locator("svg.world").bounding_box(), page.locator(".legend").bounding_box()
    assert drawn and legend
    assert 0 <= legend["y"] - (drawn["y"] + drawn["height"]) < 40
