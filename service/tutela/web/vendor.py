"""What the pages load besides themselves, as far as it was built: fonts, the query editor."""

import json
from functools import cache

from tutela import paths


@cache
def _editions() -> dict[str, str]:
    index = paths.VENDOR / "front.json"
    if not index.is_file():
        return {}
    return dict(json.loads(index.read_text(encoding="utf-8"))["files"])


def address(name: str) -> str | None:
    """Return the address of a file below ``static/``, with what tells one content from another, or nothing if it was not built.

    The same address always gives the same bytes, so it may be kept for good.
    """
    edition = _editions().get(name)
    return f"vendor/{name}?v={edition}" if edition else None
