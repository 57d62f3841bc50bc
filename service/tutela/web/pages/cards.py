"""``/cards/PATH.png``: the picture that represents a page where it is shared (Open Graph protocol, `og:image`).

A card shows the title and description of the page, which the page itself provides, so the two cannot differ.
"""

from html.parser import HTMLParser
from typing import Any

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Message

from tutela.errors import NotFoundError
from tutela.web.components import basemap
from tutela.web.components.chart import colours, png, text_lines
from tutela.web.http.caching import CACHEABLE
from tutela.web.markup import long_date
from tutela.web.rendering import PageRenderer
from tutela.web.services import services
from tutela.web.templating import capfirst, templates

_HTTP_OK = 200
_SUFFIX = " - Tutela"
_TITLE_SIZE, _TITLE_LINES = 58, 3
_TEXT_SIZE, _TEXT_LINES = 27, 4


async def card(request: Request) -> Response:
    """Respond with the picture of a page as PNG, 1200 by 630 pixels."""
    path = "/" + str(request.path_params["path"]).removesuffix("index")
    if path.startswith("/cards/"):
        raise NotFoundError("A card has no card.")
    head = _Head()
    head.feed(await _page(request, path))
    if not head.title:
        raise NotFoundError(f"{path} is not a page, so it has no card.")
    renderer = services(request).renderer
    image = await run_in_threadpool(lambda: png(_svg(renderer, path, head)))
    return Response(image, headers={**CACHEABLE, "content-type": "image/png"})


def _svg(renderer: PageRenderer, path: str, head: "_Head") -> str:
    findings = _findings(renderer, path)
    width = 540 if findings else 1070
    title = text_lines(head.title.removesuffix(_SUFFIX), 170, _TITLE_SIZE, width=width)
    while len(title) > _TITLE_LINES:  # a long name of a law, for example
        title = text_lines(head.title.removesuffix(_SUFFIX), 160, title[0].size - 6, width=width)
    text = text_lines(head.description, title[-1].y + 62, _TEXT_SIZE, width=width)
    world = basemap.load()
    return templates.get_template("charts/card.svg").render(
        title=title,
        text=text[:_TEXT_LINES],
        is_cut=len(text) > _TEXT_LINES,
        findings=findings,
        outlines=world.outlines if world else (),
        issued=long_date(renderer.edition()["findings_as_of"]),
        version=renderer.catalog.store.version,
        colours=colours(),
    )


def _findings(renderer: PageRenderer, path: str) -> list[dict[str, Any]]:
    """Return the findings of the current edition if it is the page of a jurisdiction that has them."""
    prefix, _, code = path.rpartition("/")
    if prefix != "/jurisdictions" or code not in renderer.labels("jurisdiction"):
        return []
    criteria = renderer.run("criteria").rows
    findings = renderer.run("findings", edition=renderer.current_edition()).rows
    row = next((row for row in findings if row["jurisdiction"].endswith(f"/{code}")), None)
    if row is None:
        return []
    slugs = [criterion["criterion"].rpartition("/")[2].replace("-", "_") for criterion in criteria]
    return [
        {"name": capfirst(criterion["criterion_name"]), "met": row[slug] == "true"}
        for slug, criterion in zip(slugs, criteria, strict=True)
    ]


class _Head(HTMLParser):
    """Reads the title and the description of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.description = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._in_title = tag == "title" and not self.title
        if tag == "meta" and values.get("name") == "description":
            self.description = values.get("content") or ""

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False


async def _page(request: Request, path: str) -> str:
    """Return the page at a path below the root path, from the application itself.

    Raises:
        NotFoundError: there is no such page.

    """
    root = str(request.scope.get("root_path", ""))
    wanted = {b"host", b"x-forwarded-host", b"x-forwarded-proto", b"forwarded"}
    scope = {
        **{name: value for name, value in request.scope.items() if name not in ("endpoint", "path_params", "route", "router")},
        "method": "GET",
        "path": f"{root}{path}",
        "raw_path": f"{root}{path}".encode(),
        "headers": [(name, value) for name, value in request.scope["headers"] if name in wanted] + [(b"accept", b"text/html")],
    }
    status, body = 0, b""

    async def send(message: Message) -> None:
        nonlocal status, body
        status = message.get("status", status)
        body += message.get("body", b"")

    await request.app(scope, request.receive, send)
    if status != _HTTP_OK:
        raise NotFoundError(f"There is no page at {path}, so it has no card.")
    return body.decode("utf-8", errors="replace")
