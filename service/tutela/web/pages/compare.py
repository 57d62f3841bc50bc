"""``/compare``: places side by side, question by question, and where they differ."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from tutela.errors import UsageError
from tutela.web.frame import Figure, Frame, Row
from tutela.web.outline import by_provision
from tutela.web.templating import counted, tail

READ = ["GET", "HEAD"]
MOST = 5  # places beside each other
_EDITION = "10"


@dataclass(frozen=True)
class Place:
    """A place, and what the catalogue answers about it."""

    row: Row
    card: Figure
    bound: Figure
    unmet: Figure
    doubts: Figure

    @property
    def code(self) -> str:
        """Its code."""
        return self.row["code"]


@dataclass(frozen=True)
class Line:
    """A question, what each place has to it, and whether that differs.

    Args:
        kind: how the cells are shown.
        subject: what the question is about, by its slug.
        cells: one for each place.
        keys: what of each cell counts when they are compared.

    """

    kind: str
    subject: str
    cells: Sequence[Any]
    keys: Sequence[Hashable]

    @property
    def differs(self) -> bool:
        """Whether two places have something else."""
        return len(set(self.keys)) > 1


@dataclass(frozen=True)
class Part:
    """Lines that belong together."""

    name: str
    lines: list[Line] = field(default_factory=list)


def add(routes: APIRouter, frame: Frame) -> None:
    """Add the route."""

    @routes.api_route("/compare", methods=READ)
    async def compare(request: Request) -> Response:
        return await frame.page(request, "compare.html", lambda: _page(request, frame))


def _page(request: Request, frame: Frame) -> Mapping[str, Any]:
    default = frame.default("bound-by", "as_of")
    as_of = request.query_params.get("as_of") or default
    only = request.query_params.get("differs") == "1"
    everyone = frame.ask("jurisdictions")
    known = {row["code"]: row for row in everyone.rows}
    codes = list(dict.fromkeys(code.strip().upper() for code in request.query_params.getlist("j") if code.strip()))
    unknown = [code for code in codes if code not in known]
    if unknown:
        message = (
            f"There is no place with the code {unknown[0]!r} here. The list of jurisdictions has them all, with their codes."
        )
        raise UsageError(message)
    if len(codes) > MOST:
        raise UsageError(f"At most {counted(MOST)} places can be compared at once; this address names {counted(len(codes))}.")
    frame.check("bound-by", as_of=as_of)
    places = [_place(frame, known[code], as_of) for code in codes]
    criteria = frame.ask("criteria")
    parts = list(_parts(frame, places, criteria)) if len(places) > 1 else []
    (edition,) = frame.ask("editions").where(number=_EDITION)
    return {
        "places": places,
        "everyone": everyone.rows,
        "regions": _regions(everyone),
        "near": [row for row in everyone.rows if places and row["region_name"] == places[0].row["region_name"] != ""],
        "parts": [_filtered(part, only) for part in parts],
        "lines": sum(len(part.lines) for part in parts),
        "differing": sum(line.differs for part in parts for line in part.lines),
        "criteria": {tail(row["criterion"]): row for row in criteria.rows},
        "instruments": frame.names("instrument"),
        "ratings": frame.names("rating"),
        "only": only,
        "as_of": as_of,
        "default_as_of": default,
        "findings_as_of": edition["findings_as_of"],
        "most": MOST,
        "address": lambda chosen, **more: _address(chosen, as_of if as_of != default else "", only, **more),
    }


def _address(codes: Sequence[str], as_of: str, only: bool, **more: str) -> Markup:
    kept = {**({"as_of": as_of} if as_of else {}), **({"differs": "1"} if only else {}), **more}
    return Markup.escape("/compare?" + urlencode([*(("j", code) for code in codes), *kept.items()]))


def _place(frame: Frame, row: Row, as_of: str) -> Place:
    code = row["code"]
    return Place(
        row,
        frame.ask("jurisdiction-card", jurisdiction=code),
        frame.ask("bound-by", jurisdiction=code, as_of=as_of),
        frame.ask("unmet-obligations", jurisdiction=code, as_of=as_of),
        frame.ask("doubts", jurisdiction=code),
    )


def _regions(everyone: Figure) -> dict[str, list[Row]]:
    return dict(sorted((name, rows) for name, rows in everyone.by("region_name").items() if name))


def _parts(frame: Frame, places: list[Place], criteria: Figure) -> Iterator[Part]:
    findings = Part("findings")
    for criterion in criteria.rows:
        cells = [_finding(place, criterion["criterion"]) for place in places]
        findings.lines.append(Line("finding", tail(criterion["criterion"]), cells, [cell["met"] for cell in cells]))
    notes = [place.card.where(criterion="") for place in places]
    if any(notes):
        findings.lines.append(Line("notes", "", notes, [bool(rows) for rows in notes]))
    ratings = [_rating(frame, place) for place in places]
    findings.lines.append(Line("rating", "", ratings, ratings))
    yield findings
    standing = Part("standing")
    names = frame.names("instrument")
    for slug in sorted({row["instrument"] for place in places for row in place.bound.rows}, key=lambda slug: names[slug].lower()):
        rows = [next(iter(place.bound.where(instrument=slug)), None) for place in places]
        standing.lines.append(Line("standing", slug, rows, [row["state"] if row else "" for row in rows]))
    yield standing
    follows = Part("follows")
    for kind in ("unmet obligation", "point to examine"):
        duties = [by_provision(place.unmet.where(kind=kind)) for place in places]
        keys = [frozenset((row["provision"], row["criterion"]) for row in rows) for rows in duties]
        follows.lines.append(Line("duties", kind, duties, keys))
    yield follows


def _finding(place: Place, criterion: str) -> dict[str, Any]:
    rows = place.card.where(criterion=criterion)
    return {
        "met": rows[0]["met"] if rows else "",
        "notes": [row for row in rows if row["note"]],
        "doubts": place.doubts.where(criterion=tail(criterion)),
    }


def _rating(frame: Frame, place: Place) -> str:
    """Return the slug of a place's rating; nothing for one that the review does not rate."""
    for rating in frame.names("rating"):
        if frame.ask("jurisdictions-rated", rating=rating, edition=_EDITION).where(jurisdiction=place.row["jurisdiction"]):
            return rating
    return ""


def _filtered(part: Part, only: bool) -> Part:
    return Part(part.name, [line for line in part.lines if line.differs or not only])
