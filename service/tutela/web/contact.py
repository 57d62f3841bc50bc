"""Where readers report errors: a message that is filled in with the page, the statement and its source."""

from urllib.parse import quote, urlencode

_MAX_STATEMENT = 300  # characters; some mail programs cut links of more than 2,000
_MAX_SUBJECT = 100  # characters of the statement in the subject


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
    lines = [f"Page: {page}", f"Statement: {statement}", *([f"Source: {source}"] if source else [])]
    lines += ["", "What is wrong:", "", "Where the correct information can be found:", ""]
    body = "\r\n".join(lines)  # RFC 6068, section 5
    local, _, domain = contact.rpartition("@")
    subject = f"Tutela: {_shortened(statement, _MAX_SUBJECT)}"
    return f"mailto:{quote(local, safe='')}@{domain}?subject={quote(subject)}&body={quote(body)}"


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"
