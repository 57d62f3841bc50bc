"""``/changes``: what changed in instruments, participation and national law after a day."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response

from tutela.errors import UsageError
from tutela.web.components.changes import Change, grouped, years
from tutela.web.components.page_breaks import page_starts
from tutela.web.http.requests import number_parameter
from tutela.web.rendering import PageRenderer, get_or_404
from tutela.web.services import services
from tutela.web.templating import local_name

_MAX_PAGES = 1000
_PAGE_BYTES = 90_000  # of the changes of a page, estimated with their markup: no page is larger than 150,000 bytes


async def page(request: Request) -> Response:
    """Respond with the page."""
    renderer = services(request).renderer
    since, code = request.query_params.get("since", ""), request.query_params.get("jurisdiction", "")
    number = number_parameter(request, "page", 1, _MAX_PAGES)
    return await renderer.respond(request, "changes.html", lambda: _content(renderer, since, code, number))


def _content(renderer: PageRenderer, since: str, code: str, number: int) -> Mapping[str, Any]:
    findings_as_of = renderer.findings_as_of()
    found = renderer.run("changes-since", since=since or findings_as_of)
    name = get_or_404(renderer.labels("jurisdiction"), code, "jurisdiction") if code else ""
    rows = [row for row in found.rows if not code or local_name(row["jurisdiction"]) == code]
    listed = grouped([row for row in rows if row["ahead"] != "true"])
    starts = [*page_starts(map(_size, listed), _PAGE_BYTES), len(listed)]
    pages = len(starts) - 1
    if number > pages:
        raise UsageError(f"page: {number}; the changes have {pages} {'page' if pages == 1 else 'pages'}.")
    chosen = {name: value for name, value in (("since", since), ("jurisdiction", code)) if value}
    return {
        "page": number,
        "pages": pages,
        "page_link": lambda page: f"/changes?{urlencode({**chosen, 'page': page})}",
        "since": since or findings_as_of,
        "findings_as_of": findings_as_of,
        "found": found,
        "rows": rows,
        "code": code,
        "name": name,
        "ahead": grouped(sorted((row for row in rows if row["ahead"] == "true"), key=itemgetter("latest"))),
        "years": years(listed[starts[number - 1] : starts[number]]),
        "corrections": renderer.run("corrections"),
        "coverage": renderer.run("coverage"),
    }


def _size(change: Change) -> int:
    """Return about how many bytes a change takes on the page."""
    names = sum(60 + len(row["name"].encode()) for row in change.jurisdictions)
    return 400 + names + len(change.row["detail"].encode()) + len(change.row["url"])
