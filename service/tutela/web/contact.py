"""Where readers report errors: a message that is filled in with the page, the statement, its source and its rows."""

from collections.abc import Iterable
from urllib.parse import quote, urlencode

_MAX_STATEMENT = 300  # characters; some mail programs cut links of more than 2,000
_MAX_SUBJECT = 100  # characters of the statement in the subject


def report_text(page: str, statement: str, source: str, rows: Iterable[str] = ()) -> str:
    """Return the message that a reader completes.

    Args:
        page: URL of the page that has the statement.
        statement: what may be wrong, in words; may be empty.
        source: where it comes from; may be empty.
        rows: the table rows that it was made from, each with its file.

    """
    known = [("Page", page), ("Statement", _shortened(statement, _MAX_STATEMENT)), ("Source", source)]
    lines = [f"{name}: {value}" for name, value in known if value]
    lines += [f"Table row: {row}" for row in rows]
    return "\n".join([*lines, "", "What is wrong:", "", "Where the correct information can be found:", ""])


def report_page_url(page: str, statement: str, source: str, about: str) -> str:
    """Return the URL of the page that helps to write a report, below the root path.

    Args:
        page: the path and query of the page that has the statement, below the root path.
        statement: what may be wrong, in words.
        source: where it comes from; may be empty.
        about: the resource that says so, or the jurisdiction and the instrument, by their IRIs below ``id/``; may be empty.

    """
    values = {
        "page": page,
        "statement": _shortened(statement, _MAX_STATEMENT),
        "source": _shortened(source, _MAX_STATEMENT),
        "about": about,
    }
    return f"/report?{urlencode({key: value for key, value in values.items() if value})}"


def report_url(contact: str, page: str, statement: str, source: str) -> str:
    """Return the link that begins a report; empty if there is no contact.

    Args:
        contact: a mail address (RFC 6068), or an http(s) URL that gets the query parameters page, statement and source.
        page: URL of the page that has the statement.
        statement: what may be wrong, in words.
        source: where it comes from; may be empty.

    """
    statement = _shortened(statement, _MAX_STATEMENT)
    if contact.startswith(("http://", "https://")):
        joint = "&" if "?" in contact else "?"
        return f"{contact}{joint}{urlencode({'page': page, 'statement': statement, 'source': source})}"
    if not contact:
        return ""
    body = report_text(page, statement, source).replace("\n", "\r\n")  # RFC 6068, section 5
    local, _, domain = contact.rpartition("@")
    subject = f"Tutela: {_shortened(statement, _MAX_SUBJECT)}"
    return f"mailto:{quote(local, safe='')}@{domain}?subject={quote(subject)}&body={quote(body)}"


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"
