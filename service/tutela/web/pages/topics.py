"""``/topics``: the recommendations of the model legislation by topic, with the provisions of instruments on each topic."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from tutela.web.components.provision_tree import document_order
from tutela.web.rendering import PageRenderer, Row
from tutela.web.services import services
from tutela.web.templating import local_name


async def page(request: Request) -> Response:
    """Respond with the page."""
    renderer = services(request).renderer
    return await renderer.respond(request, "topics.html", lambda: _content(renderer))


def _content(renderer: PageRenderer) -> Mapping[str, Any]:
    topics = renderer.run("topics")
    recommendations = renderer.run("recommendations")
    parts = renderer.run("model-parts")
    part_iris = {row["part"] for row in parts.rows}
    without_instrument = renderer.run("topics-without-treaty")
    return {
        "topics": topics,
        "by_topic": {slug: _sorted(rows) for slug, rows in topics.by("topic_slug").items()},
        "without_instrument": without_instrument,
        "topics_without_instrument": {local_name(row["topic"]) for row in without_instrument.rows},
        "recommendations": recommendations,
        "parts": parts,
        "titles": {local_name(row["instrument"]): row["title"] for row in renderer.run("instruments").rows},
        "by_part": recommendations.by("part"),
        "discrepancies": [row for row in renderer.run("discrepancies").rows if row["about"] in part_iris],
    }


def _sorted(rows: list[Row]) -> list[Row]:
    """Return the recommendations in their given order, then the provisions by instrument, in document order."""
    return sorted(
        rows, key=lambda row: (row["instrument_name"], document_order(row["resource"]) if row["instrument"] else (False, []))
    )
