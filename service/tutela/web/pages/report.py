"""``/report``: how to report an error in a statement, with a message to copy that names the page, the source and the rows."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from tutela import namespaces, paths
from tutela.sparql import Store
from tutela.sparql.binding import bind_iris
from tutela.sparql.query_file import page_query
from tutela.web.contact import report_text
from tutela.web.rendering import PageRenderer
from tutela.web.services import services

_MAX_LENGTH = 2000  # characters of a parameter; anything longer is not from a page of this service
_RESOURCE = re.compile(r"[a-z-]+/[A-Za-z0-9._/-]+", re.ASCII)
# A page of this service only: a link to another site would look as if it were one. Browsers read a backslash as a slash, and
# leave out tabs and line breaks.
_OWN_PAGE = re.compile(r"/(?![/\\])[^\s\\]*")
_MAX_ROWS = 5  # the message names no more


async def page(request: Request) -> Response:
    """Respond with the page; what it is about is in the URL."""
    renderer = services(request).renderer
    return await renderer.respond(request, "report.html", lambda: _content(renderer, request))


def _content(renderer: PageRenderer, request: Request) -> Mapping[str, Any]:
    given = {key: request.query_params.get(key, "")[:_MAX_LENGTH] for key in ("page", "statement", "source", "about")}
    base = str(request.base_url).rstrip("/")
    path = given["page"] if _OWN_PAGE.fullmatch(given["page"]) else ""
    rows = _rows(renderer.catalog.store, given["about"].split())
    shown = rows if len(rows) <= _MAX_ROWS else []
    text = report_text(f"{base}{path}" if path else "", given["statement"], given["source"], shown)
    return {"message": text, "page_path": path, "statement": given["statement"], "rows": shown, "host": request.url.netloc}


def _rows(store: Store, about: list[str]) -> list[str]:
    """Return the file and key of the table rows behind a resource, or on the participation of a jurisdiction in something.

    Args:
        store: the release.
        about: the IRI of the resource below ``id/``, or those of the jurisdiction, and of the instrument or
            organisation; others have no rows.

    """
    iris = [f"{namespaces.BASE}id/{path}" for path in about if _RESOURCE.fullmatch(path)]
    if len(iris) == 1:
        text = bind_iris(page_query("rows-behind").text, "resource", iris)
    elif len(iris) == 2:
        text = bind_iris(page_query("rows-of-participation").text, "jurisdiction", iris[:1])
        text = bind_iris(text, "in", iris[1:])
    else:
        return []
    found = [namespaces.parse_row_iri(str(record["row"])) for record in store.query(text).records()]
    return [paths.row_location(*row) for row in found if row is not None]
