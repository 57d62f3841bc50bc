"""A timeline of treaty actions on a scale of years, one lane per instrument. Positions are percentages of the width."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from tutela.web.rendering import Row

_YEARS_PER_TICK = 10
_DAY = re.compile(r"(\d{4})(?:-(\d{2})-(\d{2}))?$")


@dataclass(frozen=True)
class Tick:
    """A year on the scale."""

    x: float
    year: int


@dataclass(frozen=True)
class Mark:
    """A treaty action; ``kind`` is its CSS class: ``signed``, or ``joined`` for consent to be bound."""

    x: float
    kind: str


@dataclass(frozen=True)
class Bar:
    """A period; ``kind`` is its CSS class: ``bar`` if the jurisdiction is bound, or ``maybe`` if that is not known."""

    start: float
    end: float
    kind: str = "bar"


@dataclass
class Lane:
    """The ticks, bars and marks of one instrument."""

    ticks: list[float]
    bars: list[Bar] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


class Scale:
    """A scale of years that begins and ends on a tick.

    Args:
        days: dates or years, including those with the prefix ``not after``.
        until: the scale covers at least this date.

    """

    def __init__(self, days: Iterable[str], until: str) -> None:
        years = [when for day in (*days, until) if (when := _years(day)) is not None]
        self.first = int(min(years) // _YEARS_PER_TICK * _YEARS_PER_TICK)
        self.last = int(-(-max(years) // _YEARS_PER_TICK) * _YEARS_PER_TICK)
        self.until = self.position(until)

    def position(self, day: str) -> float | None:
        """Return the position of a date, in percent; None if it is not a date."""
        when = _years(day)
        return None if when is None else round((when - self.first) / (self.last - self.first) * 100, 2)

    @property
    def ticks(self) -> list[Tick]:
        """The labelled years."""
        span = self.last - self.first
        return [Tick(round((year - self.first) / span * 100, 2), year) for year in range(self.first, self.last, _YEARS_PER_TICK)]

    def lane(
        self,
        signed: Iterable[str],
        consented: Iterable[str],
        bound: Iterable[tuple[str, str]],
        possible: Iterable[tuple[str, str]] = (),
    ) -> Lane:
        """Return a lane.

        Args:
            signed: dates of signatures. A date by which it had signed has no mark.
            consented: dates of actions that express consent to be bound, in the same way.
            bound: first and last dates of the periods in which it is bound; without an end, until `until`.
            possible: the same for periods in which it is not known whether it is bound.

        """
        lane = Lane([tick.x for tick in self.ticks])
        for kind, periods in (("maybe", possible), ("bar", bound)):
            for start, end in periods:
                begun, ended = self.position(start), self.position(end) if end else self.until
                if begun is not None and ended is not None and begun <= ended:
                    lane.bars.append(Bar(begun, ended, kind))
        for kind, days in (("signed", signed), ("joined", consented)):
            exact = (day for day in days if day[:1].isdigit())
            lane.marks += [Mark(x, kind) for day in exact if (x := self.position(day)) is not None]
        return lane


def _years(day: str) -> float | None:
    found = _DAY.search(day)
    if not found:
        return None
    year, month, number = (int(part) if part else None for part in found.groups())
    if month is None or number is None:
        return float(year or 0) + 1  # a year without a day counts as its last day
    return int(year or 0) + date(int(year or 0), month, number).timetuple().tm_yday / 366


def days_of(rows: Iterable[Row]) -> list[str]:
    """Return the dates in an answer to the query `timeline` that a lane can show: not those of memberships of organisations."""
    shown = (row for row in rows if not row["event"].startswith("member "))
    return [day for row in shown for day in (row["day"], row["earliest"]) if day]
