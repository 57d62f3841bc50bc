"""Dates as people and spreadsheet programs write them, and what they can mean in the form of the tables (ISO 8601)."""

import re
from collections.abc import Iterator
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_MONTHS = "january february march april june july august sept september october november december"
_DAY_FIRST = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})|(\d{4})-(\d{1,2})-(\d{1,2})")
_WITH_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?")
_SEPARATED = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d{2})")
_NAMED = re.compile(r"(\d{1,2})[ -]([a-z]{3,9})\.?,?[ -](\d{4}|\d{2})|([a-z]{3,9})\.? (\d{1,2}),? (\d{4})", re.IGNORECASE)
_MONTH = re.compile(r"([a-z]{3,9})\.?[ -](\d{4}|\d{2})|(\d{1,2})[./](\d{4})", re.IGNORECASE)


def days(text: str) -> list[str]:
    """Return the days that a text can mean, the likeliest first: ``03/04/2024`` is 3 April or 4 March.

    With dots the day comes first; with slashes and hyphens it may be the month. A year of two digits is in this century or in the
    last. A text that means no day has none.
    """
    return list(dict.fromkeys(iso for year, month, day in _days(text.strip()) if (iso := _iso(year, month, day))))


def _days(text: str) -> Iterator[tuple[int, int, int]]:
    if found := _WITH_TIME.fullmatch(text):
        year, month, day = found[1].split("-")
        yield int(year), int(month), int(day)
    elif found := _YEAR_FIRST.fullmatch(text):
        year, month, day = (part for part in found.groups() if part)
        yield int(year), int(month), int(day)
    elif found := _DAY_FIRST.fullmatch(text):
        yield from ((year, int(found[2]), int(found[1])) for year in _years(found[3]))
    elif found := _SEPARATED.fullmatch(text):
        for year in _years(found[4]):
            yield year, int(found[3]), int(found[1])
            yield year, int(found[1]), int(found[3])
    elif found := _NAMED.fullmatch(text):
        day, name, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
        yield from ((number, _month(name), int(day)) for number in _years(year))


def months(text: str) -> list[str]:
    """Return the months that a text can mean, such as ``2024-12`` for ``Dec-24`` and ``12/2024``."""
    found = _MONTH.fullmatch(text.strip())
    if not found:
        return []
    month, year = (int(found[3]), found[4]) if found[3] else (_month(found[1]), found[2])
    return [f"{number:04d}-{month:02d}" for number in _years(year) if 1 <= month <= 12]


def spellings(day: date) -> set[str]:
    """Return texts that a spreadsheet program takes for a date: ``9/2005`` and ``9-05`` for 1 September 2005."""
    short = day.year % 100
    texts = {f"{day.day}{mark}{day.month}" for mark in "/-."} | {f"{day.month}{mark}{day.day}" for mark in "/-."}
    if day.day == 1:
        for mark in "/-.":
            texts |= {f"{day.month}{mark}{day.year}", f"{day.year}{mark}{day.month}", f"{day.month}{mark}{short:02d}"}
            texts |= {f"{day.month:02d}{mark}{day.year}", f"{day.year}{mark}{day.month:02d}", f"{day.month:02d}{mark}{short:02d}"}
    for mark in "/-.":
        texts |= {f"{day.day}{mark}{day.month}{mark}{day.year}", f"{day.month}{mark}{day.day}{mark}{day.year}"}
        texts |= {f"{day.day:02d}{mark}{day.month:02d}{mark}{day.year}", f"{day.month:02d}{mark}{day.day:02d}{mark}{day.year}"}
        texts.add(f"{day.year}{mark}{day.month:02d}{mark}{day.day:02d}")
    return texts


def _years(text: str) -> tuple[int, ...]:
    return (int(text),) if len(text) == 4 else (2000 + int(text), 1900 + int(text))


def _month(name: str) -> int:
    """Return the number of a month by its English name or the first letters of it; 0 if there is none."""
    name = name.lower()
    return _MONTHS.index(name[:3]) + 1 if name in (*_MONTHS, *_LONG_MONTHS.split()) else 0


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
