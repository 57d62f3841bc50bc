"""``/jurisdictions``: the list of them, and a page of each."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from tutela.web.frame import EDITION, Figure, Frame, Row, known
from tutela.web.outline import by_provision
from tutela.web.templating import tail
from tutela.web.timeline import Lane, Scale, days_of

READ = ["GET", "HEAD"]


def add(routes: APIRouter, frame: Frame) -> None:
    """Add the routes."""

    @routes.api_route("/jurisdictions", methods=READ)
    async def jurisdictions(request: Request) -> Response:
        return await frame.page(request, "jurisdictions.html", lambda: _list(frame))

    @routes.api_route("/jurisdictions/{code}", methods=READ)
    async def jurisdiction(request: Request, code: str) -> Response:
        as_of = request.query_params.get("as_of") or frame.default("bound-by", "as_of")
        return await frame.page(request, "jurisdiction.html", lambda: _one(frame, code, as_of))


def _list(frame: Frame) -> Mapping[str, Any]:
    return {
        "findings": frame.ask("findings", edition=EDITION),
        "places": frame.ask("places-without-row", edition=EDITION),
        "all": frame.ask("jurisdictions"),
        "criteria": frame.ask("criteria"),
        "findings_as_of": frame.findings_as_of(),
    }


def _one(frame: Frame, code: str, as_of: str) -> Mapping[str, Any]:
    known(code, frame.names("jurisdiction"), "jurisdiction")
    (place,) = frame.ask("jurisdictions").where(code=code)
    card = frame.ask("jurisdiction-card", jurisdiction=code)
    criteria = frame.ask("criteria")
    bound = frame.ask("bound-by", jurisdiction=code, as_of=as_of)
    timeline = frame.ask("timeline", jurisdiction=code)
    unmet = frame.ask("unmet-obligations", jurisdiction=code, as_of=as_of)
    neighbours = frame.ask("neighbours", jurisdiction=code)
    could_join = frame.ask("could-join", jurisdiction=code, as_of=as_of)
    return {
        "place": place,
        "card": card,
        "criteria": criteria,
        "findings": _findings(card, criteria),
        "on_the_whole": [row for row in card.rows if not row["criterion"]],
        "correspondence": [row for row in frame.ask("correspondence").rows if row["jurisdiction"] == place["jurisdiction"]],
        "laws": frame.ask("national-law", jurisdiction=code),
        "doubts": frame.ask("doubts", jurisdiction=code),
        "bound": bound,
        "timeline": timeline,
        **_drawn(bound, timeline, as_of),
        "reservations": frame.ask("reservations-by", jurisdiction=code),
        "unmet": unmet,
        "obligations": by_provision(unmet.where(kind="unmet obligation")),
        "points": by_provision(unmet.where(kind="point to examine")),
        "could_join": could_join,
        "open": _open(could_join),
        "closed": _closed(could_join),
        "would_add": frame.ask("would-add", jurisdiction=code, as_of=as_of),
        "recommendations": frame.ask("recommendations-for", jurisdiction=code),
        "neighbours": neighbours,
        "instruments": frame.names("instrument"),
        "titles": {tail(row["instrument"]): row["title"] for row in frame.ask("instruments").rows},
        "organisations": frame.names("organisation"),
        "as_of": as_of,
        "findings_as_of": frame.findings_as_of(),
    }


def _findings(card: Figure, criteria: Figure) -> list[tuple[Row, list[Row]]]:
    """Return each criterion with its rows of the card, one for each note; none where the review found nothing."""
    rows = card.by("criterion")
    return [(criterion, rows.get(criterion["criterion"], [])) for criterion in criteria.rows]


def _shut(way: Row) -> bool:
    """Return whether a way in takes a membership that the record says it does not have."""
    return way["way"] in ("member", "membership-only") and way["member"] == "false"


def _open(could_join: Figure) -> dict[str, list[Row]]:
    """Return the ways into each instrument that are open, as far as the record of memberships says."""
    ways = {slug: [row for row in rows if not _shut(row)] for slug, rows in could_join.by("instrument").items()}
    return {slug: rows for slug, rows in ways.items() if rows}


def _closed(could_join: Figure) -> list[Row]:
    """Return one row for each instrument that has no open way."""
    return [rows[0] for rows in could_join.by("instrument").values() if all(map(_shut, rows))]


def _drawn(bound: Figure, timeline: Figure, as_of: str) -> dict[str, Any]:
    """Return the lanes of the instruments that it has signed or that bind it, by slug."""
    acts: dict[str, list[Row]] = timeline.by("instrument")
    ends = {row["instrument"]: row["bound_until"] for row in bound.rows}
    scale = Scale([day for slug in acts for day in days_of(acts[slug])], as_of)
    lanes: dict[str, Lane] = {}
    for slug, rows in acts.items():
        dated = {kind: [row["day"] for row in rows if row["event"] == kind] for kind in ("signature", "bound from")}
        others = ("signature", "bound from", "bound until", "reservation", "declaration", "member from", "member until")
        joined = [row["day"] for row in rows if row["event"] not in others]
        lanes[slug] = scale.lane(dated["signature"], joined, [(day, ends.get(slug, "")) for day in dated["bound from"]])
    return {"lanes": lanes, "ticks": scale.ticks, "blank": scale.lane([], [], [])}
