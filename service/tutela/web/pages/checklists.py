"""``/checklist``: what a bill would need, for each jurisdiction, as a page, Markdown, a document of Word or JSON."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams

from tutela.errors import NotFoundError
from tutela.reports import Answers, write
from tutela.reports.checklist import Checklist
from tutela.reports.checklist_builder import make_checklist
from tutela.reports.checklist_document import (
    COMMON_HEADING,
    COMMON_NOTE,
    NO_ADVICE,
    NO_BINDING_INSTRUMENT,
    NOT_IN_FORCE_NOTE,
    PART_HEADINGS,
    STANDING_HEADINGS,
    STANDING_WORDS,
    checklist_data,
    checklist_document,
    common_wording,
    full_title,
    instrument_name,
    not_in_force,
    reservation,
)
from tutela.reports.docx import MEDIA_TYPE, write_docx
from tutela.reports.words import DISTANCES, GAPS
from tutela.web.components.provision_tree import path_in_instrument
from tutela.web.http.caching import CACHE_CONTROL
from tutela.web.http.content_disposition import content_disposition
from tutela.web.rendering import PageRenderer, get_or_404
from tutela.web.services import services

_Writer = Callable[[Answers, Checklist], bytes]
_FORMATS: dict[str, tuple[str, _Writer]] = {
    "md": (
        "text/markdown; charset=utf-8",
        lambda answers, found: write(checklist_document(answers, found), "markdown").encode(),
    ),
    "docx": (
        MEDIA_TYPE,
        lambda answers, found: write_docx(checklist_document(answers, found), answers.catalog.release_date()),
    ),
    "json": (
        "application/json",
        lambda answers, found: json.dumps(checklist_data(answers.release, found), ensure_ascii=False, indent=1).encode(),
    ),
}


async def list_page(request: Request) -> Response:
    """Respond with the page where a jurisdiction is chosen."""
    renderer = services(request).renderer
    return await renderer.respond(request, "checklists.html", lambda: _list_content(renderer))


async def page(request: Request) -> Response:
    """Respond with the checklist of a jurisdiction as a page."""
    renderer = services(request).renderer
    version = (await renderer.engine.current_release()).version
    code = str(request.path_params["code"])
    return await renderer.respond(request, "checklist.html", lambda: _content(renderer, version, code, request.query_params))


async def export(request: Request) -> Response:
    """Respond with the checklist of a jurisdiction as a file: exactly what the page with the same parameters shows."""
    renderer = services(request).renderer
    version = (await renderer.engine.current_release()).version
    code, suffix = str(request.path_params["code"]), str(request.path_params["suffix"])
    if suffix not in _FORMATS:
        raise NotFoundError(f"A checklist has no format {suffix!r}; it has .{', .'.join(_FORMATS)}.")
    media_type, writer = _FORMATS[suffix]

    def body() -> bytes:
        return writer(*_checklist(renderer, version, code, request.query_params))

    return Response(
        await run_in_threadpool(body),
        headers={
            "cache-control": CACHE_CONTROL,
            "content-type": media_type,
            "content-disposition": content_disposition(["checklist", code], suffix),
        },
    )


def _list_content(renderer: PageRenderer) -> Mapping[str, Any]:
    jurisdictions = renderer.run("jurisdictions")
    regions = sorted((name or "Other", rows) for name, rows in jurisdictions.by("region_name").items())
    return {"jurisdictions": jurisdictions, "regions": dict(regions), "no_advice": NO_ADVICE}


def _checklist(renderer: PageRenderer, version: str, code: str, values: QueryParams) -> tuple[Answers, Checklist]:
    """Return the checklist that an address asks for, and the answers that it is made from.

    Raises:
        NotFoundError: there is no such jurisdiction.
        UsageError: a parameter of the address is not valid.

    """
    get_or_404(renderer.labels("jurisdiction"), code, "jurisdiction")
    as_of = values.get("as_of") or renderer.default("bound-by", "as_of")
    renderer.check("bound-by", as_of=as_of)
    ticked = [one.strip() for given in values.getlist("done") for one in given.split(",") if one.strip()]
    answers = Answers(renderer.catalog, version)
    return answers, make_checklist(answers, code, as_of, ticked)


def _content(renderer: PageRenderer, version: str, code: str, values: QueryParams) -> Mapping[str, Any]:
    _, found = _checklist(renderer, version, code, values)
    labels = {key: row["label"] for key, row in renderer.concepts().items()}
    default = renderer.default("bound-by", "as_of")
    chosen = [("as_of", found.as_of)] if found.as_of != default else []
    chosen += [("done", ",".join([*found.done, *found.gone]))] if found.done or found.gone else []
    return {
        "checklist": found,
        "total": len(found.items),
        "remaining": len(found.items) - len(found.done),
        "by_instrument": [(instrument_name(item), item, remaining, total) for item, remaining, total in found.by_instrument],
        "full_title": lambda item: full_title(found, item),
        "standings": STANDING_WORDS,
        "standing_headings": STANDING_HEADINGS,
        "part_headings": PART_HEADINGS,
        "not_in_force": not_in_force,
        "not_in_force_note": NOT_IN_FORCE_NOTE,
        "common_wording": common_wording,
        "common_heading": COMMON_HEADING,
        "common_note": COMMON_NOTE,
        "gaps": GAPS,
        "distances": DISTANCES,
        "no_advice": NO_ADVICE,
        "no_binding_instrument": NO_BINDING_INSTRUMENT,
        "path_in_instrument": path_in_instrument,
        "reservation": lambda row: reservation(row, labels),
        "selection": "&".join(f"{name}={quote(value, safe=',')}" for name, value in chosen),
        "is_default_day": found.as_of == default,
        "findings_as_of": renderer.findings_as_of(),
    }
