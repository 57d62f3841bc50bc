"""``/criteria``: the five criteria of the review, and a page for each."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from tutela.errors import UsageError
from tutela.web.components.region_tree import Region, region_tree
from tutela.web.rendering import PageRenderer, ResultTable, Row, get_or_404
from tutela.web.services import services
from tutela.web.templating import local_name

_SHOW = ("", "met", "not-met")


async def list_page(request: Request) -> Response:
    """Respond with the list."""
    renderer = services(request).renderer
    return await renderer.respond(request, "criteria.html", lambda: _list_content(renderer))


async def page(request: Request) -> Response:
    """Respond with the page of one criterion; ``show`` and ``region`` filter the list of jurisdictions."""
    renderer = services(request).renderer
    slug = str(request.path_params["slug"])
    show, region = request.query_params.get("show", ""), request.query_params.get("region", "")
    return await renderer.respond(request, "criterion.html", lambda: _content(renderer, slug, show, region))


def _list_content(renderer: PageRenderer) -> Mapping[str, Any]:
    counts = renderer.run("criterion-counts", edition=renderer.current_edition())
    return {
        "criteria": renderer.run("criteria"),
        "counts": counts,
        "count_of": {row["criterion"]: row for row in counts.rows},
        "findings_as_of": renderer.findings_as_of(),
    }


def _content(renderer: PageRenderer, slug: str, show: str, area: str) -> Mapping[str, Any]:
    get_or_404(renderer.labels("criterion"), slug, "criterion")
    if show not in _SHOW:
        raise UsageError(f"show: unknown value {show!r}; expected met or not-met.")
    tree = region_tree(renderer.run("regions").rows)
    if area:
        get_or_404({code: region.name for code, region in tree.items()}, area, "region")
    edition = renderer.current_edition()
    criteria = renderer.run("criteria")
    (criterion,) = [row for row in criteria.rows if local_name(row["criterion"]) == slug]
    findings = renderer.run("findings", edition=edition)
    column = slug.replace("-", "_")
    groups = {"not-met": findings.where(**{column: "false"}), "met": findings.where(**{column: "true"})}
    notes = renderer.run("notes", edition=edition)
    wordings = renderer.run("provisions-for", criterion=slug)
    change = renderer.run("change-over-editions")
    as_of = renderer.default("bound-counts", "as_of")
    bound = renderer.run("bound-counts", as_of=as_of)
    return {
        "slug": slug,
        "criterion": criterion,
        "criteria": criteria,
        "findings": findings,
        "groups": groups,
        "shown": {key: tree[area].members(rows) if area else rows for key, rows in groups.items() if not show or key == show},
        "show": show,
        "area": tree.get(area),
        "continents": [region for region in tree.values() if not region.depth],
        "by_region": [tally for region in tree.values() if (tally := _tally(region, groups))["reviewed"]],
        "rule": next((row for row in notes.rows if row["number"] == criterion["note"]), None),
        "note_of": {_code(row): row for row in notes.where(subject="finding", criterion=slug)},
        "change": change,
        "trend": _trend(change, slug),
        "requiring": renderer.run("provisions-requiring", criterion=slug),
        "bound": bound,
        "bound_by": {row["instrument"]: row for row in bound.rows},
        "as_of": as_of,
        "recommendations": renderer.run("recommendations").where(criterion=slug),
        "wordings": wordings,
        "wordings_by_continent": _by_continent(renderer, wordings, tree),
        "met_codes": {row["code"] for row in groups["met"]},
        "unmet_codes": {row["code"] for row in groups["not-met"]},
        "findings_as_of": renderer.findings_as_of(),
    }


def _code(note: Row) -> str:
    """Return the code of the jurisdiction whose finding a note is on."""
    return note["about"].rsplit("/", 2)[1]


def _tally(region: Region, groups: Mapping[str, list[Row]]) -> dict[str, Any]:
    """Return how many jurisdictions of a region meet the criterion."""
    met, not_met = (len(region.members(groups[key])) for key in ("met", "not-met"))
    return {"region": region, "met": met, "not_met": not_met, "reviewed": met + not_met}


def _trend(change: ResultTable, slug: str) -> list[Row]:
    """Return the totals that editions state of jurisdictions that do not meet the criterion, the oldest first."""
    rows = [row for row in change.rows if row["measure"] in (f"no-{slug}", f"remaining-without-{slug}")]
    return sorted(rows, key=lambda row: int(row["edition"]))


def _by_continent(renderer: PageRenderer, wordings: ResultTable, tree: Mapping[str, Region]) -> list[tuple[str, list[Row]]]:
    """Return one quoted provision of each jurisdiction, by continent; one that meets the criterion alone comes first."""
    region_of = {row["jurisdiction"]: local_name(row["region"]) for row in renderer.run("jurisdictions").rows}
    quoted: dict[str, Row] = {}
    for row in wordings.rows:
        if row["wording"]:
            quoted.setdefault(row["jurisdiction"], row)
    continents = [region for region in tree.values() if not region.depth]
    found = [(region.name, [row for key, row in quoted.items() if region_of.get(key) in region.codes]) for region in continents]
    return [(name, rows) for name, rows in found if rows]
