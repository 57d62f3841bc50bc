"""Helpers of the tests of linked data."""

import asyncio
from typing import Any

from httpx2 import Response
from rdflib import Graph

# N3, TriG and N-Quads of a document without named graphs are Turtle and N-Triples; rdflib's own parsers warn.
RDFLIB_FORMATS = {"ttl": "turtle", "jsonld": "json-ld", "nt": "nt", "rdf": "xml", "n3": "turtle", "trig": "turtle", "nq": "nt"}


def parse_response(response: Response, suffix: str) -> Graph:
    assert response.status_code == 200, response.text
    return Graph().parse(data=response.content, format=RDFLIB_FORMATS[suffix])


def request_raw(app: Any, path: str, accept: str = "*/*") -> tuple[int, dict[bytes, bytes], bytes]:
    """Request a path exactly as a server decodes it; a client would normalize it first."""
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "root_path": "",
    }
    scope |= {"path": path, "query_string": b"", "headers": [(b"host", b"x"), (b"accept", accept.encode())], "server": ("x", 80)}
    asyncio.run(app(scope, receive, send))
    return messages[0]["status"], dict(messages[0]["headers"]), b"".join(message.get("body", b"") for message in messages[1:])
