"""``/recommendations``: the recommendations of the model legislation, and a page for each."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from tutela.web.components.provision_tree import document_order
from tutela.web.rendering import PageRenderer, ResultTable, Row, get_or_404
from tutela.web.services import services
from tutela.web.templating import local_name


async def list_page(request: Request) -> Response:
    """Respond with the list."""
    renderer = services(request).renderer
    return await renderer.respond(request, "recommendations.html", lambda: _list_content(renderer))


async def page(request: Request) -> Response:
    """Respond with the page of one recommendation."""
    renderer = services(request).renderer
    slug = str(request.path_params["slug"])
    return await renderer.respond(request, "recommendation.html", lambda: _content(renderer, slug))


def _list_content(renderer: PageRenderer) -> Mapping[str, Any]:
    recommendations = renderer.run("recommendations")
    parts = renderer.run("model-parts")
    return {"recommendations": recommendations, "parts": parts, "by_part": recommendations.by("part")}


def _content(renderer: PageRenderer, slug: str) -> Mapping[str, Any]:
    get_or_404(renderer.labels("recommendation"), slug, "recommendation")
    recommendations = renderer.run("recommendations")
    (recommendation,) = [row for row in recommendations.rows if local_name(row["recommendation"]) == slug]
    provisions = renderer.run("provisions-addressing", recommendation=slug)
    criterion = recommendation["criterion"]
    counts = renderer.run("criterion-counts", edition=renderer.current_edition())
    laws = renderer.run("provisions-for", criterion=criterion) if criterion else None
    return {
        "slug": slug,
        "recommendation": recommendation,
        "recommendations": recommendations,
        "part": next(row for row in renderer.run("model-parts").rows if row["label"] == recommendation["part"]),
        "topics": renderer.labels("topic"),
        "provisions": provisions,
        "by_instrument": [(name, _in_order(rows)) for name, rows in provisions.by("instrument_name").items()],
        "counts": counts,
        "count": next((row for row in counts.rows if local_name(row["criterion"]) == criterion), None),
        "laws": laws,
        "meeting": _meeting(laws) if laws else [],
        "findings_as_of": renderer.findings_as_of(),
    }


def _in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: document_order(row["provision"]))


def _meeting(laws: ResultTable) -> list[tuple[str, list[Row]]]:
    """Return the provisions in force that meet the criterion alone, once each, by jurisdiction."""
    once = {row["provision"]: row for row in laws.where(level="meets")}
    by_jurisdiction: dict[str, list[Row]] = {}
    for row in once.values():
        by_jurisdiction.setdefault(row["jurisdiction"], []).append(row)
    return list(by_jurisdiction.items())
