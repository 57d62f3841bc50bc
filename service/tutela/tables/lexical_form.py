"""The strict lexical form of values: each value is written in one way only.

XML Schema and the csvw library also accept ``+1``, ``01`` and digits of other scripts for a number, and a time zone in a date.
Then one value has several forms, and a reference or a comparison of two releases misses that they are equal.
"""

import re
import unicodedata
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from tutela.tables.text_form import Fault, cleaned, text_fault

_INTEGER = re.compile("0|[1-9][0-9]*")  # no column has negative numbers
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SLUG = "[a-z0-9]+(-[a-z0-9]+)*"
_CHOICE = re.compile(r"[A-Za-z0-9-]+(\|[A-Za-z0-9-]+)+")
_URL = "https?://"
# Letters of any script, since registers of several countries have them in their addresses (RFC 3987), without those that an
# address cannot contain (RFC 3986, section 2).
_URL_CHARACTERS = re.compile(r"""([^\s"<>\\^`{|}%]|%[0-9A-Fa-f]{2})+""")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+\.?")
# Formats of columns whose date may lack the day, or the month and the day.
_PARTIAL_DATES = {
    r"\d{4}": "YYYY",
    r"[0-9]{4}(-[0-9]{2})?": "YYYY or YYYY-MM",
    r"\d{4}(-\d{2}(-\d{2})?)?": "YYYY, YYYY-MM or YYYY-MM-DD",
}
_PATTERNS = {
    _SLUG: "an identifier of lower-case letters, digits and single hyphens, such as penal-code-2017",
    "[A-Z]{2}": "two capital letters, such as AL",
    "[A-Z]{3}(-[A-Z0-9]+)?": "a code of three capital letters, such as ALB, or of a part of a state, such as GBR-NIR",
    "[A-Z]{2}-[A-Z0-9]{1,3}": "an ISO 3166-2 code, such as GB-SCT",
    "[0-9]{3}": "three digits, such as 004",
    ".{1,160}": "text of at most 160 characters",
    "[a-z]{2,3}(-[A-Za-z]+)?": "a language tag, such as en or zh-Hant",
    "[a-z-]+( [a-z-]+)*": "identifiers in lower case with single spaces between them",
}
# What spreadsheet programs show for true and false, in several languages, and what people write.
_BOOLEANS = {
    **dict.fromkeys(("true", "1", "yes", "y", "x", "wahr", "vrai", "verdadero", "vero", "oui", "ja", "sí"), "true"),
    **dict.fromkeys(("false", "0", "no", "n", "falsch", "faux", "falso", "non", "nein"), "false"),
}
_FORMS = {
    "integer": "an integer in the digits 0 to 9, without sign, decimal point or leading zeros, such as 12",
    "boolean": "a boolean: true or false, in lower case",
    "date": "a date that exists (YYYY-MM-DD), without time or time zone, such as 2024-12-31",
    "url": "a URL that begins with http:// or https:// and names a host, without user name or password",
    "string": "text",
}


def fault(text: str, datatype: Any) -> Fault | None:
    """Return what is wrong with the form of a cell that is not empty, or None.

    Args:
        text: the text of the cell.
        datatype: the datatype of its column as the csvw library reads it; None for a string.

    """
    kind, pattern = _kind(datatype), _format(datatype)
    wrong = text_fault(text)
    if not _has_form(text, kind, pattern) and not (wrong and kind == "string"):
        # What cannot be seen is named, but a column that expects a number says so.
        wrong = Fault(wrong.found if wrong else f"'{text}'", form(datatype), "")
    if wrong is None:
        return None
    meant = _likely(text, kind, pattern)
    if not meant or not _has_form(meant, kind, pattern) or text_fault(meant):
        meant = ""
    return Fault(wrong.found, wrong.expected, wrong.advice or _advice(text, kind, meant), meant)


def form(datatype: Any) -> str:
    """Return what a column expects, in words, such as "text of at most 160 characters"."""
    kind, pattern = _kind(datatype), _format(datatype)
    if kind == "partial-date":
        return f"a date that exists ({_PARTIAL_DATES[pattern]})"
    if values := choices(datatype):
        return f"{', '.join(values[:-1])} or {values[-1]}"
    if kind == "string" and pattern:
        return _PATTERNS.get(pattern, f"text like {pattern}")
    limits = (("from", "minimum"), ("to", "maximum"))
    span = "".join(f" {word} {value}" for word, name in limits if (value := getattr(datatype, name, None)) is not None)
    return _FORMS[kind].replace("an integer", f"an integer{span}")


def choices(datatype: Any) -> list[str]:
    """Return the values that a column allows, if its metadata list them."""
    return _alternatives(_format(datatype)) if _kind(datatype) == "string" else []


def _kind(datatype: Any) -> str:
    base, pattern = str(datatype.base) if datatype else "string", _format(datatype)
    if base == "anyURI" or pattern.startswith(_URL):
        return "url"
    if base == "string" and pattern in _PARTIAL_DATES:
        return "partial-date"
    return base if base in _FORMS else "string"


def _format(datatype: Any) -> str:
    return str(datatype.format) if datatype and datatype.format else ""


def _has_form(text: str, kind: str, pattern: str) -> bool:
    if kind == "integer":
        return _INTEGER.fullmatch(text) is not None
    if kind == "boolean":
        return text in ("true", "false")
    if kind == "date":
        return _is_date(text)
    if kind == "url":
        return _is_web_address(text)
    # Without this flag \d would also match the digits of other scripts.
    fits = not pattern or re.fullmatch(pattern, text, re.ASCII) is not None
    return fits and (kind != "partial-date" or _is_date((text + "-01-01")[:10]))


def _is_date(text: str) -> bool:
    try:
        return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))  # refuses the year 0000, too
    except ValueError:
        return False


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_plain = text.startswith(("http://", "https://")) and _URL_CHARACTERS.fullmatch(text) is not None
    return is_plain and "@" not in parts.netloc and _HOST.fullmatch(host) is not None


def _advice(text: str, kind: str, meant: str) -> str:
    if meant:
        return f"Write {meant}."
    if kind == "url":
        return "Copy the address of the page from a browser."
    if kind == "date" and _DATE.fullmatch(text):
        return "There is no such day; look it up in the source."
    if kind in ("date", "partial-date"):
        return "Write it as year-month-day, such as 2024-12-31."
    return "Correct the cell."


def _likely(text: str, kind: str, pattern: str) -> str:
    """Return the value that a text in another form most likely means; it need not be right."""
    plain = cleaned(text)
    if kind == "url" or (kind == "string" and not pattern):
        return plain
    plain = unicodedata.normalize("NFKC", plain).strip()
    if kind == "boolean":
        return _BOOLEANS.get(plain.casefold(), "")
    if kind == "integer" and re.fullmatch(r"\+?[0-9]+(\.0*|,0{1,2})?", plain, re.ASCII):
        return str(int(re.split(r"[.,]", plain)[0]))
    if kind == "date" and (found := re.match(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T|Z|[+-][0-9])", plain)):
        return found[1]
    if pattern == _SLUG:
        return re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")
    return plain.casefold() if _alternatives(pattern) else plain


def _alternatives(pattern: str) -> list[str]:
    return pattern.split("|") if _CHOICE.fullmatch(pattern) else []
