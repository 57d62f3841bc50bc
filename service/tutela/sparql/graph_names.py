"""Names of graphs in a remote engine, where they contain the version of their release.

Several versions are stored side by side, so a release is complete before anyone reads it. Clients use the names without a
version; this module rewrites them in queries, and back in responses. ``docs/decisions/`` records why.
"""

import re
from collections.abc import Sequence
from urllib.parse import urljoin

from tutela import namespaces
from tutela.sparql.lexer import mask_literals, unescape

_BASE = re.compile(r"BASE\s*$", re.IGNORECASE)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# FROM with an IRI, a prefixed name, or NAMED; the engine needs no space around keywords (`ASKFROM<g>`). A prefix may begin with
# the same letters (`fromage:x`) or be called `from:`, so a colon right after the keyword counts only if there is no such prefix.
_FROM = re.compile(
    r"(?:\b|(?<=ASK)|(?<=CONSTRUCT))FROM(?:\s*<[0-9]+>|\s+[\w.-]*:|\s*NAMED\s*(?:<[0-9]+>|[\w.-]*:)|(?P<bare>:))", re.IGNORECASE
)
_FROM_PREFIX = re.compile(r"PREFIX\s+FROM:", re.IGNORECASE)
_LOCAL = re.compile(rf"graph\\/(?=(?:{'|'.join(namespaces.GRAPHS)})$)")


def union_graph(version: str) -> str:
    """Return the IRI of the graph that contains all triples of a version."""
    return f"{namespaces.GRAPH}{version}"


def to_versioned(iri: str, version: str) -> str:
    """Return the name that a graph has in a remote engine; any other IRI unchanged."""
    name = iri.removeprefix(namespaces.GRAPH)
    is_graph = iri.startswith(namespaces.GRAPH) and name in ("", *namespaces.GRAPHS)
    return f"{union_graph(version)}/{name}" if is_graph else iri


def to_canonical(body: bytes, version: str) -> bytes:
    """Return a response body with the names without a version."""
    return body.replace(f"{union_graph(version)}/".encode(), namespaces.GRAPH.encode())


def has_dataset(text: str) -> bool:
    """Return whether a query declares its own dataset with FROM (SPARQL 1.1 Query, section 13.2)."""
    if "\\u" in text or "\\U" in text:  # keywords may be written with escapes too
        text = unescape(text)
    if "FROM" not in text.upper():
        return False
    masked, _ = mask_literals(text)
    return any(not match["bare"] or not _FROM_PREFIX.search(masked) for match in _FROM.finditer(masked))


def rewrite(text: str, version: str) -> str:
    """Return a query with the versioned names of graphs, also where they are relative or prefixed.

    Relative IRIs are made absolute and BASE is removed: some engines accept it once, others not at all.
    """
    _, tokens = mask_literals(text)
    parts: list[str] = []
    base, end = namespaces.BASE, 0
    for token in tokens:
        parts.append(text[end : token.start()])
        end = token.end()
        if token["iri"] is None:
            parts.append(_LOCAL.sub(rf"graph\\/{version}\\/", token[0]))
            continue
        absolute = _resolve(base, token["iri"])
        if _BASE.search(parts[-1]):
            base = absolute
            parts[-1] = _BASE.sub("", parts[-1])
        else:
            parts.append(f"<{to_versioned(absolute, version)}>")
    return "".join([*parts, text[end:]])


def dataset(version: str, default: Sequence[str], named: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the default and named graphs of a request by their versioned names; by default all graphs."""
    if default or named:
        return [to_versioned(iri, version) for iri in default], [to_versioned(iri, version) for iri in named]
    return [union_graph(version)], [f"{union_graph(version)}/{name}" for name in namespaces.GRAPHS]


def _resolve(base: str, iri: str) -> str:
    if _ABSOLUTE.match(iri):
        return iri
    try:
        return urljoin(base, iri)
    except ValueError:  # not an IRI; the engine will report it
        return iri
