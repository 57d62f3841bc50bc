"""Conditional requests: validators for every response to GET and HEAD, and their evaluation (RFC 9110, section 13)."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutela.web.http.caching import NO_STORE, STARTED, etag_of_coding, http_date, make_etag, precondition_status
from tutela.web.http.errors import error_response

_NOT_MODIFIED_HEADERS = (
    "cache-control", "content-location", "content-security-policy", "date", "etag", "last-modified", "link", "vary",
)  # fmt: skip
_NOT_MET = "The response has changed: a precondition of the request (If-Match, If-Unmodified-Since) is not met."


class ConditionalRequestMiddleware:
    """Complete ETag and Last-Modified, evaluate preconditions, and send no body to HEAD.

    Responses with ``Cache-Control: no-store``, errors and redirects have no validators, and preconditions do not apply to them
    (RFC 9110, section 13.2.1).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, _Exchange(scope, receive, send).send)


class _Exchange:
    """One response on its way to the client."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._start: Message | None = None  # waits for the first part of the body
        self._is_replaced = False

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] != "http.response.body":
            await self._send(message)
        elif self._start is not None:
            start, self._start = self._start, None
            await self._send_start(start, message)
            await self._send_body(message)
        else:
            await self._send_body(message)

    async def _send_start(self, start: Message, first: Message) -> None:
        start = {**start, "headers": list(start["headers"])}  # the response cache keeps the original
        headers = MutableHeaders(scope=start)
        if start["status"] in (200, 206) and headers.get("cache-control") != NO_STORE:
            code = self._complete(headers, first)
            if code == 304:
                self._is_replaced = True
                kept = [(name, value) for name, value in headers.raw if name.decode("latin-1") in _NOT_MODIFIED_HEADERS]
                await self._send({"type": "http.response.start", "status": 304, "headers": kept})
                await self._send({"type": "http.response.body", "body": b""})
                return
            if code is not None:
                self._is_replaced = True
                await error_response(code, _NOT_MET)(self._scope, self._receive, self._send)
                return
        await self._send(start)

    def _complete(self, headers: MutableHeaders, first: Message) -> int | None:
        """Add the validators; return the status that the preconditions call for, or None."""
        is_read = self._scope["method"] in ("GET", "HEAD")
        if "etag" in headers:
            headers["etag"] = etag_of_coding(headers["etag"], headers.get("content-encoding", ""))
        elif is_read and not first.get("more_body"):
            headers["etag"] = make_etag(first.get("body", b"").decode("latin-1"))
        else:
            return None  # streamed
        if not is_read:
            return None
        headers.setdefault("last-modified", http_date(STARTED))
        return precondition_status(Headers(scope=self._scope), headers["etag"], headers["last-modified"])

    async def _send_body(self, message: Message) -> None:
        if self._is_replaced:
            return
        if self._scope["method"] == "HEAD":  # the server drops it too; what matters is that it is not read again
            message = {**message, "body": b""}
        await self._send(message)
