"""Errors as responses: a sentence of plain text for programs, a page for people."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException

from tutela.errors import TutelaError
from tutela.web.http.caching import NO_STORE
from tutela.web.http.negotiation import prefers_html
from tutela.web.templating import templates

_INTERNAL_ERROR = "Internal error. The fault is in this service, not in your request."
_HEADINGS = {
    404: "Page not found",
    500: "Internal error",
    503: "The service is busy",
    502: "The data cannot be reached",
    504: "The request took too long",
}
# An error may be over with the next request. Without this header, a cache may keep some errors (RFC 9110, section 15.1).
_HEADERS = {"vary": "Accept", "cache-control": NO_STORE}
Handler = Callable[[Request], Awaitable[Response]]


def error_response(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as plain text."""
    return PlainTextResponse(message.rstrip() + "\n", status, headers={**_HEADERS, **(headers or {})})


def error_page(request: Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as a page."""
    content = {"heading": _HEADINGS.get(status, "The request is not valid"), "message": message}
    return templates.TemplateResponse(request, "error.html", content, status_code=status, headers={**_HEADERS, **(headers or {})})


def negotiated_error(request: Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as a page if the client prefers one, otherwise as plain text."""
    if prefers_html(request):
        return error_page(request, status, message, headers)
    return error_response(status, message, headers)


def retry_after(error: TutelaError) -> dict[str, str]:
    """Return the Retry-After header of an error, if it has one (RFC 9110, section 10.2.3)."""
    return {"retry-after": str(error.retry_after_s)} if error.retry_after_s else {}


def errors_as_text(handler: Handler) -> Handler:
    """Return a handler for programs, whose errors are always plain text."""

    @wraps(handler)
    async def wrapper(request: Request) -> Response:
        try:
            return await handler(request)
        except TutelaError as error:
            if error.http_status == 500:
                raise
            return error_response(error.http_status, str(error), retry_after(error))

    return wrapper


async def on_tutela_error(request: Request, error: Exception) -> Response:
    """Respond to an exception of the program."""
    assert isinstance(error, TutelaError)  # noqa: S101 - registered for this class
    if error.http_status == 500:
        return on_unexpected_error(request, error)
    return negotiated_error(request, error.http_status, str(error), retry_after(error))


async def on_http_error(request: Request, error: Exception) -> Response:
    """Respond to an exception of Starlette, such as an unknown path or method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    messages = {
        404: f"There is nothing at {request.url.path}",
        405: f"{request.method} is not allowed for {request.url.path}",
    }
    message = f"{messages.get(error.status_code, error.detail)}."
    return negotiated_error(request, error.status_code, message, error.headers)


def on_unexpected_error(request: Request, error: Exception) -> Response:
    """Respond to any other exception, without its details."""
    return negotiated_error(request, 500, _INTERNAL_ERROR)
