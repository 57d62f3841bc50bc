"""The vocabulary: every term has one label and one definition, and every concept its place."""

from collections import Counter

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef
from rdflib.namespace import DCTERMS

from tutela import names, paths


@pytest.fixture(scope="module")
def vocabulary() -> Graph:
    graph = Graph()
    for path in paths.ONTOLOGY.glob("**/*.ttl"):
        graph.parse(path, format="turtle")
    return graph


def terms(graph: Graph) -> set[URIRef]:
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
    return {s for kind in kinds for s in graph.subjects(RDF.type, kind) if isinstance(s, URIRef)}


def test_each_term_has_a_label_a_definition_and_a_home(vocabulary: Graph) -> None:
    assert terms(vocabulary)
    for term in terms(vocabulary):
        assert len(list(vocabulary.objects(term, RDFS.label))) == 1, term
        assert len(list(vocabulary.objects(term, SKOS.definition))) == 1, term
        assert vocabulary.value(term, RDFS.isDefinedBy) == URIRef(f"{names.BASE}ontology"), term


def test_labels_and_definitions_are_unique(vocabulary: Graph) -> None:
    for prop in (RDFS.label, SKOS.definition):
        count = Counter(str(vocabulary.value(term, prop)) for term in terms(vocabulary))
        assert [text for text, n in count.items() if n > 1] == []


def test_classes_are_capitalised_and_properties_are_not(vocabulary: Graph) -> None:
    for term in terms(vocabulary):
        local = str(term).rpartition("#")[2]
        assert local[0].isupper() == ((term, RDF.type, OWL.Class) in vocabulary), term


def test_each_concept_is_a_top_concept_of_its_scheme_and_the_scheme_says_so(vocabulary: Graph) -> None:
    for concept in vocabulary.subjects(RDF.type, SKOS.Concept):
        scheme = vocabulary.value(concept, SKOS.inScheme)
        assert (scheme, RDF.type, SKOS.ConceptScheme) in vocabulary, concept
        assert (scheme, SKOS.hasTopConcept, concept) in vocabulary, concept
        assert str(vocabulary.value(concept, SKOS.notation)) == str(concept).rpartition("/")[2]


def test_the_ontology_has_a_header(vocabulary: Graph) -> None:
    ontology = URIRef(f"{names.BASE}ontology")
    for prop in (DCTERMS.title, DCTERMS.creator, DCTERMS.license, OWL.versionIRI):
        assert vocabulary.value(ontology, prop), prop


def test_no_node_is_blank(vocabulary: Graph) -> None:
    assert all(isinstance(node, URIRef) for node in vocabulary.subjects())
