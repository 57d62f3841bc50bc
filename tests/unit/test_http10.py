"""Responses to clients of HTTP/1.0."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutela.web.middleware.http10 import Http10Middleware

CHUNKS = [b"a" * 700_000, b"", b"b" * 700_000]


def respond(app: ASGIApp, sent: list[Message], version: str = "1.0", method: str = "GET") -> dict[bytes, bytes]:
    """Record the messages of a response; return its headers."""

    async def receive() -> Message:
        await asyncio.sleep(10)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "http_version": version, "method": method, "headers": [], "path": "/"}
    asyncio.run(Http10Middleware(app)(scope, receive, send))
    return dict(sent[0]["headers"])


@pytest.mark.parametrize(
    ("version", "method", "length"),
    [
        ("1.0", "GET", b"1400000"),
        ("0.9", "GET", b"1400000"),
        ("1.0", "POST", b"1400000"),
        ("1.0", "HEAD", None),
        ("1.1", "GET", None),
    ],
)
def test_a_streamed_response_has_a_length(version: str, method: str, length: bytes | None) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for chunk in CHUNKS:
            yield chunk

    sent: list[Message] = []
    assert respond(StreamingResponse(chunks()), sent, version, method).get(b"content-length") == length
    assert b"".join(part["body"] for part in sent[1:]) == b"".join(CHUNKS)
    assert [part["more_body"] for part in sent[1:]][-2:] == [True, False]


def test_a_response_with_a_length_or_without_a_body_is_unchanged() -> None:
    assert respond(Response(b"abc"), [])[b"content-length"] == b"3"
    assert b"content-length" not in respond(Response(status_code=304), [])


def test_nothing_is_sent_of_a_response_that_is_aborted() -> None:
    async def aborted(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        raise RuntimeError

    sent: list[Message] = []
    with pytest.raises(RuntimeError):
        respond(aborted, sent)
    assert not sent
