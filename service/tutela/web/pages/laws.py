"""``/laws``: national laws by jurisdiction, and a page for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response

from tutela.web.rendering import PageRenderer, Row, get_or_404
from tutela.web.services import services


@dataclass
class _Provision:
    """A provision: what is said of it, its pages, and the readings for the criteria."""

    row: Row
    urls: list[str] = field(default_factory=list)
    readings: dict[str, Row] = field(default_factory=dict)


async def list_page(request: Request) -> Response:
    """Respond with the list."""
    renderer = services(request).renderer
    return await renderer.respond(request, "laws.html", lambda: _list_content(renderer))


async def page(request: Request) -> Response:
    """Respond with the page of one law."""
    renderer = services(request).renderer
    name = f"{request.path_params['code']}/{request.path_params['slug']}"
    return await renderer.respond(request, "law.html", lambda: _content(renderer, name))


def _list_content(renderer: PageRenderer) -> Mapping[str, Any]:
    laws = renderer.run("national-laws")
    return {"laws": laws, "by_name": laws.by("name"), "coverage": renderer.run("coverage-of-law")}


def _content(renderer: PageRenderer, name: str) -> Mapping[str, Any]:
    get_or_404(renderer.labels("law"), name, "national law")
    code = name.partition("/")[0]
    (law,) = [row for row in renderer.run("national-laws").rows if row["law"].endswith(f"/law/{name}")]
    provisions = renderer.run("provisions-of-law", law=name)
    return {
        "law": law,
        "name": name,
        "code": code,
        "provisions": provisions,
        "found": sorted(_grouped(provisions.rows), key=lambda one: one.row["provision"] != law["law"]),
        "citations": renderer.run("national-law", jurisdiction=code).where(law=law["law"]),
        "findings_as_of": renderer.findings_as_of(),
    }


def _grouped(rows: list[Row]) -> list[_Provision]:
    """Return each provision once, with its readings and pages."""
    found: dict[str, _Provision] = {}
    for row in rows:
        one = found.setdefault(row["provision"], _Provision(row))
        if row["url"] and row["url"] not in one.urls:
            one.urls.append(row["url"])
        if row["criterion"]:
            one.readings[row["criterion"]] = row
    return list(found.values())
