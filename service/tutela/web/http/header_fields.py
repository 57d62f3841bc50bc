"""Lists in request headers: elements, parameters and weights (RFC 9110, sections 5.6 and 12.4.2).

Clients send headers that the grammar does not allow. A malformed element never makes the others unusable, and the time to read a
header grows with its length only.
"""

import re
from collections.abc import Iterator

from starlette.datastructures import Headers

# Weight of an element whose weight cannot be read: it counts if nothing else fits.
_UNREADABLE_WEIGHT = 0.001
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a token of the grammar (RFC 9110, section 5.6.2)
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_ELEMENT = re.compile(rf'(?:[^",]|{_QUOTED})*+', re.DOTALL)
_PARAMETER = re.compile(rf";\s*({_TOKEN})\s*=\s*({_QUOTED}|[^;]*)", re.DOTALL)
_WEIGHT = re.compile(r"\d+\.?\d*|\.\d+", re.ASCII)


def combined(headers: Headers, name: str) -> str | None:
    """Return the value of a header, of all its lines together (RFC 9110, section 5.3); None if there is none."""
    lines = headers.getlist(name)
    return ", ".join(lines) if lines else None


def elements(value: str) -> Iterator[tuple[str, list[tuple[str, str]], float]]:
    """Yield the elements of a list that are not empty: name in lower case, parameters before the weight, and weight."""
    for element in _split(value):
        name, semicolon, rest = element.partition(";")
        if not element.strip():
            continue
        parameters: list[tuple[str, str]] = []
        weight = 1.0
        for found in _PARAMETER.finditer(semicolon + rest):
            key, text = found[1].lower(), found[2].strip().strip('"').lower()
            if key == "q":  # what follows is not part of the media type
                weight = min(float(text), 1.0) if _WEIGHT.fullmatch(text) else _UNREADABLE_WEIGHT
                break
            parameters.append((key, text))
        yield name.strip().lower(), parameters, weight


def _split(value: str) -> Iterator[str]:
    """Split a list at its commas, except those in quotes."""
    position = 0
    while position <= len(value):
        found = _ELEMENT.match(value, position)
        end = found.end() if found else position
        if value[end : end + 1] == '"':  # a quotation mark without a second one
            yield from value[position:].split(",")
            return
        yield value[position:end]
        position = end + 1
