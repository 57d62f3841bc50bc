"""``/sources``: the sources of the data, and a page for each: what it is and what rests on it."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from tutela.web.rendering import PageRenderer, get_or_404
from tutela.web.services import services


async def list_page(request: Request) -> Response:
    """Respond with the list."""
    renderer = services(request).renderer
    return await renderer.respond(request, "sources.html", lambda: _list_content(renderer))


async def page(request: Request) -> Response:
    """Respond with the page of one source."""
    renderer = services(request).renderer
    name = str(request.path_params["name"])
    return await renderer.respond(request, "source.html", lambda: _content(renderer, name))


def _list_content(renderer: PageRenderer) -> Mapping[str, Any]:
    return {"sources": renderer.run("sources")}


def _content(renderer: PageRenderer, name: str) -> Mapping[str, Any]:
    get_or_404(renderer.labels("source"), name, "source")
    sources = renderer.run("sources")
    (source,) = sources.where(id=name)
    subjects = renderer.run("source-subjects", source=name)
    statements = renderer.run("source-statements", source=name)
    return {
        "source": source,
        "name": name,
        "statements": statements,
        "total": sum(int(row["statements"]) for row in statements.rows),
        "subjects": subjects,
        "instruments": subjects.where(kind="instrument"),
        "jurisdictions": subjects.where(kind="jurisdiction"),
        "discrepancies": [row for row in renderer.run("discrepancies").rows if row["about"] == source["source"]],
    }
