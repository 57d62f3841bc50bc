"""A chart of the number of jurisdictions that an instrument binds, by year. Positions are percentages of the width."""

from collections.abc import Iterable
from dataclasses import dataclass

from tutela.web.rendering import Row

# Height of the columns, in pixels, and the space above and below them for text.
_HEIGHT, _ABOVE, _BELOW = 90, 20, 20
_GAP = 0.15  # between columns, as a part of their width
_MAX_LABELLED = 12  # up to so many years, every second one has a label
_LABEL = 0.12  # the width of a label, as a part of the width


@dataclass(frozen=True)
class YearColumn:
    """The column of a year.

    Args:
        year: the year.
        day: the day that it is about: the last of the year, or of the period of the chart.
        bound: number of jurisdictions bound on that day.
        at_most: the same, with those of which it is not known.
        changed: whether the number may have changed in this year.
        x: position of its left edge, in percent.
        width: its width, in percent.
        y: position of the top of the certain part, in pixels.
        y_at_most: position of the top of the whole column, in pixels.
        label: the year, if it is labelled.

    """

    year: int
    day: str
    bound: int
    at_most: int
    changed: bool
    x: float
    width: float
    y: float
    y_at_most: float
    label: str = ""

    @property
    def middle(self) -> float:
        """Position of its middle, in percent."""
        return round(self.x + self.width / 2, 2)


@dataclass(frozen=True)
class YearChart:
    """The columns of a chart, oldest first, and its height in pixels."""

    columns: list[YearColumn]
    base: int = _ABOVE + _HEIGHT
    height: int = _ABOVE + _HEIGHT + _BELOW

    def nearest(self, day: str) -> YearColumn:
        """Return the column of the year of a date; the first or last one if the date is before or after all."""
        year = int(day[:4])
        return min(self.columns, key=lambda column: abs(column.year - year))

    def before(self, day: str) -> YearColumn | None:
        """Return the last column about a day before a date."""
        return next((column for column in reversed(self.columns) if column.day < day), None)

    def after(self, day: str) -> YearColumn | None:
        """Return the first column about a day after a date."""
        return next((column for column in self.columns if column.day > day), None)


def render(rows: Iterable[Row]) -> YearChart | None:
    """Return the chart of an answer to the query `parties-by-year`; None if it has no rows.

    A year without a row has the number of the row before.
    """
    found = {int(row["year"]): row for row in rows}
    if not found:
        return None
    first, last = min(found), max(found)
    highest = max(1, *(int(row["bound_at_most"]) for row in found.values()))
    width = 100 / (last - first + 1)
    columns = []
    row = found[first]
    for year in range(first, last + 1):
        row = found.get(year, row)
        bound, at_most = int(row["bound"]), int(row["bound_at_most"])
        columns.append(
            YearColumn(
                year,
                row["day"] if year in found else f"{year}-12-31",
                bound,
                at_most,
                year in found,
                round((year - first) * width + width * _GAP / 2, 2),
                round(width * (1 - _GAP), 2),
                _top(bound, highest),
                _top(at_most, highest),
                str(year) if _is_labelled(year, first, last) else "",
            )
        )
    return YearChart(columns)


def _top(number: int, highest: int) -> float:
    return round(_ABOVE + _HEIGHT * (1 - number / highest), 1)


def _is_labelled(year: int, first: int, last: int) -> bool:
    """Return whether a year is labelled: the last one, and the round ones that are far enough from it and from the first edge."""
    span = last - first + 1
    every = 1 if span <= _MAX_LABELLED // 2 else 2 if span <= _MAX_LABELLED else 5 if span <= 2 * _MAX_LABELLED else 10
    return year == last or (year % every == 0 and last - year >= span * _LABEL and year - first >= span * _LABEL / 2 - 1)
