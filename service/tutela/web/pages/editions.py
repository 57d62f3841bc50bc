"""``/editions``: the editions of the review, and a page for each with its totals and the progress of its review."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from tutela.web.rendering import PageRenderer
from tutela.web.services import services

_STATUSES = ("open", "confirmed", "changed", "new")


async def list_page(request: Request) -> Response:
    """Respond with the list."""
    renderer = services(request).renderer
    return await renderer.respond(request, "editions.html", lambda: _list_content(renderer))


async def page(request: Request) -> Response:
    """Respond with the page of one edition: what it says in total, and what is open in a draft."""
    renderer = services(request).renderer
    number = str(request.path_params["number"])
    return await renderer.respond(request, "edition.html", lambda: _content(renderer, number))


def _list_content(renderer: PageRenderer) -> Mapping[str, Any]:
    editions = renderer.run("editions")
    totals = renderer.run("change-over-editions")
    # The latest edition comes first, as in the list.
    compared = sorted(totals.by("edition"), key=int, reverse=True)
    return {
        "editions": editions,
        "named": [renderer.edition(row["number"]) for row in reversed(editions.rows)],
        "totals": totals,
        "compared": {number: totals.where(edition=number)[0] for number in compared},
        "by_measure": {
            measure: {row["edition"]: row["stated"] for row in rows} for measure, rows in totals.by("measure").items()
        },
    }


def _content(renderer: PageRenderer, number: str) -> Mapping[str, Any]:
    edition = renderer.edition(number)
    review = renderer.run("edition-review", edition=number)
    counts = {status: sum(int(row[status]) for row in review.rows) for status in _STATUSES}
    return {
        "edition": edition,
        "is_draft": edition["status"] == "draft",
        "totals": renderer.run("edition-totals", edition=number),
        "progress": review,
        "counts": counts,
        "recorded": sum(counts.values()),
        "open_rows": [row for row in review.rows if row["open"] != "0"],
        "changed_rows": [row for row in review.rows if row["changed"] != "0" or row["new"] != "0"],
    }
