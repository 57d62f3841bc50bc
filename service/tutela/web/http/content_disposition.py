"""File names for responses that a browser may save (RFC 6266)."""

import re
from collections.abc import Iterable
from urllib.parse import quote

from anyascii import anyascii

# The ending of a file name for each format.
_ENDINGS = {"turtle": "ttl", "ntriples": "nt", "rdfxml": "rdf", "nquads": "nq"}
_SAVED = ("csv", "tsv")  # formats for other programs; browsers show some of them as text
_UNSAFE = re.compile(r"(?:[^\w.]|[._]{2,})+")
_MAX_LENGTH = 120


def content_disposition(parts: Iterable[str], format_name: str) -> str:
    """Return a Content-Disposition header with a file name.

    Args:
        parts: the parts of the file name; other characters than letters, digits, full stops and underscores become hyphens.
        format_name: the format, which decides the ending, and whether a browser saves the response at once.

    """
    stem = _UNSAFE.sub("-", "-".join(filter(None, parts)))[:_MAX_LENGTH].strip("-.") or "result"
    ending = _ENDINGS.get(format_name, format_name)
    plain = _UNSAFE.sub("-", anyascii(stem)).strip("-.") or "result"
    value = f'{"attachment" if format_name in _SAVED else "inline"}; filename="{plain}.{ending}"'
    return value if plain == stem else f"{value}; filename*=UTF-8''{quote(f'{stem}.{ending}')}"
