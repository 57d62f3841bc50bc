"""Headers of responses that depend on the release alone."""

import hashlib
import json
from datetime import UTC, datetime, time
from email.utils import format_datetime
from functools import lru_cache

# A client may keep the response and must ask whether it is still current (RFC 9111, section 5.2.2.4). The response cache adds
# ETag and Last-Modified to responses with this header.
CACHE_CONTROL = "public, no-cache"
CACHEABLE = {"cache-control": CACHE_CONTROL, "vary": "Accept"}


def make_etag(*parts: object) -> str:
    """Return an entity tag (RFC 9110, section 8.8.3) for these parts, which must be JSON."""
    return f'"{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"'


def if_none_match(header: str | None, etag: str) -> bool:
    """Return whether an If-None-Match header contains an entity tag (weak comparison, RFC 9110, section 13.1.2)."""
    return header is not None and etag in (one.strip().removeprefix("W/") for one in header.split(","))


@lru_cache(maxsize=16)
def http_date(day: str) -> str:
    """Return a date (YYYY-MM-DD) in the format of HTTP (RFC 9110, section 5.6.7)."""
    return format_datetime(datetime.combine(datetime.fromisoformat(day).date(), time(), UTC), usegmt=True)
