"""Dates and numbers in English words, whatever the locale, and the order of provisions."""

import re
from datetime import date

_NUMBER = re.compile(r"(\d+)")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
# Words for values of answers. The values themselves are public and do not change.
DISTANCES = {"1": "same region", "2": "same continent", "3": "elsewhere"}  # of the query wordings-elsewhere
GAPS = {"unmet obligation": "unmet obligation", "possible gap": "possible gap (needs legal review)"}
_DATE = re.compile(r"(?<![\w.:/-])[0-9]{4}-[0-9]{2}(-[0-9]{2})?(?![\w:/-])")


def day(text: str) -> str:
    """Return a date in words, such as 30 September 2023; any other text unchanged."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def with_long_dates(text: str) -> str:
    """Return a text with its days and months, such as 2023-09-30 or 2023-09, in words."""
    return _DATE.sub(lambda match: day(match[0]) if match[1] else _month(match[0]), text)


def _month(text: str) -> str:
    year, _, month = text.partition("-")
    return f"{_MONTHS[int(month) - 1]} {year}" if 1 <= int(month) <= len(_MONTHS) else text


def ordinal(number: int | str) -> str:
    """Return a number as an ordinal in figures, such as 11th or 22nd."""
    value = int(number)
    suffix = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{suffix}"


def capitalised(text: str) -> str:
    """Return a text with a capital first letter."""
    return text[:1].upper() + text[1:]


def document_order(path: str) -> tuple[bool, list[str | int]]:
    """Return a sort key for provisions in document order, from their paths: recitals first, article 9 before article 10."""
    parts = [int(part) if number % 2 else part for number, part in enumerate(_NUMBER.split(path))]
    return not path.startswith("rec_"), parts
