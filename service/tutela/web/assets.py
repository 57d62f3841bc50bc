"""Static files: their URLs, the style sheet of all pages, and the query editor's styles."""

import hashlib
import json
from functools import cache, lru_cache
from pathlib import Path

from tutela import paths


def asset_url(root: str, name: str) -> str:
    """Return the URL of a static file, which changes with its content; empty if there is no such file."""
    path = paths.STATIC / name
    return f"{root}/static/{name}?v={fingerprint(path)}" if path.is_file() else ""


@lru_cache(maxsize=64)
def fingerprint(path: Path) -> str:
    """Return the part of the URL of a static file that changes with its content."""
    # The same length as in the style sheet of the fonts, so that a preloaded font is not loaded again.
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def style_sheet() -> str:
    """Return the style sheet of all pages: the fonts, if the front end is built, and the project's own styles.

    It is one file because nothing is shown before it has arrived, and a second file would need a second connection.
    """
    fonts = paths.VENDOR / "fonts.css"
    # The URLs in it are relative to its folder.
    faces = fonts.read_text(encoding="utf-8").replace('url("', 'url("static/vendor/') if fonts.is_file() else ""
    return faces + (paths.STATIC / "tutela.css").read_text(encoding="utf-8")


@cache
def style_sheet_version() -> str:
    """Return the part of the URL of the style sheet that changes with its content."""
    return hashlib.sha256(style_sheet().encode()).hexdigest()[:12]


@cache
def editor_styles() -> tuple[str, ...]:
    """Return the hashes that allow the query editor's inline styles in a content security policy."""
    index = paths.VENDOR / "front.json"
    return tuple(json.loads(index.read_text(encoding="utf-8"))["styles"]) if index.is_file() else ()
