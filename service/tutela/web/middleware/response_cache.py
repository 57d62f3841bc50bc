"""The response cache: the only one in the service.

A release never changes, so neither does any response that is computed from it. The cache key is the version of the release and
of the program, and everything in the request that a response may depend on. Cached responses are sent as they were, already
compressed.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from weakref import WeakKeyDictionary

from cachetools import LRUCache
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutela.engine import BlockingStore, ReleaseInfo
from tutela.errors import EngineError
from tutela.settings import MAX_CACHED_REQUEST_BYTES
from tutela.web.http.caching import CACHE_CONTROL, STARTED, etag_of_coding, http_date, if_none_match, make_etag
from tutela.web.http.content_coding import accepted_coding
from tutela.web.http.errors import on_tutela_error
from tutela.web.http.header_fields import combined
from tutela.web.services import services_in, settings_in
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
    """Cache responses, and add ETag and Last-Modified.

    It handles responses whose Cache-Control is `CACHE_CONTROL`, to GET, HEAD and short POST requests. Responses change with the
    release and with the program, so Last-Modified is when this program began to serve the release. Clients that ask by date get
    a response again after a restart; the entity tag stays the same.

    Args:
        app: the application.
        independent: beginnings of URL paths whose responses do not depend on the release.
        max_bytes: size of the cache; 0 for none.

    """

    def __init__(self, app: ASGIApp, independent: tuple[str, ...], max_bytes: int) -> None:
        self.app = app
        self._independent = independent
        self._max_entry = max_bytes // 8 - _OVERHEAD
        self._modified: WeakKeyDictionary[BlockingStore, tuple[tuple[str, str], datetime]] = WeakKeyDictionary()
        self._last_modified: datetime | None = None
        self._cache: LRUCache[_Key, CachedResponse] = LRUCache(
            max_bytes, getsizeof=lambda response: len(response.body) + response.key_size + _OVERHEAD
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request (ASGI)."""
        headers = Headers(scope=scope) if scope["type"] == "http" else None
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if headers is None or scope["method"] not in ("GET", "HEAD", "POST") or path.startswith(self._independent):
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
        modified_at = self._modified_at(services_in(scope).store, release)
        scope["release_modified"] = modified_at
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
        coding, is_required = accepted_coding(headers)
        modified = http_date(modified_at)
        key = (release.version, release.digest, modified, str(coding), str(is_required), *request)
        cached = None if "range" in headers else self._cache.get(key)
        if cached is not None:
            await send({"type": "http.response.start", "status": cached.status, "headers": list(cached.headers)})
            await send({"type": "http.response.body", "body": cached.body})
            return
        etag = make_etag(release.version, release.digest, code_fingerprint(), settings_in(scope).server.contact, request)
        validators = {"etag": etag, "last-modified": modified}
        if _is_known(scope["method"], headers, etag_of_coding(etag, coding or "")):
            current = {**validators, "etag": etag_of_coding(etag, coding or "")}
            sent = {"cache-control": CACHE_CONTROL, "vary": "Accept, Accept-Encoding", **current}
            await Response(status_code=304, headers=sent)(scope, receive, send)
            return
        # A response to HEAD may have no body.
        is_storable = scope["method"] != "HEAD" and not any(name in headers for name in _PRIVATE)
        await self.app(scope, receive, _Exchange(self, key if is_storable else None, validators, send).send)

    def _modified_at(self, store: BlockingStore, release: ReleaseInfo) -> datetime:
        """Return since when a release is served; a return to an earlier release is a new date.

        Args:
            store: the store of the request. Requests for the previous release may still be running, with a store of their own.
            release: its release, which changes if the store is a remote one.

        """
        identity = release.version, release.digest
        known, modified = self._modified.get(store, (None, STARTED))
        if known != identity:
            now = datetime.now(UTC).replace(microsecond=0)
            modified = max(now, self._last_modified + timedelta(seconds=1)) if self._last_modified else STARTED
            self._last_modified = modified
            self._modified[store] = identity, modified
        return modified

    @property
    def max_entry(self) -> int:
        """Bytes of the largest response that is stored."""
        return self._max_entry

    def store(self, key: _Key, response: CachedResponse) -> None:
        """Store a response."""
        self._cache[key] = response


class _Exchange:
    """One response on its way to the client, recorded if it may be stored."""

    def __init__(self, cache: ResponseCacheMiddleware, key: _Key | None, validators: dict[str, str], send: Send) -> None:
        self._cache = cache
        self._key = key
        self._validators = validators
        self._send = send
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._size = sum(map(len, key)) if key else 0
        self._key_size = self._size
        self._is_recorded = False

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self._prepare(message)
        elif self._is_recorded:
            self._record(message)
        await self._send(message)

    def _prepare(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        is_cacheable = message["status"] in _CACHED_STATUSES and headers.get("cache-control") == CACHE_CONTROL
        if is_cacheable and message["status"] == 200:  # redirects have no validators
            for name, value in self._validators.items():
                headers.setdefault(name, value)
        self._status, self._headers = message["status"], list(headers.raw)  # a copy: outer middleware adds headers
        is_file = "accept-ranges" in headers  # it is on the disk, and may be large
        self._is_recorded = is_cacheable and not is_file and self._key is not None and self._cache.max_entry > 0

    def _record(self, message: Message) -> None:
        chunk = message.get("body", b"")
        self._size += len(chunk)
        self._body.append(chunk)
        if self._size > self._cache.max_entry:
            self._body, self._is_recorded = [], False
        elif not message.get("more_body") and self._key is not None:
            response = CachedResponse(self._status, self._headers, b"".join(self._body), self._key_size)
            self._cache.store(self._key, response)


def _is_known(method: str, headers: Headers, etag: str) -> bool:
    """Return whether a client has a response already: it can only have the entity tag from an earlier response."""
    is_other = "if-match" in headers or "if-unmodified-since" in headers  # these are evaluated first
    return method != "POST" and not is_other and if_none_match(combined(headers, "if-none-match"), etag)
