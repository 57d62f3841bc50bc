"""The templates of the pages: what each of them can say, and how it says a day."""

import hashlib
import re
from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from tutela import names, paths
from tutela.release import version_of

# How the path of a provision begins below its instrument, which has other things below it too.
_PROVISION = re.compile(r"[a-z]+_[0-9A-Za-z.]+(/|$)")
_YEAR, _MONTH = 4, 7  # characters of a year, and of a year with its month


def root_of(request: Request) -> str:
    """Return the path where the application is mounted, without a slash at its end."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def day(value: str) -> Markup:
    """Return a day, month or year as people read it, with its machine form beside (HTML, section 4.5.14)."""
    return Markup('<time datetime="{}">{}</time>').format(value, spoken(value))


def spoken(value: str) -> str:
    """Return a day, month or year in words; what is none of these as it is."""
    try:
        if len(value) == _YEAR:
            return value
        if len(value) == _MONTH:
            return f"{date.fromisoformat(f'{value}-01'):%B %Y}"
        found = date.fromisoformat(value)
    except ValueError:
        return value
    return f"{found.day} {found:%B %Y}"


def tail(iri: str) -> str:
    """Return the last part of an address: the code of a jurisdiction, the slug of an instrument."""
    return iri.rpartition("/")[2]


def page_of(iri: str) -> str:
    """Return where a resource of ours is shown, below the root: on a page of its own kind if it has one."""
    path = names.short(iri)
    if not path.startswith("id/"):
        return f"/{path}"
    kind, _, rest = path.removeprefix("id/").partition("/")
    slug, _, below = rest.partition("/")
    if kind in ("jurisdiction", "instrument") and not below:
        return f"/{kind}s/{slug}"
    if kind == "instrument" and _PROVISION.match(below):
        return f"/instruments/{slug}#{below}"
    if kind == "topic":
        return f"/topics#{slug}"
    return f"/doc/{kind}/{rest}"


def capital(text: str) -> str:
    """Return a text that begins with a capital letter; the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(words: list[str], last: str = "and") -> str:
    """Return words as a list in a sentence."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def counted(number: int | str) -> str:
    """Return a number as a word if it is small."""
    number = int(number)
    return NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"


@lru_cache(maxsize=64)
def _print_of(path: Path) -> str:
    # As long as those that the style sheet of the fonts names, so that a preloaded font is not loaded again.
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def assets(root: str) -> Callable[[str], str]:
    """Return what gives the address of a static file: another one as soon as the file is another."""

    def asset(name: str) -> str:
        path = paths.STATIC / name
        return f"{root}/static/{name}?v={_print_of(path)}" if path.is_file() else ""

    return asset


def _common(request: Request) -> dict[str, Any]:
    root = root_of(request)
    return {"root": root, "asset": assets(root), "path": request.url.path.removeprefix(root)}


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(paths.TEMPLATES),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(day=day, spoken=spoken, tail=tail, page=page_of, capital=capital, listed=listed, counted=counted)
    return made


templates = Jinja2Templates(env=_environment(), context_processors=[_common])


@cache
def program() -> str:
    """Return what stands for the templates, queries and code that make pages: they change with these too."""
    folders = (paths.QUERIES, Path(__file__).parent)
    kinds = (".html", ".rq", ".py", ".css", ".js", ".json")
    return version_of(
        (str(path.relative_to(folder)), path) for folder in folders for path in folder.rglob("*") if path.suffix in kinds
    )
