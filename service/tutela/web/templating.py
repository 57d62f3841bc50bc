"""Jinja templates: their filters and what every template can use."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup

from tutela import paths
from tutela.reports import participation
from tutela.reports.words import ordinal
from tutela.validation.input_files import version_of
from tutela.web.abbreviations import explain_abbreviations
from tutela.web.assets import asset_url, style_sheet_version
from tutela.web.citation import Citation, published_name
from tutela.web.contact import report_page_url, report_url
from tutela.web.edition import keep_edition, without_edition
from tutela.web.markup import day, first_paragraph, language, long_date, url_part, web_link, without_forbidden
from tutela.web.page_urls import page_url
from tutela.web.printed_links import number_addresses
from tutela.web.services import services, settings_in

if TYPE_CHECKING:
    from tutela.engine import ReleaseInfo

_NUMBER_WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def root_path(request: Request) -> str:
    """Return the path where the application is mounted, without a trailing slash."""
    # In a mounted application, such as the static files, root_path includes its own path.
    return str(request.scope.get("app_root_path", request.scope.get("root_path", ""))).rstrip("/")


def local_name(iri: str) -> str:
    """Return the part of an IRI after the last slash: the code of a jurisdiction, the short identifier of an instrument."""
    return iri.rpartition("/")[2]


def capfirst(text: str) -> str:
    """Return a text with a capital first letter."""
    return text[:1].upper() + text[1:]


def join_words(words: list[str], last: str = "and") -> str:
    """Return words as a list in a sentence."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def number_word(number: int | str) -> str:
    """Return a number up to ten as a word."""
    number = int(number)
    return _NUMBER_WORDS[number] if number < len(_NUMBER_WORDS) else f"{number:,}"


def of_five(number: int | str) -> str:
    """Return a number of the five criteria in words, such as "three of the five criteria" or "all five criteria"."""
    return "all five criteria" if int(number) == 5 else f"{number_word(number)} of the five criteria"


def counted(number: int | str, one: str, many: str = "") -> str:
    """Return a number with its noun, such as "no jurisdictions", "one jurisdiction" or "12 jurisdictions".

    Args:
        number: the number.
        one: the noun in the singular.
        many: the noun in the plural, by default with an s.

    """
    number = int(number)
    return f"{number_word(number) if number else 'no'} {one if number == 1 else many or f'{one}s'}"


def _common(request: Request) -> dict[str, Any]:
    root = root_path(request)
    path = request.url.path.removeprefix(root)
    base = str(request.base_url).rstrip("/")
    # Parameters for tracking were removed before; see `middleware.tracking`.
    canonical = f"{base}{url_part(path)}" + (f"?{url_part(request.url.query)}" if request.url.query else "")
    server = settings_in(request.scope).server
    archived = request.scope.get("tutela.archived")  # see middleware/archive.py

    def abbreviations() -> dict[str, dict[str, str]]:
        return services(request).renderer.abbreviations()

    def citation(title: str, release: "ReleaseInfo") -> Citation:
        if archived:
            return Citation(title, archived["name"], release.issued, canonical)
        name = published_name(release.version) if server.archived_releases else ""
        url = f"{base}/v/{name}{canonical.removeprefix(base)}" if name else canonical
        return Citation(title, name or release.version, release.issued, url)

    def report(statement: str, source: str = "", about: str = "") -> str:
        shown = canonical.removeprefix(base)
        # The output of a macro is HTML; a report is plain text.
        statement, source = (text.unescape() if isinstance(text, Markup) else text for text in (statement, source))
        return report_url(server.contact, canonical, statement, source) or root + report_page_url(shown, statement, source, about)

    return {
        "root": root,
        "base_url": base,  # of the root path
        "archived": archived,
        "style_sheet": f"{root}/pages.css?v={style_sheet_version()}",
        "asset": lambda name: asset_url(root, name),
        "path": path,
        "abbreviations": abbreviations,
        "explained": {},  # the terms that the page explains; see the macro `explain`
        "without_edition": f"{path}{without_edition(request.url.query)}",
        "canonical": canonical,
        # The picture is of this page with its parameters, such as the edition or the day.
        "card_image": f"{base}/cards{url_part(path if path != '/' else '/index')}.png"
        + canonical.removeprefix(f"{base}{url_part(path)}"),
        "citation": citation,
        "has_contact": bool(server.contact),
        "report_url": report,
    }


class _Page(Template):
    """A template whose values may contain any character."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        return without_forbidden(super().render(*args, **kwargs))


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(paths.TEMPLATES),
        autoescape=select_autoescape(("html", "htm", "xml", "svg")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.template_class = _Page
    filters = (
        day,
        first_paragraph,
        long_date,
        language,
        web_link,
        local_name,
        page_url,
        capfirst,
        join_words,
        number_word,
        of_five,
        ordinal,
        keep_edition,
        number_addresses,
        explain_abbreviations,
    )
    environment.filters.update({one.__name__: one for one in filters})
    words: tuple[Callable[..., str], ...] = (
        counted,
        participation.bound_since,
        participation.bound_later,
        participation.not_known,
    )
    environment.filters.update({one.__name__: one for one in words}, participation_status=participation.status)
    return environment


templates = Jinja2Templates(env=_environment(), context_processors=[_common])


@cache
def code_fingerprint() -> str:
    """Return a hash of the code, templates and queries, which change responses as much as the release does."""
    folders = (paths.QUERIES, Path(__file__).parents[1])
    suffixes = (".html", ".rq", ".py", ".css", ".js", ".json")
    files = ((folder, path) for folder in folders for path in folder.rglob("*") if path.suffix in suffixes)
    return version_of({f"{folder.name}/{path.relative_to(folder)}": path.read_bytes() for folder, path in files})
