"""Charts to share: ``/charts/NAME.svg`` and ``.png``, and ``/embed/NAME`` for other web pages.

A chart takes the parameters of the page that shows the same data, and links to it.
"""

from collections.abc import Callable

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from tutela.errors import NotFoundError
from tutela.web.components.chart import Chart, png
from tutela.web.edition import DRAFT, DRAFT_HEADER
from tutela.web.http.caching import CACHEABLE
from tutela.web.markup import long_date
from tutela.web.middleware.security_headers import embeddable
from tutela.web.pages.chart_sources import Parameters, Site
from tutela.web.pages.finding_charts import continents_chart, criteria_chart, editions_chart
from tutela.web.pages.map_charts import map_chart, region_chart
from tutela.web.pages.participation_charts import timeline_chart, years_chart
from tutela.web.rendering import PageRenderer
from tutela.web.services import services

CHARTS: dict[str, Callable[[PageRenderer, Parameters, Site], Chart]] = {
    "map": map_chart,
    "criteria": criteria_chart,
    "editions": editions_chart,
    "continents": continents_chart,
    "region": region_chart,
    "timeline": timeline_chart,
    "years": years_chart,
}


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
