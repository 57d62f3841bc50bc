"""Documents about the ontology, the shapes, the concept schemes and the JSON-LD context."""

import json
import re

import pytest
from fastapi.testclient import TestClient
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SKOS

from tests.conftest import like
from tests.release.linked_data import RDFLIB_FORMATS, parse_response
from tutela import namespaces, paths, release
from tutela.sparql import query_file

# rdflib's JSON-LD parser uses its own deprecated class.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def client(client: TestClient) -> TestClient:
    return like(client, follow_redirects=False)


@pytest.fixture(scope="module")
def subjects(built: release.Release) -> list[str]:
    """Return every IRI in this project's namespace that is a subject in the release."""
    iris = re.findall(rf"^<({namespaces.BASE}[^>]*)> ", built.nquads.read_text(encoding="utf-8"), re.MULTILINE)
    return sorted(set(iris))


def test_the_ontology_page_has_an_anchor_for_every_term(client: TestClient, built: release.Release) -> None:
    document = parse_response(client.get("/ontology", headers={"accept": "text/turtle"}), "ttl")
    source = Graph().parse(paths.ONTOLOGY / "tutela.ttl")
    assert set(source) <= set(document)
    terms = set(source.subjects(RDFS.isDefinedBy, URIRef(f"{namespaces.BASE}ontology")))
    assert {str(subject) for subject in document.subjects()} == {*map(str, terms), f"{namespaces.BASE}ontology"}
    response = client.get("/ontology", headers={"accept": BROWSER})
    for term in terms:
        assert f'<article id="{str(term).partition("#")[2]}"' in response.text
    assert "One published edition of the review." in response.text
    assert f'<{namespaces.BASE}ontology>; rel="describes"' in response.headers["link"]
    assert client.get("/ontology.rdf").headers["content-type"].startswith("application/rdf+xml")
    assert client.get("/ontology.png").status_code == 404
    version = str(document.value(URIRef(f"{namespaces.BASE}ontology"), OWL.versionIRI))
    assert client.get("/" + namespaces.strip_base(version)).headers["location"] == "/ontology"
    assert client.get("/ontology/9.9.9").status_code == 404


def test_the_shapes_page_has_an_anchor_for_every_shape_and_check(client: TestClient, built: release.Release) -> None:
    source = Graph().parse(built.folder / "shapes.ttl")
    for suffix in RDFLIB_FORMATS:
        assert len(parse_response(client.get(f"/shapes.{suffix}"), suffix)) == len(source)
    page = client.get("/shapes", headers={"accept": BROWSER}).text
    iris = {str(subject) for subject in source.subjects() if isinstance(subject, URIRef)}
    assert len(iris) > 100
    for iri in iris:
        assert f'<li id="{iri.removeprefix(f"{namespaces.BASE}shapes#")}"' in page
    for check in query_file.read_all(paths.QUERIES / "checks"):
        assert f'<li id="{namespaces.CHECK.partition("#")[2]}{check.name}"' in page
    assert "An observation has exactly one value, true or false." in page


def test_a_page_of_a_scheme_has_an_anchor_for_every_concept(client: TestClient, subjects: list[str]) -> None:
    schemes = [iri for iri in subjects if iri.startswith(f"{namespaces.BASE}id/scheme/")]
    assert len(schemes) > 20
    for iri in schemes:
        path = iri.removeprefix(f"{namespaces.BASE}id/")
        document = parse_response(client.get(f"/doc/{path}.nt"), "nt")
        concepts = {str(concept) for concept in document.subjects(SKOS.inScheme, URIRef(iri))}
        assert all((URIRef(concept), RDF.type, SKOS.Concept) in document for concept in concepts)
        page = client.get(f"/doc/{path}", headers={"accept": BROWSER}).text
        anchors = re.findall(r'<article id="([^"]+)"', page)
        assert len(anchors) == len(set(anchors)) == len(concepts) > 0
        for concept in concepts:
            assert concept.rpartition("/")[2] in anchors
            assert f'<a href="/doc/{concept.removeprefix(f"{namespaces.BASE}id/")}">' in page


def test_the_json_ld_context_contains_every_term(client: TestClient) -> None:
    response = client.get("/context.jsonld")
    assert response.headers["content-type"] == "application/ld+json"
    context = response.json()["@context"]
    assert context["type"] == "@type"
    assert context["criterion"] == {"@id": f"{namespaces.BASE}ontology#criterion", "@type": "@id"}
    ontology = Graph().parse(paths.ONTOLOGY / "tutela.ttl")
    for term in ontology.subjects(RDFS.isDefinedBy, None):
        name = str(term).partition("#")[2]
        assert name not in {*namespaces.PREFIXES, "id", "type"}
        typed = (term, RDF.type, OWL.ObjectProperty) in ontology
        assert context[name] == ({"@id": str(term), "@type": "@id"} if typed else str(term))
    document = {
        "@context": context,
        "id": "http://example.org/x",
        "type": "Note",
        "criterion": "http://example.org/y",
        "rdfs:label": "z",
    }
    assert set(Graph().parse(data=json.dumps(document), format="json-ld")) == {
        (URIRef("http://example.org/x"), RDF.type, URIRef(f"{namespaces.BASE}ontology#Note")),
        (URIRef("http://example.org/x"), URIRef(f"{namespaces.BASE}ontology#criterion"), URIRef("http://example.org/y")),
        (URIRef("http://example.org/x"), RDFS.label, Literal("z")),
    }
