"""Responses to clients of HTTP/1.0, which do not know the chunked transfer coding (RFC 9112, section 6.1)."""

from tempfile import SpooledTemporaryFile

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BYTES_IN_MEMORY = 1 << 20
_CHUNK = 1 << 16
VERSIONS = ("0.9", "1.0")


class Http10Middleware:
    """Send streamed responses to these clients when they are complete, with their length.

    The server would send them in chunks, whose lengths the client would take for content. Without a length, the client could not
    tell a response that was aborted from a complete one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request (ASGI)."""
        if scope["type"] != "http" or scope.get("http_version") not in VERSIONS or scope["method"] == "HEAD":
            await self.app(scope, receive, send)
            return
        with SpooledTemporaryFile(_BYTES_IN_MEMORY) as body:
            start: Message | None = None

            async def send_complete(message: Message) -> None:
                nonlocal start
                if message["type"] == "http.response.start" and _has_no_length(message):
                    start = message
                elif start is None:
                    await send(message)
                else:
                    body.write(message.get("body", b""))
                    if not message.get("more_body"):
                        MutableHeaders(scope=start)["content-length"] = str(body.tell())
                        await send(start)
                        body.seek(0)
                        while chunk := body.read(_CHUNK):
                            await send({"type": "http.response.body", "body": chunk, "more_body": True})
                        await send({"type": "http.response.body", "body": b"", "more_body": False})

            await self.app(scope, receive, send_complete)


def _has_no_length(start: Message) -> bool:
    return start["status"] not in (204, 304) and "content-length" not in Headers(raw=start["headers"])
