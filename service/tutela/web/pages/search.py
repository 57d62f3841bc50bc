"""``/search``: search results as a page, and as JSON for suggestions while the user types."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from tutela.errors import InvalidParameterError, UsageError
from tutela.search import KINDS, Result, Search, SearchResults
from tutela.settings import MAX_SEARCH_LENGTH, MAX_SEARCH_RESULTS
from tutela.web.http.caching import CACHEABLE
from tutela.web.http.negotiation import negotiate_or_named
from tutela.web.http.requests import number_parameter
from tutela.web.page_urls import page_url
from tutela.web.services import services
from tutela.web.templating import root_path

# JSON is the default for clients without a preference.
_TYPES = {"text/html": "html", "application/json": "json"}
_DEFAULT_RESULTS = 20  # as JSON
_RESULTS_PER_KIND = 6  # while all kinds are shown
_PAGE_SIZE = 25
_MAX_PAGES = 10_000
_CONTEXT_LENGTH = 140  # characters of the description of a suggestion
# The groups of results, in the order of the page after the group of the best result; each is named after its first kind.
_GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "jurisdiction": ("Places", ("jurisdiction",)),
    "region": ("Regions", ("region",)),
    "criterion": ("Criteria and topics", ("criterion", "topic")),
    "instrument": ("Instruments", ("instrument",)),
    "provision": ("Articles of instruments", ("provision",)),
    "law": ("National laws", ("law",)),
    "recommendation": ("Recommendations of the model legislation", ("recommendation",)),
    "note": ("Notes of the review", ("note",)),
    "organisation": ("Organisations", ("organisation",)),
    "implementation": ("Measures and initiatives", ("implementation",)),
    "source": ("Sources", ("source",)),
    "term": ("Glossary", ("term",)),
    "question": ("Catalogue queries", ("question",)),
    "page": ("Pages", ("page",)),
}
# What a result is, in a word.
_KIND_NAMES = {
    "jurisdiction": "place", "region": "region", "criterion": "criterion", "topic": "topic", "instrument": "instrument",
    "provision": "article", "law": "national law", "recommendation": "recommendation", "note": "note of the review",
    "organisation": "organisation", "implementation": "measure or initiative", "source": "source", "question": "query",
    "term": "term of the glossary", "page": "page",
}  # fmt: skip


async def page(request: Request) -> Response:
    """Respond with the page, or with suggestions as JSON."""
    shared = services(request)
    _, format_name = negotiate_or_named(request, _TYPES)
    if format_name == "html":
        return await shared.renderer.respond(request, "search.html", lambda: _content(request, shared.search))
    return await run_in_threadpool(_suggestions, request, shared.search)


def _content(request: Request, search: Search) -> Mapping[str, Any]:
    found = search.find(request.query_params.get("q", "").strip())
    kind, number = request.query_params.get("kind", ""), number_parameter(request, "page", 1, _MAX_PAGES)
    if kind and kind not in KINDS:
        raise UsageError(f"kind: unknown kind {kind!r}; expected one of {', '.join(KINDS)}.")
    groups = _grouped(found)
    of_kind = groups.get(kind) or found.by_kind().get(kind, [])
    pages = max(1, -(-len(of_kind) // _PAGE_SIZE))
    if number > pages:
        raise UsageError(f"page: {number}; the results have {pages} {'page' if pages == 1 else 'pages'}.")
    if kind:
        results_by_kind = {kind: of_kind[(number - 1) * _PAGE_SIZE : number * _PAGE_SIZE]}
    else:
        results_by_kind = {name: results[:_RESULTS_PER_KIND] for name, results in groups.items()}
    return {
        "found": found,
        "counts": {name: len(results) for name, results in groups.items()},
        "titles": {"topic": "Topics of the model legislation", **{name: title for name, (title, _) in _GROUPS.items()}},
        "kind_names": _KIND_NAMES,
        "groups": {name: results for name, results in results_by_kind.items() if results},
        "kind": kind,
        "page": number,
        "pages": pages,
        "results_per_kind": _RESULTS_PER_KIND,
        "page_size": _PAGE_SIZE,
        "max_length": MAX_SEARCH_LENGTH,
        "search_url": lambda **others: "/search?" + urlencode({"q": found.text, **others}),
    }


def _grouped(found: SearchResults) -> dict[str, list[Result]]:
    """Return the results by group, the group of the best result first."""
    group_of = {kind: name for name, (_, kinds) in _GROUPS.items() for kind in kinds}
    groups: dict[str, list[Result]] = {}
    for result in found.results:
        groups.setdefault(group_of[result.kind], []).append(result)
    order = dict.fromkeys((*list(groups)[:1], *_GROUPS))
    return {name: groups[name] for name in order if name in groups}


def _suggestions(request: Request, search: Search) -> Response:
    try:
        limit = number_parameter(request, "limit", _DEFAULT_RESULTS, MAX_SEARCH_RESULTS)
        found = search.find(request.query_params.get("q", "").strip())
    except UsageError as error:
        raise InvalidParameterError(str(error)) from error
    document = {
        "query": found.text,
        "total": len(found.results),
        "instead": found.suggestion or None,
        "partly": found.partial,
        "results": [_suggestion(result, root_path(request)) for result in found.results[:limit]],
    }
    return JSONResponse(document, headers=dict(CACHEABLE))


def _suggestion(result: Result, root: str) -> dict[str, str]:
    term = f"{result.found_by.kind}: {result.found_by.text}" if result.found_by else ""
    context = "; ".join(filter(None, (result.english, term, result.context))) or result.summary
    if len(context) > _CONTEXT_LENGTH:
        context = context[: context.rfind(" ", 0, _CONTEXT_LENGTH)] + " …"
    return {
        "label": result.label,
        "language": result.language,
        "kind": result.kind,
        "kind_name": _KIND_NAMES[result.kind],
        "about": context,
        "link": f"{root}{page_url(result.document.resource)}",
    }
