"""Reading parameters and request bodies, and stopping work for a client that has disconnected."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from tutela.errors import BodyTooLargeError, UnsupportedMediaTypeError, UsageError
from tutela.web.http.errors import error_response


def number_parameter(request: Request, name: str, default: int, maximum: int) -> int:
    """Return a parameter of the URL that is a number from 1.

    Raises:
        UsageError: it is no number, or it is larger than the maximum.

    """
    given = request.query_params.get(name) or str(default)
    if not (given.isascii() and given.isdigit() and len(given) < 7 and 1 <= int(given) <= maximum):
        raise UsageError(f"{name}: {given!r}; expected a number from 1 to {maximum}.")
    return int(given)


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Read the body of a request, counting bytes as they arrive: a Content-Length may be wrong or missing.

    Raises:
        BodyTooLargeError: the body is too large.
        UsageError: the client disconnected.

    """
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > max_bytes:
                raise BodyTooLargeError(f"The request body is too large; expected at most {_size(max_bytes)}.")
    except ClientDisconnect as error:
        raise UsageError("The request body is incomplete.") from error
    return bytes(body)


def ensure_not_compressed(request: Request) -> None:
    """Check that the body is not compressed.

    Raises:
        UnsupportedMediaTypeError: it is.

    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaTypeError("The request body is compressed; send it uncompressed.")


def media_type(request: Request) -> str:
    """Return the media type of the body without parameters; empty if none is given."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def cancel_on_disconnect(request: Request, work: Coroutine[Any, Any, Response]) -> Response:
    """Return the response of some work, or cancel the work if the client disconnects.

    Args:
        request: the request, whose body has been read.
        work: the work.

    """
    task, disconnected = asyncio.ensure_future(work), asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({task, disconnected}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else error_response(400, "The client has disconnected.")
    finally:
        for one in (task, disconnected):
            one.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _size(count: int) -> str:
    return f"{count >> 20} MB" if count % (1 << 20) == 0 else f"{count / 1_000_000:g} MB"
