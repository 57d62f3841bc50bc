"""``/sparql`` for people: an editor with the questions of the catalogue as examples, and a plain form without scripts."""

from typing import Any

from fastapi import Request, Response

from tutela import header, names
from tutela.catalog import Question
from tutela.web import vendor
from tutela.web.frame import Frame, UnknownPageError
from tutela.web.negotiation import GRAPH_TYPES, choose

_EXAMPLE = "jurisdictions-lacking"


def wanted(request: Request) -> bool:
    """Return whether a request to the endpoint is somebody's who comes to write a query."""
    # A client that reads RDF may take pages too, if there is nothing better.
    chosen = choose({"text/html": "html", **GRAPH_TYPES}, request.headers.get("accept"))
    reads = chosen is not None and chosen[1] == "html"
    return request.method != "POST" and reads and "query" not in request.query_params and "update" not in request.query_params


async def page(request: Request, frame: Frame, policy: str) -> Response:
    """Answer with the editor.

    Args:
        request: what was asked; ``example`` is a question to begin with, its parameters may be given too.
        frame: the catalogue.
        policy: the content security policy of other pages, to which this one adds the rules that the editor writes into it.

    """
    hashes = " ".join(f"'{one}'" for one in vendor.editor_styles())
    headers = {"content-security-policy": policy.replace("style-src 'self'", f"style-src 'self' {hashes}".rstrip())}
    return await frame.page(request, "editor.html", lambda: _content(request, frame), headers)


def _content(request: Request, frame: Frame) -> dict[str, Any]:
    values = dict(request.query_params)
    example = values.pop("example", _EXAMPLE)
    if example not in frame.catalog.questions:
        raise UnknownPageError(f"There is no question {example!r} to begin with; /queries lists those there are.")
    question = frame.catalog.question(example)
    return {
        "question": question,
        "query": header.without_head(frame.catalog.text(example, {**_examples(question), **values})),
        "questions": list(frame.catalog.questions.values()),
        "graphs": names.GRAPHS,
        "settings": {
            "endpoint": request.url_for("sparql").path,
            "prefixes": [f"{prefix}: <{iri}>" for prefix, iri in sorted(names.PREFIXES.items())],
            "name": question.title,
            "jurisdiction": f"{names.BASE}id/jurisdiction/",
            "examples": {
                one.name: header.without_head(frame.catalog.text(one.name, _examples(one)))
                for one in frame.catalog.questions.values()
            },
            "open": "example" in request.query_params,
        },
    }


def _examples(question: Question) -> dict[str, str]:
    return {parameter.name: parameter.example for parameter in question.parameters}
