"""The query operation of the SPARQL 1.1 Protocol (section 2.1)."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import QueryParams

from tutela.engine import Engine, QueryResponse
from tutela.errors import ForbiddenQueryError, UnavailableFormatError, UnsupportedMediaTypeError, UsageError
from tutela.sparql.binding import bind, bind_iris
from tutela.sparql.determinism import is_deterministic
from tutela.sparql.query_file import page_query
from tutela.web.http.caching import CACHEABLE, NO_STORE
from tutela.web.http.content_disposition import content_disposition
from tutela.web.http.negotiation import (
    BOOLEAN_TYPES,
    GRAPH_TYPES,
    SOLUTION_TYPES,
    accept_of,
    by_name,
    named_or_accepted,
    negotiate,
    not_acceptable,
    with_charset,
)
from tutela.web.http.requests import cancel_on_disconnect, ensure_not_compressed, media_type, read_body

FORM_TYPE = "application/x-www-form-urlencoded"
QUERY_TYPE = "application/sparql-query"
_UPDATE_TYPE = "application/sparql-update"
_TYPES = {"solutions": SOLUTION_TYPES, "boolean": BOOLEAN_TYPES, "graph": GRAPH_TYPES}
# Parameters that name a format, in order of precedence: other engines understand one of them, and clients send all.
_FORMAT_PARAMETERS = ("format", "output", "results")
_MAX_FORMATS = 20  # names that are tried
_UPDATE_ERROR = "Updates are not allowed; this service is read-only."


@dataclass(frozen=True)
class Operation:
    """A query operation: a query, its dataset, and the media type for each kind of result."""

    query: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    media: Mapping[str, str]

    @property
    def formats(self) -> dict[str, str]:
        """The format for each kind of result."""
        return {kind: _TYPES[kind][media] for kind, media in self.media.items()}


class SparqlEndpoint:
    """The SPARQL endpoint over an engine.

    Args:
        engine: the engine.
        max_body_bytes: largest body of a POST request.

    """

    def __init__(self, engine: Engine, max_body_bytes: int) -> None:
        self.engine = engine
        self.max_body_bytes = max_body_bytes

    async def handle(self, request: Request) -> Response:
        """Respond to a request of the protocol.

        Raises:
            TutelaError: see `Engine.query`; or the request is not valid.

        """
        if request.method != "POST" and not request.url.query:
            return await self.describe(request)
        operation = _operation(await self._parameters(request), accept_of(request))
        return await cancel_on_disconnect(request, self.run(operation))

    async def describe(self, request: Request) -> Response:
        """Respond to a GET without parameters with the service description (SPARQL 1.1 Service Description, section 2)."""
        return await self.construct(request, "service-description", {"endpoint": str(request.url)})

    async def construct(
        self, request: Request, name: str, iris: Mapping[str, str | Sequence[str]], texts: Mapping[str, str] | None = None
    ) -> Response:
        """Respond with the triples of one of the queries in ``queries/pages``.

        Args:
            request: the request.
            name: name of the query.
            iris: one IRI, or several, for its ``VALUES`` blocks.
            texts: texts for its ``VALUES`` blocks.

        """
        media, _ = negotiate(request, GRAPH_TYPES)
        query = page_query(name).text
        for variable, iri in iris.items():
            query = bind_iris(query, variable, [iri] if isinstance(iri, str) else iri)
        for variable, text in (texts or {}).items():
            query = bind(query, variable, json.dumps(text))
        return await self.run(Operation(query, (), (), {"graph": media}), [name])

    async def run(self, operation: Operation, name: Sequence[str] = ("result",)) -> Response:
        """Respond with the result of an operation; a large one is streamed.

        Args:
            operation: the operation.
            name: the parts of the file name under which a browser saves the result.

        """
        response = await self._query(operation)
        headers = {
            **cache_headers(operation.query),
            "content-type": with_charset(operation.media[response.kind]),
            "content-disposition": content_disposition(name, operation.formats[response.kind]),
        }
        if response.rest is None:
            return Response(response.body, headers=headers)
        return StreamingResponse(_chunks(response), headers=headers)

    async def read(self, operation: Operation) -> bytes:
        """Return the complete result of an operation."""
        return await (await self._query(operation)).read()

    async def _query(self, operation: Operation) -> QueryResponse:
        try:
            return await self.engine.query(operation.query, operation.formats, operation.default_graphs, operation.named_graphs)
        except UnavailableFormatError as error:
            raise not_acceptable(_TYPES[error.kind]) from error

    async def _parameters(self, request: Request) -> list[tuple[str, str]]:
        """Return the parameters of a request from its URL or body (SPARQL 1.1 Protocol, sections 2.1.1 to 2.1.3)."""
        parameters = list(request.query_params.multi_items())
        if request.method != "POST":
            return parameters
        media = media_type(request)
        if media == _UPDATE_TYPE:
            raise ForbiddenQueryError(_UPDATE_ERROR)
        if media not in (FORM_TYPE, QUERY_TYPE):
            given = f"has the media type {media}" if media else "has no media type"
            raise UnsupportedMediaTypeError(f"The request body {given}; expected {FORM_TYPE} or {QUERY_TYPE}.")
        ensure_not_compressed(request)
        try:
            body = (await read_body(request, self.max_body_bytes)).decode("utf-8")
        except UnicodeDecodeError as error:
            raise UsageError("The request body is not UTF-8.") from error
        return parameters + (QueryParams(body).multi_items() if media == FORM_TYPE else [("query", body)])


def cache_headers(query: str) -> dict[str, str]:
    """Return the headers for caches of a response to a query: none keeps a result that is different each time."""
    return CACHEABLE if is_deterministic(query) else {**CACHEABLE, "cache-control": NO_STORE}


async def _chunks(response: QueryResponse) -> AsyncIterator[bytes]:
    """Yield a result as it arrives. If it cannot be completed, the error closes the connection, so that the client notices."""
    assert response.rest is not None  # noqa: S101 - the caller checked
    yield response.body
    async for chunk in response.rest:
        yield chunk


def _operation(parameters: list[tuple[str, str]], accept: str | None) -> Operation:
    if any(name == "update" for name, _ in parameters):
        raise ForbiddenQueryError(_UPDATE_ERROR)
    queries = [value for name, value in parameters if name == "query"]
    if len(queries) != 1:
        raise UsageError(f"{len(queries)} queries; expected one, in the parameter 'query' or in the body of a POST request.")
    names = _format_names(parameters)
    media = {}
    for kind, types in _TYPES.items():
        found = named_or_accepted(types, names, accept)
        if found:
            media[kind] = found[0]
    if not media:
        raise not_acceptable({**SOLUTION_TYPES, **GRAPH_TYPES})
    return Operation(
        queries[0],
        tuple(value for name, value in parameters if name == "default-graph-uri"),
        tuple(value for name, value in parameters if name == "named-graph-uri"),
        media,
    )


def _format_names(parameters: list[tuple[str, str]]) -> list[str]:
    """Return the formats that the parameters name, the most important first.

    SPARQLWrapper 2 sends ``format``, ``output`` and ``results``, each with a name and with media types, whether they suit the
    query or not. A name that is unknown or does not suit the result is ignored.

    Raises:
        UsageError: ``format`` names two formats for the same kind of result.

    """
    given = [value for name, value in parameters if name == "format"][:_MAX_FORMATS]
    for types in _TYPES.values() if len(given) > 1 else ():
        if len({found[1] for value in given if (found := by_name(types, value))}) > 1:
            raise UsageError(f"The parameter 'format' is given {len(given)} times, with different formats; expected one.")
    values = [value for wanted in _FORMAT_PARAMETERS for name, value in parameters if name == wanted]
    return list(dict.fromkeys(name for value in values[:_MAX_FORMATS] for name in value.split(",")))[:_MAX_FORMATS]
