"""Feeds of changes (Atom, RFC 4287): of everything, of one jurisdiction and of one instrument.

The identifiers of a feed and of its entries do not depend on the host or the release, so that feed readers know what they have
shown. An entry was updated on the last day of its date, but not after the release date: Atom requires a day, also where only a
year is known, and for what is still ahead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from tutela import namespaces
from tutela.web.components.changes import Change, change_page, date_in_words, grouped, title
from tutela.web.http.caching import CACHE_CONTROL
from tutela.web.markup import web_link, without_forbidden
from tutela.web.rendering import PageRenderer, Row, get_or_404
from tutela.web.services import services
from tutela.web.templating import local_name

MEDIA_TYPE = "application/atom+xml"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MIDNIGHT = "T00:00:00Z"
_DAY_LENGTH = 10
# An act of an organisation binds all its members on one day, which is one entry. Each signature or ratification is an entry.
_SHARED_KINDS = ("bound-from", "bound-until")


@dataclass(frozen=True)
class Feed:
    """A feed.

    Args:
        title: its title.
        path: its path, without the slash at the beginning.
        page: the path of the page about the same.
        rows: its changes.
        since: the day after which changes are listed, if the client names one.
        updated: the release date.

    """

    title: str
    path: str
    page: str
    rows: list[Row]
    since: str
    updated: str


async def changes(request: Request) -> Response:
    """Respond with the feed of all changes."""
    return await _respond(request, "changes", lambda _: "Changes of the law", lambda _: True)


async def jurisdiction_changes(request: Request) -> Response:
    """Respond with the feed of the changes in one jurisdiction."""
    code = str(request.path_params["code"])

    def name(renderer: PageRenderer) -> str:
        return f"{get_or_404(renderer.labels('jurisdiction'), code, 'jurisdiction')}: changes"

    return await _respond(request, f"jurisdictions/{code}", name, lambda row: local_name(row["jurisdiction"]) == code)


async def instrument_changes(request: Request) -> Response:
    """Respond with the feed of the changes in one instrument and in participation in it."""
    slug = str(request.path_params["slug"])

    def name(renderer: PageRenderer) -> str:
        return f"{get_or_404(renderer.labels('instrument'), slug, 'instrument')}: changes"

    return await _respond(request, f"instruments/{slug}", name, lambda row: row["instrument"] == slug)


async def _respond(request: Request, page: str, name: Callable[[PageRenderer], str], wanted: Callable[[Row], bool]) -> Response:
    its = services(request)
    issued = (await its.engine.current_release()).issued
    since = request.query_params.get("since", "")

    def body() -> bytes:
        subject = name(its.renderer)
        found = its.renderer.run("changes-since", since=since or its.renderer.findings_as_of())
        path = "changes.atom" if page == "changes" else f"{page}/changes.atom"
        rows = [row for row in found.rows if wanted(row)]
        return document(Feed(subject, path, page, rows, since, issued[:_DAY_LENGTH]), str(request.base_url))

    return Response(await run_in_threadpool(body), media_type=MEDIA_TYPE, headers={"cache-control": CACHE_CONTROL})


def document(feed: Feed, base_url: str) -> bytes:
    """Return a feed as XML.

    Args:
        feed: the feed.
        base_url: the URL of the start page, as the client requested it.

    """
    query = f"?{urlencode({'since': feed.since})}" if feed.since else ""
    root = Element("feed", {"xmlns": namespaces.ATOM, "xml:lang": "en"})
    _add(root, "id", f"{namespaces.BASE}{feed.path}{query}")
    _add(root, "title", f"Tutela: {feed.title}")
    _add(root, "updated", f"{feed.updated}{_MIDNIGHT}")
    _add(SubElement(root, "author"), "name", "Tutela")
    SubElement(root, "link", {"rel": "self", "type": MEDIA_TYPE, "href": f"{base_url}{feed.path}{query}"})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": f"{base_url}{feed.page}"})
    for change in grouped(feed.rows, _SHARED_KINDS):
        _add_entry(root, change, feed.updated, base_url)
    text = without_forbidden(tostring(root, encoding="unicode")).replace("\f", "\ufffd")  # XML does not have the form feed
    return f"{_DECLARATION}{text}\n".encode()


def _add_entry(root: Element, change: Change, released: str, base_url: str) -> None:
    row = change.row
    entry = SubElement(root, "entry")
    _add(entry, "id", f"{row['resource']}#{row['kind']}")
    _add(entry, "title", title(change))
    _add(entry, "updated", f"{min(row['latest'], released)}{_MIDNIGHT}")
    page = f"{base_url}{change_page(change).removeprefix('/')}"
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": page})
    source = web_link(row["url"])
    if source:
        SubElement(entry, "link", {"rel": "via", "href": source})
    categories = {
        row["subject"]: row["subject"].replace("-", " "),
        row["kind"]: row["what"],
        row["instrument"]: row["label"],
        **{local_name(one["jurisdiction"]): one["name"] for one in change.jurisdictions},
    }
    for term, label in categories.items():
        if term:
            SubElement(entry, "category", {"term": term, "label": label})
    names = ", ".join(one["name"] for one in change.jurisdictions) if len(change.jurisdictions) > 1 else ""
    texts = (f"{date_in_words(row)}.", f"{names}." if names else "", row["detail"], f"Source: {row['source']}")
    _add(entry, "summary", " ".join(filter(None, texts)))


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
