"""Charts to share: ``/charts/NAME.svg`` and ``.png``, and ``/embed/NAME`` for other web pages.

A chart takes the parameters of the page that shows the same data, and links to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from tutela.errors import NotFoundError, UsageError
from tutela.reports.words import ordinal
from tutela.web.components import basemap
from tutela.web.components.chart import WIDTH, Chart, png
from tutela.web.components.choropleth import Area, Choropleth
from tutela.web.edition import DRAFT, DRAFT_HEADER
from tutela.web.http.caching import CACHEABLE
from tutela.web.markup import long_date
from tutela.web.middleware.security_headers import embeddable
from tutela.web.pages.jurisdictions import timeline_lanes
from tutela.web.pages.start import editions_with_totals
from tutela.web.pages.world_map import CRITERIA_MET, map_content
from tutela.web.rendering import PageRenderer, Row, get_or_404
from tutela.web.services import services
from tutela.web.templating import capfirst

_INNER = WIDTH - 96
_MAP_SCALE = 1.15  # of the basemap, which is 960 wide
_LEGEND_COLUMNS = 3
_ROW, _LANE = 44, 34
_ACTIONS = "lists of treaty actions, each named on the page; "

Parameters = Mapping[str, str]


@dataclass(frozen=True)
class Site:
    """What charts say about where they come from: the absolute URL of the root path, and the release in words."""

    root: str
    release: str


async def chart_file(request: Request) -> Response:
    """Respond with a chart as SVG or PNG."""
    chart = await _chart(request)
    headers = {**CACHEABLE, **({DRAFT_HEADER: DRAFT} if chart.is_draft else {})}
    svg = await run_in_threadpool(chart.svg)
    if request.path_params["suffix"] == "svg":
        return Response(svg, headers={**headers, "content-type": "image/svg+xml"})
    image = await run_in_threadpool(png, svg)
    return Response(image, headers={**headers, "content-type": "image/png"})


async def embed(request: Request) -> Response:
    """Respond with a page that contains a chart only, which any other page may show in a frame."""
    chart = await _chart(request)
    renderer = services(request).renderer
    image = f"/charts/{request.path_params['name']}.svg" + (f"?{request.url.query}" if request.url.query else "")
    content = {"chart": chart, "image": image, "is_draft": chart.is_draft}
    return await renderer.respond(request, "embed.html", lambda: content, embeddable())


async def _chart(request: Request) -> Chart:
    name, suffix = str(request.path_params["name"]), request.path_params.get("suffix", "svg")
    if name not in CHARTS or suffix not in ("svg", "png"):
        known = ", ".join(f"/charts/{known}.svg" for known in CHARTS)
        raise NotFoundError(f"Unknown chart {name}.{suffix}. There are {known}, and the same with .png.")
    renderer = services(request).renderer
    release = await renderer.engine.current_release()
    described = f"Tutela, release {release.version} of {long_date(release.issued)}, CC BY 4.0"
    site = Site(str(request.base_url).rstrip("/"), described)
    return await run_in_threadpool(CHARTS[name], renderer, request.query_params, site)


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
        source = _ACTIONS + site.release
    else:
        edition = renderer.edition(content["table"].values["edition"])
        dated = _dated(edition)
        if content["criterion"]:
            title = f"{counts['met']} of {total} jurisdictions meet the criterion “{content['criterion']}”"
            subtitle = f"Met or not met, {dated}."
        else:
            title = f"{counts['5']} of {total} jurisdictions meet all five criteria, and {counts['4']} meet four"
            subtitle = f"Criteria met, of five, {dated}."
        source = _review(edition, site)
    columns = [choropleth.steps[start::_LEGEND_COLUMNS] for start in range(_LEGEND_COLUMNS)]
    world = basemap.load()
    top = world.height * _MAP_SCALE + 44 if world else 44
    legend = [
        {"step": step, "x": column * _INNER / _LEGEND_COLUMNS, "y": top + row * 36}
        for column, steps in enumerate(columns)
        for row, step in enumerate(steps)
    ]
    height = top + (len(columns[0]) - 1) * 36 + 8
    drawing = {"choropleth": choropleth, "dots": _dots(choropleth), "scale": _MAP_SCALE, "legend": legend}
    is_draft = "instrument" not in content and content["is_draft"]
    return Chart(title, subtitle, source, _page(site, "/map", shown), "charts/map.svg", height, drawing, is_draft)


def _bound_title(rows: list[Row], counts: Mapping[str, int], instrument: str) -> str:
    possibly = sum(1 for row in rows if row["state"] == "not known" and row["bound_from"])
    number = f"{counts['bound']} to {counts['bound'] + possibly}" if possibly else f"{counts['bound']}"
    return f"{number} jurisdictions are bound by the {instrument}"


def _dots(choropleth: Choropleth) -> list[dict[str, Any]]:
    """Return the places that are too small to see as areas, with their position; those not in the atlas have none."""
    world = basemap.load()
    found: list[tuple[Area, basemap.Outline | None]] = [
        (area, world.find(area.row["numeric"], area.name) if world and area.row else None) for area in choropleth.dots
    ]
    return [{"area": area, "x": outline.x, "y": outline.y} for area, outline in found if outline]


def criteria_chart(renderer: PageRenderer, given: Parameters, site: Site) -> Chart:
    """Return how many jurisdictions meet each criterion."""
    edition = renderer.chosen_edition(given)["edition"]
    counts = renderer.run("criterion-counts", edition=edition["number"]).rows
    total = len(renderer.run("findings", edition=edition["number"]).rows)
    ranked = sorted(counts, key=lambda row: -int(row["met"]))
    fewest = ranked[-1]
    rows = [
        {
            "label": capfirst(row["criterion_name"]),
            "bars": [{"share": int(row["met"]) / total, "tone": "step-5", "text": f"{row['met']} of {total}"}],
        }
        for row in counts
    ]
    return Chart(
        f"{fewest['met']} of {total} jurisdictions meet the criterion “{fewest['criterion_name']}”",
        f"Jurisdictions that meet each criterion, {_dated(edition)}.",
        _review(edition, site),
        _page(site, "/map", {"edition": given["edition"]}) if given.get("edition") else _page(site, "/", {}),
        "charts/bars.svg",
        len(rows) * _ROW,
        {"rows": rows, "row_height": _ROW, "label_width": 520, "bar_width": _INNER - 520},
        edition["status"] == "draft",
    )


def editions_chart(renderer: PageRenderer, given: Parameters, site: Site) -> Chart:
    """Return how many jurisdictions each edition of the review counts as sufficient, and as without specific legislation."""
    del given
    editions = editions_with_totals(renderer.run("change-over-editions"))
    first, last = editions[0], editions[-1]
    reviewed = int(last["reviewed"])
    rows = [
        {
            "label": edition["year"],
            "bars": [
                {"share": edition["sufficient"] / reviewed, "tone": "step-5", "text": f"{edition['sufficient']} sufficient"},
                {"share": edition["none"] / reviewed, "tone": "step-2", "text": f"{edition['none']} with none"},
            ],
        }
        for edition in editions
    ]
    return Chart(
        f"The review rates the law of {last['sufficient']} jurisdictions as sufficient in {last['year']}, "
        f"up from {first['sufficient']} in {first['year']}",
        "Sufficient: four or five criteria met. None: no legislation specific to child sexual abuse material. "
        f"Totals as stated by the report, of {first['reviewed']} jurisdictions in {first['year']} "
        f"and {last['reviewed']} in {last['year']}.",
        _review(renderer.edition(), site),
        _page(site, "/editions", {}),
        "charts/bars.svg",
        len(rows) * _ROW,
        {"rows": rows, "row_height": _ROW, "label_width": 100, "bar_width": (_INNER - 100) / 2},
    )


def timeline_chart(renderer: PageRenderer, given: Parameters, site: Site) -> Chart:
    """Return the treaty actions of a jurisdiction on a scale of years.

    Raises:
        UsageError: there is no parameter ``jurisdiction``.

    """
    code = given.get("jurisdiction", "")
    if not code:
        raise UsageError("jurisdiction: missing; expected a code such as KEN, for example /charts/timeline.svg?jurisdiction=KEN.")
    name = get_or_404(renderer.labels("jurisdiction"), code, "jurisdiction")
    as_of = given.get("as_of") or renderer.default("bound-by", "as_of")
    bound = renderer.run("bound-by", jurisdiction=code, as_of=as_of)
    timeline = renderer.run("timeline", jurisdiction=code)
    found = timeline_lanes(bound, timeline, as_of)
    instruments = renderer.labels("instrument")
    known = [(slug, lane) for slug, lane in found["lanes"].items() if slug in instruments]
    lanes = [(instruments[slug], lane) for slug, lane in known if lane.bars or lane.marks]
    certain = sum(1 for row in bound.rows if row["state"] == "bound")
    return Chart(
        f"{name}: bound by {certain} of the instruments in Tutela",
        f"Signatures, consent to be bound and periods bound, as of {long_date(as_of)}.",
        _ACTIONS + site.release,
        _page(site, f"/jurisdictions/{code}", {"as_of": given["as_of"]} if "as_of" in given else {}),
        "charts/timeline.svg",
        len(lanes) * _LANE + 56,
        {
            "lanes": lanes,
            "ticks": found["ticks"],
            "row_height": _LANE,
            "label_width": 400,
            "unit": (_INNER - 460) / 100,  # positions are percentages; room for the label of the last year
        },
    )


CHARTS: dict[str, Callable[[PageRenderer, Parameters, Site], Chart]] = {
    "map": map_chart,
    "criteria": criteria_chart,
    "editions": editions_chart,
    "timeline": timeline_chart,
}


def _page(site: Site, path: str, given: Parameters) -> str:
    shown = {name: value for name, value in given.items() if value and (name, value) != ("show", CRITERIA_MET)}
    return f"{site.root}{path}" + (f"?{urlencode(shown)}" if shown else "")


def _dated(edition: Row) -> str:
    """Return whose findings a chart shows, for the end of a sentence."""
    by = (
        f"by the draft of the {ordinal(edition['number'])} edition, not published"
        if edition["status"] == "draft"
        else "by the review"
    )
    return f"{by} as of {long_date(edition['findings_as_of'])}" if edition["findings_as_of"] else by


def _review(edition: Row, site: Site) -> str:
    if edition["status"] == "draft":
        return f"Tutela, {edition['name']} of the review; {site.release}"
    return f"ICMEC, {edition['title']}, {edition['name']}, {edition['year']}; {site.release}"
