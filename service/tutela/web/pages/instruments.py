"""``/instruments``: the list of them, and a page of each: what it asks, and whom it binds."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from tutela.web.frame import Figure, Frame, Row, known
from tutela.web.outline import outline, path_of, read
from tutela.web.pages.world_map import of_standing
from tutela.web.templating import tail

READ = ["GET", "HEAD"]
_EDITION = "10"
# Terms of the scheme of kinds, by what people look for.
_TREATIES = ("treaty", "protocol", "ilo-convention")
# Strengths from which on a finding of "not met" is a gap or a point to examine.
_ASKS = ("requires", "requires-reservable", "in-substance")


def add(routes: APIRouter, frame: Frame) -> None:
    """Add the routes."""

    @routes.api_route("/instruments", methods=READ)
    async def instruments(request: Request) -> Response:
        as_of = request.query_params.get("as_of") or frame.default("bound-counts", "as_of")
        return await frame.page(request, "instruments.html", lambda: _list(frame, as_of))

    @routes.api_route("/instruments/{slug}", methods=READ)
    async def instrument(request: Request, slug: str) -> Response:
        as_of = request.query_params.get("as_of") or frame.default("standing", "as_of")
        return await frame.page(request, "instrument.html", lambda: _one(frame, slug, as_of))


def _list(frame: Frame, as_of: str) -> Mapping[str, Any]:
    counts = frame.ask("bound-counts", as_of=as_of)
    bound = {row["instrument"]: row for row in counts.rows}
    groups: dict[str, list[Row]] = {"treaties": [], "acts": [], "others": []}
    instruments = frame.ask("instruments")
    for row in instruments.rows:
        treated = row["provisions"] or tail(row["instrument"]) in bound
        group = "treaties" if row["kind"] in _TREATIES else "acts" if row["binding"] == "true" and treated else "others"
        groups[group].append(row)
    return {"as_of": as_of, "instruments": instruments, "counts": counts, "bound": bound, "groups": groups}


def _one(frame: Frame, slug: str, as_of: str) -> Mapping[str, Any]:
    known(slug, frame.names("instrument"), "instrument")
    instruments = frame.ask("instruments")
    (card,) = (row for row in instruments.rows if tail(row["instrument"]) == slug)
    standing = frame.ask("standing", instrument=slug, as_of=as_of)
    provisions = frame.ask("instrument-provisions", instrument=slug)
    readings = frame.ask("readings", instrument=slug)
    doubts = frame.ask("doubts-of-instrument", instrument=slug)
    relations = frame.ask("instrument-relations")
    by_provision, about = readings.by("provision"), doubts.by("about")
    whole = by_provision.get(card["instrument"])
    held = {row["provision"] for row in provisions.rows}
    return {
        "slug": slug,
        "card": card,
        "instruments": instruments,
        "relations": relations,
        "says": relations.where(instrument=slug),
        "said": relations.where(other=slug),
        "provisions": provisions,
        "readings": readings,
        "outline": outline(provisions.rows, by_provision, about),
        "whole": read(whole) if whole else None,
        "doubts": doubts,
        "other_doubts": [row for row in doubts.rows if row["about"] not in held],
        "rules": frame.ask("binding-rules", instrument=slug),
        "standing": standing,
        "drawing": of_standing(standing) if any(row["state"] == "bound" for row in standing.rows) else None,
        **_groups(standing),
        "territories": frame.ask("territories", instrument=slug, as_of=as_of),
        "reservations": frame.ask("reservations", instrument=slug),
        "stated": (counts := frame.ask("party-counts")).where(instrument=slug),
        "party_counts": counts,
        **_findings(frame, slug, as_of, readings, standing),
        "path_of": path_of,
        "as_of": as_of,
    }


def _own(row: Row) -> bool:
    """Return whether a row of the question `standing` is of one that acts for itself."""
    return row["capacity"] != "territory" and row["state"] not in ("kept out by its state", "reached only through its state")


def _groups(standing: Figure) -> dict[str, list[Row]]:
    """Return who is bound, who has signed and is not bound, who is not a party, and territories."""
    groups: dict[str, list[Row]] = {"bound": [], "signed": [], "apart": [], "places": []}
    for row in standing.rows:
        if not _own(row):
            group = "places"
        elif row["state"] == "bound":
            group = "bound"
        elif row["state"] == "signed only" or (row["state"] == "bound later" and row["signed"]):
            group = "signed"
        else:
            group = "apart"
        groups[group].append(row)
    return groups


def _findings(frame: Frame, slug: str, as_of: str, readings: Figure, standing: Figure) -> dict[str, Any]:
    """Return, for each criterion that the instrument asks for, those it binds that the review finds not to meet it."""
    if not standing.rows:
        return {"found": [], "unasked": []}
    reviewed = {row["jurisdiction"] for row in frame.ask("findings", edition=_EDITION).rows}
    bound = {row["jurisdiction"] for row in standing.rows if row["state"] == "bound" and _own(row)}
    gaps = frame.ask("gaps", as_of=as_of)
    criteria = frame.ask("criteria")
    found, unasked = [], []
    for criterion in criteria.rows:
        wanted = tail(criterion["criterion"])
        strengths = {row["strength"] for row in readings.where(criterion=wanted)}
        strongest = next((strength for strength in _ASKS if strength in strengths), None)
        if strongest is None:
            unasked.append(criterion)
            continue
        lacking = frame.ask("parties-lacking", instrument=slug, criterion=wanted, as_of=as_of)
        rows = gaps.where(instrument=slug, criterion=wanted)
        kinds = {
            kind: {row["jurisdiction"] for row in rows if row["kind"] == kind}
            for kind in ("unmet obligation", "point to examine")
        }
        asking = [row for row in readings.where(criterion=wanted) if row["strength"] == strongest]
        found.append(
            {
                "criterion": criterion,
                "slug": wanted,
                "strength": strongest,
                "asking": asking,
                "lacking": lacking,
                **_sorted(lacking, kinds),
            }
        )
    (edition,) = frame.ask("editions").where(number=_EDITION)
    return {
        "found": found,
        "unasked": unasked,
        "reviewed": len(bound & reviewed),
        "gaps": gaps,
        "findings_as_of": edition["findings_as_of"],
    }


def _sorted(lacking: Figure, kinds: Mapping[str, set[str]]) -> dict[str, list[Row]]:
    """Return those that lack a criterion by what follows: an obligation unmet, a point to examine, or neither."""
    sorted_: dict[str, list[Row]] = {"unmet": [], "examine": [], "neither": []}
    for row in lacking.rows:
        at = row["jurisdiction"]
        group = "unmet" if at in kinds["unmet obligation"] else "examine" if at in kinds["point to examine"] else "neither"
        if row not in sorted_[group]:
            sorted_[group].append(row)
    return sorted_
