"""The pages: choose, fill in, preview, write."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tutela import paths
from tutela.entry.answers import SOURCE_FIELDS, draft, fields_of
from tutela.entry.context import Context
from tutela.entry.draft import Draft
from tutela.entry.fields import Field, FieldError, Values
from tutela.entry.kind import Kind
from tutela.entry.kinds import kinds
from tutela.entry.row_edit import row_kind
from tutela.entry.row_removal import removal_kind
from tutela.entry.row_renaming import renaming_kind
from tutela.errors import ForbiddenRequestError, NotFoundError, TutelaError, UsageError
from tutela.keep.desk import MOST_FOUND, Desk, digest, search
from tutela.keep.guard import Session
from tutela.tables.edit_report import change_lines, conversion_lines
from tutela.tables.edits import Edits
from tutela.tables.workbook import workbook
from tutela.validation.corrections import TABLE as CORRECTIONS
from tutela.validation.corrections import key_text

_MOST_CHOICES = 12  # that a field lists; more are suggestions while typing
_LONG = ("note", "summary", "effect", "rationale", "claim", "other_claim")  # columns with sentences
OF_ROWS = ("/edit", "/remove", "/rename")  # the forms about a row that a table has
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Pages:
    """The handlers of all pages.

    Args:
        desk: the tables.
        session: the secrets.

    """

    def __init__(self, desk: Desk, session: Session) -> None:
        self._desk, self._session = desk, session
        loader = FileSystemLoader(paths.KEEP_TEMPLATES)
        self._templates = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )

    def _page(self, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        text = self._templates.get_template(name).render(token=self._session.token, **values)
        return HTMLResponse(text, status)

    def failed(self, error: TutelaError) -> HTMLResponse:
        """Return the page of an error."""
        return self._page("error.html", error.http_status, messages=str(error).splitlines())

    async def start(self, request: Request) -> Response:
        """Start the session in a browser that has the key, and leave the key out of the address."""
        if not self._session.is_key(request.query_params.get("key", "")):
            return self._page("error.html", 403, messages=["Open the address that the command printed."])
        response = RedirectResponse("/", 303)
        response.set_cookie(self._session.cookie_name, self._session.cookie, httponly=True, samesite="strict", path="/")
        return response

    async def home(self, request: Request) -> Response:
        """Return the page to choose from."""
        context = await run_in_threadpool(self._desk.context)
        text, only = request.query_params.get("q", "").strip(), request.query_params.get("table", "")
        found = search(context.tables, text, only)
        names = sorted(set(context.tables) - {CORRECTIONS})
        return self._page(
            "home.html", kinds=kinds().values(), tables=names, q=text, only=only, found=found, is_cut=len(found) == MOST_FOUND
        )

    async def form(self, request: Request) -> Response:
        """Return an empty form, or one with the cells of a row."""
        return await run_in_threadpool(self._form, request)

    def _form(self, request: Request) -> Response:
        context = self._desk.context()
        kind, values = self._kind(request, context)
        return self._page("form.html", **self._form_values(request, kind, values, (), context))

    async def preview(self, request: Request) -> Response:
        """Return what a form would write and what follows from it; or the form with its errors."""
        form = await self._posted(request)
        return await run_in_threadpool(self._preview, request, form)

    def _preview(self, request: Request, form: Mapping[str, str]) -> Response:
        context = self._desk.context()
        kind, _ = self._kind(request, context)
        values = {field.name: form.get(field.name, "") for field in fields_of(kind)}
        entry = draft(kind, values, context)
        if entry.errors:
            return self._page("form.html", 422, **self._form_values(request, kind, values, entry.errors, context))
        rows = entry.rows()
        found = self._desk.consequences(context.tables, rows, entry.losses())
        shown = {"kind": kind, "entry": entry, "found": found, "values": values, "digest": digest(rows)}
        return self._page("preview.html", 200, **shown, **_address(request))

    async def write(self, request: Request) -> Response:
        """Write what was previewed."""
        form = await self._posted(request)
        if form.get("do") == "change":
            return await run_in_threadpool(self._again, request, form)
        return await run_in_threadpool(self._write, request, form)

    def _again(self, request: Request, form: Mapping[str, str]) -> Response:
        context = self._desk.context()
        kind, _ = self._kind(request, context)
        return self._page("form.html", **self._form_values(request, kind, dict(form), (), context))

    def _write(self, request: Request, form: Mapping[str, str]) -> Response:
        context = self._desk.context()
        kind, _ = self._kind(request, context)
        entry: Draft = draft(kind, {field.name: form.get(field.name, "") for field in fields_of(kind)}, context)
        rows = entry.rows() if not entry.errors else {}
        if entry.errors or digest(rows) != form.get("digest"):
            raise UsageError("The tables have changed since the preview; nothing was written. Go back and preview it again.")
        if errors := self._desk.consequences(context.tables, rows, entry.losses()).errors:
            raise UsageError(f"It breaks {len(errors)} rules; nothing was written.")
        self._desk.save(context, rows)
        return self._page("done.html", files=[context.tables[name].location for name in rows])

    async def check(self, request: Request) -> Response:
        """Return everything that is wrong with the tables as they are."""
        outcome = await run_in_threadpool(self._desk.check)
        return self._page("check.html", outcome=outcome)

    async def marked(self, request: Request) -> Response:
        """Return the tables with errors as a workbook, with each error marked."""
        content = await run_in_threadpool(self._desk.marked_workbook)
        return _download(content, "errors.xlsx")

    async def workbook(self, request: Request) -> Response:
        """Return the page to get a workbook and to bring one back."""
        return self._page("workbook.html")

    async def download(self, request: Request) -> Response:
        """Return the workbook of all tables."""
        content = await run_in_threadpool(self._workbook)
        return _download(content, "tables.xlsx")

    def _workbook(self) -> bytes:
        context = self._desk.context()
        return workbook(context.tables, context.tables, context.vocabularies)

    async def upload(self, request: Request) -> Response:
        """Return what a workbook changes; with answers to questions on a second request."""
        async with self._form_data(request) as form:
            file = form.get("file")
            content = await file.read() if isinstance(file, UploadFile) else b""
            name = file.filename or "" if isinstance(file, UploadFile) else ""
            texts = _texts(form)
        return await run_in_threadpool(self._upload, texts, name, content)

    def _upload(self, form: Mapping[str, str], name: str, content: bytes) -> Response:
        upload = self._desk.upload(form["upload"]) if "upload" in form else self._desk.keep_upload(name, content)
        context = self._desk.context()
        edits = self._desk.edits(upload, context, _answers(form))
        losses = {table: count for table, count in edits.losses().items() if f"loss-{table}" not in form}
        is_ready = bool(edits.rows) and not losses
        found = self._desk.consequences(context.tables, edits.rows, list(edits.losses())) if is_ready else None
        is_written = is_ready and form.get("do") == "write" and form.get("digest") == digest(edits.rows)
        if is_written and found and not found.errors:
            self._desk.save(context, edits.rows)
            return self._page("done.html", files=[context.tables[table].location for table in edits.rows])
        return self._page("upload.html", **_upload_values(edits), upload=upload, form=form, losses=losses, found=found)

    async def _posted(self, request: Request) -> dict[str, str]:
        async with self._form_data(request) as form:
            return _texts(form)

    @asynccontextmanager
    async def _form_data(self, request: Request) -> AsyncIterator[FormData]:
        """Give the fields of a form.

        Raises:
            ForbiddenRequestError: the form does not have the token of the session.

        """
        async with request.form(max_files=1, max_fields=2000) as form:
            token = form.get("token")
            if not isinstance(token, str) or not self._session.is_token(token):
                raise ForbiddenRequestError("The form is not of this session; open it again.")
            yield form

    def _kind(self, request: Request, context: Context) -> tuple[Kind, Values]:
        """Return what a page is about, and the answers that its form begins with."""
        name = request.path_params.get("kind", "")
        if name:
            if name not in kinds():
                raise NotFoundError(f"There is no form '{name}'; choose one on the first page.")
            return kinds()[name], {field.name: request.query_params.get(field.name, "") for field in fields_of(kinds()[name])}
        table = context.tables.get(request.query_params.get("table", ""))
        wanted = request.query_params.get("key", "")
        keys = {key_text(table.key_of(row)): row for row in table.rows} if table and table.name != CORRECTIONS else {}
        if table is None or wanted not in keys:
            raise NotFoundError("There is no such row; find it on the first page.")
        key = table.key_of(keys[wanted])
        if request.url.path.startswith("/remove"):
            return removal_kind(context.tables, table.name, key), {}
        if request.url.path.startswith("/rename"):
            return renaming_kind(table, key), {f"new_{name}": value for name, value in zip(table.key, key, strict=True)}
        return row_kind(table, key), dict(keys[wanted])

    def _form_values(
        self, request: Request, kind: Kind, values: Values, errors: "list[FieldError] | tuple[()]", context: Context
    ) -> dict[str, Any]:
        fields = fields_of(kind)
        named = {field.name for field in fields}
        return {
            "kind": kind,
            "fields": [_input(field, values, context) for field in fields],
            "errors": {error.name: error for error in errors if error.name in named},
            "others": [error for error in errors if error.name not in named],
            **_address(request),
        }


def _download(content: bytes, name: str) -> Response:
    return Response(content, media_type=_XLSX, headers={"content-disposition": f'attachment; filename="{name}"'})


def _address(request: Request) -> dict[str, str]:
    """Return the path of a form without its last step, and the query that says which row it is about."""
    path = request.url.path.removesuffix("/preview").removesuffix("/write")
    return {"action": path, "query": f"?{request.url.query}" if path in OF_ROWS else ""}


def _input(field: Field, values: Values, context: Context) -> dict[str, Any]:
    choices = context.values(field, values)
    names = choices.names if choices else {}
    text = values.get(field.name, "")
    return {
        "field": field,
        "group": "source" if field in SOURCE_FIELDS else "asked" if field.asked or field.options else "further",
        "text": text,
        "choices": dict.fromkeys(field.options, "")
        if field.options
        else names
        if names and choices and choices.closed and len(names) <= _MOST_CHOICES and text in ("", *names)
        else {},
        "suggestions": names,
        "is_long": field.several
        or len(text) > 80
        or field.column in ("note", "summary", "effect", "rationale", "claim", "other_claim"),
    }


def _texts(form: FormData) -> dict[str, str]:
    """Return the texts of a form, with line feeds at the ends of lines."""
    return {name: text.replace("\r\n", "\n") for name, text in form.items() if isinstance(text, str)}


def _answers(form: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix("answer-"): text for name, text in form.items() if name.startswith("answer-") and text}


def _upload_values(edits: Edits) -> dict[str, Any]:
    return {
        "edits": edits,
        "changes": change_lines(edits.changes),
        "conversions": conversion_lines(edits.conversions),
        "digest": digest(edits.rows),
    }
