"""The page that checks a table or RDF, in Chromium, without JavaScript."""

from pathlib import Path

import pytest

from tests.browser.conftest import OpenPage, overflows, shot
from tests.conftest import TESTS


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_a_file_is_checked_and_its_errors_are_shown(open_page: OpenPage, tmp_path: Path, width: int, scheme: str) -> None:
    shapes = TESTS / "shapes"
    invalid = (shapes / "Jurisdiction" / "invalid.alpha3.two-letters.ttl").read_text(encoding="utf-8")
    file = tmp_path / "mine.ttl"
    file.write_text((shapes / "context.ttl").read_text(encoding="utf-8") + invalid, encoding="utf-8")
    page = open_page("validate", width, scheme, js=False)
    page.set_default_timeout(60_000)
    assert not overflows(page)
    page.get_by_label("A file").set_input_files(file)
    page.get_by_role("button", name="Check", exact=True).click()
    assert page.get_by_role("heading", name="Errors").is_visible()
    assert page.get_by_role("row", name="id/jurisdiction/QZZ").is_visible()
    assert not overflows(page)
    shot(page, f"validate-{width}-{scheme}")
    page.get_by_label("Or a text").fill("<https://example.org/a> <https://example.org/b> 1 .")
    page.get_by_label("Format").select_option("Turtle")
    page.get_by_role("button", name="Check", exact=True).click()
    assert page.get_by_role("heading", name="Nothing was checked").is_visible()
    assert "example.org/b" in page.get_by_label("Or a text").input_value()
