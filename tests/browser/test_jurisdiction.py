"""The jurisdiction page in Chromium: on another date, and printed as a brief of two pages."""

import re

import pytest

from tests.browser.conftest import SHOTS, OpenPage, overflows, shot


@pytest.mark.parametrize("js", [True, False], ids=["javascript", "no-javascript"])
def test_the_date_can_be_changed(open_page: OpenPage, js: bool) -> None:
    page = open_page("jurisdictions/ALB", 390, js=js)
    row = page.get_by_role("row").filter(has_text="Lanzarote Convention").first
    assert "Bound since 1 July 2010" in row.inner_text()
    # The years above the timelines stand where the timelines have them.
    years, timeline = (page.locator(selector).first.bounding_box() for selector in (".binds .strip.scale", ".binds td .strip"))
    assert years and timeline
    assert (years["x"], years["width"]) == (timeline["x"], timeline["width"])
    page.get_by_label("As of").fill("2009-01-01")
    if not js:
        page.get_by_role("button", name="Show").click()
    page.wait_for_url("**as_of=2009-01-01*")
    page.get_by_text("Not yet in force for it; bound from 1 July 2010").wait_for()
    assert not overflows(page)


@pytest.mark.parametrize("code", ["ALB", "SMR", "LKA"])
def test_it_prints_as_a_brief_of_two_pages(open_page: OpenPage, code: str) -> None:
    page = open_page(f"jurisdictions/{code}")
    SHOTS.mkdir(exist_ok=True)
    printed = page.pdf(path=SHOTS / f"brief-{code}.pdf", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="Main").is_visible()
    assert page.get_by_text(f"https://w3id.org/tutela/id/jurisdiction/{code}").is_visible()
    shot(page, f"brief-{code}")
