"""The description of the service for programs (OpenAPI 3.1)."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from tutela.catalog import Catalog, Parameter, Question
from tutela.web.negotiation import BOOLEAN_TYPES, GRAPH_TYPES, SOLUTION_TYPES

# A list of choices that is longer would make the document hard to read.
_MOST_CHOICES = 400
_TEXT = {"type": "string"}
_QUERY = {"type": "string", "format": "sparql", "minLength": 1}
_SENTENCES = {
    304: "the answer that the client has is still right",
    400: "not well formed; the sentence says where",
    403: "an update, or a call to another endpoint: refused",
    404: "there is no such question",
    406: "none of the media types accepted can be had",
    413: "too large",
    415: "the body is of another media type",
    422: "a parameter is unknown, missing or wrong; the sentence names the nearest value",
    502: "the engine elsewhere that answers cannot be reached, or fails",
    503: "too much at once, or more than the limits allow; try again later or ask for less",
    504: "the query took too long and was stopped",
}
_ENGINE = (502, 503, 504)  # what an engine may do to any query
_RESULTS = {
    "type": "object",
    "description": "SPARQL 1.1 Query Results JSON Format",
    "required": ["head"],
    "properties": {"head": {"type": "object"}, "results": {"type": "object"}, "boolean": {"type": "boolean"}},
}
_PROBLEM = {
    "type": "object",
    "required": ["severity", "where", "resource", "found", "expected", "rule"],
    "properties": {
        **dict.fromkeys(["where", "resource", "found", "expected", "rule"], _TEXT),
        "severity": {"enum": ["Violation", "Warning", "Info"]},
    },
}
_REPORT = {
    "type": "object",
    "required": ["conforms", "results"],
    "properties": {"conforms": {"type": "boolean"}, "results": {"type": "array", "items": _PROBLEM}},
}
_RESULT = {
    "type": "object",
    "required": ["label", "language", "kind", "about", "link"],
    "properties": dict.fromkeys(["label", "language", "kind", "about", "link"], _TEXT),
}
_FOUND = {
    "type": "object",
    "required": ["query", "total", "instead", "partly", "results"],
    "properties": {
        "query": _TEXT,
        "total": {"type": "integer"},
        "instead": {"type": ["string", "null"], "description": "what was searched for in its place, as nothing is called so"},
        "partly": {"type": "boolean", "description": "nothing has all of the words; these have some of them"},
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
        catalog: whose questions are described.
        bodies: the media types that may be validated.
        reports: the media types of a validation report.
        tables: the names of the tables.

    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tutela",
            "version": version("tutela"),
            "description": "The law that protects children from sexual abuse material, as linked open data. HEAD answers as GET.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            "/sparql": _sparql(next(iter(catalog.questions.values())).file.text),
            "/queries": {"get": _listing()},
            **{f"/queries/{question.name}": {"get": _question(catalog, question)} for question in catalog.questions.values()},
            "/search": {"get": _search()},
            "/validate": {"post": _validation(bodies, reports, tables)},
            "/health": {"get": _health()},
            "/api": {"get": _operation("api", "This document", [], _responses({"application/json": {"type": "object"}}))},
        },
    }


def _operation(name: str, title: str, parameters: list[dict[str, Any]], responses: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": name, "summary": title, "parameters": parameters, "responses": responses}


def _query(name: str, description: str, schema: Mapping[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "required": required, "schema": dict(schema)}


def _content(types: Iterable[str], shape: Mapping[str, Any]) -> dict[str, Any]:
    """Return what each media type holds: the shape where it is JSON, else text."""
    return {media: shape if media.endswith("json") else _TEXT for media in reversed(list(types))}


def _responses(content: Mapping[str, Any], *errors: int) -> dict[str, Any]:
    good = {"description": "the answer", "content": {media: {"schema": schema} for media, schema in content.items()}}
    sentence = {"text/plain": {"schema": _TEXT}}
    bad = {
        str(code): {"description": _SENTENCES[code], **({} if code == 304 else {"content": sentence})} for code in sorted(errors)
    }
    return {"200": good, **bad}


def _format(forms: Iterable[str]) -> dict[str, Any]:
    names = list(dict.fromkeys(forms))
    return _query("format", "the format, for those who cannot set Accept; it wins over Accept", {"type": "string", "enum": names})


def _sparql(query: str) -> dict[str, Any]:
    graphs = {"type": "array", "items": {"type": "string", "format": "uri"}}
    texts = {
        "query": "SPARQL 1.1 Query",
        "default-graph-uri": "graphs that are merged as the default graph",
        "named-graph-uri": "graphs that GRAPH may name",
    }
    types = dict.fromkeys({**GRAPH_TYPES, **SOLUTION_TYPES}, _TEXT)
    content = {**types, **_content(BOOLEAN_TYPES, _RESULTS), "application/json": {}}
    responses = _responses(content, 304, 400, 403, 406, 413, *_ENGINE)
    forms = _format([*reversed(SOLUTION_TYPES.values()), *reversed(GRAPH_TYPES.values())])
    where = [_query(name, texts[name], graphs) for name in ("default-graph-uri", "named-graph-uri")]
    asked = {**_query("query", texts["query"], _QUERY, required=True), "example": query}
    post = _operation(
        "query-by-post", "Ask with SPARQL, in the body", where, _responses(content, 400, 403, 406, 413, 415, *_ENGINE)
    )
    fields = {"query": _QUERY, "default-graph-uri": graphs, "named-graph-uri": graphs}
    post["requestBody"] = {
        "required": True,
        "content": {
            "application/sparql-query": {"schema": _QUERY, "example": query},
            "application/x-www-form-urlencoded": {"schema": {"type": "object", "required": ["query"], "properties": fields}},
        },
    }
    return {"get": _operation("query", "Ask with SPARQL", [asked, *where, forms], responses), "post": post}


def _listing() -> dict[str, Any]:
    content = {"application/json": _LISTING, "text/html": _TEXT}
    return _operation(
        "questions", "The questions of the catalogue", [_format(["json", "html"])], _responses(content, 406, 422, *_ENGINE)
    )


def _search() -> dict[str, Any]:
    limit = _query("limit", "at most so many results", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20})
    words = {
        **_query("q", "words, a code, or an article such as lanzarote 20", {"type": "string", "maxLength": 200}),
        "example": "alb",
    }
    content = {"application/json": _FOUND, "text/html": _TEXT}
    title = "What has a name, a code or an article like this, the best first"
    responses = _responses(content, 304, 400, 406, 422, *_ENGINE)
    for code in ("400", *map(str, _ENGINE)):  # who asked for a page gets a page
        responses[code] = {**responses[code], "content": {**responses[code]["content"], "text/html": {"schema": _TEXT}}}
    return _operation("search", title, [words, limit, _format(["json", "html"])], responses)


def _question(catalog: Catalog, question: Question) -> dict[str, Any]:
    columns = "".join(f"\n- `{name}`: {what}" for name, what in question.columns.items())
    summary = question.file.head.get("summary")
    parameters = [_parameter(catalog, parameter) for parameter in question.parameters]
    forms = _format([*reversed(SOLUTION_TYPES.values()), "html"])
    content = {**_content(SOLUTION_TYPES, _RESULTS), "text/html": _TEXT}
    operation = _operation(
        f"ask-{question.name}", question.title, [*parameters, forms], _responses(content, 304, 406, 422, *_ENGINE)
    )
    return {**operation, "description": f"{summary} Columns:{columns}" if summary else f"Columns:{columns}"}


def _parameter(catalog: Catalog, parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    choices = catalog.choices(parameter.kind)
    if parameter.kind == "date":
        schema["format"] = "date"
    elif len(choices) <= _MOST_CHOICES:
        schema["enum"] = list(dict.fromkeys(choice.value for choice in choices))
    if parameter.default is not None:
        schema["default"] = parameter.default
    described = _query(parameter.name, parameter.description, schema, required=parameter.default is None)
    return {**described, "example": parameter.example}


def _validation(bodies: Iterable[str], reports: Iterable[str], tables: Sequence[str]) -> dict[str, Any]:
    responses = _responses(_content(reports, _REPORT), 400, 406, 413, 415, 422, 503)
    table = _query(
        "table", "of a body of text/csv, the table of ours in whose place it is checked", {"type": "string", "enum": tables}
    )
    title = "Validate RDF of your own against the shapes, or a table of your own in the place of ours; nothing is kept"
    operation = _operation("validate", title, [table], responses)
    body = {"required": True, "content": {media: {"schema": _TEXT} for media in bodies}}
    return {**operation, "requestBody": body}


def _health() -> dict[str, Any]:
    properties = {"status": _TEXT, "version": _TEXT, "quads": {"type": "integer"}}
    schema = {"type": "object", "required": list(properties), "properties": properties}
    responses = _responses({"application/json": schema})
    told = {"type": "object", "required": ["status"], "properties": {"status": _TEXT}}
    unwell = {"description": "the service cannot answer queries", "content": {"application/json": {"schema": told}}}
    return _operation("health", "Whether the service is well, and the version of its data", [], {**responses, "503": unwell})
