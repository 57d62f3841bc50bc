"""Files as responses: validators, ranges, and no work for a client whose copy is current."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import FileResponse
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from tutela.web.http.caching import CACHE_CONTROL, STARTED, etag_of_coding, http_date, make_etag, precondition_status
from tutela.web.http.content_coding import UNCOMPRESSED, accepted_coding, expected_coding
from tutela.web.http.errors import error_response
from tutela.web.http.header_fields import combined

_RANGE = re.compile(r"bytes=[ \t]*((\d{1,15}-\d{0,15}|-\d{1,15})[ \t]*(,[ \t]*|$))+", re.ASCII | re.IGNORECASE)
_REVERSED = re.compile(r"(\d+)-(\d+)", re.ASCII)


class _FileResponse(FileResponse):
    """A file. A Range header that is not valid is ignored (RFC 9110, section 14.2); Starlette rejects it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file (ASGI)."""
        fields = scope["headers"]
        size = int(self.headers["content-length"])
        wanted = combined(Headers(scope=scope), "range")
        if wanted is not None:
            fields = [field for field in fields if field[0] != b"range"]
            # Ranges are defined for GET only.
            if scope["method"] == "GET" and _is_range(wanted):
                fields.append((b"range", _satisfiable(wanted, size).encode("ascii")))
        # If the file is compressed, HEAD needs it too, for the headers that GET gets; the body is removed on the way out.
        method = scope["method"] if "content-encoding" in self.headers else "GET"
        is_refused = False

        async def send_explained(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start" and message["status"] == 416:  # Starlette does not say why
                is_refused = True
                headers = {"content-range": f"bytes */{size}", "accept-ranges": "bytes"}
                text = f"The file has {size} bytes; the range begins after its end."
                await error_response(416, text, headers)(scope, receive, send)
            elif not is_refused:
                await send(message)

        await super().__call__({**scope, "headers": fields, "method": method}, receive, send_explained)


def file_response(
    request: Request,
    path: Path,
    media_type: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    compress: bool = True,
) -> Response:
    """Respond with a file, or with 304 or 412 if the preconditions of the request say so.

    Its date is the latest of its own, the start of the program, and the time since when the release is served: after a return to
    an earlier release or program, the file is older than the one that the client knows.

    Args:
        request: the request.
        path: the file.
        media_type: its media type; None for the one that its name suggests.
        headers: additional headers; without an entity tag among them, it is made of the date and size of the file.
        compress: whether to compress the file if the client accepts it; otherwise its size is known, and a download can be
            resumed at any time.

    """
    status = path.stat()
    modified = max(request.scope.get("release_modified", STARTED), datetime.fromtimestamp(int(status.st_mtime), UTC))
    validators = {
        "cache-control": CACHE_CONTROL,
        "etag": make_etag(path.name, status.st_mtime_ns, status.st_size),
        "last-modified": http_date(min(modified, datetime.now(UTC))),
    }
    response = _FileResponse(path, headers={**validators, **(headers or {})}, media_type=media_type, stat_result=status)
    coding = expected_coding(request.headers, response.headers["content-type"], status.st_size)
    if not compress and not accepted_coding(request.headers)[1]:
        response.headers.update(UNCOMPRESSED)
        coding = ""
    if request.method == "GET" and "range" in request.headers:
        coding = ""  # ranges are parts of the file itself
    tag = etag_of_coding(response.headers["etag"], coding)
    code = precondition_status(request.headers, tag, response.headers["last-modified"])
    if code != 304:
        return response  # a precondition that is not met becomes an error on the way out
    return Response(status_code=304, headers={**validators, **(headers or {}), "etag": tag, "vary": "Accept-Encoding"})


def _is_range(value: str) -> bool:
    """Return whether a Range header is valid: its unit is bytes, and no range ends before it begins."""
    return bool(_RANGE.fullmatch(value.strip())) and all(int(first) <= int(last) for first, last in _REVERSED.findall(value))


def _satisfiable(value: str, size: int) -> str:
    """Return a valid Range header without the ranges that begin after the end of the file, unless there are no others.

    One that can be sent is enough (RFC 9110, section 14.1.2); Starlette rejects the header.
    """
    ranges = [one.strip() for one in value.partition("=")[2].split(",") if one.strip()]
    begun = [one for one in ranges if (int(one[1:]) > 0 if one.startswith("-") else int(one.partition("-")[0]) < size)]
    return f"bytes={','.join(begun or ranges)}"
