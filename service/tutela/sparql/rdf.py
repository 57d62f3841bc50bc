"""RDF documents: parsing, serializing, and the union of graphs."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from tutela import namespaces
from tutela.errors import TutelaError

# pyoxigraph's own; only this package names their classes.
Triples = Sequence[Any]
Quads = Sequence[Any]

GRAPH_FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "n3": ox.RdfFormat.N3,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
}


def merge(quads: Iterable[ox.Quad]) -> list[ox.Triple]:
    """Return the triples of all graphs, without duplicates, sorted (RDF 1.1 Semantics, section 4.1)."""
    return sorted({triple_of(quad) for quad in quads}, key=str)


def triple_of(quad: ox.Quad) -> ox.Triple:
    """Return a quad without its graph."""
    return ox.Triple(quad.subject, quad.predicate, quad.object)


def in_graph(triples: Triples, graph: str) -> Quads:
    """Return triples as quads of a named graph."""
    name = ox.NamedNode(graph)
    return [ox.Quad(triple.subject, triple.predicate, triple.object, name) for triple in triples]


def serialize(statements: Triples | Quads, format_name: str) -> bytes:
    """Return quads as ``nquads``, ``trig`` or ``jsonld``, triples as one of `GRAPH_FORMATS`, in the order given."""
    prefixes = None if format_name in {"nquads", "ntriples"} else used_prefixes(statements)
    # The function returns None only if it is given a file to write to.
    return ox.serialize(statements, format=GRAPH_FORMATS[format_name], prefixes=prefixes) or b""


def parse_triples(data: bytes, format_name: str) -> list[ox.Triple]:
    """Parse an RDF document; of a dataset, the triples of all graphs.

    Args:
        data: the document.
        format_name: one of `GRAPH_FORMATS`.

    Raises:
        TutelaError: the document is not well formed.

    """
    try:
        return merge(ox.parse(data, format=GRAPH_FORMATS[format_name], base_iri=namespaces.BASE))
    except SyntaxError as error:
        raise TutelaError(f"not well-formed {format_name}: {error}") from error


def read_turtle(path: Path) -> list[ox.Triple]:
    """Read a Turtle file.

    Raises:
        TutelaError: the file is not well formed.

    """
    try:
        return [triple_of(quad) for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]
    except SyntaxError as error:
        raise TutelaError(f"{path}: not well-formed Turtle: {error}") from error


def read_graph(nquads: Path, graph: str) -> list[ox.Triple]:
    """Read one named graph of an N-Quads file.

    Raises:
        TutelaError: the file cannot be read, or is not well formed.

    """
    end = f" <{graph}> .\n".encode()
    try:
        with nquads.open("rb") as file:
            lines = b"".join(line for line in file if line.endswith(end))
        return [triple_of(quad) for quad in ox.parse(lines, format=ox.RdfFormat.N_QUADS)]
    except (OSError, SyntaxError) as error:
        raise TutelaError(f"{nquads}: not readable as N-Quads ({error}).") from error


def used_prefixes(statements: Iterable[ox.Quad | ox.Triple]) -> dict[str, str]:
    """Return the prefixes that statements use, so that a short document does not begin with twenty unused ones."""
    iris = set()
    for statement in statements:
        for term in statement:
            if isinstance(term, ox.NamedNode):
                iris.add(term.value)
            elif isinstance(term, ox.Literal):
                iris.add(term.datatype.value)
    return {prefix: iri for prefix, iri in namespaces.PREFIXES.items() if any(used.startswith(iri) for used in iris)}
