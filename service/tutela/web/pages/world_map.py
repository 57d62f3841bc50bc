"""``/map``: the findings, or the participation status in an instrument year by year, as a map and a list."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from tutela.errors import UsageError
from tutela.web.components import year_chart
from tutela.web.components.choropleth import Choropleth, LegendStep, render
from tutela.web.components.participation import earliest_reach, participation_groups
from tutela.web.components.year_steps import steps
from tutela.web.pages.edition_totals import edition_totals
from tutela.web.rendering import PageRenderer, ResultTable
from tutela.web.services import services
from tutela.web.templating import number_word

CRITERIA_MET = "criteria-met"
EDITION_TOTALS = "edition-totals"
_YEAR = re.compile(r"[12]\d{3}")


async def page(request: Request) -> Response:
    """Respond with the page."""
    renderer = services(request).renderer
    given = request.query_params
    if given.get("show") == EDITION_TOTALS:
        return await renderer.respond(request, "edition_totals.html", lambda: edition_totals(renderer, given))
    return await renderer.respond(request, "map.html", lambda: _content(renderer, given))


def _content(renderer: PageRenderer, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the content of the page: that of the map, and for an instrument the steps through the years.

    Args:
        renderer: runs the queries.
        given: the parameters of `map_content`; ``year``, which stands for the last day of a year; and ``play``.

    Raises:
        UsageError: a parameter has an unknown value.

    """
    latest = renderer.default("standing", "as_of")
    year = given.get("year", "")
    if year and not _YEAR.fullmatch(year):
        raise UsageError(f"year: {year!r} is not a year; expected four digits, such as {latest[:4]}.")
    if year:
        given = {**given, "as_of": min(f"{year}-12-31", latest)}
    content = map_content(renderer, given)
    if "instrument" not in content:
        return content
    by_year = renderer.run("parties-by-year", instrument=content["show"], as_of=latest)
    chart = year_chart.render(by_year.rows)
    if chart is None:
        return content
    play = given.get("play") == "1"
    return {**content, "by_year": by_year, "chart": chart, "steps": steps(chart, content["as_of"], play=play)}


def map_content(renderer: PageRenderer, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the content of a page with a map.

    Args:
        renderer: runs the queries.
        given: the optional URL parameters ``show``, ``as_of``, ``edition`` and ``only`` (a legend step to highlight).

    Raises:
        NotFoundError: there is no such edition.
        UsageError: another parameter has an unknown value.

    """
    as_of = given.get("as_of") or renderer.default("standing", "as_of")
    chosen = renderer.chosen_edition(given)
    layer = _layer(renderer, given.get("show") or CRITERIA_MET, as_of, chosen["edition"]["number"])
    only = given.get("only", "")
    keys = [step.key for step in layer["choropleth"].steps]
    if only and only not in keys:
        raise UsageError(f"only: unknown value {only!r}; expected one of {', '.join(keys)}.")
    return {**chosen, **layer, "only": only, "as_of": as_of, **_choices(renderer)}


def _choices(renderer: PageRenderer) -> dict[str, Any]:
    """Return the choices for ``show``: the criteria, and the binding instruments that are in force."""
    instruments = [row for row in renderer.run("instruments").rows if row["binding"] == "true" and row["in_force"]]
    return {"criteria": renderer.run("criteria"), "instruments": instruments}


def _layer(renderer: PageRenderer, show: str, as_of: str, edition: str) -> dict[str, Any]:
    """Return the data of the map.

    Args:
        renderer: runs the queries.
        show: ``criteria-met``, or the slug of a criterion or instrument.
        as_of: the date of the participation status, for an instrument.
        edition: the number of the edition of the findings.

    Raises:
        UsageError: `show` has an unknown value.

    """
    criteria = renderer.labels("criterion")
    instruments = renderer.labels("instrument")
    if show == CRITERIA_MET or show in criteria:
        table = renderer.run("findings", edition=edition)
        return {"table": table, "choropleth": findings_map(table, show), "show": show, "criterion": criteria.get(show, "")}
    if show in instruments:
        table = renderer.run("standing", instrument=show, as_of=as_of)
        return {
            "table": table,
            "choropleth": status_map(table),
            "show": show,
            "instrument": instruments[show],
            "list_reaches": earliest_reach(table.rows),
        }
    known = [CRITERIA_MET, *criteria, *instruments]
    raise UsageError(f"show: unknown value {show!r}; expected one of {', '.join(known)}.")


def criterion_shown(renderer: PageRenderer, show: str) -> str:
    """Return the name of the criterion that a map of findings shows; empty for the number of criteria met.

    Raises:
        UsageError: `show` is neither ``criteria-met`` nor the slug of a criterion.

    """
    criteria = renderer.labels("criterion")
    if show != CRITERIA_MET and show not in criteria:
        raise UsageError(f"show: unknown value {show!r}; expected one of {', '.join([CRITERIA_MET, *criteria])}.")
    return criteria.get(show, "")


def findings_map(table: ResultTable, show: str = CRITERIA_MET) -> Choropleth:
    """Return the map of an answer to the query `findings`: of the number of criteria met, or of one criterion."""
    if show == CRITERIA_MET:
        labels = [f"{number_word(n) if n else 'no'} {'criteria' if n > 1 else 'criterion'} met" for n in range(6)]
        steps = [LegendStep(str(n), f"s{n}", labels[n]) for n in range(5, -1, -1)]
        return render(table.rows, steps, lambda row: row["criteria_met"])
    column = show.replace("-", "_")
    steps = [LegendStep("met", "s5", "met"), LegendStep("unmet", "s0", "not met")]
    return render(table.rows, steps, lambda row: "met" if row[column] == "true" else "unmet")


def status_map(table: ResultTable) -> Choropleth:
    """Return the map of an answer to the query `standing`, with a legend step for each group of `participation_groups`."""
    # Nobody joins an instrument that binds the members of an organisation.
    has_parties = any(row["list_reaches"] or row["signed"] for row in table.rows)
    steps = {
        "bound": LegendStep("bound", "s5", "bound by it"),
        "territories": LegendStep("territories", "s4", "bound through its state"),
        "not_known": LegendStep("not_known", "s3", "not known"),
        "signed": LegendStep("signed", "s2", "signed but not bound"),
        "not_bound": LegendStep("other", "s0", "not a party" if has_parties else "not bound by it"),
        "dependent": LegendStep("dependent", "s1", "not bound: only through its state"),
        "closed": LegendStep("closed", "closed", "cannot join"),
    }
    groups = participation_groups(table)
    group_of = {row["jurisdiction"]: group for group, rows in groups.items() for row in rows}
    always = ("bound", "signed", "not_bound") if has_parties else ("bound", "not_bound")
    shown = [step for group, step in steps.items() if groups[group] or group in always]
    return render(table.rows, shown, lambda row: steps[group_of[row["jurisdiction"]]].key)
