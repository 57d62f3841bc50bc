"""Headers for caches."""

from datetime import UTC, datetime

import pytest
from starlette.datastructures import Headers

from tutela.web.http.caching import (
    etag_of_coding,
    http_date,
    if_match,
    if_none_match,
    make_etag,
    parse_http_date,
    precondition_status,
)

ETAG, MODIFIED, BEFORE, AFTER = (
    '"a"',
    "Sat, 30 Sep 2023 08:00:00 GMT",
    "Sat, 30 Sep 2023 07:59:59 GMT",
    "Sun, 01 Oct 2023 00:00:00 GMT",
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, False), ("", False), ('"a"', True), ('W/"a"', True), ('"b"', False), ('"b", "a"', True), ('"b",W/"a" , "c"', True),
        ("a", False), ('"A"', False), ('"ab"', False), ('"', False), ("W/", False), ('"b,"a"', False), ('"b,", "a"', True),
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
    assert http_date(datetime(2023, 9, 30, 8, 5, 1, tzinfo=UTC)) == "Sat, 30 Sep 2023 08:05:01 GMT"


def test_if_match_compares_strongly() -> None:
    assert if_match('"b", "a"', '"a"')
    assert not if_match('W/"a"', '"a"')
    assert not if_match('W/"a"', 'W/"a"')
    assert not if_match('"b"', '"a"')


def test_each_coding_has_its_own_etag() -> None:
    assert etag_of_coding('"a"', "gzip") == '"a-gzip"'
    assert etag_of_coding('"a"', "") == '"a"'


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        " Sun, 06 Nov 1994 08:49:37 GMT ",
    ],
)
def test_the_three_formats_of_a_date(text: str) -> None:
    assert parse_http_date(text) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [None, "", "yesterday", "1994-11-06", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT",
     "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT", "0", "Sun, 06 Nov 99999 08:49:37 GMT", "9" * 9999],
)  # fmt: skip
def test_other_dates_are_invalid(text: str | None) -> None:
    assert parse_http_date(text) is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"if-none-match": ETAG}, 304),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": 'W/"a"'}, 304),
        ({"if-none-match": '"b"'}, None),
        ({"if-modified-since": MODIFIED}, 304),
        ({"if-modified-since": AFTER}, 304),
        ({"if-modified-since": BEFORE}, None),
        ({"if-modified-since": "Saturday, 30-Sep-23 08:00:00 GMT"}, 304),
        ({"if-modified-since": "Sat Sep 30 08:00:00 2023"}, 304),
        ({"if-modified-since": "nonsense"}, None),
        # If-None-Match takes precedence, even if it is empty
        ({"if-none-match": '"b"', "if-modified-since": AFTER}, None),
        ({"if-none-match": "", "if-modified-since": AFTER}, None),
        ({"if-none-match": ETAG, "if-modified-since": BEFORE}, 304),
        ({"if-match": ETAG}, None),
        ({"if-match": "*"}, None),
        ({"if-match": '"b"'}, 412),
        ({"if-match": 'W/"a"'}, 412),
        ({"if-match": ""}, 412),
        ({"if-match": '"b"', "if-none-match": ETAG}, 412),
        ({"if-match": ETAG, "if-unmodified-since": BEFORE}, None),
        ({"if-match": ETAG, "if-none-match": ETAG}, 304),
        ({"if-unmodified-since": BEFORE}, 412),
        ({"if-unmodified-since": MODIFIED}, None),
        ({"if-unmodified-since": "nonsense"}, None),
    ],
)
def test_preconditions(headers: dict[str, str], expected: int | None) -> None:
    assert precondition_status(Headers(headers), ETAG, MODIFIED) == expected


def test_lines_of_entity_tags_are_combined_and_two_dates_are_none() -> None:
    assert precondition_status(Headers(raw=[(b"if-none-match", b'"b"'), (b"if-none-match", b'"a"')]), ETAG, MODIFIED) == 304
    dates = [(b"if-modified-since", AFTER.encode())] * 2
    assert precondition_status(Headers(raw=dates), ETAG, MODIFIED) is None
