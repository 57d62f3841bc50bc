"""The names of graphs in an engine elsewhere, where they bear the version of their release.

Several versions lie there side by side, so that a release is whole before anyone reads it. Who asks us
writes the names that every release uses; they are changed on the way there, and back in the answer.
"""

import re
from collections.abc import Sequence
from urllib.parse import urljoin

from tutela import names
from tutela.store.tokens import code

_BASE = re.compile(r"BASE\s*$", re.IGNORECASE)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_FROM = re.compile(r"\bFROM\s*(?:NAMED\s*)?(?:<[0-9]+>|[\w.-]*:)", re.IGNORECASE)
_VARIABLE = re.compile(r"[?$]\w+")
# The keywords with what may follow them, once variables are set aside; DESCRIBE leaves it to the engine where it looks.
_NAMED = re.compile(r"GRAPH\s*(?:[<{#]|[\w.-]*:)|FROM\s*(?:[<#]|NAMED|[\w.-]*:)|DESCRIBE", re.IGNORECASE)
_LOCAL = re.compile(rf"graph\\/(?=(?:{'|'.join(names.GRAPHS)})$)")


def merged(version: str) -> str:
    """Return the IRI of the graph that holds all of a version."""
    return f"{names.GRAPH}{version}"


def versioned(iri: str, version: str) -> str:
    """Return the name that a graph has in an engine; an IRI that names none is given back as it is."""
    name = iri.removeprefix(names.GRAPH)
    return f"{merged(version)}/{name}" if iri.startswith(names.GRAPH) and name in ("", *names.GRAPHS) else iri


def canonical(body: bytes, version: str) -> bytes:
    """Return a document of an engine with the graphs' names that every release uses."""
    return body.replace(f"{merged(version)}/".encode(), names.GRAPH.encode())


def has_dataset(text: str) -> bool:
    """Return whether a query says itself which graphs it is over (SPARQL 1.1 Query, section 13.2)."""
    return bool(_FROM.search(code(text)[0]))


def may_name(text: str) -> bool:
    """Return whether a query may look at any graph but the default one; a no is certain."""
    if "\\u" in text or "\\U" in text:  # characters may be written so, those of keywords too
        return True
    upper = text.upper()
    if not any(word in upper for word in ("GRAPH", "FROM", "DESCRIBE")):
        return False
    return bool(_NAMED.search(_VARIABLE.sub(" ", text)) and _NAMED.search(code(text)[0]))


def rewritten(text: str, version: str) -> str:
    """Return a query with the graphs' names of a version, also where they are relative or prefixed.

    Relative addresses are written out and BASE is left away: some engines take it once, others not at all.
    """
    _, tokens = code(text)
    parts: list[str] = []
    base, end = names.BASE, 0
    for token in tokens:
        parts.append(text[end : token.start()])
        end = token.end()
        if token["iri"] is None:
            parts.append(_LOCAL.sub(rf"graph\\/{version}\\/", token[0]))
            continue
        absolute = _resolved(base, token["iri"])
        if _BASE.search(parts[-1]):
            base = absolute
            parts[-1] = _BASE.sub("", parts[-1])
        else:
            parts.append(f"<{versioned(absolute, version)}>")
    return "".join([*parts, text[end:]])


def dataset(version: str, default: Sequence[str], named: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the default and named graphs of a request as an engine knows them; without any, all there are."""
    if default or named:
        return [versioned(iri, version) for iri in default], [versioned(iri, version) for iri in named]
    return [merged(version)], [f"{merged(version)}/{name}" for name in names.GRAPHS]


def _resolved(base: str, iri: str) -> str:
    if _ABSOLUTE.match(iri):
        return iri
    try:
        return urljoin(base, iri)
    except ValueError:  # no IRI: the engine will say so
        return iri
