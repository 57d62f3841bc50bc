"""Each shape accepts its valid example and rejects each invalid one; an invalid example is named after the shape it violates."""

import re
from functools import cache
from pathlib import Path

import pytest
from pyshacl import validate as run_pyshacl
from rdflib import RDF, Graph, URIRef

from tests.conftest import TESTS
from tutela import namespaces, paths, release
from tutela.sparql.rdf import parse_triples
from tutela.sparql.rdflib_graph import to_graph
from tutela.validation import ValidationResult
from tutela.validation.shape_files import shapes_text
from tutela.validation.shapes import check_shapes

EXAMPLES = TESTS / "shapes"
SH = namespaces.SH
SHAPE = f"{namespaces.BASE}shapes#"


@cache
def shapes() -> Graph:
    return Graph().parse(data=shapes_text(), format="turtle")


def results_of(example: Path) -> list[ValidationResult]:
    triples = [triple for path in (EXAMPLES / "context.ttl", example) for triple in parse_triples(path.read_bytes(), "turtle")]
    return check_shapes(to_graph(triples), shapes())


def violated_shapes(example: Path) -> set[str]:
    """Return the local names of the shapes that an example violates."""
    return {result.rule.removeprefix(SHAPE) for result in results_of(example)}


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*/valid*.ttl")), ids=lambda p: p.parent.name)
def test_the_valid_example_conforms(example: Path) -> None:
    assert violated_shapes(example) == set()


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*/invalid.*.ttl")), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_the_invalid_example_violates_its_shape_and_no_other(example: Path) -> None:
    name = f"{example.parent.name}-{example.name.split('.')[1]}"
    # A jurisdiction is also a concept, so a repeated name violates the shapes of both.
    allowed = {"Concept-label"} if name == "Jurisdiction-name" else set()
    assert violated_shapes(example) - allowed == {name}


def test_a_result_without_tables_names_the_key_of_the_row() -> None:
    [result] = results_of(EXAMPLES / "TreatyAction" / "invalid.label.missing.ttl")
    assert result.where == "data/example.csv, key example"


def test_every_property_shape_has_an_invalid_example() -> None:
    """Shapes named In-<scheme> are parts of other shapes, whose examples contain a concept outside the scheme."""
    names = {str(s).removeprefix(SHAPE) for s in shapes().subjects(RDF.type, URIRef(f"{SH}PropertyShape"))}
    with_example = {f"{path.parent.name}-{path.name.split('.')[1]}" for path in EXAMPLES.glob("*/invalid.*.ttl")}
    assert {name for name in names if not name.startswith("In-")} == with_example
    parts = {str(s).removeprefix(SHAPE) for s in shapes().objects(None, URIRef(f"{SH}node"))}
    assert {name.removesuffix("-scheme") for name in names if name.startswith("In-")} <= parts


def test_every_node_shape_has_a_valid_example() -> None:
    targets = {str(s).removeprefix(SHAPE) for s in shapes().subjects(URIRef(f"{SH}targetClass"))}
    assert targets == {path.parent.name for path in EXAMPLES.glob("*/valid.ttl")}


def test_every_property_shape_has_an_iri_a_severity_and_a_message() -> None:
    graph = shapes()
    property_shapes = set(graph.objects(None, URIRef(f"{SH}property")))
    assert property_shapes == set(graph.subjects(RDF.type, URIRef(f"{SH}PropertyShape")))
    for shape in property_shapes:
        assert isinstance(shape, URIRef)
        assert graph.value(shape, URIRef(f"{SH}severity")), shape
        message = str(graph.value(shape, URIRef(f"{SH}message")))
        assert re.fullmatch(r"[A-Z].*[.]", message), message


def test_the_shapes_use_only_terms_of_shacl() -> None:
    """An engine ignores a misspelt sh: term without a message."""
    known = {
        "NodeShape", "PropertyShape", "Violation", "IRI", "Literal", "targetClass", "property", "path", "severity", "message", "minCount",
        "maxCount", "datatype", "class", "node", "nodeKind", "pattern", "in", "or", "hasValue", "uniqueLang", "languageIn",
        "minLength", "maxLength", "minInclusive", "maxInclusive",
    }  # fmt: skip
    used = {str(term).removeprefix(SH) for triple in shapes() for term in triple if str(term).startswith(SH)}
    assert used <= known, used - known


def test_the_shapes_use_only_declared_terms_of_the_ontology() -> None:
    declared = {str(s) for s in Graph().parse(paths.ONTOLOGY / "tutela.ttl", format="turtle").subjects(RDF.type)}
    used = {str(term) for triple in shapes() for term in triple if str(term).startswith(f"{namespaces.BASE}ontology#")}
    assert used
    assert used <= declared, used - declared


@pytest.mark.slow
def test_the_release_conforms_according_to_pyshacl(built: release.Release) -> None:
    data = to_graph(parse_triples((built.folder / "tutela.ttl").read_bytes(), "turtle"))
    graph = Graph().parse(built.folder / "shapes.ttl", format="turtle")
    conforms, _, text = run_pyshacl(data, shacl_graph=graph)
    assert conforms, text


def test_the_readme_lists_every_shape_file() -> None:
    readme = (paths.SHAPES / "README.md").read_text(encoding="utf-8")
    for path in paths.SHAPES.glob("*.ttl"):
        assert f"`{path.name}`" in readme, path.name
