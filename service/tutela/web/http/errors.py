"""Errors as responses: a sentence of plain text for programs, a page for people."""

import re
from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException

from tutela.errors import TutelaError
from tutela.web.http.caching import NO_STORE
from tutela.web.http.negotiation import prefers_html
from tutela.web.templating import templates

# Characters that HTML does not allow, and that could control a terminal.
_CONTROL_CHARACTERS = re.compile(r"[^\t\n\x20-\x7e\xa0-\U0010ffff]")
_INTERNAL_ERROR = "Internal error. The fault is in this service, not in your request."
# The heading of an error page, and what its reader can do.
_PAGES = {
    403: ("Not allowed", "This service can be read, but not changed."),
    404: ("Page not found", "Check the address for typing errors."),
    405: ("Method not allowed", "Programs find the methods of this address in the description of the API."),
    406: ("Format not available", "Remove the format from the address to see the page."),
    413: ("Too large", "Ask for less, or send less, at once."),
    414: ("Address too long", "Send long queries with the method POST."),
    500: ("Internal error", "Try again later. If it happens again, please report it."),
    502: ("The data cannot be reached", "Try again in a few seconds."),
    503: ("The service is busy", "Try again in a few seconds."),
    504: ("The request took too long", "Ask for less at once."),
}
# An error may be over with the next request. Without this header, a cache may keep some errors (RFC 9110, section 15.1).
_HEADERS = {"vary": "Accept", "cache-control": NO_STORE}
_OTHER_PAGE = ("The request is not valid", "Change the part of the address that the message names.")
_MAX_SHOWN_QUERY = 20_000  # characters


def _printable(message: str) -> str:
    return _CONTROL_CHARACTERS.sub("\ufffd", message)


def error_response(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as plain text."""
    return PlainTextResponse(_printable(message).rstrip() + "\n", status, headers={**_HEADERS, **(headers or {})})


def error_page(request: Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as a page."""
    heading, advice = _PAGES.get(status, _OTHER_PAGE)
    query = _printable(request.query_params.get("query", "")) if request.url.path.endswith("/sparql") else ""
    content = {
        "heading": heading,
        "message": _printable(message),
        "advice": advice,
        "query": _printable(query[:_MAX_SHOWN_QUERY]),
    }
    return templates.TemplateResponse(request, "error.html", content, status_code=status, headers={**_HEADERS, **(headers or {})})


def negotiated_error(request: Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as a page if the client prefers one, otherwise as plain text."""
    if prefers_html(request):
        return error_page(request, status, message, headers)
    return error_response(status, message, headers)


def retry_after(error: TutelaError) -> dict[str, str]:
    """Return the Retry-After header of an error, if it has one (RFC 9110, section 10.2.3)."""
    return {"retry-after": str(error.retry_after_s)} if error.retry_after_s else {}


async def on_tutela_error(request: Request, error: Exception) -> Response:
    """Respond to an exception of the program."""
    assert isinstance(error, TutelaError)  # noqa: S101 - registered for this class
    if error.http_status == 500:
        return on_unexpected_error(request, error)
    return negotiated_error(request, error.http_status, str(error), retry_after(error))


async def on_http_error(request: Request, error: Exception) -> Response:
    """Respond to an exception of Starlette, such as an unknown path or method, or to OPTIONS (RFC 9110, section 9.3.7)."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    headers = dict(error.headers or {})
    if request.method == "OPTIONS" and request.scope["path"] == "*":
        return Response(status_code=204, headers={"allow": "GET, HEAD, POST, OPTIONS"})
    if error.status_code == 405:
        methods = headers.pop("Allow", "GET, HEAD").split(", ")
        headers["allow"] = ", ".join([*sorted(methods), "OPTIONS"])
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
    messages = {
        404: f"There is nothing at {request.url.path}",
        405: f"{request.method} is not allowed for {request.url.path}",
    }
    message = f"{messages.get(error.status_code, error.detail)}."
    if error.status_code == 405:
        message += f" Expected one of {headers['allow']}."
    return negotiated_error(request, error.status_code, message, headers)


def on_unexpected_error(request: Request, error: Exception) -> Response:
    """Respond to any other exception, without its details."""
    return negotiated_error(request, 500, _INTERNAL_ERROR)
