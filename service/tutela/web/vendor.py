"""The query editor, as far as it was built with the front end."""

import json
from functools import cache

from tutela import paths


@cache
def editor_styles() -> tuple[str, ...]:
    """Return the hashes by which a content security policy lets the rules be that the query editor writes into its page."""
    index = paths.VENDOR / "front.json"
    return tuple(json.loads(index.read_text(encoding="utf-8"))["styles"]) if index.is_file() else ()
