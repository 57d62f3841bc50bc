"""Maps as charts: of the world, and of a region."""

from collections.abc import Mapping
from typing import Any

from tutela.errors import UsageError
from tutela.web.components import basemap
from tutela.web.components.chart import INNER, Chart
from tutela.web.components.choropleth import Area, Choropleth, LegendStep
from tutela.web.components.region_map import region_map, steps_of
from tutela.web.components.region_tree import region_tree
from tutela.web.markup import long_date
from tutela.web.pages.chart_sources import ACTIONS, Parameters, Site, dated, page_address, review
from tutela.web.pages.world_map import CRITERIA_MET, criterion_shown, findings_map, map_content
from tutela.web.rendering import PageRenderer, Row, get_or_404

_SCALE = 1.15  # of the basemap, which is 960 wide
_LEGEND_COLUMNS = 3
_LEGEND_ROW = 36  # height in pixels
_MOST_NAMED = 8  # jurisdictions that a line below the title names
_TALLEST = 760  # height of a map in pixels


def map_chart(renderer: PageRenderer, given: Parameters, site: Site) -> Chart:
    """Return the map of the criteria met, of one criterion, or of who is bound by an instrument; see `/map`."""
    content = map_content(renderer, given)
    choropleth: Choropleth = content["choropleth"]
    counts, total = choropleth.counts, len(content["table"].rows)
    shown = {name: value for name, value in given.items() if name != "only"}
    if "instrument" in content:
        title = _bound_title(content["table"].rows, counts, content["instrument"])
        reach = content["list_reaches"]
        subtitle = f"Participation status as of {long_date(content['as_of'])}"
        subtitle += f"; the list of treaty actions is current to {long_date(reach)}." if reach else "."
        source = ACTIONS + site.release
    else:
        edition = renderer.edition(content["table"].values["edition"])
        of_edition = dated(edition)
        if content["criterion"]:
            title = f"{counts['met']} of {total} jurisdictions meet the criterion “{content['criterion']}”"
            subtitle = f"Met or not met, {of_edition}."
        else:
            title = f"{counts['5']} of {total} jurisdictions meet all five criteria, and {counts['4']} meet four"
            subtitle = f"Criteria met, of five, {of_edition}."
        source = review(edition, site)
    world = basemap.load()
    legend, height = _legend(choropleth.steps, world.height * _SCALE if world else 0)
    without = {"x": 0.0, "y": height + _LEGEND_ROW - 8, "label": "Not in the data" if "instrument" in content else "Not reviewed"}
    height += _LEGEND_ROW
    drawing = {
        "choropleth": choropleth, "dots": _dots(choropleth.dots), "scale": _SCALE, "legend": legend, "without": without,
    }  # fmt: skip
    is_draft = "instrument" not in content and content["is_draft"]
    return Chart(title, subtitle, source, page_address(site, "/map", shown), "charts/map.svg", height, drawing, is_draft)


def region_chart(renderer: PageRenderer, given: Parameters, site: Site) -> Chart:
    """Return the map of the criteria met in a region of UN M49, or of one criterion; see `/regions`.

    Raises:
        UsageError: there is no parameter ``region``, or ``show`` has an unknown value.

    """
    code = given.get("region", "")
    if not code:
        raise UsageError("region: missing; expected a code of UN M49, for example /charts/region.svg?region=002.")
    tree = region_tree(renderer.run("regions").rows)
    name = get_or_404({region.code: region.name for region in tree.values()}, code, "region")
    edition = renderer.chosen_edition(given)["edition"]
    findings = renderer.run("findings", edition=edition["number"])
    members = tree[code].members(findings.rows)
    show = given.get("show") or CRITERIA_MET
    criterion = criterion_shown(renderer, show)
    choropleth = findings_map(findings, show)
    shown = region_map(choropleth, members)
    steps = steps_of(choropleth, {row["jurisdiction"] for row in members})
    scale = min(INNER / shown.box.width, _TALLEST / shown.box.height) if shown else 1.0
    legend, height = _legend([step for step in steps if step.rows], shown.box.height * scale if shown else 0)
    drawing = {"map": shown, "scale": scale, "legend": legend, "dots": _dots(shown.dots) if shown else []}
    unmet = [row["name"] for row in steps[-1].rows] if criterion else []
    naming = f" Not met: {', '.join(unmet)}." if 0 < len(unmet) <= _MOST_NAMED else ""
    found, what = len(steps[0].rows), f"the criterion “{criterion}”" if criterion else "all five criteria"
    return Chart(
        f"{name}: {found} of {len(members)} reviewed jurisdictions meet {what}",
        f"{'Met or not met' if criterion else 'Criteria met, of five'}, {dated(edition)}.{naming}",
        review(edition, site),
        page_address(site, f"/regions/{code}", {"show": show}),
        "charts/region.svg",
        height,
        drawing,
        edition["status"] == "draft",
    )


def _legend(steps: list[LegendStep], bottom: float) -> tuple[list[dict[str, Any]], float]:
    """Return the entries of a legend below a map that ends at `bottom`, and the height of both."""
    columns = [steps[start::_LEGEND_COLUMNS] for start in range(_LEGEND_COLUMNS)]
    top = bottom + 44
    entries = [
        {"step": step, "x": column * INNER / _LEGEND_COLUMNS, "y": top + row * _LEGEND_ROW}
        for column, those in enumerate(columns)
        for row, step in enumerate(those)
    ]
    return entries, top + max(len(columns[0]) - 1, 0) * _LEGEND_ROW + 8


def _bound_title(rows: list[Row], counts: Mapping[str, int], instrument: str) -> str:
    possibly = sum(1 for row in rows if row["state"] == "not known" and row["bound_from"])
    number = f"{counts['bound']} to {counts['bound'] + possibly}" if possibly else f"{counts['bound']}"
    return f"{number} jurisdictions are bound by the {instrument}"


def _dots(areas: list[Area]) -> list[dict[str, Any]]:
    """Return the places that are too small to see as areas, with their position; those not in the atlas have none."""
    world = basemap.load()
    found: list[tuple[Area, basemap.Outline | None]] = [
        (area, world.find(area.row["numeric"], area.name) if world and area.row else None) for area in areas
    ]
    return [{"area": area, "x": outline.x, "y": outline.y} for area, outline in found if outline]
