"""Values of the data as valid HTML: dates, languages and links.

Data and users can contain anything. A value that an attribute does not allow is shown as text, without the attribute.
"""

import re
from datetime import date
from html import unescape
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

# A year, month or day of ISO 8601, and what may follow a day in XML Schema: a time and a time zone. ASCII digits only.
_MOMENT = re.compile(
    r"(?<![\w.:/-])(?P<day>[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)"
    r"(?:(?<=-[0-9]{2}-[0-9]{2})(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?(?![\w:/-])"
)
# What may stand before a year for the text to be a date, such as "not after 2020".
_BOUND = re.compile(
    r"(?:(?:not )?(?:after|before|later than|earlier than)|by|since|from|until|in|about|c\.|ca\.) ", re.IGNORECASE
)
_YEAR_LENGTH, _MONTH_LENGTH, _DAY_LENGTH = 4, 7, 10
# BCP 47 (RFC 5646, section 2.1): language, extended language, script, region, variants, extensions and private use.
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE | re.ASCII,
)
_RIGHT_TO_LEFT = {"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi"}
_RIGHT_TO_LEFT_SCRIPTS = {"adlm", "arab", "aran", "hebr", "nkoo", "rohg", "syrc", "thaa"}
_SCRIPT = re.compile(r"^[^-]+(?:-[a-z]{3}(?![a-z0-9]))*-([a-z]{4})(?![a-z0-9])")
_NOT_IN_URL = re.compile(r"[\s<>\"\x00-\x20\x7f]")
_NOT_IN_HOST = re.compile(r"[\x00-\x20\x7f#%/:<>?@\[\\\]^|`{}\"]")
# Control characters and noncharacters (HTML, section 13.2.3.5).
_FORBIDDEN = [
    chr(number)
    for number in (
        *(n for n in range(0xA0) if (n < 0x20 and chr(n) not in "\t\n\f\r") or n >= 0x7F),
        *range(0xFDD0, 0xFDF0),
        *(plane << 16 | last for plane in range(17) for last in (0xFFFE, 0xFFFF)),
    )
]
_LEAD = re.compile(r'<p class="lead">(.*?)</p>', re.DOTALL)
_PARAGRAPH = re.compile(r'<p(?: class="(?!crumbs|dated)[^"]*")?>(.*?)</p>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def day(value: object) -> Markup:
    """Return a date in words, in a ``time`` element (HTML, section 4.5.14).

    Args:
        value: a year, month or day; a day with a time zone or a time; or a text around such dates, for example "not after
            2020-08-04". Anything else, such as the 30th of February, is returned as text.

    """
    text = "" if value is None else str(value)
    parts, end = [], 0
    for match in _MOMENT.finditer(text):
        shown = _in_words(match["day"])
        is_date = len(match["day"]) > _YEAR_LENGTH or match[0] == text.strip() or _BOUND.fullmatch(text[: match.start()])
        if shown is not None and is_date:
            parts += [escape(text[end : match.start()]), Markup('<time datetime="{}">{}</time>').format(match["day"], shown)]
            end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def long_date(value: str) -> str:
    """Return a date, month or year in words; any other text unchanged."""
    shown = _in_words(value)
    return value if shown is None else shown


def _in_words(value: str) -> str | None:
    """Return a year, month or day in words; None if there is no such day."""
    if not _MOMENT.fullmatch(value) or len(value) not in (_YEAR_LENGTH, _MONTH_LENGTH, _DAY_LENGTH):
        return None
    try:
        found = date.fromisoformat(value + "-01" * ((_DAY_LENGTH - len(value)) // 3))
    except ValueError:
        return None
    if len(value) == _YEAR_LENGTH:
        return value
    return f"{found:%B} {found.year}" if len(value) == _MONTH_LENGTH else f"{found.day} {found:%B} {found.year}"


def language(tag: str | None) -> Markup:
    """Return the attributes of an element whose text is in a language: ``lang``, and ``dir`` for its direction.

    Args:
        tag: a language tag (BCP 47). There are no attributes for English, the language of the pages, and for no language.

    """
    if not tag or tag.lower() == "en" or not _LANGUAGE.fullmatch(tag):
        return Markup("")
    lower = tag.lower()
    script = _SCRIPT.match(lower)
    is_right_to_left = script[1] in _RIGHT_TO_LEFT_SCRIPTS if script else lower.partition("-")[0] in _RIGHT_TO_LEFT
    return Markup(' lang="{}" dir="{}"').format(tag, "rtl" if is_right_to_left else "ltr")


def web_link(text: str) -> str | None:
    """Return a URL of the Web as a valid link (WHATWG URL, section 4.3); None for any other text.

    Characters that URLs do not contain, such as those of a template (``{id}``), are percent-encoded.
    """
    if not text.startswith(("http://", "https://")) or _NOT_IN_URL.search(text):
        return None
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or "@" in parts.netloc or (_NOT_IN_HOST.search(host) and not parts.netloc.startswith("[")):
        return None
    address = f"[{host}]" if parts.netloc.startswith("[") else host
    result = f"{parts.scheme}://{address}" + (f":{port}" if port is not None else "") + url_part(parts.path)
    return (
        result + (f"?{url_part(parts.query)}" if parts.query else "") + (f"#{url_part(parts.fragment)}" if parts.fragment else "")
    )


def url_part(part: str) -> str:
    """Return a path, query or fragment with the characters percent-encoded that a URL does not contain."""
    return quote(_STRAY_PERCENT.sub("%25", part), safe="/?%:@!$&'()*+,;=~", errors="replace")


def first_paragraph(html: str, length: int = 200) -> str:
    """Return the first paragraph of a page as plain text, to describe the page: its lead if it has one.

    Args:
        html: the content of the page.
        length: the most characters; a longer text ends after a word, with an ellipsis.

    """
    found = _LEAD.search(html) or _PARAGRAPH.search(html)
    text = " ".join(unescape(_TAG.sub("", found[1])).split()) if found else ""
    if len(text) <= length:
        return text
    return text[: length - 1].rpartition(" ")[0].rstrip(",;:") + "…"


def without_forbidden(document: str) -> str:
    """Return a document with a replacement character for each character that HTML does not have."""
    # Searching for each is ten times as fast as a regular expression, and hardly any page has one.
    is_valid = not any(character in document for character in _FORBIDDEN)
    return document if is_valid else document.translate(dict.fromkeys(map(ord, _FORBIDDEN), "\ufffd"))
