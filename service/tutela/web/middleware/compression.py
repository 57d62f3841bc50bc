"""Compression, as the client wishes."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutela.web.http.content_coding import (
    COMPRESSED_TYPES,
    GZIP,
    MIN_COMPRESSED_BYTES,
    UNCOMPRESSED,
    accepted_coding,
    is_compressible,
)
from tutela.web.http.errors import error_response

_CODING = "content-encoding"
_NOT_ACCEPTABLE = "Not acceptable. Available content codings: gzip, identity."


class CompressionMiddleware:
    """Compress responses with gzip if the client accepts it; Starlette's own middleware ignores weights such as ``gzip;q=0``."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._gzip = GZipMiddleware(app, minimum_size=MIN_COMPRESSED_BYTES, exclude_content_types=COMPRESSED_TYPES)
        self._gzip_always = GZipMiddleware(app, minimum_size=0, exclude_content_types=())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request (ASGI)."""
        if scope["type"] != "http":
            await self._plain(scope, receive, send)
            return
        coding, is_required = accepted_coding(Headers(scope=scope))
        if coding is None:
            await error_response(406, _NOT_ACCEPTABLE, {"vary": "Accept-Encoding"})(scope, receive, send)
            return
        app = self._plain if coding != GZIP else self._gzip_always if is_required else self._gzip
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        if coding:
            headers.append((b"accept-encoding", b"gzip, identity;q=0" if is_required else b"gzip"))
        describe = _Description(send, is_head=scope["method"] == "HEAD" and coding == GZIP)
        await app({**scope, "headers": headers}, receive, describe.send)


class _Description:
    """Complete the headers that describe the compression of a response."""

    def __init__(self, send: Send, *, is_head: bool) -> None:
        self._send = send
        self._is_head = is_head  # a response to HEAD that GET would compress
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        """Pass a message on. The first one waits for the second, which shows whether a response to HEAD has a body."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start is not None:
            self._complete(MutableHeaders(scope=self._start), self._start["status"], has_body=bool(message.get("body")))
            await self._send(self._start)
            self._start = None
        await self._send(message)

    def _complete(self, headers: MutableHeaders, status: int, *, has_body: bool) -> None:
        if status in (200, 206) and is_compressible(headers.get("content-type", "")):
            headers.add_vary_header("Accept-Encoding")
            size = int(headers.get("content-length", "0"))
            if self._is_head and status == 200 and not has_body and size >= MIN_COMPRESSED_BYTES and _CODING not in headers:
                headers[_CODING] = GZIP
                del headers["content-length"]
        if headers.get(_CODING) == UNCOMPRESSED[_CODING]:
            del headers[_CODING]
