"""``/topics``: what the model legislation recommends, topic by topic, and what in which instrument speaks to it."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from tutela.web.frame import Frame, Row
from tutela.web.outline import in_order
from tutela.web.templating import tail

READ = ["GET", "HEAD"]


def add(routes: APIRouter, frame: Frame) -> None:
    """Add the route."""

    @routes.api_route("/topics", methods=READ)
    async def topics(request: Request) -> Response:
        return await frame.page(request, "topics.html", lambda: _page(frame))


def _page(frame: Frame) -> Mapping[str, Any]:
    topics = frame.ask("topics")
    recommendations = frame.ask("recommendations")
    parts = frame.ask("model-parts")
    of_parts = {row["part"] for row in parts.rows}
    return {
        "topics": topics,
        "by_topic": {slug: _in_order(rows) for slug, rows in topics.by("topic_slug").items()},
        "without": frame.ask("topics-without-treaty"),
        "silent": {tail(row["topic"]) for row in frame.ask("topics-without-treaty").rows},
        "recommendations": recommendations,
        "parts": parts,
        "titles": {tail(row["instrument"]): row["title"] for row in frame.ask("instruments").rows},
        "by_part": recommendations.by("part"),
        "doubts": [row for row in frame.ask("discrepancies").rows if row["about"] in of_parts],
    }


def _in_order(rows: list[Row]) -> list[Row]:
    """Return recommendations as they come, then provisions instrument by instrument, article 9 before article 10."""
    return sorted(rows, key=lambda row: (row["instrument_name"], in_order(row["resource"]) if row["instrument"] else (False, [])))
