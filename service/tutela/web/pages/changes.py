"""``/changes``: what changed in instruments, participation and national law after a day."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from fastapi import Request, Response

from tutela.web.components.changes import grouped, years
from tutela.web.rendering import PageRenderer, get_or_404
from tutela.web.services import services
from tutela.web.templating import local_name


async def page(request: Request) -> Response:
    """Respond with the page."""
    renderer = services(request).renderer
    since, code = request.query_params.get("since", ""), request.query_params.get("jurisdiction", "")
    return await renderer.respond(request, "changes.html", lambda: _content(renderer, since, code))


def _content(renderer: PageRenderer, since: str, code: str) -> Mapping[str, Any]:
    findings_as_of = renderer.findings_as_of()
    found = renderer.run("changes-since", since=since or findings_as_of)
    name = get_or_404(renderer.labels("jurisdiction"), code, "jurisdiction") if code else ""
    rows = [row for row in found.rows if not code or local_name(row["jurisdiction"]) == code]
    return {
        "since": since or findings_as_of,
        "findings_as_of": findings_as_of,
        "found": found,
        "rows": rows,
        "code": code,
        "name": name,
        "ahead": grouped(sorted((row for row in rows if row["ahead"] == "true"), key=itemgetter("latest"))),
        "years": years(grouped([row for row in rows if row["ahead"] != "true"])),
        "corrections": renderer.run("corrections"),
        "coverage": renderer.run("coverage"),
    }
