"""The query editor: catalogue queries as examples, results as a table, chart and map; a plain form without JavaScript."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage, overflows, shot
from tests.browser.test_every_page import violations
from tests.conftest import skip_or_fail
from tutela import paths


@pytest.fixture
def editor(open_page: OpenPage) -> Page:
    return opened(open_page)


def opened(open_page: OpenPage, width: int = 1280, scheme: str = "light", *, failing: bool = False) -> Page:
    if not (paths.VENDOR / "front.json").is_file():
        skip_or_fail("the front end is not built (make front)")
    page = open_page("sparql?example=findings", width, scheme, failing=failing)
    page.locator(".yasqe_queryButton").click()
    page.locator(".yasr table tbody tr").nth(9).wait_for()
    return page


def test_a_catalogue_query_runs(editor: Page) -> None:
    assert "# What does the review find" in editor.locator(".CodeMirror-code").inner_text()
    assert "Afghanistan" in editor.locator(".yasr_results").inner_text()
    assert not overflows(editor)
    shot(editor, "editor-table")


def test_results_as_chart_and_map(editor: Page) -> None:
    editor.locator(".select_chart").click()
    row = editor.locator(".chart tr").filter(has_text="Belgium")
    assert row.locator("td.number").inner_text() == "5"
    assert row.locator("rect.part").get_attribute("width") == "100%"
    shot(editor, "editor-chart")
    editor.locator(".select_map").click()
    editor.locator(".yasr svg.world path.s5").first.wait_for()
    assert editor.locator(".yasr svg.world path.s0").count() > 5
    assert "Malta: 4" in editor.locator(".yasr_results").inner_text()
    shot(editor, "editor-map")


def test_the_keyboard_leaves_the_editor_as_the_page_says(editor: Page) -> None:
    query = editor.get_by_role("textbox", name="SPARQL query").filter(visible=True)
    assert query.get_attribute("aria-describedby") == "leave"
    assert "press Escape, then Tab" in editor.locator("#leave").inner_text()
    query.focus()
    before = editor.locator(".CodeMirror-code").first.inner_text()
    editor.keyboard.press("Escape")
    editor.keyboard.press("Tab")
    assert editor.evaluate("document.activeElement.getAttribute('aria-label')") == "Share query"
    assert editor.locator(".CodeMirror-code").first.inner_text() == before  # Tab did not indent


def test_the_widget_is_accessible_with_every_view_of_a_result(editor: Page) -> None:
    assert not violations(editor)
    for view in ("chart", "map", "response"):
        editor.locator(f".select_{view}").click()
        editor.locator(
            {"chart": ".chart", "map": "svg.world path.s5", "response": ".yasr .CodeMirror-line"}[view]
        ).first.wait_for()
        assert not violations(editor), view


def test_the_widget_is_accessible_on_a_small_dark_phone(open_page: OpenPage) -> None:
    page = opened(open_page, 320, "dark")
    assert not violations(page)
    assert not overflows(page)


def test_another_query_is_loaded_into_the_editor(editor: Page) -> None:
    editor.get_by_label("Catalogue query", exact=True).select_option("parties")
    editor.get_by_role("button", name="Load into the editor").click()
    editor.locator(".CodeMirror-code").filter(visible=True).filter(
        has_text="Which jurisdictions are parties to an instrument"
    ).wait_for()


def test_a_malformed_query_gives_a_message(open_page: OpenPage) -> None:
    editor = opened(open_page, failing=True)
    editor.evaluate("document.querySelector('.CodeMirror').CodeMirror.setValue('SELECT * WHERE {')")
    editor.locator(".yasqe_queryButton").click()
    editor.get_by_text("The query is not well formed").first.wait_for()


def test_without_javascript_there_is_a_form(open_page: OpenPage) -> None:
    page = open_page("sparql?example=parties-lacking&instrument=budapest", 390, js=False)
    query = page.get_by_label("Query", exact=True)
    assert "<https://w3id.org/tutela/id/instrument/budapest>" in query.input_value()
    assert not overflows(page)
    shot(page, "editor-plain-390")
    query.fill("SELECT (1 AS ?one) WHERE {}")
    page.get_by_label("Result format").select_option("json")
    page.get_by_role("button", name="Run the query").click()
    page.wait_for_url("**/sparql?query=*")
    assert '"one"' in page.content()
