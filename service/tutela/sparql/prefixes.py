"""Prefixes that a query uses without declaring them."""

import re

from tutela.namespaces import QUERY_PREFIXES
from tutela.sparql import prologue
from tutela.sparql.lexer import PREFIX_NAME, Token

# Anything that may be a prefix, also in comments and strings: where all of it is declared, the lexer is not needed.
_CANDIDATE = re.compile(rf"({PREFIX_NAME}):")
_DECLARED = re.compile(rf"PREFIX[ \t\r\n]+({PREFIX_NAME}):", re.IGNORECASE)


def declare_known(text: str) -> str:
    """Return a query with declarations of the prefixes that it uses without declaring them, if they are known.

    The declarations precede the first line, so the numbers of lines remain.
    """
    if not set(_CANDIDATE.findall(text)) & QUERY_PREFIXES.keys() - set(_DECLARED.findall(text)):
        return text
    missing = sorted({token.prefix for token in undeclared(text)} & QUERY_PREFIXES.keys())
    return "".join(f"PREFIX {prefix}: <{QUERY_PREFIXES[prefix]}> " for prefix in missing) + text


def undeclared(text: str) -> list[Token]:
    """Return the prefixed names of a query whose prefix it does not declare."""
    beginning = prologue.read(text)
    return [token for token in beginning.rest if token.kind == "prefixed" and token.prefix not in beginning.prefixes]
