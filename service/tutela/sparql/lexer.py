"""A lexer for what is not a keyword in a query: IRIs, strings, comments, variables and local names (SPARQL 1.1, section 19.8)."""

import re
import sys

# The engine's parser needs no space between a keyword and its neighbours (`trueSERVICE`, `SERVICESILENT`), so the remaining
# text is searched without word boundaries. Of a prefixed name only the part after the colon is removed.
_LOCAL = r"(?:[\w:]|%[0-9A-Fa-f]{2}|\\.)"
_TOKEN = re.compile(
    r"""<(?P<iri>[^<>"{}|^`\\\x00-\x20]*)>"""  # first, because a number sign in an IRI does not start a comment
    r"""|\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''"""
    r"""|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'|\#[^\n\r]*|\\."""
    rf"""|@[A-Za-z]+(?:-[A-Za-z0-9]+)*|[?$]\w+|:(?P<local>(?:{_LOCAL}(?:(?:{_LOCAL}|[.-])*(?:{_LOCAL}|-))?)?)""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def mask_literals(text: str) -> tuple[str, list[re.Match[str]]]:
    """Return a query without strings, comments, variables and local names, and the tokens that were removed.

    In the returned text an IRI is ``<n>``, where n is its index among the tokens, and a local name is ``:``.
    """
    tokens: list[re.Match[str]] = []

    def masked(match: re.Match[str]) -> str:
        tokens.append(match)
        if match["iri"] is not None:
            return f"<{len(tokens) - 1}>"
        return ": " if match["local"] is not None else " "

    return _TOKEN.sub(masked, text), tokens


def unescape(text: str) -> str:
    r"""Return a query with codepoint escapes such as ``\u0053`` replaced (SPARQL 1.1, section 19.2)."""
    return _ESCAPE.sub(_character, text)


def _character(escape: re.Match[str]) -> str:
    number = int(escape[1] or escape[2], 16)
    return chr(number) if number <= sys.maxunicode else escape[0]
