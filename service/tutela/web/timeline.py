"""Dated acts on a scale of years: a lane for each instrument, in percent of the width, so that a page need not be redrawn."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from tutela.web.frame import Row

_STEP = 10  # years between two ticks
_DAY = re.compile(r"(\d{4})(?:-(\d{2})-(\d{2}))?$")


@dataclass(frozen=True)
class Tick:
    """A year on the scale."""

    x: float
    year: int


@dataclass(frozen=True)
class Mark:
    """An act: ``kind`` is ``signed`` or ``joined``."""

    x: float
    kind: str


@dataclass(frozen=True)
class Bar:
    """A time of being bound."""

    start: float
    end: float


@dataclass
class Lane:
    """What one instrument has on the scale."""

    ticks: list[float]
    bars: list[Bar] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


class Scale:
    """The years from the first to the last day, both on whole ticks.

    Args:
        days: days or years, also such as are told by ``not after``.
        until: the day to which the scale reaches at least.

    """

    def __init__(self, days: Iterable[str], until: str) -> None:
        years = [when for day in (*days, until) if (when := _years(day)) is not None]
        self.first = int(min(years) // _STEP * _STEP)
        self.last = int(-(-max(years) // _STEP) * _STEP)
        self.until = self.at(until)

    def at(self, day: str) -> float | None:
        """Return where a day stands, in percent; None for what is no day."""
        when = _years(day)
        return None if when is None else round((when - self.first) / (self.last - self.first) * 100, 2)

    @property
    def ticks(self) -> list[Tick]:
        """The years that are written."""
        span = self.last - self.first
        return [Tick(round((year - self.first) / span * 100, 2), year) for year in range(self.first, self.last, _STEP)]

    def lane(self, signed: Iterable[str], joined: Iterable[str], bound: Iterable[tuple[str, str]]) -> Lane:
        """Return a lane.

        Args:
            signed: days of signatures.
            joined: days of the acts that make a party.
            bound: days from and to which it is bound; without an end, to the day that the scale reaches at least.

        """
        lane = Lane([tick.x for tick in self.ticks])
        for start, end in bound:
            begun, ended = self.at(start), self.at(end) if end else self.until
            if begun is not None and ended is not None and begun <= ended:
                lane.bars.append(Bar(begun, ended))
        for kind, days in (("signed", signed), ("joined", joined)):
            lane.marks += [Mark(x, kind) for day in days if (x := self.at(day)) is not None]
        return lane


def _years(day: str) -> float | None:
    found = _DAY.search(day)
    if not found:
        return None
    year, month, number = (int(part) if part else None for part in found.groups())
    if month is None or number is None:
        return float(year or 0) + 1  # a year known to the year counts as its last day
    return int(year or 0) + date(int(year or 0), month, number).timetuple().tm_yday / 366


def days_of(rows: Iterable[Row]) -> list[str]:
    """Return the days of rows of the question `timeline`."""
    return [row["day"] for row in rows]
