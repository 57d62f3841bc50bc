"""The read-only guard: updates and calls to other endpoints are rejected before any engine sees them."""

import re
from collections.abc import Collection
from itertools import accumulate

from tutela.errors import ForbiddenQueryError, QueryError
from tutela.settings import MAX_NESTING
from tutela.sparql.lexer import mask_literals, unescape

_SERVICE = re.compile("SERVICE", re.IGNORECASE)
_TARGET = re.compile(r"SERVICE\s*(?:SILENT\s*)?<([0-9]+)>", re.IGNORECASE)
_PROLOGUE = re.compile(r"^\s*(?:(?:BASE|PREFIX\s+[^\s:<]*:)\s*<[0-9]+>\s*)*", re.IGNORECASE)
_QUERY_FORM = re.compile(r"(?:SELECT|ASK|CONSTRUCT|DESCRIBE)", re.IGNORECASE)
_UPDATE = re.compile(r"(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b", re.IGNORECASE)
_BRACKET = re.compile(r"[(){}\[\]]")
# A text that begins like a query and contains no SERVICE anywhere needs no lexer. Most queries are of this kind.
_CLEARLY_A_QUERY = re.compile(
    r"""(?:\s|\#[^\n\r]*(?:[\n\r]|\Z)|(?:BASE|PREFIX\s+[\w.-]*:)\s*<[^<>"{}|^`\\\x00-\x20]*>)*+(?:SELECT|ASK|CONSTRUCT|DESCRIBE)\b""",
    re.IGNORECASE,
)


def ensure_read_only(text: str, services: Collection[str] = ()) -> None:
    """Raise an error unless a text only reads this release.

    Args:
        text: SPARQL 1.1 Query.
        services: URLs that ``SERVICE`` may name (SPARQL 1.1 Federated Query).

    Raises:
        ForbiddenQueryError: the text is an update, or has a ``SERVICE`` that is not allowed.
        QueryError: the text is nested too deeply.

    """
    if "SERVICE" not in text.upper() and sum(map(text.count, "({[")) <= MAX_NESTING and _CLEARLY_A_QUERY.match(text):
        return
    masked, tokens = mask_literals(text)
    if max(accumulate(1 if bracket in "({[" else -1 for bracket in _BRACKET.findall(masked)), default=0) > MAX_NESTING:
        raise QueryError(f"The query is nested too deeply: more than {MAX_NESTING} open brackets.")
    if _UPDATE.match(masked, _PROLOGUE.match(masked).end()):  # type: ignore[union-attr]
        raise ForbiddenQueryError("Updates are not allowed; this service is read-only. Use SELECT, ASK, CONSTRUCT or DESCRIBE.")
    if not _SERVICE.search(masked):
        return
    if not services:
        raise ForbiddenQueryError(
            "SERVICE is not allowed; this service calls no other endpoint. Send the federated query from your own client. "
            "If SERVICE is the prefix of a name, choose another prefix."
        )
    targets = [tokens[int(number)]["iri"] for number in _TARGET.findall(masked)]
    # If a call does not contain the URL itself, there is no telling where it leads.
    if len(targets) < len(_SERVICE.findall(masked)) or not set(targets) <= set(services):
        raise ForbiddenQueryError(
            f"SERVICE is only allowed for {', '.join(sorted(services))}, each written as an IRI in angle brackets. "
            "If SERVICE is the prefix of a name, choose another prefix."
        )


def ensure_read_only_for_remote(text: str, services: Collection[str] = ()) -> None:
    r"""Raise an error for anything that a remote engine might take for more than a query; see `ensure_read_only`.

    Some engines accept statements of their own before a query (Virtuoso's DEFINE makes it fetch documents), and some replace
    escapes such as ``\u0053`` first (SPARQL 1.1, section 19.2), so a keyword can be written with escapes.

    Raises:
        ForbiddenQueryError: the text is an update, or has a ``SERVICE`` that is not allowed.
        QueryError: the text is not a query, or is nested too deeply.

    """
    for variant in {text, unescape(text)}:
        ensure_read_only(variant, services)
    masked, _ = mask_literals(text)
    if not _QUERY_FORM.match(masked, _PROLOGUE.match(masked).end()):  # type: ignore[union-attr]
        raise QueryError("The query is not well formed: expected SELECT, ASK, CONSTRUCT or DESCRIBE after BASE and PREFIX.")
