"""The HTTP/1.1 protocol of the server: what uvicorn and its parser leave open.

uvicorn's protocol receives a request only when its head is complete and valid.
"""

import re
from typing import Any, NoReturn

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from tutela.settings import MAX_REQUEST_HEAD_BYTES, MAX_URL_BYTES

_INVALID = (400, "Invalid HTTP request received.")
_URL_TOO_LONG = (414, f"The URL is longer than {MAX_URL_BYTES} bytes; send a long query with POST.")
_HEAD_TOO_LARGE = (431, f"The header fields are larger than {MAX_REQUEST_HEAD_BYTES} bytes together.")
_NO_CONNECT = (501, "The method CONNECT is not supported.")
_UNKNOWN_CODING = (501, "The transfer coding of the request is not supported; expected chunked.")
_ABSOLUTE_URL = re.compile(rb"https?://([^/?#]*)", re.IGNORECASE)
_FRAMING = (b"content-length", b"transfer-encoding")

_Header = tuple[bytes, bytes]


class RequestParser:
    """The parser of uvicorn's protocol, between httptools' parser and the protocol.

    - The head of a request has a maximum size (RFC 9110, sections 4.1 and 5.4).
    - The host of an absolute URL replaces the Host header (RFC 9112, section 3.2.2).
    - Spaces and tabs after the value of a header do not belong to it (RFC 9110, section 5.5).
    - Trailers are not headers (RFC 9110, section 6.5.1).
    - Transfer codings other than ``chunked`` are refused (RFC 9112, section 6.1).
    - Upgrade is ignored (RFC 9110, section 7.8). Java's HTTP client offers HTTP/2 in this way with a body, which httptools
      would not read.

    Args:
        protocol: uvicorn's protocol, which receives the callbacks.

    """

    def __init__(self, protocol: "HttpProtocol") -> None:
        self.refusal = _INVALID
        self._protocol = protocol
        self._parser = self._new_parser()
        self._url = b""
        self._headers: list[_Header] = []
        self._head_bytes = 0
        self._is_in_head = True
        self._is_repeated = False  # the head that is parsed belongs to a request that has begun

    def _new_parser(self) -> Any:
        parser = httptools.HttpRequestParser(self)
        parser.set_dangerous_leniencies(lenient_data_after_close=True)  # like uvicorn
        return parser

    def get_http_version(self) -> str:
        """Return the HTTP version of the request."""
        return str(self._parser.get_http_version())

    def get_method(self) -> bytes:
        """Return the method of the request."""
        return bytes(self._parser.get_method())

    def should_keep_alive(self) -> bool:
        """Return whether the client may send another request."""
        return bool(self._parser.should_keep_alive())

    def should_upgrade(self) -> bool:
        """Return False: there is no other protocol."""
        return False

    def feed_data(self, data: bytes) -> None:
        """Parse some bytes.

        Raises:
            httptools.HttpParserError: they are not valid; `refusal` is the status and message of the response.

        """
        if self._is_in_head:
            self._head_bytes += len(data)
        self._feed(data)
        if self._is_in_head and self._head_bytes > MAX_REQUEST_HEAD_BYTES:
            self._refuse(_URL_TOO_LONG if len(self._url) > MAX_URL_BYTES else _HEAD_TOO_LARGE)

    def _feed(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                self._parser.feed_data(rest)
            except httptools.HttpParserUpgrade as stopped:
                rest = rest[stopped.args[0] :]
                self._continue_after_upgrade()
            else:
                return

    def _continue_after_upgrade(self) -> None:
        """Replace the parser, which has stopped after the head, by one that has read a head with the same length of the body."""
        self._parser = self._new_parser()
        self._is_repeated = True
        framing = b"".join(b"%s: %s\r\n" % pair for pair in self._headers if pair[0].lower() in _FRAMING)
        self._parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + b"\r\n")
        self._is_repeated = False

    def _refuse(self, refusal: tuple[int, str]) -> NoReturn:
        self.refusal = refusal
        raise httptools.HttpParserError(refusal[1])

    # Callbacks of httptools' parser

    def on_message_begin(self) -> None:
        """Begin a request."""
        if not self._is_repeated:
            self._url, self._headers = b"", []

    def on_url(self, url: bytes) -> None:
        """Record a part of the URL."""
        if not self._is_repeated:
            self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Record a header."""
        if self._is_in_head:
            self._headers.append((name, value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        """Check the head and pass it on."""
        if self._is_repeated:
            return
        self._check_head()
        self._is_in_head, self._head_bytes = False, 0
        url, headers = _origin_form(self._url, self._headers)
        self._protocol.on_message_begin()
        self._protocol.on_url(url)
        for name, value in headers:
            self._protocol.on_header(name, value)
        self._protocol.on_headers_complete()

    def _check_head(self) -> None:
        if len(self._url) > MAX_URL_BYTES:
            self._refuse(_URL_TOO_LONG)
        # A header has a colon, a space and a line end too.
        if len(self._url) + sum(len(name) + len(value) + 4 for name, value in self._headers) > MAX_REQUEST_HEAD_BYTES:
            self._refuse(_HEAD_TOO_LARGE)
        if self.get_method() == b"CONNECT":
            self._refuse(_NO_CONNECT)
        codings = [value.strip().lower() for name, value in self._headers if name.lower() == b"transfer-encoding"]
        is_other_scheme = not self._url.startswith((b"/", b"*")) and not _ABSOLUTE_URL.match(self._url)
        if is_other_scheme or (codings and self.get_http_version() == "1.0"):
            self._refuse(_INVALID)
        if codings and codings != [b"chunked"]:
            self._refuse(_UNKNOWN_CODING)

    def on_body(self, body: bytes) -> None:
        """Pass a part of the body on."""
        self._protocol.on_body(body)

    def on_message_complete(self) -> None:
        """End a request, unless httptools only assumes its end because of Upgrade."""
        if not self._parser.should_upgrade():
            self._is_in_head = True
            self._protocol.on_message_complete()


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol with that parser."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._request_parser = RequestParser(self)
        self.parser = self._request_parser  # type: ignore[assignment]  # it has the methods that uvicorn calls

    def send_400_response(self, msg: str) -> None:
        """Refuse a request that is not valid, and close the connection."""
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            status, message = self._request_parser.refusal
            body = f"{message}\n".encode("ascii")
            headers = [
                *self.server_state.default_headers,
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", b"%d" % len(body)),
                (b"connection", b"close"),
            ]
            head = b"".join(b"%s: %s\r\n" % header for header in headers)
            self.transport.write(STATUS_LINE[status] + head + b"\r\n" + body)
        # Otherwise the message would become a part of another response.
        self.transport.close()


def _origin_form(url: bytes, headers: list[_Header]) -> tuple[bytes, list[_Header]]:
    """Return a URL without scheme and host, and headers with the host (RFC 9112, section 3.2)."""
    absolute = _ABSOLUTE_URL.match(url)
    if absolute is None:
        return url, headers
    rest = url[absolute.end() :]
    host = [(name, absolute[1] if name.lower() == b"host" else value) for name, value in headers]
    return rest if rest.startswith(b"/") else b"/" + rest, host
