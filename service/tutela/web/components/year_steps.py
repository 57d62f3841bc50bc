"""Steps through the years of a chart: to the year before and after, and from one to the next by itself."""

from dataclasses import dataclass

from tutela.web.components.year_chart import YearChart, YearColumn


@dataclass(frozen=True)
class YearSteps:
    """The steps from a day.

    Args:
        before: the year before; None at the first one.
        after: the year after; None at the last one.
        first: where to begin playing: the first year, or the next one if there is one.
        is_playing: whether the page goes on to the next year by itself.

    """

    before: YearColumn | None
    after: YearColumn | None
    first: YearColumn
    is_playing: bool


def steps(chart: YearChart, day: str, *, play: bool) -> YearSteps:
    """Return the steps from a day; a day within a year is between the ends of two years."""
    after = chart.after(day)
    return YearSteps(chart.before(day), after, after or chart.columns[0], play and after is not None)
