"""What is refused before any engine sees it: updates, and calls to other endpoints."""

import re
from collections.abc import Collection

from tutela.store.answer import QueryRefusedError
from tutela.store.tokens import code

_SERVICE = re.compile("SERVICE", re.IGNORECASE)
_TARGET = re.compile(r"SERVICE\s*(?:SILENT\s*)?<([0-9]+)>", re.IGNORECASE)
_PROLOGUE = re.compile(r"^\s*(?:(?:BASE|PREFIX\s+[^\s:<]*:)\s*<[0-9]+>\s*)*", re.IGNORECASE)
_UPDATE = re.compile(r"(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b", re.IGNORECASE)


def refuse(text: str, services: Collection[str] = ()) -> None:
    """Refuse what is not a query of the release alone.

    Args:
        text: SPARQL 1.1 Query.
        services: addresses that ``SERVICE`` may name (SPARQL 1.1 Federated Query).

    Raises:
        QueryRefusedError: for an update, or a ``SERVICE`` not allowed.

    """
    plain, tokens = code(text)
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
