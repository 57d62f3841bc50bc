"""The read-only guard: updates and calls to other endpoints are rejected before any engine sees them."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate

from tutela.errors import ForbiddenQueryError, QueryError
from tutela.settings import MAX_NESTING
from tutela.sparql import prologue
from tutela.sparql.lexer import PREFIX_NAME, SPACE, Token, significant, unescape

# The engine needs no space around keywords (`trueSERVICE`, `SERVICESILENT`), so they are searched within words.
_SERVICE = re.compile("SERVICE", re.IGNORECASE | re.ASCII)
_SERVICE_AT_END = re.compile("SERVICE(?:SILENT)?$", re.IGNORECASE | re.ASCII)
_UPDATE = re.compile(r"(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b", re.IGNORECASE | re.ASCII)
# A text that begins like a query and contains no SERVICE anywhere needs no lexer. Most queries are of this kind.
# Large character classes take long to compile with IGNORECASE, so it is set for the keywords only.
_CLEARLY_A_QUERY = re.compile(
    rf"""(?:{SPACE}|\#[^\n\r]*(?:[\n\r]|\Z)|(?:(?i:BASE)|(?i:PREFIX){SPACE}+(?:{PREFIX_NAME})?:){SPACE}*<[^<>"{{}}|^`\\\x00-\x20]*>)*+"""
    r"""(?i:SELECT|ASK|CONSTRUCT|DESCRIBE)\b"""
)


def ensure_read_only(text: str, services: Collection[str] = ()) -> None:
    """Raise an error unless a text only reads this release.

    Args:
        text: SPARQL 1.1 Query; see `tutela.sparql.lexer.normalize`.
        services: URLs that ``SERVICE`` may name (SPARQL 1.1 Federated Query).

    Raises:
        ForbiddenQueryError: the text is an update, or has a ``SERVICE`` that is not allowed.
        QueryError: the text is nested too deeply.

    """
    if "SERVICE" not in text.upper() and sum(map(text.count, "({[")) <= MAX_NESTING and _CLEARLY_A_QUERY.match(text):
        return
    tokens = significant(text)
    steps = ((token.kind == "open") - (token.kind == "close") for token in tokens)
    if max(accumulate(steps), default=0) > MAX_NESTING:
        raise QueryError(f"The query is nested too deeply: more than {MAX_NESTING} open brackets.")
    rest = prologue.read(text).rest
    if rest and rest[0].kind == "word" and _UPDATE.match(rest[0].text):
        raise ForbiddenQueryError("Updates are not allowed; this service is read-only. Use SELECT, ASK, CONSTRUCT or DESCRIBE.")
    targets = set(_targets(tokens))
    if not targets:
        return
    if not services:
        raise ForbiddenQueryError(
            "SERVICE is not allowed; this service calls no other endpoint. Send the federated query from your own client. "
            "If SERVICE is the prefix of a name, choose another prefix."
        )
    if not targets <= set(services):
        raise ForbiddenQueryError(
            f"SERVICE is only allowed for {', '.join(sorted(services))}, each written as an IRI in angle brackets. "
            "If SERVICE is the prefix of a name, choose another prefix."
        )


def _targets(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the URL of each call; an empty text if the call does not contain the URL itself, so it may lead anywhere."""
    for number, token in enumerate(tokens):
        word = token.text if token.kind == "word" else token.prefix
        if not _SERVICE.search(word):
            continue
        following = [other for other in tokens[number + 1 : number + 3] if other.text.upper() != "SILENT"]
        is_call = token.kind == "word" and _SERVICE_AT_END.search(word) and len(_SERVICE.findall(word)) == 1
        yield unescape(following[0].value) if is_call and following and following[0].kind == "iri" else ""


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
    if not prologue.read(text).form:
        raise QueryError("The query is not well formed: expected SELECT, ASK, CONSTRUCT or DESCRIBE after BASE and PREFIX.")
