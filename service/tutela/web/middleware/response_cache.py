"""The response cache: the only one in the service.

A release never changes, so neither does any response that is computed from it. The cache key is the version of the release and
of the program, and everything in the request that a response may depend on. Cached responses are sent as they were, already
compressed. The cache also answers conditional requests.
"""

from dataclasses import dataclass, field

from cachetools import LRUCache
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutela.errors import EngineError
from tutela.settings import MAX_CACHED_REQUEST_BYTES
from tutela.web.http.caching import CACHE_CONTROL, CACHEABLE, http_date, if_none_match, make_etag
from tutela.web.http.errors import on_tutela_error
from tutela.web.services import services_in
from tutela.web.templating import code_fingerprint

# What a response may depend on besides method, path, query and body; the coding is in the cache key only.
_NEGOTIATED = ("host", "accept", "content-type")
# Responses to requests with these are never stored.
_PRIVATE = ("authorization", "cookie", "range")
_CACHED_BODIES = ("application/sparql-query", "application/x-www-form-urlencoded")
_OVERHEAD = 1000  # bytes of an entry besides its content
_CACHED_STATUSES = (200, 303)

_Key = tuple[str, ...]


@dataclass
class _RecordedBody:
    """The body of a request, which can be received again."""

    messages: list[Message] = field(default_factory=list)

    async def read(self, receive: Receive) -> bytes | None:
        """Return the body; None if it is too large, or if the client has disconnected."""
        body = b""
        while True:
            message = await receive()
            self.messages.append(message)
            body += bytes(message.get("body", b""))
            if message["type"] != "http.request" or len(body) > MAX_CACHED_REQUEST_BYTES:
                return None
            if not message.get("more_body"):
                return body

    def replay(self, receive: Receive) -> Receive:
        """Return a function that delivers the recorded messages, then new ones."""
        recorded = iter(self.messages)

        async def replayed() -> Message:
            return next(recorded, None) or await receive()

        return replayed


@dataclass(frozen=True)
class CachedResponse:
    """A complete response, and the size of the key of its request."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    key_size: int


class ResponseCacheMiddleware:
    """Cache responses, add ETag and Last-Modified, and answer conditional requests (RFC 9110, section 13).

    It handles responses whose Cache-Control is `CACHE_CONTROL`, to GET, HEAD and short POST requests. If-Modified-Since is
    not evaluated: pages change with the program too, and Last-Modified is the date of the release.

    Args:
        app: the application.
        independent: beginnings of URL paths whose responses do not depend on the release.
        max_bytes: size of the cache; 0 for none.

    """

    def __init__(self, app: ASGIApp, independent: tuple[str, ...], max_bytes: int) -> None:
        self.app = app
        self._independent = independent
        self._max_entry = max_bytes // 8 - _OVERHEAD
        self._cache: LRUCache[_Key, CachedResponse] = LRUCache(
            max_bytes, getsizeof=lambda response: len(response.body) + response.key_size + _OVERHEAD
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request (ASGI)."""
        headers = Headers(scope=scope) if scope["type"] == "http" else None
        if headers is None or scope["method"] not in ("GET", "HEAD", "POST") or scope["path"].startswith(self._independent):
            await self.app(scope, receive, send)
            return
        body = b""
        if scope["method"] == "POST":
            if headers.get("content-type", "").partition(";")[0].strip().lower() not in _CACHED_BODIES:
                await self.app(scope, receive, send)
                return
            recorded = _RecordedBody()
            read = await recorded.read(receive)
            receive = recorded.replay(receive)
            if read is None:
                await self.app(scope, receive, send)
                return
            body = read
        try:
            release = await services_in(scope).engine.current_release()
        except EngineError as error:
            response = await on_tutela_error(Request(scope), error)
            await response(scope, receive, send)
            return
        # HEAD and GET share responses.
        request = (
            "POST" if scope["method"] == "POST" else "GET",
            scope.get("scheme", ""),
            scope.get("root_path", ""),
            scope["path"],
            scope["query_string"].decode("latin-1"),
            body.decode("latin-1"),
            *(",".join(headers.getlist(name)) for name in _NEGOTIATED),
        )
        known = headers.get("if-none-match") if scope["method"] != "POST" else None
        key = (release.version, release.digest, "gzip" if "gzip" in headers.get("accept-encoding", "") else "", *request)
        cached = self._cache.get(key)
        if cached is None:
            etag = make_etag(release.version, release.digest, code_fingerprint(), request)
            validators = {"etag": etag, "last-modified": http_date(release.issued)}
            if if_none_match(known, etag):  # the client can only have it from an earlier response
                await Response(status_code=304, headers={**CACHEABLE, **validators})(scope, receive, send)
                return
            is_storable = not any(name in headers for name in _PRIVATE)
            exchange = _Exchange(self, key if is_storable else None, validators, send, answers_any=known == "*")
            await self.app(scope, receive, exchange.send)
        elif known == "*" or if_none_match(known, dict(cached.headers).get(b"etag", b"").decode()):
            await _send_not_modified(cached.headers, send)
        else:
            await send({"type": "http.response.start", "status": cached.status, "headers": list(cached.headers)})
            await send({"type": "http.response.body", "body": cached.body})

    @property
    def max_entry(self) -> int:
        """Bytes of the largest response that is stored."""
        return self._max_entry

    def store(self, key: _Key, response: CachedResponse) -> None:
        """Store a response."""
        self._cache[key] = response


class _Exchange:
    """One response on its way to the client, recorded if it may be stored."""

    def __init__(
        self, cache: ResponseCacheMiddleware, key: _Key | None, validators: dict[str, str], send: Send, *, answers_any: bool
    ) -> None:
        self._cache = cache
        self._key = key
        self._validators = validators
        self._send = send
        self._answers_any = answers_any  # the request has If-None-Match: *
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._size = sum(map(len, key)) if key else 0
        self._key_size = self._size
        self._is_recorded = False
        self._is_skipped = False  # the client gets 304 instead

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            await self._send_start(message)
        elif not self._is_skipped:
            await self._send_body(message)

    async def _send_start(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        is_cacheable = message["status"] in _CACHED_STATUSES and headers.get("cache-control") == CACHE_CONTROL
        if is_cacheable:
            for name, value in self._validators.items():
                headers.setdefault(name, value)
        self._status, self._headers = message["status"], list(headers.raw)  # a copy: outer middleware adds headers
        self._is_recorded = is_cacheable and self._key is not None and self._cache.max_entry > 0
        if is_cacheable and self._answers_any:
            self._is_skipped = True
            await _send_not_modified(headers.raw, self._send)
        else:
            await self._send(message)

    async def _send_body(self, message: Message) -> None:
        chunk = message.get("body", b"")
        self._size += len(chunk)
        if self._is_recorded and self._size <= self._cache.max_entry:
            self._body.append(chunk)
            if not message.get("more_body") and self._key is not None:
                response = CachedResponse(self._status, self._headers, b"".join(self._body), self._key_size)
                self._cache.store(self._key, response)
        await self._send(message)


_NOT_MODIFIED_HEADERS = (b"etag", b"last-modified", b"cache-control", b"vary", b"link", b"content-security-policy")


async def _send_not_modified(headers: list[tuple[bytes, bytes]], send: Send) -> None:
    kept = [(name, value) for name, value in headers if name in _NOT_MODIFIED_HEADERS]
    await send({"type": "http.response.start", "status": 304, "headers": kept})
    await send({"type": "http.response.body", "body": b""})
