"""Which queries must be evaluated again when statements change: none too few, so that a check while editing is right."""

import pyoxigraph as ox
import pytest
from rdflib.paths import NegatedPath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Variable

from tutela import namespaces, paths
from tutela.sparql import query_file
from tutela.sparql.layered_dataset import LayeredDataset
from tutela.sparql.query_vocabulary import QueryVocabulary, statement_names

QUERIES = [*query_file.read_all(paths.QUERIES / "derive"), *query_file.read_all(paths.QUERIES / "checks")]
A, B, C = (ox.NamedNode(f"https://example.org/{name}") for name in "abc")
GRAPH, OTHER = "https://example.org/graph", "https://example.org/other"


def predicates(node: object) -> list[object]:
    """Return the predicates of all triple patterns in the algebra of a query."""
    found: list[object] = []
    if isinstance(node, CompValue):
        for name, value in node.items():
            if name == "triples":
                found += [triple[1] for triple in value]
            if name != "template":
                found += predicates(value)
    elif isinstance(node, list | tuple | set):
        for one in node:
            found += predicates(one)
    return found


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: str(query.name))
def test_a_query_that_reads_any_predicate_is_known_as_such(query: query_file.QueryFile) -> None:
    found = predicates(prepareQuery(query.text, base=namespaces.BASE).algebra)
    assert found
    if any(isinstance(one, Variable | NegatedPath) for one in found):
        assert QueryVocabulary(query.text).reads_any_predicate


@pytest.mark.parametrize(
    ("text", "name", "reads"),
    [
        ("SELECT ?s WHERE { ?s tutela:met ?o }", "met", True),
        ("SELECT ?s WHERE { ?s tutela:met ?o }", "label", False),
        ("SELECT ?s WHERE { ?s tutela:met ?label . FILTER(?label || $label) }", "label", False),
        ("SELECT ?s WHERE { ?s tutela:met?/rdfs:label ?o }", "label", True),
        ("SELECT ?s WHERE { ?s a tutela:Note }", "a Note", True),
        ("SELECT ?s WHERE { ?s a tutela:Note }", "a Total", False),
        ("SELECT ?s WHERE { ?s a ?class }", "a Total", True),
        ("SELECT ?s ?p WHERE { ?s ?p ?o }", "label", True),
        ("SELECT ?s WHERE { <x> ?p 1 }", "label", True),
        ("SELECT ?s WHERE { ?s !(rdfs:label|a) ?o }", "met", True),
        ("CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s tutela:met ?o }", "label", False),
        ("# label\nSELECT ?s ?o WHERE { ?s tutela:met ?o }\nGROUP BY ?s ?o", "label", False),
    ],
)
def test_a_query_reads_statements_with_its_names(text: str, name: str, reads: bool) -> None:
    assert QueryVocabulary(text).reads({name}) is reads
    assert not QueryVocabulary(text).reads(set())


def test_the_names_of_statements_are_local_names_and_classes() -> None:
    triples = [
        ox.Triple(A, ox.NamedNode(f"{namespaces.RDF}type"), C),
        ox.Triple(A, ox.NamedNode("https://example.org/x#label"), B),
    ]
    assert statement_names(triples) == {"a c", "label"}


def test_a_statement_of_two_layers_stays_until_both_have_lost_it() -> None:
    data, shared, own = LayeredDataset(), ox.Triple(A, B, C), ox.Triple(A, B, A)
    assert data.set_layer("one", GRAPH, [shared, own]) == {shared, own}
    assert data.set_layer("two", GRAPH, [shared]) == set()
    assert data.set_layer("one", GRAPH, []) == {own}
    assert data.triples() == {shared}
    assert data.set_layer("two", GRAPH, []) == {shared}
    assert data.triples() == set()


def test_a_statement_in_two_graphs_is_found_and_is_one_statement() -> None:
    data, triple = LayeredDataset(), ox.Triple(A, B, C)
    data.set_layer("one", GRAPH, [triple])
    data.set_layer("two", OTHER, [triple])
    assert (data.in_two_graphs(), data.triples()) == ([(A.value, str(triple))], {triple})
    data.set_layer("one", GRAPH, [])
    assert (data.in_two_graphs(), data.triples()) == ([], {triple})
