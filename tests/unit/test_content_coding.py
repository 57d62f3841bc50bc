"""Content codings."""

import pytest
from starlette.datastructures import Headers

from tutela.web.http.content_coding import accepted_coding, expected_coding


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, ("", False)), ("", ("", False)), (" , ", ("", False)), ("identity", ("", False)), ("br", ("", False)),
        ("gzip", ("gzip", False)), ("GZIP", ("gzip", False)), ("x-gzip", ("gzip", False)), ("gzip, deflate, br", ("gzip", False)),
        ("gzip;q=0", ("", False)), ("gzip; Q=0.000", ("", False)), ("gzip;q=0, *", ("", False)), ("notgzip", ("", False)),
        ("gzip;q=0.1, identity;q=0.9", ("", False)), ("gzip;q=0.5, identity;q=0.5", ("gzip", False)), ("*", ("gzip", False)),
        ("*;q=0", (None, True)), ("identity;q=0", (None, True)), ("identity;q=0, br", (None, True)), ("gzip;q=0,*;q=0", (None, True)),
        ("identity;q=0, gzip", ("gzip", True)), ("identity;q=0, *", ("gzip", True)), ("*;q=0, gzip", ("gzip", True)),
        ("*;q=0, identity", ("", False)), ("gzip;q=x, br", ("gzip", False)), ("gzip;;q=0", ("", False)),
    ],
)  # fmt: skip
def test_the_accepted_coding(header: str | None, expected: tuple[str | None, bool]) -> None:
    assert accepted_coding(Headers({"accept-encoding": header} if header is not None else {})) == expected


def test_lines_of_a_header_are_combined() -> None:
    lines = [(b"accept-encoding", b"br"), (b"accept-encoding", b"gzip")]
    assert accepted_coding(Headers(raw=lines)) == ("gzip", False)


@pytest.mark.parametrize(
    ("header", "media_type", "size", "expected"),
    [
        ("gzip", "text/css", 1000, "gzip"), ("gzip", "text/css", 999, ""), ("gzip", "font/woff2", 9000, ""),
        ("gzip, identity;q=0", "font/woff2", 9, "gzip"), ("br", "text/css", 9000, ""),
    ],
)  # fmt: skip
def test_small_and_compressed_responses_are_not_compressed(header: str, media_type: str, size: int, expected: str) -> None:
    assert expected_coding(Headers({"accept-encoding": header}), media_type, size) == expected
