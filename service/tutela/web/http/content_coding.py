"""Content codings: whether a client wants a response compressed (RFC 9110, section 12.5.3)."""

from starlette.datastructures import Headers

from tutela.web.http.header_fields import combined, elements

GZIP = "gzip"
IDENTITY = ""
MIN_COMPRESSED_BYTES = 1000
# Media types that are compressed already.
COMPRESSED_TYPES = ("font/woff2", "image/png")
# Tells the compression middleware not to compress a response; it removes the header (RFC 9110, section 8.4.1).
UNCOMPRESSED = {"content-encoding": "identity"}
_DEFAULT_WEIGHT = 0.0001  # of a response without a coding, if the header does not mention it


def accepted_coding(headers: Headers) -> tuple[str | None, bool]:
    """Return the content coding that a client prefers, and whether it rejects a response without one.

    Args:
        headers: headers of the request.

    Returns:
        `GZIP`, `IDENTITY`, or None if the client accepts neither; and whether it rejects `IDENTITY`.

    """
    weights: dict[str, float] = {}
    for name, _, weight in elements(combined(headers, "accept-encoding") or ""):
        weights.setdefault(GZIP if name == "x-gzip" else name, weight)  # RFC 9110, section 8.4.1.3
    gzip = weights.get(GZIP, weights.get("*", 0))
    identity = weights.get("identity", weights.get("*", _DEFAULT_WEIGHT))
    if gzip and gzip >= identity:
        return GZIP, not identity
    return (IDENTITY if identity else None), not identity


def is_compressible(media_type: str) -> bool:
    """Return whether responses of a media type become smaller by compression."""
    return media_type.partition(";")[0].strip().lower() not in COMPRESSED_TYPES


def expected_coding(headers: Headers, media_type: str, size: int) -> str:
    """Return the content coding that a response to a request will have."""
    coding, is_required = accepted_coding(headers)
    applies = is_required or (is_compressible(media_type) and size >= MIN_COMPRESSED_BYTES)
    return GZIP if coding == GZIP and applies else IDENTITY
