"""Headers for caches."""

import pytest

from tutela.web.http.caching import http_date, if_none_match, make_etag


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, False), ("", False), ('"a"', True), ('W/"a"', True), ('"b"', False), ('"b", "a"', True), ('"b",W/"a" , "c"', True),
        ("a", False), ('"A"', False), ('"ab"', False),
    ],
)  # fmt: skip
def test_if_none_match(header: str | None, expected: bool) -> None:
    assert if_none_match(header, '"a"') is expected


def test_an_etag_depends_on_all_parts() -> None:
    tags = [make_etag("v1", "page"), make_etag("v2", "page"), make_etag("v1", "other"), make_etag("v1"), make_etag("v1page")]
    assert len(set(tags)) == len(tags)
    assert make_etag("v1", {"a": [1]}) == make_etag("v1", {"a": [1]})
    assert all(tag.startswith('"') and tag.endswith('"') for tag in tags)


def test_a_date_in_the_format_of_http() -> None:
    assert http_date("2023-09-30") == "Sat, 30 Sep 2023 00:00:00 GMT"
