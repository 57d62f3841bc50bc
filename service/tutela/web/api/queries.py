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

from tutela import namespaces
from tutela.catalog import Catalog, CatalogQuery, ParameterValue, provenance
from tutela.errors import InvalidValuesError, NotFoundError, UnknownQueryError
from tutela.web.api.sparql import Operation, cache_headers
from tutela.web.edition import DRAFT, DRAFT_HEADER
from tutela.web.http.caching import CACHEABLE, NO_STORE
from tutela.web.http.negotiation import PAGE_TYPES, SOLUTION_TYPES, by_name, negotiate_or_named, prefers_html
from tutela.web.http.requests import cancel_on_disconnect
from tutela.web.markup import web_link
from tutela.web.services import Services, services
from tutela.web.templating import page_url, root_path, templates

ANSWER_TYPES = {"text/html": "html", **SOLUTION_TYPES}
# The endings of URLs for formats; no name of a query has a full stop.
SUFFIXES = tuple(dict.fromkeys(reversed(SOLUTION_TYPES.values())))
_JSON_RESULTS = "application/sparql-results+json"
_MAX_SHOWN_MESSAGES = 10  # about parameters that the query does not have
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


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
        types = sorted({parameter.type for query in queries for parameter in query.parameters})
        topics: dict[str, list[CatalogQuery]] = {}
        for query in queries:
            topics.setdefault(query.topic, []).append(query)
        allowed = {one: catalog.allowed_values(one) for one in types}
        context = {
            "topics": topics,
            "count": len(queries),
            "allowed": allowed,
            "release_date": catalog.release_date(),
            "symbols": catalog.symbolic_defaults(),
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
    values = {key: value for key, value in request.query_params.multi_items() if key != "format"}
    is_page = format_name == "html"
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
    evidence = await run_in_threadpool(_evidence, its.catalog, query, values)
    return _page(request, query, values, results, {"sparql": text, "drafts": drafts, **evidence})


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
        "allowed": _allowed(catalog, query),
        "release_date": catalog.release_date(),
        "symbols": catalog.symbolic_defaults(),
        "messages": {name: message for name, message in messages.items() if name in known},
        "other_messages": [message for name, message in messages.items() if name not in known][:_MAX_SHOWN_MESSAGES],
    }
    status, headers = (error.http_status, {"vary": "Accept", "cache-control": NO_STORE}) if error else (200, dict(CACHEABLE))
    return templates.TemplateResponse(request, "question.html", context, status_code=status, headers=headers)


def _allowed(catalog: Catalog, query: CatalogQuery) -> dict[str, list[ParameterValue]]:
    return {parameter.type: catalog.allowed_values(parameter.type) for parameter in query.parameters}


def _evidence(catalog: Catalog, query: CatalogQuery, values: dict[str, str]) -> dict[str, Any]:
    """Return the sources of an answer, and the allowed values of the parameters."""
    return {
        "sources": provenance.of_query(catalog, query.name, values),
        "allowed": _allowed(catalog, query),
        "release_date": catalog.release_date(),
        "symbols": catalog.symbolic_defaults(),
    }


def _page(request: Request, query: CatalogQuery, values: dict[str, str], results: Any, more: Mapping[str, Any]) -> Response:
    columns = results["head"]["vars"]
    root = root_path(request)
    context = {
        "query": query,
        "values": values,
        "columns": columns,
        "rows": [[_cell(row.get(column), root) for column in columns] for row in results["results"]["bindings"]],
        "downloads": [(name, urlencode({**values, "format": name})) for name in ("json", "csv", "tsv", "xml")],
        **more,
    }
    return templates.TemplateResponse(request, "answer.html", context, headers=cache_headers(more["sparql"]))


def _cell(term: Mapping[str, str] | None, root: str) -> dict[str, str | None]:
    """Return the text of a term, its link and its date."""
    if term is None:
        return {"text": "", "link": None, "day": None}
    value = term["value"]
    if term["type"] == "uri" and value.startswith(namespaces.BASE):
        return {"text": namespaces.strip_base(value), "link": f"{root}{page_url(value)}", "day": None}
    return {"text": value, "link": web_link(value), "day": value if _DATE.fullmatch(value) else None}
