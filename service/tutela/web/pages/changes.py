"""``/changes``: what changed in instruments, participation and national law after a day."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response

from tutela.errors import UsageError
from tutela.web.components.changes import Change, changes_since, grouped, years
from tutela.web.components.page_breaks import page_starts
from tutela.web.http.requests import number_parameter
from tutela.web.rendering import PageRenderer, get_or_404
from tutela.web.services import services

_MAX_PAGES = 1000
_PAGE_BYTES = 90_000  # of the changes of a page, estimated with their markup: no page is larger than 150,000 bytes


async def page(request: Request) -> Response:
    """Respond with the page."""
    renderer = services(request).renderer
    names = ("since", "jurisdiction", "instrument")
    chosen = {name: request.query_params.get(name, "") for name in names}
    number = number_parameter(request, "page", 1, _MAX_PAGES)
    return await renderer.respond(request, "changes.html", lambda: _content(renderer, chosen, number))


def _content(renderer: PageRenderer, chosen: Mapping[str, str], number: int) -> Mapping[str, Any]:
    since, code, slug = chosen["since"], chosen["jurisdiction"], chosen["instrument"]
    findings_as_of = renderer.findings_as_of()
    name = get_or_404(renderer.labels("jurisdiction"), code, "jurisdiction") if code else ""
    instrument = get_or_404(renderer.labels("instrument"), slug, "instrument") if slug else ""
    found = changes_since(renderer, since or findings_as_of, code, slug)
    listed = grouped([row for row in found.rows if row["ahead"] != "true"])
    starts = [*page_starts(map(_size, listed), _PAGE_BYTES), len(listed)]
    pages = len(starts) - 1
    if number > pages:
        raise UsageError(f"page: {number}; the changes have {pages} {'page' if pages == 1 else 'pages'}.")
    query = {name: value for name, value in chosen.items() if value}
    return {
        "page": number,
        "pages": pages,
        "page_link": lambda page: f"/changes?{urlencode({**query, 'page': page})}",
        "since": since or findings_as_of,
        "findings_as_of": findings_as_of,
        "found": found,
        "rows": found.rows,
        "code": code,
        "name": name,
        "slug": slug,
        "instrument": instrument,
        "ahead": grouped(sorted((row for row in found.rows if row["ahead"] == "true"), key=itemgetter("latest"))),
        "years": years(listed[starts[number - 1] : starts[number]]),
        "corrections": renderer.run("corrections"),
        "coverage": renderer.run("coverage"),
    }


def _size(change: Change) -> int:
    """Return about how many bytes a change takes on the page."""
    names = sum(60 + len(row["name"].encode()) for row in change.jurisdictions)
    return 400 + names + len(change.row["detail"].encode()) + len(change.row["url"])
