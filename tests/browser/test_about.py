"""The topics page and the page about the data in Chromium."""

from itertools import pairwise

import pytest

from tests.browser.conftest import OpenPage, overflows, shot


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_topics_and_discrepancies_are_reached_by_their_anchors(open_page: OpenPage, width: int, scheme: str) -> None:
    page = open_page("topics", width, scheme, js=False)
    assert not overflows(page)
    page.get_by_role("navigation", name="Topics").get_by_role("link", name="Grooming").click()
    assert page.url.endswith("#grooming")
    box = page.get_by_role("heading", name="Grooming").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 200
    shot(page, f"topics-{width}-{scheme}")
    page = open_page("about#malabo-in-force", width, scheme)
    assert not overflows(page)
    assert page.locator("#malabo-in-force").is_visible()
    order = [int(level) for level in page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(one => one.tagName[1])")]
    assert order.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(order))
    shot(page, f"about-{width}-{scheme}")
