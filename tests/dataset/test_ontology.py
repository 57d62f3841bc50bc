"""The ontology: every term has one label and one definition, and every concept has a scheme."""

from collections import Counter

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef
from rdflib.namespace import DCTERMS

from tutela import namespaces, paths


@pytest.fixture(scope="module")
def ontology_graph() -> Graph:
    graph = Graph()
    for path in paths.ONTOLOGY.glob("**/*.ttl"):
        graph.parse(path, format="turtle")
    return graph


def terms(graph: Graph) -> set[URIRef]:
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
    return {s for kind in kinds for s in graph.subjects(RDF.type, kind) if isinstance(s, URIRef)}


def test_each_term_has_a_label_a_definition_and_an_ontology(ontology_graph: Graph) -> None:
    assert terms(ontology_graph)
    for term in terms(ontology_graph):
        assert len(list(ontology_graph.objects(term, RDFS.label))) == 1, term
        assert len(list(ontology_graph.objects(term, SKOS.definition))) == 1, term
        assert ontology_graph.value(term, RDFS.isDefinedBy) == URIRef(f"{namespaces.BASE}ontology"), term


def test_labels_and_definitions_are_unique(ontology_graph: Graph) -> None:
    for predicate in (RDFS.label, SKOS.definition):
        count = Counter(str(ontology_graph.value(term, predicate)) for term in terms(ontology_graph))
        assert [text for text, n in count.items() if n > 1] == []


def test_classes_are_capitalised_and_properties_are_not(ontology_graph: Graph) -> None:
    for term in terms(ontology_graph):
        local = str(term).rpartition("#")[2]
        assert local[0].isupper() == ((term, RDF.type, OWL.Class) in ontology_graph), term


def test_each_concept_is_a_top_concept_of_its_scheme(ontology_graph: Graph) -> None:
    for concept in ontology_graph.subjects(RDF.type, SKOS.Concept):
        scheme = ontology_graph.value(concept, SKOS.inScheme)
        assert (scheme, RDF.type, SKOS.ConceptScheme) in ontology_graph, concept
        assert (scheme, SKOS.hasTopConcept, concept) in ontology_graph, concept
        assert str(ontology_graph.value(concept, SKOS.notation)) == str(concept).rpartition("/")[2]


def test_each_abbreviation_is_of_the_class_whose_shape_asks_for_a_source(ontology_graph: Graph) -> None:
    scheme = URIRef(f"{namespaces.BASE}id/scheme/abbreviations")
    of_class = set(ontology_graph.subjects(RDF.type, URIRef(f"{namespaces.BASE}ontology#Abbreviation")))
    assert of_class
    assert set(ontology_graph.subjects(SKOS.inScheme, scheme)) == of_class


def test_the_ontology_has_metadata(ontology_graph: Graph) -> None:
    ontology = URIRef(f"{namespaces.BASE}ontology")
    for predicate in (DCTERMS.title, DCTERMS.creator, DCTERMS.license, OWL.versionIRI):
        assert ontology_graph.value(ontology, predicate), predicate


def test_there_are_no_blank_nodes(ontology_graph: Graph) -> None:
    assert all(isinstance(node, URIRef) for node in ontology_graph.subjects())
