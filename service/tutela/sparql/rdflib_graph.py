"""RDF for pySHACL, which works on rdflib graphs.

Converting terms takes a third of the time of writing N-Triples and parsing them with rdflib.
"""

from collections.abc import Iterable

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from tutela.errors import TutelaError
from tutela.namespaces import XSD


def to_graph(triples: Iterable[ox.Triple]) -> Graph:
    """Return triples as an rdflib graph.

    Raises:
        TutelaError: a triple is not RDF 1.1.

    """
    graph = Graph()
    terms: dict[object, Node] = {}

    def convert(term: object) -> Node:
        if term not in terms:
            terms[term] = _convert(term)
        return terms[term]

    graph.addN((convert(t.subject), convert(t.predicate), convert(t.object), graph) for t in triples)
    return graph


def _convert(term: object) -> Node:
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Literal) and getattr(term, "direction", None) is None:
        if term.language:
            return Literal(term.value, lang=term.language)
        return Literal(term.value, datatype=None if term.datatype.value == f"{XSD}string" else URIRef(term.datatype.value))
    raise TutelaError(f"not RDF 1.1, and cannot be validated ({term}).")
