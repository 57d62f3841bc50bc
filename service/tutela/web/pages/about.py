"""``/about``: what the data are, how they came about, where they are in doubt, and how to cite and correct them."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from tutela import names
from tutela.web.frame import Frame, Row
from tutela.web.templating import tail

READ = ["GET", "HEAD"]
_EDITION = "10"
# The kinds of what a discrepancy is about, by the first part of its address.
_GROUPS = {
    "findings": ("observation", "jurisdiction", "law", "criterion", "note"),
    "instruments": ("instrument",),
    "counts": ("party-count", "total"),
}


def add(routes: APIRouter, frame: Frame) -> None:
    """Add the route."""

    @routes.api_route("/about", methods=READ)
    async def about(request: Request) -> Response:
        return await frame.page(request, "about.html", lambda: _page(frame))


def _page(frame: Frame) -> Mapping[str, Any]:
    contents = frame.ask("contents")
    discrepancies = frame.ask("discrepancies")
    editions = frame.ask("editions")
    (edition,) = editions.where(number=_EDITION)
    return {
        "contents": contents,
        "held_of": {tail(row["class"]).partition("#")[2]: int(row["things"]) for row in contents.rows},
        "coverage": frame.ask("coverage"),
        "editions": editions,
        "discrepancies": discrepancies,
        "groups": _grouped(frame, discrepancies.rows),
        "party_counts": frame.ask("party-counts"),
        "totals": frame.ask("edition-totals", edition=_EDITION),
        "sources": frame.ask("sources"),
        "criteria": frame.ask("criteria"),
        "instruments": frame.names("instrument"),
        "slugs_of": lambda kind: [term.partition("/")[2] for term in frame.words() if term.startswith(f"{kind}/")],
        "edition": edition,
        "findings_as_of": edition["findings_as_of"],
        "as_of": frame.default("bound-by", "as_of"),
    }


def _grouped(frame: Frame, rows: list[Row]) -> dict[str, list[Row]]:
    """Return discrepancies by what they are about, each with the name of that as people say it."""
    groups: dict[str, list[Row]] = {name: [] for name in (*_GROUPS, "others")}
    for row in rows:
        kind, _, rest = names.short(row["about"]).removeprefix("id/").partition("/")
        group = next((name for name, kinds in _GROUPS.items() if kind in kinds), "others")
        groups[group].append({**row, "subject": _subject(frame, kind, rest) or row["about_name"] or rest})
    return {name: sorted(found, key=lambda row: row["subject"]) for name, found in groups.items() if found}


def _subject(frame: Frame, kind: str, rest: str) -> str:
    parts = rest.split("/")
    if kind == "observation":
        _, code, criterion = parts
        return f"{frame.names('jurisdiction')[code]}: {frame.names('criterion')[criterion]}"
    if kind == "party-count" or (kind == "instrument" and parts[1:] == ["entry-rule"]):
        return frame.names("instrument")[parts[0]]
    return ""
