"""Dates and numbers in English words, whatever the locale, and the order of provisions."""

import re
from datetime import date

_NUMBER = re.compile(r"(\d+)")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def day(text: str) -> str:
    """Return a date in words, such as 30 September 2023; any other text unchanged."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


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
