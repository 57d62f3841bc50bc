"""The parts of a query that are no keywords, in the grammar of SPARQL 1.1 (section 19.8)."""

import re

# The engine's parser wants no space between keywords and their neighbours (`trueSERVICE`, `SERVICESILENT`), so what is left
# is searched without word borders; of a prefixed name only what follows the colon is taken away.
_LOCAL = r"(?:[\w:]|%[0-9A-Fa-f]{2}|\\.)"
_TOKEN = re.compile(
    r"""<(?P<iri>[^<>"{}|^`\\\x00-\x20]*)>"""  # first: a number sign in an IRI starts no comment
    r"""|\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''"""
    r"""|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'|\#[^\n\r]*|\\."""
    rf"""|@[A-Za-z]+(?:-[A-Za-z0-9]+)*|[?$]\w+|:(?P<local>(?:{_LOCAL}(?:(?:{_LOCAL}|[.-])*(?:{_LOCAL}|-))?)?)""",
    re.DOTALL,
)


def code(text: str) -> tuple[str, list[re.Match[str]]]:
    """Return a query without strings, comments, variables and local names, and its tokens.

    In the text each IRI stands as ``<n>``, n being its place among the tokens, and each local name as ``:``.
    """
    tokens: list[re.Match[str]] = []

    def plain(match: re.Match[str]) -> str:
        tokens.append(match)
        if match["iri"] is not None:
            return f"<{len(tokens) - 1}>"
        return ": " if match["local"] is not None else " "

    return _TOKEN.sub(plain, text), tokens
