"""The OpenAPI 3.1 description of the service.

FastAPI's own generator would need a function per catalogue query; this one reads the catalogue.
"""

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from tutela import namespaces
from tutela.catalog import Catalog, CatalogQuery, Parameter
from tutela.catalog.parameters import DATE
from tutela.web.http.negotiation import BOOLEAN_TYPES, GRAPH_TYPES, SOLUTION_TYPES

_MAX_ENUM = 400  # a longer list of values would make the document hard to read
_TEXT = {"type": "string"}
_QUERY = {"type": "string", "format": "sparql", "minLength": 1}
_DESCRIPTIONS = {
    304: "the client's copy is current",
    400: "the request is not well formed; the message says where",
    403: "updates and calls to other endpoints are not allowed",
    404: "unknown query",
    406: "none of the accepted media types or content codings is available",
    412: "a precondition of the request is not met, because the response has changed",
    413: "the request or the result is too large",
    415: "the media type of the request body is not supported",
    422: "a parameter is unknown, missing or invalid; the message suggests the nearest value",
    502: "the remote engine cannot be reached or fails",
    503: "too many requests, or a limit was exceeded; try again later or make the query more selective",
    504: "the query took too long and was stopped",
}
_ABOUT = (
    "The law that protects children from sexual abuse material, as linked open data. HEAD works like GET. "
    "/queries/NAME.csv, .json, .tsv and .xml answer like /queries/NAME with that format. Published releases stay available under "
    "/v/NAME/, with the same operations. Data: CC BY 4.0; the program: Apache-2.0. /llms.txt names "
    "what has no operation here: tables, files of the release, feeds, charts to embed."
)
_ENGINE = (502, 503, 504)  # statuses of any request that runs a query
_RESULTS = {
    "type": "object",
    "description": "SPARQL 1.1 Query Results JSON Format",
    "required": ["head"],
    "properties": {"head": {"type": "object"}, "results": {"type": "object"}, "boolean": {"type": "boolean"}},
}
_VALIDATION_RESULT = {
    "type": "object",
    "required": ["severity", "where", "resource", "found", "expected", "rule"],
    "properties": {
        **dict.fromkeys(
            ["where", "resource", "found", "expected", "rule", "value", "advice", "path", "component", "term"], _TEXT
        ),
        "severity": {"enum": ["Violation", "Warning", "Info"]},
    },
}
_REPORT = {
    "type": "object",
    "required": ["conforms", "checked", "unknown", "results"],
    "properties": {
        "conforms": {"type": "boolean", "description": "whether something was checked and there is no result"},
        "checked": {
            "type": "object",
            "description": "on how many resources a shape was evaluated, and how many rows of tables were checked",
            "properties": {"resources": {"type": "integer"}, "rows": {"type": "integer"}},
        },
        "unknown": {
            "type": "array",
            "description": "resources that no shape applies to",
            "items": {"type": "object", "properties": dict.fromkeys(["resource", "found", "advice"], _TEXT)},
        },
        "results": {"type": "array", "items": _VALIDATION_RESULT},
    },
}
_RESULT = {
    "type": "object",
    "required": ["label", "language", "kind", "kind_name", "about", "link"],
    "properties": dict.fromkeys(["label", "language", "kind", "kind_name", "about", "link"], _TEXT),
}
_FOUND = {
    "type": "object",
    "required": ["query", "total", "instead", "partly", "results"],
    "properties": {
        "query": _TEXT,
        "total": {"type": "integer"},
        "instead": {"type": ["string", "null"], "description": "the text that was searched for instead, because nothing matched"},
        "partly": {"type": "boolean", "description": "no result has all of the words; these have some of them"},
        "results": {"type": "array", "items": _RESULT},
    },
}
_LISTING = {
    "type": "object",
    "required": ["questions"],
    "properties": {"questions": {"type": "array", "items": {"type": "object"}}},
}


def document(catalog: Catalog, bodies: Iterable[str], reports: Iterable[str], tables: Sequence[str]) -> dict[str, Any]:
    """Return the OpenAPI document.

    Args:
        catalog: the catalogue.
        bodies: media types that can be validated.
        reports: media types of a validation report.
        tables: names of the tables.

    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tutela",
            "version": version("tutela"),
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            "/sparql": _sparql(next(iter(catalog.queries.values())).file.text),
            "/queries": {"get": _listing()},
            **{f"/queries/{query.name}": {"get": _catalog_query(catalog, query)} for query in catalog.queries.values()},
            "/search": {"get": _search()},
            "/validate": {"post": _validation(bodies, reports, tables)},
            "/health": {"get": _health("health")},
            "/health/ready": {"get": _health("ready")},
            "/health/live": {"get": _live()},
            "/api": {"get": _description("api", "This document, as a page for people", {"text/html": _TEXT})},
            "/api.json": {"get": _description("api-json", "This document", {})},
        },
    }


def servers(url: str, archive: str, releases: Sequence[str]) -> list[dict[str, Any]]:
    """Return the servers of the document: the current release, and the published ones if there are any.

    Args:
        url: the URL of the current release.
        archive: the URL below which published releases are served, with a slash at the end.
        releases: their names, from the first to the last.

    """
    current = {"url": url}
    if not releases:
        return [current]
    name = {"enum": list(releases), "default": releases[-1], "description": "the name of a published release"}
    described = "a published release, as it was published; queries that are newer than it may have empty answers"
    return [current, {"url": f"{archive}{{release}}", "description": described, "variables": {"release": name}}]


def _operation(name: str, title: str, parameters: list[dict[str, Any]], responses: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": name, "summary": title, "parameters": parameters, "responses": responses}


def _parameter(name: str, description: str, schema: Mapping[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "required": required, "schema": dict(schema)}


def _content(types: Iterable[str], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema for each media type: the given one for JSON, text for others."""
    return {media: schema if media.endswith("json") else _TEXT for media in reversed(list(types))}


def _responses(content: Mapping[str, Any], *errors: int) -> dict[str, Any]:
    success = {"description": "the response", "content": {media: {"schema": schema} for media, schema in content.items()}}
    message = {media: {"schema": _TEXT} for media in ("text/plain", "text/html")}  # clients that prefer pages get pages
    failures = {
        str(code): {"description": _DESCRIPTIONS[code], **({} if code == 304 else {"content": message})}
        for code in sorted(errors)
    }
    return {"200": success, **failures}


def _format(formats: Iterable[str]) -> dict[str, Any]:
    names = list(dict.fromkeys(formats))
    return _parameter("format", "the format; takes precedence over Accept", {"type": "string", "enum": names})


def _sparql(query: str) -> dict[str, Any]:
    graphs = {"type": "array", "items": {"type": "string", "format": "uri"}}
    texts = {
        "query": f"SPARQL 1.1 Query; these prefixes need no declaration: {', '.join(sorted(namespaces.QUERY_PREFIXES))}",
        "default-graph-uri": "graphs whose union is the default graph",
        "named-graph-uri": "graphs that GRAPH may name",
    }
    types = dict.fromkeys({**GRAPH_TYPES, **SOLUTION_TYPES}, _TEXT)
    content = {**types, **_content(BOOLEAN_TYPES, _RESULTS), "application/json": {}}
    responses = _responses(content, 304, 400, 403, 406, 412, 413, *_ENGINE)
    known = ", ".join(dict.fromkeys([*reversed(SOLUTION_TYPES.values()), *reversed(GRAPH_TYPES.values())]))
    formats = _parameter(
        "format",
        f"a format ({known}), a synonym such as ttl, or a media type; takes precedence over Accept, and is ignored if it does "
        "not suit the result. The parameters output and results work like it.",
        _TEXT,
    )
    dataset = [_parameter(name, texts[name], graphs) for name in ("default-graph-uri", "named-graph-uri")]
    asked = {**_parameter("query", texts["query"], _QUERY, required=True), "example": query}
    post = _operation(
        "query-by-post", "Run a SPARQL query in the request body", dataset, _responses(content, 400, 403, 406, 413, 415, *_ENGINE)
    )
    fields = {"query": _QUERY, "default-graph-uri": graphs, "named-graph-uri": graphs}
    post["requestBody"] = {
        "required": True,
        "content": {
            "application/sparql-query": {"schema": _QUERY, "example": query},
            "application/x-www-form-urlencoded": {"schema": {"type": "object", "required": ["query"], "properties": fields}},
        },
    }
    return {"get": _operation("query", "Run a SPARQL query", [asked, *dataset, formats], responses), "post": post}


def _listing() -> dict[str, Any]:
    content = {"application/json": _LISTING, "text/html": _TEXT}
    return _operation(
        "questions", "List the queries of the catalogue", [_format(["json", "html"])], _responses(content, 406, 422, *_ENGINE)
    )


def _search() -> dict[str, Any]:
    limit = _parameter("limit", "maximum number of results", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20})
    words = {
        **_parameter("q", "words, a code, or an article such as lanzarote 20", {"type": "string", "maxLength": 200}),
        "example": "alb",
    }
    content = {"application/json": _FOUND, "text/html": _TEXT}
    title = "Search by name, term, code, article or words, the best match first"
    responses = _responses(content, 304, 400, 406, 412, 422, *_ENGINE)
    return _operation("search", title, [words, limit, _format(["json", "html"])], responses)


def _catalog_query(catalog: Catalog, query: CatalogQuery) -> dict[str, Any]:
    columns = "".join(f"\n- `{name}`: {description}" for name, description in query.columns.items())
    parameters = [_catalog_parameter(catalog, parameter) for parameter in query.parameters]
    formats = _format([*reversed(SOLUTION_TYPES.values()), "html"])
    content = {**_content(SOLUTION_TYPES, _RESULTS), "text/html": _TEXT}
    responses = _responses(content, 304, 406, 412, 422, *_ENGINE)
    operation = _operation(f"ask-{query.name}", query.title, [*parameters, formats], responses)
    description = f"{query.summary} Columns:{columns}".lstrip()
    return {**operation, "tags": [query.topic], "description": description}


def _catalog_parameter(catalog: Catalog, parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    allowed = catalog.allowed_values(parameter.type)
    if parameter.type == DATE:
        schema["format"] = "date"
    elif len(allowed) <= _MAX_ENUM:
        schema["enum"] = list(dict.fromkeys(one.value for one in allowed))
    if parameter.default is not None:
        schema["default"] = catalog.default(parameter)
    described = _parameter(parameter.name, parameter.description, schema, required=parameter.default is None)
    return {**described, "example": parameter.example}


def _validation(bodies: Iterable[str], reports: Iterable[str], tables: Sequence[str]) -> dict[str, Any]:
    responses = _responses(_content(reports, _REPORT), 400, 406, 413, 415, 422, 503)
    table = _parameter(
        "table", "for a body of text/csv: the name of the table that it replaces", {"type": "string", "enum": tables}
    )
    title = "Validate your own RDF against the shapes, or your own table in place of one of the project; nothing is stored"
    operation = _operation("validate", title, [table], responses)
    body = {"required": True, "content": {media: {"schema": _TEXT} for media in bodies}}
    return {**operation, "requestBody": body}


def _description(name: str, title: str, others: Mapping[str, Any]) -> dict[str, Any]:
    return _operation(name, title, [], _responses({"application/json": {"type": "object"}, **others}, 304, 412))


def _health(name: str) -> dict[str, Any]:
    age = {"type": "number", "description": "seconds since a remote engine was checked"}
    properties = {"status": _TEXT, "version": _TEXT, "quads": {"type": "integer"}, "age_s": age}
    schema = {"type": "object", "required": ["status", "version", "quads"], "properties": properties}
    responses = _responses({"application/json": schema})
    error = {"type": "object", "required": ["status"], "properties": {"status": _TEXT, "age_s": age}}
    unavailable = {"description": "queries cannot be answered", "content": {"application/json": {"schema": error}}}
    title = "Whether queries can be answered, and the version of the release"
    return _operation(name, title, [], {**responses, "503": unavailable})


def _live() -> dict[str, Any]:
    schema = {"type": "object", "required": ["status"], "properties": {"status": _TEXT}}
    return _operation("live", "Whether the process handles requests", [], _responses({"application/json": schema}))
