"""``/changes``: what changed in instruments, participation and national law after a day."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from fastapi import Request, Response

from tutela.web.components.changes import changes_since, grouped, years
from tutela.web.rendering import PageRenderer, get_or_404
from tutela.web.services import services


async def page(request: Request) -> Response:
    """Respond with the page."""
    renderer = services(request).renderer
    names = ("since", "jurisdiction", "instrument")
    since, code, slug = (request.query_params.get(name, "") for name in names)
    return await renderer.respond(request, "changes.html", lambda: _content(renderer, since, code, slug))


def _content(renderer: PageRenderer, since: str, code: str, slug: str) -> Mapping[str, Any]:
    findings_as_of = renderer.findings_as_of()
    name = get_or_404(renderer.labels("jurisdiction"), code, "jurisdiction") if code else ""
    instrument = get_or_404(renderer.labels("instrument"), slug, "instrument") if slug else ""
    found = changes_since(renderer, since or findings_as_of, code, slug)
    return {
        "since": since or findings_as_of,
        "findings_as_of": findings_as_of,
        "found": found,
        "rows": found.rows,
        "code": code,
        "name": name,
        "slug": slug,
        "instrument": instrument,
        "ahead": grouped(sorted((row for row in found.rows if row["ahead"] == "true"), key=itemgetter("latest"))),
        "years": years(grouped([row for row in found.rows if row["ahead"] != "true"])),
        "corrections": renderer.run("corrections"),
        "coverage": renderer.run("coverage"),
    }
