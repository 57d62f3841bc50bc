"""The parser between httptools and uvicorn's protocol."""

from typing import Any

import httptools
import pytest

from tutela.settings import MAX_REQUEST_HEAD_BYTES, MAX_URL_BYTES
from tutela.web.http_protocol import RequestParser

UPGRADE = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
REQUESTS = (
    b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /b HTTP/1.1\r\nHost: x\r\n" + UPGRADE + b"\r\n",
    b"POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n" + UPGRADE + b"\r\nbody",
    b"POST /d HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n" + UPGRADE + b"\r\n",
    b"POST /e HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    + UPGRADE
    + b"\r\n2;a=b\r\nbo\r\n2\r\ndy\r\n0\r\nHost: trailer\r\n\r\n",
    b"GET HTTP://y:81?q HTTP/1.1\r\nHost: x\r\nX-A: b\r\n\r\n",
    b"GET /g HTTP/1.1\r\nHost:\t x \t \r\n\r\n",
)
EXPECTED = [
    (b"GET", b"/a", b"x", b""), (b"GET", b"/b", b"x", b""), (b"POST", b"/c", b"x", b"body"), (b"POST", b"/d", b"x", b""),
    (b"POST", b"/e", b"x", b"body"), (b"GET", b"/?q", b"y:81", b""),
    (b"GET", b"/g", b"x", b""),
]  # fmt: skip


class Recorder:
    """Records complete requests, as uvicorn's protocol receives them."""

    def __init__(self) -> None:
        self.parser = RequestParser(self)  # type: ignore[arg-type]
        self.requests: list[tuple[bytes, ...]] = []

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.url, self.hosts, self.body, self.method = b"", b"", b"", b""

    def on_url(self, url: bytes) -> None:
        """Record the URL."""
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Record the host."""
        self.hosts += value if name.lower() == b"host" else b""

    def on_headers_complete(self) -> None:
        """Record the method."""
        assert not self.parser.should_upgrade()
        assert self.parser.should_keep_alive()
        self.method = self.parser.get_method()

    def on_body(self, body: bytes) -> None:
        """Record a part of the body."""
        self.body += body

    def on_message_complete(self) -> None:
        """Record the request."""
        self.requests.append((self.method, self.url, self.hosts, self.body))


@pytest.mark.parametrize("size", [1, 2, 7, 50, 10_000])
def test_requests_are_the_same_however_they_are_divided(size: int) -> None:
    recorder, stream = Recorder(), b"".join(REQUESTS * 2)
    for start in range(0, len(stream), size):
        recorder.parser.feed_data(stream[start : start + size])
    assert recorder.requests == EXPECTED * 2


def test_many_upgrades_at_once() -> None:
    recorder = Recorder()
    recorder.parser.feed_data(REQUESTS[1] * 4000)
    assert len(recorder.requests) == 4000


def _head(*headers: bytes, url: bytes = b"/") -> bytes:
    return b"GET " + url + b" HTTP/1.1\r\nHost: x\r\n" + b"".join(headers) + b"\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (_head(url=b"/" + b"a" * (MAX_URL_BYTES - 1)), 0),
        (_head(url=b"/" + b"a" * MAX_URL_BYTES), 414),
        (_head(url=b"/" + b"a" * MAX_REQUEST_HEAD_BYTES), 414),
        (_head(b"A: " + b"a" * (MAX_REQUEST_HEAD_BYTES - 100) + b"\r\n"), 0),
        (_head(b"A: " + b"a" * MAX_REQUEST_HEAD_BYTES + b"\r\n"), 431),
        (_head(b"A: b\r\n" * (MAX_REQUEST_HEAD_BYTES // 6)), 431),
        (_head(b"A" * MAX_REQUEST_HEAD_BYTES + b": b\r\n"), 431),
        (_head(b"Transfer-Encoding: gzip\r\n"), 501),
        (_head(b"Transfer-Encoding: x, chunked\r\n"), 501),
        (_head(b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"), 400),
        (_head(b"Content-Length: 1\r\nContent-Length: 1\r\n"), 400),
        (_head(b"Content-Length: 99999999999999999999999\r\n"), 400),
        (_head(url=b"gopher://y/"), 400),
        (_head().replace(b"GET", b"CONNECT"), 501),
        (_head().replace(b"GET", b"BREW"), 400),
    ],
)
@pytest.mark.parametrize("size", [1000, 1 << 18])
def test_a_head_is_checked(request_bytes: bytes, status: int, size: int) -> None:
    recorder: Any = Recorder()
    parts = [request_bytes[start : start + size] for start in range(0, len(request_bytes), size)]
    if status:
        with pytest.raises(httptools.HttpParserError):
            for part in parts:
                recorder.parser.feed_data(part)
        assert (recorder.parser.refusal[0], recorder.requests) == (status, [])
    else:
        for part in parts:
            recorder.parser.feed_data(part)
        assert len(recorder.requests) == 1


def test_a_head_is_not_counted_with_the_bodies_before_it() -> None:
    recorder = Recorder()
    body = b"a" * (MAX_REQUEST_HEAD_BYTES - 200)
    for _ in range(4):
        recorder.parser.feed_data(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        recorder.parser.feed_data(REQUESTS[0] * 4000)
    assert len(recorder.requests) == 4 * 4001
