"""Triples and quads as documents: the formats there are, and the merge of graphs."""

from collections.abc import Iterable, Sequence, Set

import pyoxigraph as ox

from tutela import names
from tutela.errors import TutelaError

GRAPH_FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}


def merge(quads: Iterable[ox.Quad]) -> list[ox.Triple]:
    """Return the triples of all graphs, each once, sorted."""
    return sorted({triple_of(quad) for quad in quads}, key=str)


def triple_of(quad: ox.Quad) -> ox.Triple:
    """Return a quad without its graph."""
    return ox.Triple(quad.subject, quad.predicate, quad.object)


def dump(statements: Sequence[ox.Quad] | Sequence[ox.Triple], form: str) -> bytes:
    """Return quads as ``nquads`` or ``jsonld``, triples as one of `GRAPH_FORMATS`, in the order given."""
    kind = ox.RdfFormat.N_QUADS if form == "nquads" else GRAPH_FORMATS[form]
    return _bytes(ox.serialize(statements, format=kind, prefixes=used_prefixes(statements)))


def triples_from(data: bytes, form: str) -> list[ox.Triple]:
    """Parse Turtle, N-Triples, JSON-LD or RDF/XML; of datasets, the triples of all graphs.

    Raises:
        TutelaError: the data are not well formed.

    """
    kind = {**GRAPH_FORMATS, "nquads": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG}[form]
    try:
        return merge(ox.parse(data, format=kind, base_iri=names.BASE))
    except SyntaxError as error:
        raise TutelaError(f"not well-formed {form}: {error}") from error


def around(quads: bytes, named: Set[str], without: Set[str]) -> list[ox.Triple]:
    """Return what N-Quads say of resources, and of those that they name in turn.

    Args:
        quads: the N-Quads.
        named: the IRIs of the resources.
        without: IRIs of which nothing is wanted.

    """
    about: dict[str, set[ox.Triple]] = {}
    for quad in ox.parse(quads, ox.RdfFormat.N_QUADS):
        if isinstance(quad.subject, ox.NamedNode):
            about.setdefault(quad.subject.value, set()).add(triple_of(quad))
    seen, wanted = set(without), set(named)
    found: list[ox.Triple] = []
    for _ in range(2):
        new = [triple for iri in wanted - seen for triple in about.get(iri, ())]
        found += new
        seen |= wanted
        wanted = {triple.object.value for triple in new if isinstance(triple.object, ox.NamedNode)}
    return sorted(found, key=str)


def _bytes(data: bytes | None) -> bytes:
    # The engine's functions return None only where they are given a file to write to.
    return data or b""


def used_prefixes(statements: Iterable[ox.Quad | ox.Triple]) -> dict[str, str]:
    """Return the prefixes in use; a small answer need not begin with twenty lines of them."""
    iris = set()
    for statement in statements:
        for term in statement:
            if isinstance(term, ox.NamedNode):
                iris.add(term.value)
            elif isinstance(term, ox.Literal):
                iris.add(term.datatype.value)
    return {prefix: iri for prefix, iri in names.PREFIXES.items() if any(used.startswith(iri) for used in iris)}
