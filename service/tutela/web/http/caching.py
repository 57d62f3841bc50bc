"""Caching: entity tags, dates and conditional requests (RFC 9110, sections 8.8 and 13; RFC 9111)."""

import hashlib
import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.datastructures import Headers

from tutela.web.http.header_fields import combined

# A client may keep the response and must ask whether it is still current (RFC 9111, section 5.2.2.4). The response cache adds
# ETag and Last-Modified to responses with this header.
CACHE_CONTROL = "public, no-cache"
CACHEABLE = {"cache-control": CACHE_CONTROL, "vary": "Accept"}
# For a URL that changes with the content (RFC 8246).
IMMUTABLE = "public, max-age=31536000, immutable"
# For responses that are different each time, and for errors (RFC 9111, section 5.2.2.5).
NO_STORE = "no-store"
# What the program itself sends, such as style sheets, has not changed since then.
STARTED = datetime.now(UTC).replace(microsecond=0)

_TAG = re.compile(r'(?:W/)?"[^"]*"')
# The three formats of a date (RFC 9110, section 5.6.7).
_DATE_FORMATS = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")


def make_etag(*parts: object) -> str:
    """Return an entity tag (RFC 9110, section 8.8.3) for these parts, which must be JSON."""
    return f'"{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"'


def etag_of_coding(etag: str, coding: str) -> str:
    """Return the entity tag of a response with a content coding; each coding has its own (RFC 9110, section 8.8.3.3)."""
    return f'{etag[:-1]}-{coding}"' if coding else etag


def if_none_match(header: str | None, etag: str) -> bool:
    """Return whether an If-None-Match header contains an entity tag (weak comparison, RFC 9110, section 13.1.2)."""
    return header is not None and etag.removeprefix("W/") in (tag.removeprefix("W/") for tag in _TAG.findall(header))


def if_match(header: str, etag: str) -> bool:
    """Return whether an If-Match header contains an entity tag (strong comparison, RFC 9110, section 13.1.1)."""
    return not etag.startswith("W/") and etag in _TAG.findall(header)


def http_date(moment: datetime) -> str:
    """Return a moment in the format of HTTP (RFC 9110, section 5.6.7)."""
    return format_datetime(moment, usegmt=True)


def parse_http_date(text: str | None) -> datetime | None:
    """Return the moment of a date in one of the three formats of HTTP (RFC 9110, section 5.6.7); None for any other text."""
    for date_format in _DATE_FORMATS:
        with suppress(ValueError):
            return datetime.strptime((text or "").strip(), date_format).replace(tzinfo=UTC)
    return None


def precondition_status(request: Headers, etag: str | None, last_modified: str | None) -> int | None:
    """Evaluate the preconditions of a GET or HEAD request, in the order of RFC 9110, section 13.2.2.

    Args:
        request: headers of the request.
        etag: the entity tag of the response.
        last_modified: its date.

    Returns:
        304 if the client's copy is current, 412 if a precondition is not met, otherwise None.

    """
    modified = parse_http_date(last_modified)
    required, known = combined(request, "if-match"), combined(request, "if-none-match")
    if required is not None:
        if required.strip() != "*" and not if_match(required, etag or ""):
            return 412
    elif _is_after(modified, request, "if-unmodified-since") is True:
        return 412
    if known is not None:
        return 304 if known.strip() == "*" or if_none_match(known, etag or "") else None
    return 304 if _is_after(modified, request, "if-modified-since") is False else None


def _is_after(modified: datetime | None, request: Headers, name: str) -> bool | None:
    """Return whether a response was modified after the date in a header; None if there is no valid date."""
    lines = request.getlist(name)
    limit = parse_http_date(lines[0]) if len(lines) == 1 else None
    return None if modified is None or limit is None else modified > limit
