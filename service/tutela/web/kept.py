"""Answers of the SPARQL endpoint that are given again as they went out before, without being made again.

What a release answers never changes. So of a request that was answered before, to the byte, neither the query nor what the
client accepts need be read again, and what was compressed once need not be compressed again.
"""

from dataclasses import dataclass, field

from cachetools import LRUCache
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutela.engine import Engine
from tutela.store import EngineError

# What an answer depends on; whoever says more than that is answered the long way.
_TELLING = (b"accept", b"accept-encoding", b"content-type", b"origin")
_UNUSUAL = {b"authorization", b"cookie", b"if-none-match", b"if-modified-since", b"range"}
_LARGEST_REQUEST = 1 << 16
_OVERHEAD = 1000  # bytes of an entry beside its texts


@dataclass
class _Request:
    """A request's body, which can be received once more."""

    messages: list[Message] = field(default_factory=list)

    async def read(self, receive: Receive) -> bytes | None:
        """Return the body; None if it is large, or if the client is gone."""
        body = b""
        while True:
            message = await receive()
            self.messages.append(message)
            body += bytes(message.get("body", b""))
            if message["type"] != "http.request" or len(body) > _LARGEST_REQUEST:
                return None
            if not message.get("more_body"):
                return body

    def again(self, receive: Receive) -> Receive:
        """Return what gives out the messages that were read, then those that come."""
        waiting = iter(self.messages)

        async def received() -> Message:
            return next(waiting, None) or await receive()

        return received


@dataclass(frozen=True)
class _Kept:
    """What went out, and the bytes of the request that it answers."""

    headers: list[tuple[bytes, bytes]]
    body: bytes
    request: int


class Kept:
    """Middleware that keeps what went out.

    Args:
        app: what answers.
        engine: says of which version the answers are.
        size: bytes that are kept; with 0 none are.
        path: the address whose answers are.

    """

    def __init__(self, app: ASGIApp, engine: Engine, size: int, path: str = "/sparql") -> None:
        self.app = app
        self.engine = engine
        self.path = path
        self._largest = size // 8 - _OVERHEAD
        self._kept: LRUCache[tuple[object, ...], _Kept] = LRUCache(
            size, getsizeof=lambda kept: len(kept.body) + kept.request + _OVERHEAD
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        if self._largest <= 0 or scope["type"] != "http" or scope["path"] != self.path or scope["method"] not in ("GET", "POST"):
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if not _UNUSUAL.isdisjoint(headers) or len(headers) < len(scope["headers"]):
            await self.app(scope, receive, send)
            return
        request = _Request()
        body = b""
        if scope["method"] == "POST":
            read = await request.read(receive)
            receive = request.again(receive)
            if read is None:
                await self.app(scope, receive, send)
                return
            body = read
        try:
            version = (await self.engine.holding()).version
        except EngineError:
            await self.app(scope, receive, send)
            return
        key = (version, scope["method"], scope["query_string"], body, *(headers.get(name) for name in _TELLING))
        kept = self._kept.get(key)
        if kept is not None:
            await send({"type": "http.response.start", "status": 200, "headers": list(kept.headers)})
            await send({"type": "http.response.body", "body": kept.body})
        elif scope["method"] == "POST" or scope["query_string"]:
            await self._answered(key, body, scope, receive, send)
        else:
            await self.app(scope, receive, send)  # the description of the service, which tells its address

    async def _answered(self, key: tuple[object, ...], body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a request answered, and keep that if it is good, whole and not too large."""
        start: Message = {}
        parts: list[bytes] = []
        size = len(scope["query_string"]) + len(body)
        request = size

        async def watched(message: Message) -> None:
            nonlocal start, size
            if message["type"] == "http.response.start":
                start = message
            else:
                part = message.get("body", b"")
                size += len(part)
                if size <= self._largest:
                    parts.append(part)
                    if not message.get("more_body") and start["status"] == 200:
                        self._kept[key] = _Kept(list(start["headers"]), b"".join(parts), request)
            await send(message)

        await self.app(scope, receive, watched)
