"""The catalogue over HTTP: ``/queries``, ``/queries/{name}``, and ``/api``, which describes it and the rest."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from tutela import names, sources
from tutela.catalog import Catalog, Question
from tutela.errors import UsageError
from tutela.web import openapi
from tutela.web.negotiation import SOLUTION_TYPES, choose, named
from tutela.web.sparql import Endpoint, Operation, attended, problem, unacceptable
from tutela.web.templating import page_of, root_of, templates
from tutela.web.validation import BODY_TYPES, REPORT_TYPES, tables_known

READ = ["GET", "HEAD"]
# In each table the last is what a client gets that has no preference.
LISTING_TYPES = {"text/html": "html", "application/json": "json"}
ANSWER_TYPES = {"text/html": "html", **SOLUTION_TYPES}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_WEB = re.compile(r"https?://[^\s<>\"]+")


def router(catalog: Catalog, endpoint: Endpoint) -> APIRouter:
    """Return the routes over a catalogue, whose questions the endpoint answers within its limits."""
    routes = APIRouter()

    @routes.api_route("/queries", methods=READ)
    async def listing(request: Request) -> Response:
        return await run_in_threadpool(_listing, request, catalog)

    @routes.api_route("/queries/{name}", methods=READ)
    async def ask(request: Request, name: str) -> Response:
        return await attended(request, _ask(request, catalog, endpoint, name))

    @routes.api_route("/api", methods=READ)
    async def api() -> Response:
        return JSONResponse(await run_in_threadpool(openapi.document, catalog, BODY_TYPES, REPORT_TYPES, tables_known()))

    return routes


def _form(types: Mapping[str, str], request: Request) -> tuple[str, str] | Response:
    """Return the media type and format to answer in; ``format`` in the address wins over Accept."""
    wanted = request.query_params.getlist("format")
    if len(wanted) > 1:
        return problem(422, f"The parameter 'format' is given {len(wanted)} times; expected once.")
    if wanted:
        known = ", ".join(dict.fromkeys(reversed(list(types.values()))))
        return named(dict(types), wanted[0]) or problem(422, f"format: {wanted[0]!r}; expected one of {known}.")
    return choose(dict(types), request.headers.get("accept")) or _varying(unacceptable(types))


def _varying(response: Response) -> Response:
    response.headers["vary"] = "accept"
    return response


def _listing(request: Request, catalog: Catalog) -> Response:
    chosen = _form(LISTING_TYPES, request)
    if isinstance(chosen, Response):
        return chosen
    questions = list(catalog.questions.values())
    if chosen[1] == "html":
        kinds = {parameter.kind for question in questions for parameter in question.parameters}
        context = {"questions": questions, "choices": {kind: catalog.choices(kind) for kind in sorted(kinds)}}
        return _varying(templates.TemplateResponse(request, "queries.html", context))
    return _varying(JSONResponse({"questions": [_described(request, question) for question in questions]}))


def _described(request: Request, question: Question) -> dict[str, Any]:
    address = request.url_for("ask", name=question.name).path
    example = urlencode({p.name: p.example for p in question.parameters})
    return {
        "name": question.name,
        "title": question.title,
        "summary": question.file.head.get("summary"),
        "address": address,
        "example": f"{address}?{example}" if example else address,
        "parameters": [
            {"name": p.name, "type": p.kind, "description": p.description, "example": p.example, "default": p.default}
            for p in question.parameters
        ],
        "columns": question.columns,
    }


async def _ask(request: Request, catalog: Catalog, endpoint: Endpoint, name: str) -> Response:
    try:
        question = catalog.question(name)
    except UsageError as error:
        return problem(404, str(error))
    chosen = _form(ANSWER_TYPES, request)
    if isinstance(chosen, Response):
        return chosen
    media, form = chosen
    given = [pair for pair in request.query_params.multi_items() if pair[0] != "format"]
    values = dict(given)
    try:
        for key, times in Counter(key for key, _ in given).items():
            if times > 1:
                raise UsageError(f"The parameter {key!r} is given more than once; expected once.")
        text = await run_in_threadpool(catalog.text, name, values)
    except UsageError as error:
        return problem(422, str(error))
    if form != "html":
        operation = Operation(text, (), (), (("solutions", media),))
        return await endpoint.answer(operation, request.headers.get("if-none-match"))
    operation = Operation(text, (), (), (("solutions", "application/sparql-results+json"),))
    answer = await endpoint.answer(operation, whole=True)
    if answer.status_code != 200:
        return answer
    behind = await run_in_threadpool(_behind, catalog, question, values)
    return _varying(_page(request, question, values, json.loads(bytes(answer.body)), behind))


def _behind(catalog: Catalog, question: Question, values: dict[str, str]) -> dict[str, Any]:
    """Return what stands behind an answer, and what else can be asked."""
    return {
        "sparql": catalog.text(question.name, values),
        "sources": sources.of_question(catalog, question.name, values),
        "choices": {parameter.kind: catalog.choices(parameter.kind) for parameter in question.parameters},
    }


def _page(request: Request, question: Question, values: dict[str, str], results: Any, behind: dict[str, Any]) -> Response:
    columns = results["head"]["vars"]
    context = {
        "question": question,
        "values": values,
        "columns": columns,
        "rows": [[_cell(row.get(column), root_of(request)) for column in columns] for row in results["results"]["bindings"]],
        "others": [(form, urlencode({**values, "format": form})) for form in ("json", "csv", "tsv", "xml")],
        **behind,
    }
    return templates.TemplateResponse(request, "answer.html", context)


def _cell(term: Mapping[str, str] | None, root: str) -> dict[str, str | None]:
    """Return the text of a term and the address it links to."""
    if term is None:
        return {"text": "", "link": None, "day": None}
    value = term["value"]
    if term["type"] == "uri" and value.startswith(names.BASE):
        return {"text": names.short(value), "link": f"{root}{page_of(value)}", "day": None}
    return {"text": value, "link": value if _WEB.fullmatch(value) else None, "day": value if _DAY.fullmatch(value) else None}
