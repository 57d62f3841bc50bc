"""The SPARQL 1.1 Protocol, its query operation (section 2.1)."""

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams

from tutela.store import Answer, QueryError, QueryRefusedError, Store
from tutela.web.negotiation import BOOLEAN_TYPES, GRAPH_TYPES, SOLUTION_TYPES, choose

_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"


def problem(status: int, message: str) -> Response:
    """Return an error as a sentence of plain text."""
    return PlainTextResponse(message.rstrip() + "\n", status)


async def answer(request: Request, store: Store) -> Response:
    """Answer one request to the endpoint."""
    fields: list[tuple[str, str]] = list(request.query_params.multi_items())
    if request.method == "POST":
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            body = (await request.body()).decode("utf-8")
        except UnicodeDecodeError:
            return problem(400, "The body is not UTF-8.")
        if kind == _FORM:
            fields += QueryParams(body).multi_items()
        elif kind == _QUERY:
            fields.append(("query", body))
        elif kind == _UPDATE:
            return problem(403, "Updates are refused: this service only reads.")
        else:
            return problem(415, f"The body is {kind or 'of no type'}; expected {_FORM} or {_QUERY}.")
    queries = [value for key, value in fields if key == "query"]
    if any(key == "update" for key, _ in fields):
        return problem(403, "Updates are refused: this service only reads.")
    if len(queries) != 1:
        return problem(400, f"{len(queries)} queries; expected one, as the parameter 'query' or as the body of a POST.")
    default_graphs = [value for key, value in fields if key == "default-graph-uri"]
    named_graphs = [value for key, value in fields if key == "named-graph-uri"]
    accept = request.headers.get("accept")
    return await run_in_threadpool(_run, store, queries[0], default_graphs, named_graphs, accept)


def _run(store: Store, query: str, default_graphs: list[str], named_graphs: list[str], accept: str | None) -> Response:
    try:
        found = store.query(query, default_graphs=default_graphs, named_graphs=named_graphs)
        types = _types(found)
        chosen = choose(types, accept)
        if chosen is None:
            return problem(406, f"None of {accept} can be had here; this answer comes as {', '.join(reversed(types))}.")
        media, form = chosen
        # Evaluation is lazy: what fails on the way fails here.
        content = found.serialize(form)
    except QueryRefusedError as error:
        return problem(403, str(error))
    except QueryError as error:
        return problem(400, str(error))
    charset = "" if media.endswith(("json", "n-triples")) else "; charset=utf-8"
    return Response(content, headers={"content-type": media + charset, "vary": "accept"})


def _types(found: Answer) -> dict[str, str]:
    if found.is_graph:
        return GRAPH_TYPES
    return BOOLEAN_TYPES if found.is_boolean else SOLUTION_TYPES
