"""``/changes``: what changed in instruments, participation and national law after a day."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from fastapi import Request, Response

from tutela.web.components.changes import grouped, years
from tutela.web.rendering import PageRenderer
from tutela.web.services import services


async def page(request: Request) -> Response:
    """Respond with the page."""
    renderer = services(request).renderer
    since = request.query_params.get("since", "")
    return await renderer.respond(request, "changes.html", lambda: _content(renderer, since))


def _content(renderer: PageRenderer, since: str) -> Mapping[str, Any]:
    findings_as_of = renderer.findings_as_of()
    found = renderer.run("changes-since", since=since or findings_as_of)
    return {
        "since": since or findings_as_of,
        "findings_as_of": findings_as_of,
        "found": found,
        "ahead": grouped(sorted((row for row in found.rows if row["ahead"] == "true"), key=itemgetter("latest"))),
        "years": years(grouped([row for row in found.rows if row["ahead"] != "true"])),
        "corrections": renderer.run("corrections"),
        "coverage": renderer.run("coverage"),
    }
