"""``/glossary``, ``/organisations`` and ``/initiatives``: what terms mean, and the bodies and programmes that the data name."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from tutela import namespaces
from tutela.web.page_urls import GLOSSARY_KINDS
from tutela.web.rendering import PageRenderer, Row
from tutela.web.services import services


async def page(request: Request) -> Response:
    """Respond with the glossary."""
    renderer = services(request).renderer
    return await renderer.respond(request, "glossary.html", lambda: _content(renderer))


async def organisations(request: Request) -> Response:
    """Respond with the list of organisations."""
    renderer = services(request).renderer
    return await renderer.respond(request, "organisations.html", lambda: _organisations(renderer))


async def initiatives(request: Request) -> Response:
    """Respond with the list of measures, stages of assessment and initiatives."""
    renderer = services(request).renderer
    return await renderer.respond(request, "initiatives.html", lambda: _initiatives(renderer))


def _content(renderer: PageRenderer) -> Mapping[str, Any]:
    terms = renderer.run("terms")
    rows = [{**row, "anchor": anchor} for row in terms.rows if (anchor := _anchor(row))]
    schemes: dict[str, list[Row]] = {}
    for row in rows:
        schemes.setdefault(row["scheme_name"], []).append(row)
    return {"terms": terms, "schemes": schemes}


def _anchor(row: Row) -> str:
    """Return the anchor of a term, as `page_url` has it; empty if the term has a page elsewhere."""
    kind, _, name = namespaces.strip_base(row["term"]).removeprefix("id/").partition("/")
    return f"{kind}-{name}" if kind in GLOSSARY_KINDS else ""


def _organisations(renderer: PageRenderer) -> Mapping[str, Any]:
    instruments = renderer.run("instruments")
    as_of = renderer.default("members", "as_of")
    labels = renderer.labels("organisation")
    return {
        "organisations": labels,
        "members": {slug: renderer.run("members", organisation=slug, as_of=as_of) for slug in labels},
        "instruments": instruments,
        "by_organisation": instruments.by("organisation"),
        "as_of": as_of,
    }


def _initiatives(renderer: PageRenderer) -> Mapping[str, Any]:
    items = renderer.run("implementation")
    return {"items": items, "by_kind": items.by("kind")}
