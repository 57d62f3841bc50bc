"""The compare page in Chromium."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, overflows, scroll_boxes, shot
from tests.browser.test_every_page import violations

SIX = "place=KEN&place=UGA&place=DEU&place=PHL&place=CHN&place=HKG"


def test_jurisdictions_are_added_and_filtered_without_reload(open_page: OpenPage) -> None:
    page = open_page("compare?place=ALB&place=BEL")
    as_of = page.get_by_label("Bound as of").input_value()
    page.get_by_label("Add a jurisdiction").select_option("PHL")
    expect(page.get_by_role("columnheader").filter(has_text="Philippines")).to_be_visible()
    assert page.url.endswith(f"/compare?place=ALB&place=BEL&place=PHL&as_of={as_of}")
    rows = page.get_by_role("rowheader")
    finding = rows.filter(has=page.get_by_role("link", name="Simple possession", exact=True))
    expect(finding).to_have_count(1)
    page.get_by_label("Only differences").check()
    expect(finding).to_have_count(0)
    for row in page.locator("tbody tr:not(.part) th").all():
        assert "Differs" in row.inner_text()
    assert "differs=1" in page.url
    page.get_by_role("link", name="Remove Belgium").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Albania and Philippines")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Albania, Belgium and Philippines")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".this-page").text_content() == page.url, "on paper, the address has the choices"
    foot = page.evaluate("document.documentElement.style.getPropertyValue('--printed-foot')")
    assert foot.startswith('"Compare Albania, Belgium and Philippines - Tutela · release of '), "each sheet says what it is"


def test_ticks_of_a_checklist_count_at_once(open_page: OpenPage) -> None:
    page = open_page("checklist/KEN")
    page.get_by_role("checkbox").nth(3).check()
    page.wait_for_url("**/checklist/KEN?done=*")
    assert "#" not in page.url, "and the page stays where it is"
    total = page.get_by_role("checkbox").count()
    expect(page.locator(".ticked-bar")).to_contain_text(f"{total - 1} of {total} remain")
    expect(page.get_by_role("checkbox").nth(3)).to_be_checked()


@pytest.mark.parametrize(("places", "columns"), [("place=ALB&place=BEL", 1), (SIX, 0)])
def test_headers_stay_visible_on_a_desktop(open_page: OpenPage, places: str, columns: int) -> None:
    page = open_page(f"compare?{places}", 1280)
    page.get_by_role("rowheader").filter(has_text="Lanzarote Convention").scroll_into_view_if_needed()
    page.mouse.wheel(0, 400)
    term = page.locator("td .explain").first
    term.hover()
    expect(page.locator(".definition:popover-open")).to_contain_text(term.inner_text(), ignore_case=True)
    page.keyboard.press("Escape")
    name = page.get_by_role("columnheader", name="Albania" if columns else "Kenya")
    expect(name).to_be_in_viewport()
    answer = page.get_by_role("rowheader").filter(has_text="Lanzarote Convention").locator("xpath=following-sibling::td[1]")
    head, cell = name.bounding_box(), answer.bounding_box()
    assert head is not None and cell is not None
    assert abs(head["x"] - cell["x"]) < 2, "an answer is below the name of its jurisdiction"
    page.emulate_media(media="print")
    assert page.locator(".definition").first.is_visible(), "on paper, the terms are explained at the end"
    assert all(further.is_visible() for further in page.locator("td details > p").all()), "and nothing is on demand"


def test_on_a_phone_the_answers_of_six_places_follow_each_question(open_page: OpenPage) -> None:
    page = open_page(f"compare?{SIX}", 390, "dark")
    shot(page, "compare-six-390-dark")
    assert not overflows(page)
    assert not scroll_boxes(page)
    assert not violations(page)
    question = page.get_by_role("rowheader").filter(has_text="Lanzarote Convention")
    width = question.evaluate("element => element.getBoundingClientRect().width")
    assert width > 340, "the name of a treaty has the whole width"
    answers = question.locator("xpath=following-sibling::td")
    assert answers.count() == 6
    assert answers.nth(2).inner_text().startswith("Germany")
    tops = [answers.nth(number).evaluate("element => element.getBoundingClientRect().top") for number in range(6)]
    assert tops == sorted(set(tops))


@pytest.mark.parametrize("width", [320, 1280])
def test_it_works_without_javascript(open_page: OpenPage, width: int) -> None:
    page = open_page("compare", width, js=False)
    page.get_by_label("First jurisdiction").select_option("SMR")
    page.get_by_label("Second jurisdiction").select_option("LKA")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("San Marino and Sri Lanka")
    assert not overflows(page)
    page.goto(page.url.partition("?")[0] + "?place=SMR")
    page.get_by_role("main").get_by_role("link", name="Albania").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("San Marino and Albania")
