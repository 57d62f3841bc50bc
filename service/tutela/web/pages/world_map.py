"""``/map``: the findings, or where everybody stands towards an instrument, on a map with the same as a table."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from tutela.errors import UsageError
from tutela.web.drawing import Drawing, Level, draw
from tutela.web.frame import EDITION, Figure, Frame, Row
from tutela.web.templating import counted

READ = ["GET", "HEAD"]
MET = "criteria-met"


def add(routes: APIRouter, frame: Frame) -> None:
    """Add the route."""

    @routes.api_route("/map", methods=READ)
    async def world_map(request: Request) -> Response:
        return await frame.page(request, "map.html", lambda: shown(frame, request.query_params))


def shown(frame: Frame, given: Mapping[str, str]) -> dict[str, Any]:
    """Return what a page with a map shows.

    Args:
        frame: what is asked.
        given: ``show``, ``as_of`` and ``only`` (a level to pick out) as the address has them, each perhaps missing.

    Raises:
        UsageError: one of them is nothing that can be shown.

    """
    as_of = given.get("as_of") or frame.default("standing", "as_of")
    made = layer(frame, given.get("show") or MET, as_of)
    only = given.get("only", "")
    levels = [level.key for level in made["drawing"].levels]
    if only and only not in levels:
        raise UsageError(f"only: {only!r}; expected one of {', '.join(levels)}.")
    return {**made, "only": only, "as_of": as_of, "findings_as_of": frame.findings_as_of(), **choices(frame)}


def choices(frame: Frame) -> dict[str, Any]:
    """Return what a map can show: the criteria, and the instruments that somebody can be bound by."""
    instruments = [row for row in frame.ask("instruments").rows if row["binding"] == "true" and row["in_force"]]
    return {"criteria": frame.ask("criteria"), "instruments": instruments}


def layer(frame: Frame, show: str, as_of: str) -> dict[str, Any]:
    """Return what a map shows.

    Args:
        frame: what is asked.
        show: ``criteria-met``, the slug of a criterion or that of an instrument.
        as_of: for an instrument, the day.

    Raises:
        UsageError: there is nothing of that name to show.

    """
    criteria = frame.names("criterion")
    instruments = frame.names("instrument")
    if show == MET or show in criteria:
        figure = frame.ask("findings", edition=EDITION)
        return {"figure": figure, "drawing": _of_findings(figure, show), "show": show, "criterion": criteria.get(show, "")}
    if show in instruments:
        figure = frame.ask("standing", instrument=show, as_of=as_of)
        return {"figure": figure, "drawing": of_standing(figure), "show": show, "instrument": instruments[show]}
    known = [MET, *criteria, *instruments]
    raise UsageError(f"show: {show!r}; expected one of {', '.join(known)}.")


def _of_findings(figure: Figure, show: str) -> Drawing:
    if show == MET:
        said = [f"{counted(n) if n else 'no'} {'criteria' if n > 1 else 'criterion'} met" for n in range(6)]
        levels = [Level(str(n), f"s{n}", said[n]) for n in range(5, -1, -1)]
        return draw(figure.rows, levels, lambda row: row["criteria_met"])
    column = show.replace("-", "_")
    return draw(figure.rows, [Level("met", "s5", "met"), Level("unmet", "s0", "not met")], lambda row: _met(row, column))


def _met(row: Row, column: str) -> str:
    return "met" if row[column] == "true" else "unmet"


_STATES = {"bound": "bound", "signed only": "signed"}


def of_standing(figure: Figure) -> Drawing:
    """Return the map of the question `standing`."""
    levels = [
        Level("bound", "s5", "bound by it"),
        Level("signed", "s2", "signed but not bound"),
        Level("other", "s0", "not a party"),
    ]
    return draw(figure.rows, levels, lambda row: _STATES.get(row["state"], "other"))
