"""``/regions``: the regions of the world, and a page for each: its jurisdictions, what the review finds, and who is bound."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from tutela.web.components.region_map import region_map, steps_of
from tutela.web.components.region_tree import Region, around, region_tree
from tutela.web.pages.world_map import CRITERIA_MET, criterion_shown, findings_map
from tutela.web.rendering import PageRenderer, Row, get_or_404
from tutela.web.services import services
from tutela.web.templating import local_name

_SUFFICIENT = 4  # criteria met from which the review calls the law sufficient


async def list_page(request: Request) -> Response:
    """Respond with the list."""
    renderer = services(request).renderer
    return await renderer.respond(request, "regions.html", lambda: _list_content(renderer))


async def page(request: Request) -> Response:
    """Respond with the page of one region; ``show`` chooses a criterion for its map."""
    renderer = services(request).renderer
    code = str(request.path_params["code"])
    as_of, show = request.query_params.get("as_of"), request.query_params.get("show") or CRITERIA_MET
    return await renderer.respond(request, "region.html", lambda: _content(renderer, code, as_of, show))


def _list_content(renderer: PageRenderer) -> Mapping[str, Any]:
    regions = renderer.run("regions")
    tree = region_tree(regions.rows)
    findings = renderer.run("findings", edition=renderer.current_edition())
    criteria = renderer.run("criteria")
    return {
        "regions": regions,
        "findings": findings,
        "criteria": criteria,
        "summaries": [_summary(region, findings.rows, criteria.rows, regions.rows) for region in tree.values()],
        "findings_as_of": renderer.findings_as_of(),
    }


def _content(renderer: PageRenderer, code: str, given_as_of: str | None, show: str) -> Mapping[str, Any]:
    regions = renderer.run("regions")
    tree = region_tree(regions.rows)
    get_or_404({region.code: region.name for region in tree.values()}, code, "region")
    criterion = criterion_shown(renderer, show)
    as_of = given_as_of or renderer.default("bound-in-region", "as_of")
    region = tree[code]
    criteria = renderer.run("criteria")
    findings = renderer.run("findings", edition=renderer.current_edition())
    members = region.members(findings.rows)
    reviewed = {row["jurisdiction"] for row in members}
    choropleth = findings_map(findings, show)
    everyone = region.members(renderer.run("jurisdictions").rows)
    return {
        "region": region,
        "around": around(tree, code),
        "regions": regions,
        "criteria": criteria,
        "findings": renderer.run("region-findings", region=code, edition=renderer.current_edition()),
        "summary": _summary(region, findings.rows, criteria.rows, regions.rows),
        "within": [
            _summary(one, findings.rows, criteria.rows, regions.rows)
            for one in tree.values()
            if one.code in region.codes and one.code != code
        ],
        "members": [{**row, "missing": _missing(row, criteria.rows)} for row in members],
        "others": [row for row in everyone if row["jurisdiction"] not in reviewed],
        "show": show,
        "criterion": criterion,
        "map": region_map(choropleth, members),
        "steps": [step for step in steps_of(choropleth, reviewed) if step.rows],
        "bound": renderer.run("bound-in-region", region=code, as_of=as_of),
        "titles": {local_name(row["instrument"]): row["title"] for row in renderer.run("instruments").rows},
        "as_of": as_of,
        "findings_as_of": renderer.findings_as_of(),
    }


def _missing(row: Row, criteria: list[Row]) -> list[str]:
    """Return the criteria that the review finds not met in a jurisdiction."""
    slugs = [local_name(criterion["criterion"]) for criterion in criteria]
    return [slug for slug in slugs if row[slug.replace("-", "_")] == "false"]


def _summary(region: Region, findings: list[Row], criteria: list[Row], regions: list[Row]) -> dict[str, Any]:
    """Return the numbers of a region: of its jurisdictions, and of those that meet each criterion, four of them and all."""
    members = region.members(findings)
    slugs = [local_name(row["criterion"]) for row in criteria]
    (row,) = [row for row in regions if row["code"] == region.code]
    return {
        "region": region,
        "jurisdictions": int(row["jurisdictions"]),
        "reviewed": len(members),
        "met": {slug: sum(row[slug.replace("-", "_")] == "true" for row in members) for slug in slugs},
        "all": sum(row["criteria_met"] == str(len(slugs)) for row in members),
        "sufficient": sum(int(row["criteria_met"]) >= _SUFFICIENT for row in members),
    }
