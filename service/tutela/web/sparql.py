"""The SPARQL 1.1 Protocol, its query operation (section 2.1), over an engine."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from cachetools import LRUCache
from fastapi import Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect

from tutela import paths
from tutela.catalog import with_iris, with_value
from tutela.engine import Engine, LimitError, Reply
from tutela.errors import UsageError
from tutela.store import EngineError
from tutela.web.negotiation import BOOLEAN_TYPES, GRAPH_TYPES, SOLUTION_TYPES, choose, named

_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"
_TYPES = {"solutions": SOLUTION_TYPES, "boolean": BOOLEAN_TYPES, "graph": GRAPH_TYPES}
_REFUSED_UPDATE = "Updates are refused: this service only reads."
_BODY_BOUND = 1 << 20
CACHE_BYTES = 64 << 20
_STATUS = {"busy": 503, "memory": 503, "size": 413, "time": 504}


@dataclass(frozen=True)
class Operation:
    """What a request asks: a query over graphs, in the media types chosen for each kind of answer."""

    query: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    media: tuple[tuple[str, str], ...]

    @property
    def forms(self) -> dict[str, str]:
        """The format for each kind of answer."""
        return {kind: _TYPES[kind][media] for kind, media in self.media}


_Key = tuple[str, Operation]  # a version, and what is asked of it


class Endpoint:
    """The endpoint over an engine; answers are kept, since a release never changes.

    Args:
        engine: what answers.
        cache: bytes of answers that are kept; with 0 every query is answered anew.

    """

    def __init__(self, engine: Engine, cache: int = CACHE_BYTES) -> None:
        self.engine = engine
        self._largest = cache // 8
        self._cache: LRUCache[_Key, tuple[str, bytes]] = LRUCache(cache, getsizeof=lambda answer: len(answer[1]) + 500)

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        if request.method != "POST" and not request.url.query:
            return await self.describe(request)
        fields = await _fields(request)
        if isinstance(fields, Response):
            return fields
        operation = _operation(fields, request.headers.get("accept"))
        if isinstance(operation, Response):
            return operation
        return await attended(request, self.answer(operation, request.headers.get("if-none-match")))

    async def describe(self, request: Request) -> Response:
        """Answer a plain GET with the service's description (SPARQL 1.1 Service Description, section 2)."""
        return await self.page(request, "service-description", {"endpoint": str(request.url)})

    async def page(
        self, request: Request, name: str, iris: Mapping[str, str], texts: Mapping[str, str] | None = None
    ) -> Response:
        """Answer with the triples of one of the project's own queries, some IRIs and texts put into its VALUES blocks."""
        chosen = choose(GRAPH_TYPES, request.headers.get("accept"))
        if chosen is None:
            return unacceptable(GRAPH_TYPES)
        query = (paths.QUERIES / "pages" / f"{name}.rq").read_text(encoding="utf-8")
        try:
            for variable, iri in iris.items():
                query = with_iris(query, variable, [iri])
        except UsageError as error:
            return problem(400, str(error))
        for variable, text in (texts or {}).items():
            query = with_value(query, variable, json.dumps(text))
        return await self.answer(Operation(query, (), (), (("graph", chosen[0]),)), request.headers.get("if-none-match"))

    async def answer(self, operation: Operation, known: str | None = None, *, whole: bool = False) -> Response:
        """Answer an operation.

        Args:
            operation: what is asked.
            known: what the client says that it has (If-None-Match).
            whole: whether the body is needed at once, also if it is large.

        """
        try:
            held = await self.engine.holding()
            headers = {
                "etag": tag(held.version, operation.query, operation.default_graphs, operation.named_graphs, operation.media),
                "last-modified": http_date(held.issued),
                "vary": "accept",
                "cache-control": "public, no-cache",
            }
            if has(known, headers["etag"]):
                return Response(status_code=304, headers=headers)
            return await self._answered((held.version, operation), headers, whole=whole)
        except (LimitError, EngineError) as error:
            return fault(error)

    async def _answered(self, key: _Key, headers: dict[str, str], *, whole: bool) -> Response:
        operation = key[1]
        if key in self._cache:
            media, body = self._cache[key]
            return Response(body, headers={**headers, "content-type": _with_charset(media)})
        reply = await self.engine.answer(operation.query, operation.forms, operation.default_graphs, operation.named_graphs)
        if reply.status == "unacceptable":
            return unacceptable(_TYPES[reply.kind])
        if reply.status != "ok":
            return problem(403 if reply.status == "refused" else 400, reply.message)
        media = dict(operation.media)[reply.kind]
        headers["content-type"] = _with_charset(media)
        if reply.rest is not None and not whole:
            return StreamingResponse(self._streamed(key, media, reply), headers=headers)
        body = await reply.whole()
        self._keep(key, media, body)
        return Response(body, headers=headers)

    async def _streamed(self, key: _Key, media: str, reply: Reply) -> AsyncIterator[bytes]:
        """Yield an answer as it comes; if it breaks off the connection does too, so that nobody takes it for whole."""
        assert reply.rest is not None  # noqa: S101 - asked before
        kept = bytearray(reply.body)
        yield reply.body
        async for part in reply.rest:
            if len(kept) < self._largest:
                kept += part
            yield part
        self._keep(key, media, bytes(kept))

    def _keep(self, key: _Key, media: str, body: bytes) -> None:
        if len(body) < self._largest:
            self._cache[key] = media, body


def _with_charset(media: str) -> str:
    return media + ("" if media.endswith(("json", "n-triples")) else "; charset=utf-8")


def tag(*parts: object) -> str:
    """Return an entity tag (RFC 9110, section 8.8.3) that stands for these parts."""
    return f'"{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"'


def has(known: str | None, etag: str) -> bool:
    """Return whether a client says (If-None-Match, RFC 9110, section 13.1.2) that it has what an entity tag stands for."""
    return known is not None and not {etag, "*"}.isdisjoint(one.strip().removeprefix("W/") for one in known.split(","))


async def attended(request: Request, work: Coroutine[Any, Any, Response]) -> Response:
    """Return the answer that is being made for a client; if it goes away meanwhile the work is given up.

    Args:
        request: its request, whose body is read.
        work: what makes the answer.

    """
    made, left = asyncio.ensure_future(work), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({made, left}, return_when=asyncio.FIRST_COMPLETED)
        return made.result() if made.done() else problem(400, "The client is gone.")
    finally:
        for task in (made, left):
            task.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def fault(error: LimitError | EngineError) -> Response:
    """Return the answer for a query that was stopped, or that the engine did not answer."""
    if isinstance(error, LimitError):
        return problem(_STATUS[error.reason], str(error), {"retry-after": "5"} if error.reason == "busy" else {})
    return problem(504 if error.late else 502, str(error), {"retry-after": "5"})


def problem(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as a sentence of plain text."""
    return PlainTextResponse(message.rstrip() + "\n", status, headers=dict(headers or {}))


def unacceptable(types: Mapping[str, str]) -> Response:
    """Return the error for a client that takes none of the media types there are."""
    return problem(406, f"Nothing that you accept can be had here; this answer comes as {', '.join(reversed(list(types)))}.")


async def _fields(request: Request) -> list[tuple[str, str]] | Response:
    """Return the parameters of a request, wherever they stand (SPARQL 1.1 Protocol, sections 2.1.1 to 2.1.3)."""
    fields = list(request.query_params.multi_items())
    if request.method != "POST":
        return fields
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _UPDATE:
        return problem(403, _REFUSED_UPDATE)
    if kind not in (_FORM, _QUERY):
        return problem(415, f"The body is {kind or 'of no type'}; expected {_FORM} or {_QUERY}.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        return problem(415, "The body is compressed; send it as it is.")
    body = await _body(request)
    if isinstance(body, Response):
        return body
    return fields + (QueryParams(body).multi_items() if kind == _FORM else [("query", body)])


async def _body(request: Request) -> str | Response:
    data = bytearray()
    try:
        async for part in request.stream():
            data += part
            if len(data) > _BODY_BOUND:
                return problem(413, f"The body is larger than {_BODY_BOUND >> 20} MB.")
        return data.decode("utf-8")
    except ClientDisconnect:
        return problem(400, "The body was cut off.")
    except UnicodeDecodeError:
        return problem(400, "The body is not UTF-8.")


def _operation(fields: list[tuple[str, str]], accept: str | None) -> Operation | Response:
    if any(key == "update" for key, _ in fields):
        return problem(403, _REFUSED_UPDATE)
    queries = [value for key, value in fields if key == "query"]
    if len(queries) != 1:
        return problem(400, f"{len(queries)} queries; expected one, as the parameter 'query' or as the body of a POST.")
    wanted = [value for key, value in fields if key == "format"]
    if len(wanted) > 1:
        return problem(400, f"The parameter 'format' is given {len(wanted)} times; expected once.")
    media = {}
    for kind, types in _TYPES.items():
        chosen = named(types, wanted[0]) if wanted else choose(types, accept)
        if chosen:
            media[kind] = chosen[0]
    if not media:
        return unacceptable({**SOLUTION_TYPES, **GRAPH_TYPES})
    return Operation(
        queries[0],
        tuple(value for key, value in fields if key == "default-graph-uri"),
        tuple(value for key, value in fields if key == "named-graph-uri"),
        tuple(sorted(media.items())),
    )


@lru_cache(maxsize=16)
def http_date(day: str) -> str:
    """Return a day as HTTP writes it (RFC 9110, section 5.6.7)."""
    return format_datetime(datetime.combine(datetime.fromisoformat(day).date(), time(), UTC), usegmt=True)
