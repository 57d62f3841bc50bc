"""What is refused before any engine sees it: updates, and calls to other endpoints."""

import re
import sys
from collections.abc import Collection
from itertools import accumulate

from tutela.store.answer import QueryError, QueryRefusedError
from tutela.store.tokens import code

_SERVICE = re.compile("SERVICE", re.IGNORECASE)
_TARGET = re.compile(r"SERVICE\s*(?:SILENT\s*)?<([0-9]+)>", re.IGNORECASE)
_PROLOGUE = re.compile(r"^\s*(?:(?:BASE|PREFIX\s+[^\s:<]*:)\s*<[0-9]+>\s*)*", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_FORM = re.compile(r"(?:SELECT|ASK|CONSTRUCT|DESCRIBE)", re.IGNORECASE)
_UPDATE = re.compile(r"(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b", re.IGNORECASE)
_BRACKET = re.compile(r"[(){}\[\]]")
# Parsers go down into brackets by calling themselves; one that goes too deep takes its process with it.
_DEEPEST = 500
# What begins as a query does. Most queries are told by this and by having no SERVICE anywhere in them, which is quick.
_QUERY = re.compile(
    r"""(?:\s|\#[^\n\r]*(?:[\n\r]|\Z)|(?:BASE|PREFIX\s+[\w.-]*:)\s*<[^<>"{}|^`\\\x00-\x20]*>)*+(?:SELECT|ASK|CONSTRUCT|DESCRIBE)\b""",
    re.IGNORECASE,
)


def refuse(text: str, services: Collection[str] = ()) -> None:
    """Refuse what is not a query of the release alone.

    Args:
        text: SPARQL 1.1 Query.
        services: addresses that ``SERVICE`` may name (SPARQL 1.1 Federated Query).

    Raises:
        QueryRefusedError: for an update, or a ``SERVICE`` not allowed.
        QueryError: it is nested too deeply.

    """
    if "SERVICE" not in text.upper() and sum(map(text.count, "({[")) <= _DEEPEST and _QUERY.match(text):
        return
    plain, tokens = code(text)
    if max(accumulate(1 if bracket in "({[" else -1 for bracket in _BRACKET.findall(plain)), default=0) > _DEEPEST:
        raise QueryError(f"The query is nested too deeply: more than {_DEEPEST} brackets are open at once.")
    if _UPDATE.match(plain, _PROLOGUE.match(plain).end()):  # type: ignore[union-attr]
        raise QueryRefusedError("Updates are refused: this service only reads. Ask with SELECT, ASK, CONSTRUCT or DESCRIBE.")
    if not _SERVICE.search(plain):
        return
    if not services:
        raise QueryRefusedError(
            "SERVICE is refused: this service calls no other endpoint. Query the other one from your side; "
            "if the word is the prefix of a name, choose another prefix."
        )
    targets = [tokens[int(number)]["iri"] for number in _TARGET.findall(plain)]
    # Where a call names no address outright, it cannot be told beforehand where it leads.
    if len(targets) < len(_SERVICE.findall(plain)) or not set(targets) <= set(services):
        raise QueryRefusedError(
            f"SERVICE is refused but for {', '.join(sorted(services))}, each written out in angle brackets; "
            "if the word is the prefix of a name, choose another prefix."
        )


def refuse_for_others(text: str, services: Collection[str] = ()) -> None:
    r"""Refuse what an engine elsewhere might read as more than a query: see `refuse`.

    Engines have statements of their own before a query (Virtuoso's DEFINE lets it fetch documents), and some read escapes
    such as ``\u0053`` before anything else (SPARQL 1.1, section 19.2), so that a keyword can be spelt with them.

    Raises:
        QueryRefusedError: for an update, or a ``SERVICE`` not allowed.
        QueryError: it is no query, or nested too deeply.

    """
    spelt = _ESCAPE.sub(_character, text)
    for reading in {text, spelt}:
        refuse(reading, services)
    plain, _ = code(text)
    if not _FORM.match(plain, _PROLOGUE.match(plain).end()):  # type: ignore[union-attr]
        raise QueryError("The query is not well formed: expected SELECT, ASK, CONSTRUCT or DESCRIBE after BASE and PREFIX.")


def _character(escape: re.Match[str]) -> str:
    number = int(escape[1] or escape[2], 16)
    return chr(number) if number <= sys.maxunicode else escape[0]
