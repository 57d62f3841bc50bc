"""The catalogue over HTTP: ``/queries`` and ``/queries/{name}``."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from tutela.catalog import Catalog, CatalogQuery, provenance
from tutela.catalog.parameters import DATE
from tutela.errors import InvalidValuesError, NotFoundError, UnknownQueryError
from tutela.web.api.sparql import Operation, cache_headers
from tutela.web.components import query_choices
from tutela.web.components.answer_table import Asked, answer_table
from tutela.web.edition import DRAFT, DRAFT_HEADER
from tutela.web.http.caching import CACHEABLE, NO_STORE
from tutela.web.http.negotiation import PAGE_TYPES, SOLUTION_TYPES, by_name, negotiate_or_named, prefers_html
from tutela.web.http.requests import cancel_on_disconnect
from tutela.web.services import Services, services
from tutela.web.templating import root_path, templates

ANSWER_TYPES = {"text/html": "html", **SOLUTION_TYPES}
# The endings of URLs for formats; no name of a query has a full stop.
SUFFIXES = tuple(dict.fromkeys(reversed(SOLUTION_TYPES.values())))
_JSON_RESULTS = "application/sparql-results+json"
_MAX_SHOWN_MESSAGES = 10  # about parameters that the query does not have
_PAGE_NUMBER = re.compile(r"[0-9]{1,4}")


async def list_queries(request: Request) -> Response:
    """Respond with the list of queries."""
    return await run_in_threadpool(_list, request, services(request).catalog)


async def run_query(request: Request) -> Response:
    """Respond with the answer to a query."""
    return await cancel_on_disconnect(request, _answer(request, services(request), request.path_params["name"]))


def _list(request: Request, catalog: Catalog) -> Response:
    _, format_name = negotiate_or_named(request, PAGE_TYPES)
    queries = list(catalog.queries.values())
    if format_name == "html":
        text = request.query_params.get("q", "").strip()
        found = query_choices.matching(queries, text)
        context = {
            "topics": query_choices.by_topic(found),
            "count": len(queries),
            "found": len(found),
            "text": text,
            "label": query_choices.label,
            "release": services(request).store.release,
        }
        return templates.TemplateResponse(request, "queries.html", context, headers=dict(CACHEABLE))
    return JSONResponse({"questions": [_description(request, catalog, query) for query in queries]}, headers=dict(CACHEABLE))


def _description(request: Request, catalog: Catalog, query: CatalogQuery) -> dict[str, Any]:
    address = request.url_for("run_query", name=query.name).path
    return {
        "name": query.name,
        "title": query.title,
        "topic": query.topic,
        "summary": query.summary or None,
        "address": address,
        "example": f"{address}?{urlencode(query.examples)}" if query.parameters else address,
        "parameters": [
            {"name": p.name, "type": p.type, "description": p.description, "example": p.example, "default": catalog.default(p)}
            for p in query.parameters
        ],
        "columns": query.columns,
    }


async def _answer(request: Request, its: Services, name: str) -> Response:
    try:
        query = its.catalog.query(name)
    except UnknownQueryError as error:
        raise NotFoundError(f"{error} {root_path(request)}/queries lists them.") from error
    media, format_name = _media_of(request, name)
    is_page = format_name == "html"
    own = ("format", "page") if is_page else ("format",)  # pages of rows are for people; programs get all rows
    values = {key: value for key, value in request.query_params.multi_items() if key not in own}
    if is_page and not values and any(parameter.default is None for parameter in query.parameters):
        return await run_in_threadpool(_form, request, its.catalog, query, values)
    try:
        _ensure_given_once(request)
        text = await run_in_threadpool(its.catalog.text, name, values)
        drafts = await run_in_threadpool(its.catalog.drafts_in, name, values)
    except InvalidValuesError as error:
        if not is_page and not prefers_html(request):
            raise
        return await run_in_threadpool(_form, request, its.catalog, query, values, error)
    if not is_page:
        file_name = [name, *(values[parameter.name] for parameter in query.parameters if values.get(parameter.name))]
        file_name += ["draft"] if drafts else []
        response = await its.endpoint.run(Operation(text, (), (), {"solutions": media}), file_name)
        if drafts:
            response.headers[DRAFT_HEADER] = DRAFT
        return response
    results = json.loads(await its.endpoint.read(Operation(text, (), (), {"solutions": _JSON_RESULTS})))
    return await run_in_threadpool(_page, request, query, values, results, {"sparql": text, "drafts": drafts})


def _media_of(request: Request, name: str) -> tuple[str, str]:
    """Return the media type and format: of the ending of the URL, of the parameter ``format``, or of Accept."""
    suffix = request.path_params.get("suffix")
    if suffix is None:
        return negotiate_or_named(request, ANSWER_TYPES)
    found = by_name(SOLUTION_TYPES, suffix) if suffix in SUFFIXES else None
    if found is None:
        available = ", ".join(f".{one}" for one in SUFFIXES)
        raise NotFoundError(f"/queries/{name} is not available as .{suffix}; expected one of {available}.")
    return found


def _ensure_given_once(request: Request) -> None:
    """Check that no parameter is repeated.

    Raises:
        InvalidValuesError: one is.

    """
    counts = Counter(key for key, _ in request.query_params.multi_items() if key != "format")
    repeated = [key for key, count in counts.items() if count > 1]
    if repeated:
        message = f"Parameters given more than once: {', '.join(repeated)}; expected once each."
        raise InvalidValuesError({repeated[0]: message})


def _form(
    request: Request, catalog: Catalog, query: CatalogQuery, values: Mapping[str, str], error: InvalidValuesError | None = None
) -> Response:
    """Return the page of a query that cannot be answered yet, or because of an error: its form."""
    known = {parameter.name for parameter in query.parameters}
    messages = error.messages if error else {}
    context = {
        "query": query,
        "values": values,
        **_choices(catalog, query),
        "release": services(request).store.release,
        "messages": {name: message for name, message in messages.items() if name in known},
        "other_messages": [message for name, message in messages.items() if name not in known][:_MAX_SHOWN_MESSAGES],
    }
    status, headers = (error.http_status, {"vary": "Accept", "cache-control": NO_STORE}) if error else (200, dict(CACHEABLE))
    return templates.TemplateResponse(request, "question.html", context, status_code=status, headers=headers)


def _choices(catalog: Catalog, query: CatalogQuery) -> dict[str, Any]:
    """Return what the form of a query needs."""
    types = {parameter.type for parameter in query.parameters if parameter.type != DATE}
    return {
        "choices": {one: query_choices.choices(catalog, one) for one in types},
        "label": query_choices.label,
        "release_date": catalog.release_date(),
        "symbols": catalog.symbolic_defaults(),
    }


def _page(request: Request, query: CatalogQuery, values: dict[str, str], results: Any, more: Mapping[str, Any]) -> Response:
    its = services(request)
    given = request.query_params.get("page", "1")
    number = int(given) if _PAGE_NUMBER.fullmatch(given) else 0
    table = answer_table(its.catalog, its.renderer.concepts(), results, Asked(values, number), root_path(request))
    if table is None:
        error = InvalidValuesError({"page": f"page: there is no page {given[:20]!r} of this answer."})
        return _form(request, its.catalog, query, values, error)
    context = {
        "query": query,
        "values": values,
        "table": table,
        "downloads": [(name, urlencode({**values, "format": name})) for name in ("json", "csv", "tsv", "xml")],
        "page_query": lambda page: urlencode({**values, "page": page}),
        "sources": provenance.of_query(its.catalog, query.name, values),
        **_choices(its.catalog, query),
        "release": its.store.release,
        **more,
    }
    return templates.TemplateResponse(request, "answer.html", context, headers=cache_headers(more["sparql"]))
