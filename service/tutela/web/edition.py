"""The edition of the review that a page is about: chosen with ``?edition=N``, otherwise the current one."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from jinja2 import pass_context
from jinja2.runtime import Context

PARAMETER = "edition"

# The header of a response about an edition that nobody has published, and its value.
DRAFT_HEADER, DRAFT = "tutela-edition-status", "draft"

# The first part of the path of the pages that are about one edition.
_PAGES = ("map", "jurisdictions", "compare", "gaps")


@pass_context
def keep_edition(context: Context, url: str) -> str:
    """Return the URL path of a page with the edition that the current page is about, if it is not the default.

    Args:
        context: the variables of the template; `kept_edition` is the number of the edition.
        url: a URL path below the root path. Pages that are not about one edition are returned as they are.

    """
    return with_edition(url, context.get("kept_edition") or "")


def with_edition(url: str, number: str) -> str:
    """Return the URL path of a page about an edition; see `keep_edition`."""
    scheme, authority, path, query, fragment = urlsplit(url)
    if not number or path.strip("/").partition("/")[0].partition(".")[0] not in _PAGES or path.endswith(".atom"):
        return url
    others = [(key, value) for key, value in parse_qsl(query) if key != PARAMETER]
    return urlunsplit((scheme, authority, path, urlencode([*others, (PARAMETER, number)]), fragment))


def without_edition(query: str) -> str:
    """Return the query of a URL without the edition, beginning with ``?`` unless it is empty."""
    others = [(key, value) for key, value in parse_qsl(query, keep_blank_values=True) if key != PARAMETER]
    return f"?{urlencode(others)}" if others else ""
