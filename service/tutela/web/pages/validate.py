"""``/validate``: a form for people, with the errors of what they sent, and the interface for programs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from tutela.errors import TutelaError, UsageError
from tutela.web.http.caching import NO_STORE
from tutela.web.http.errors import retry_after
from tutela.web.http.form_data import FORM_TYPES, FormField, parse_form
from tutela.web.http.negotiation import prefers_html, with_charset
from tutela.web.http.requests import ensure_not_compressed, media_type, read_body
from tutela.web.services import services

_NAMES = {
    ".csv": "a table (CSV)",
    ".ttl": "Turtle",
    ".jsonld": "JSON-LD",
    ".rdf": "RDF/XML",
    ".nt": "N-Triples",
    ".nq": "N-Quads",
    ".trig": "TriG",
}
_EMPTY = FormField(b"")
_LONGEST_ECHO = 200_000  # characters of a pasted text that the page shows again
_LISTED = 500  # results on the page


@dataclass(frozen=True)
class _Submitted:
    """What somebody sent with the form."""

    name: str  # a file name for the validator
    body: bytes


async def validate(request: Request) -> Response:
    """Respond with the form, with the report on what was sent with it, or with a report for programs."""
    if request.method != "POST":
        return await _page(request, {}, {})
    its = services(request)
    release = its.files_of((await its.engine.current_release()).version)
    if media_type(request) not in FORM_TYPES:
        return await its.validator.handle(request, release)
    ensure_not_compressed(request)
    body = await read_body(request, its.validator.max_body_bytes)
    is_page = prefers_html(request)
    media, report_format = ("text/html", "json") if is_page else its.validator.report_type(request)
    fields: Mapping[str, FormField] = {}
    try:
        fields = await run_in_threadpool(parse_form, request.headers.get("content-type", ""), body)
        submitted = _submitted(fields, its.validator.extensions, list(release.tables))
        report = await its.validator.report(release, submitted.body, submitted.name, report_format)
    except TutelaError as error:
        if not is_page or error.http_status == TutelaError.http_status:
            raise
        return await _page(request, fields, {"message": str(error)}, error.http_status, retry_after(error))
    if not is_page:
        return Response(report, headers={"content-type": with_charset(media), "vary": "Accept"})
    return await _page(request, fields, {"report": json.loads(report), "name": _label(fields, submitted)})


def _submitted(fields: Mapping[str, FormField], extensions: list[str], tables: list[str]) -> _Submitted:
    """Return what was sent, as a file for the validator.

    Raises:
        UsageError: nothing or two things were sent, or it is not known what they are.

    """
    file, text = fields.get("file", _EMPTY), fields.get("text", _EMPTY)
    if bool(file.content) == bool(text.content.strip()):
        what = "Both a file and a text were sent" if file.content else "Nothing was sent"
        raise UsageError(f"{what}; choose a file, or paste a text.")
    body = file.content or text.content
    path = PurePath(file.file_name.replace("\\", "/")) if file.content else PurePath()
    suffix = fields.get("format", _EMPTY).text or path.suffix.lower()
    if suffix not in extensions:
        given = f"The name {path.name!r} does not say what the file is" if file.content else "It is not said what the text is"
        raise UsageError(f"{given}; choose the format.")
    if suffix != ".csv":
        return _Submitted(f"body{suffix}", body)
    table = fields.get("table", _EMPTY).text or path.stem
    if table not in tables:
        given = f"There is no table {table!r}" if table else "It is not said which table it is"
        raise UsageError(f"{given}; choose the table that it replaces.")
    return _Submitted(f"{table}.csv", body)


def _label(fields: Mapping[str, FormField], submitted: _Submitted) -> str:
    file = fields.get("file", _EMPTY)
    name = PurePath(file.file_name.replace("\\", "/")).name if file.content else "The pasted text"
    return f"{name}, as the table {PurePath(submitted.name).stem}" if submitted.name.endswith(".csv") else name


async def _page(
    request: Request,
    fields: Mapping[str, FormField],
    content: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Respond with the form, filled in as it was sent, and what else there is to say."""
    its = services(request)
    # As the browser sent them; HTML has line feeds.
    text = fields.get("text", _EMPTY).text.replace("\r\n", "\n")
    filled = {
        "formats": _NAMES,
        "tables": list(its.files.tables) if its.files else [],
        "chosen": {name: fields.get(name, _EMPTY).text for name in ("format", "table")},
        "text": text if len(text) <= _LONGEST_ECHO else "",
        "limit": f"{its.validator.max_body_bytes // 1_000_000} MB",
        "listed": _LISTED,
        **content,
    }
    response = await its.renderer.respond(
        request,
        "validate.html",
        lambda: {**filled, "drafts": its.renderer.catalog.draft_editions()},
        {"cache-control": NO_STORE, "vary": "Accept", **(headers or {})},
    )
    response.status_code = status
    return response
