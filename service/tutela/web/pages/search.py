"""``/search``: what matches some words, as a page and, as one types, as JSON."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from tutela.entries import KINDS
from tutela.errors import UsageError
from tutela.search import LONGEST, Found, Result, Search
from tutela.web.frame import Frame
from tutela.web.negotiation import choose, named
from tutela.web.sparql import problem, unacceptable
from tutela.web.templating import page_of, root_of

READ = ["GET", "HEAD"]
# The last is what a client gets that has no preference.
TYPES = {"text/html": "html", "application/json": "json"}
MOST = 100  # results that are given at once
_FIRST = 6  # of each kind, where all kinds are shown
_PAGE = 25
_LINE = 140  # characters of what a suggestion is about


def add(routes: APIRouter, frame: Frame) -> None:
    """Add the route."""
    search = Search(frame.catalog)

    @routes.api_route("/search", methods=READ)
    async def find(request: Request) -> Response:
        wanted = request.query_params.get("format")
        chosen = named(TYPES, wanted) if wanted else choose(TYPES, request.headers.get("accept"))
        if chosen is None:
            return problem(422, f"format: {wanted!r}; expected json or html.") if wanted else unacceptable(TYPES)
        if chosen[1] == "html":
            return await frame.page(request, "search.html", lambda: _page(request, search))
        answer = await run_in_threadpool(_json, request, search)
        answer.headers["vary"] = "accept"
        return answer


def _page(request: Request, search: Search) -> Mapping[str, Any]:
    found = search.find(request.query_params.get("q", "").strip())
    kind, page = request.query_params.get("kind", ""), _number(request, "page", 1, 10_000)
    if kind and kind not in KINDS:
        raise UsageError(f"kind: there is none called {kind!r}; it is one of {', '.join(KINDS)}.")
    groups = found.by_kind()
    of_kind = groups.get(kind, [])
    pages = max(1, -(-len(of_kind) // _PAGE))
    if page > pages:
        raise UsageError(f"page: there are {pages} here, and no page {page}.")
    shown = {kind: of_kind[(page - 1) * _PAGE : page * _PAGE]} if kind else {k: rows[:_FIRST] for k, rows in groups.items()}
    return {
        "found": found,
        "counts": {k: len(rows) for k, rows in groups.items()},
        "shown": {k: rows for k, rows in shown.items() if rows},
        "kind": kind,
        "page": page,
        "pages": pages,
        "first": _FIRST,
        "per_page": _PAGE,
        "longest": LONGEST,
        "again": lambda **more: "/search?" + urlencode({"q": found.text, **more}),
    }


def _json(request: Request, search: Search) -> Response:
    try:
        limit = _number(request, "limit", 20, MOST)
        found = search.find(request.query_params.get("q", "").strip())
    except UsageError as error:
        return problem(422, str(error))
    results = [_suggestion(result, root_of(request)) for result in found.results[:limit]]
    return JSONResponse(
        {"query": found.text, "total": len(found.results), **_how(found), "results": results},
        headers={"cache-control": "public, no-cache"},
    )


def _how(found: Found) -> dict[str, Any]:
    return {"instead": found.instead or None, "partly": found.partly}


def _suggestion(result: Result, root: str) -> dict[str, str]:
    about = "; ".join(filter(None, (result.english, result.about))) or result.says
    return {
        "label": result.label,
        "language": result.language,
        "kind": result.kind,
        "about": about if len(about) <= _LINE else about[: about.rfind(" ", 0, _LINE)] + " …",
        "link": f"{root}{page_of(result.entry.resource)}",
    }


def _number(request: Request, name: str, default: int, most: int) -> int:
    given = request.query_params.get(name) or str(default)
    if not (given.isascii() and given.isdigit() and len(given) < 7 and 1 <= int(given) <= most):
        raise UsageError(f"{name}: {given!r}; expected a number from 1 to {most}.")
    return int(given)
