"""Names of graphs in a remote engine, where they contain the version of their release.

Several versions are stored side by side, so a release is complete before anyone reads it. Clients use the names without a
version; this module rewrites them in queries, and back in responses. ``docs/decisions/`` records why.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urljoin

from tutela import namespaces
from tutela.sparql import prologue
from tutela.sparql.lexer import Token, normalize, tokens, unescape

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_FROM = re.compile("FROM", re.IGNORECASE | re.ASCII)
_LOCAL_ESCAPE = re.compile(r"\\(.)")


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
    """Return whether a query declares its own dataset with FROM (SPARQL 1.1 Query, section 13.2).

    Dataset clauses are outside brackets, between the form of the query and its pattern. The engine needs no space around
    FROM (``ASKFROM<g>``, ``FROMp:g``), so it is searched within words. Only DESCRIBE has names in the same place.
    """
    text = normalize(text)
    if not _FROM.search(text):
        return False
    beginning = prologue.read(text)
    is_describe = beginning.form == "DESCRIBE"
    for token in _before_pattern(beginning):
        if token.kind not in {"word", "prefixed"}:
            continue
        word = token.prefix if token.kind == "prefixed" else token.text
        if is_describe and (not _FROM.match(word) or (token.kind == "prefixed" and word in beginning.prefixes)):
            continue
        if _FROM.search(word):
            return True
    return False


def _before_pattern(beginning: prologue.Prologue) -> Iterator[Token]:
    """Yield the tokens outside brackets before the pattern of a query. The first braces of CONSTRUCT may be a template."""
    depth, patterns = 0, 0
    is_short = beginning.form != "CONSTRUCT" or (len(beginning.rest) > 1 and beginning.rest[1].text != "{")
    for token in beginning.rest:
        if token.text == "{" and depth == 0:
            patterns += 1
            if is_short or patterns == 2:
                return
        if depth == 0:
            yield token
        depth += (token.kind == "open") - (token.kind == "close")


def rewrite(text: str, version: str) -> str:
    """Return a query with the versioned names of graphs, also where they are relative or prefixed.

    Relative IRIs are made absolute and BASE is removed: some engines accept it once, others not at all.
    """
    parts: list[str] = []
    base, prefixes = namespaces.BASE, prologue.read(text).prefixes
    base_at = -1  # index of the last part that is a word, if that is BASE
    for token in tokens(text):
        if token.kind == "iri":
            absolute = _resolve(base, unescape(token.value))
            if base_at >= 0:
                base = absolute
                parts[base_at:] = []
                base_at = -1
                continue
            parts.append(f"<{to_versioned(absolute, version)}>")
        elif token.kind == "prefixed" and token.prefix in prefixes:
            parts.append(_versioned_name(token, _resolve(base, prefixes[token.prefix]), version))
        else:
            parts.append(token.text)
        if token.kind not in {"space", "comment"}:
            base_at = len(parts) - 1 if token.kind == "word" and token.text.upper() == "BASE" else -1
    return "".join(parts)


def _versioned_name(token: Token, namespace: str, version: str) -> str:
    """Return a prefixed name; as a versioned IRI if it names a graph and its prefix will not be versioned itself."""
    iri = namespace + _LOCAL_ESCAPE.sub(r"\1", token.value)
    versioned = to_versioned(iri, version)
    is_declaration = not token.value
    return (
        f"<{versioned}>"
        if versioned != iri and to_versioned(namespace, version) == namespace and not is_declaration
        else token.text
    )


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
