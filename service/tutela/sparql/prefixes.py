"""Prefixes that a query uses without declaring them."""

import re

from tutela.namespaces import QUERY_PREFIXES
from tutela.sparql import prologue
from tutela.sparql.lexer import PREFIX_NAME, Token

_DECLARED = re.compile(rf"(?i:PREFIX)[ \t\r\n]+({PREFIX_NAME}):")  # large classes take long to compile with IGNORECASE


def declare_known(text: str) -> str:
    """Return a query with declarations of the prefixes that it uses without declaring them, if they are known.

    The declarations precede the first line, so the numbers of lines remain.
    """
    # Where all that looks like a known prefix is declared, also in comments and strings, the lexer is not needed.
    declared = set(_DECLARED.findall(text))
    if not any(f"{prefix}:" in text for prefix in QUERY_PREFIXES.keys() - declared):
        return text
    missing = sorted({token.prefix for token in undeclared(text)} & QUERY_PREFIXES.keys())
    return "".join(f"PREFIX {prefix}: <{QUERY_PREFIXES[prefix]}> " for prefix in missing) + text


def undeclared(text: str) -> list[Token]:
    """Return the prefixed names of a query whose prefix it does not declare."""
    beginning = prologue.read(text)
    return [token for token in beginning.rest if token.kind == "prefixed" and token.prefix not in beginning.prefixes]
