"""What the pages load besides themselves, as far as it was built: fonts, the query editor."""

import json
from functools import cache
from typing import Any

from tutela import paths


@cache
def _index() -> dict[str, Any]:
    index = paths.VENDOR / "front.json"
    if not index.is_file():
        return {"files": {}, "styles": []}
    return dict(json.loads(index.read_text(encoding="utf-8")))


def address(name: str) -> str | None:
    """Return the address of a file below ``static/``, with what tells one content from another, or nothing if it was not built.

    The same address always gives the same bytes, so it may be kept for good.
    """
    edition = _index()["files"].get(name)
    return f"vendor/{name}?v={edition}" if edition else None


def editor_styles() -> list[str]:
    """Return the hashes by which a content security policy lets the rules be that the query editor writes into its page."""
    return list(_index()["styles"])
