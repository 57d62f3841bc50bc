"""“Cite this page” is folded, and each citation, and the message of a report, can be copied with one click."""

from tests.browser.conftest import OpenPage, overflows
from tests.browser.test_every_page import violations


def test_a_citation_is_copied_with_a_button(open_page: OpenPage) -> None:
    page = open_page("jurisdictions/KEN", 390)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = page.get_by_role("group", name="BibTeX")
    assert not text.is_visible()
    page.get_by_text("Cite this page").click()
    page.get_by_role("button", name="Copy: BibTeX").click()
    page.get_by_role("status").filter(has_text="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == text.inner_text()
    assert copied.startswith("@misc{tutela-")
    page.get_by_role("link", name="Report an error: Kenya, reporting by internet service providers: not met").click()
    page.get_by_role("button", name="Copy: The message to copy").click()
    page.get_by_role("status").filter(has_text="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Table row: data/review/observations.csv, key 10, KEN, isp-reporting" in copied
    assert not overflows(page)
    assert not violations(page)


def test_without_javascript_a_citation_can_be_selected(open_page: OpenPage) -> None:
    page = open_page("jurisdictions/KEN", 390, js=False)
    page.get_by_text("Cite this page").click()
    assert "TI  - Kenya" in page.locator("pre.copied").last.inner_text()
    assert page.get_by_role("button", name="Copy").count() == 0
    page.get_by_role("link", name="Report an error: Kenya, reporting by internet service providers: not met").click()
    assert "Table row: data/review/observations.csv, key 10, KEN, isp-reporting" in page.locator("pre.copied").inner_text()
