"""Each shape accepts its valid example and refuses each invalid one, by the very rule the example is named for."""

import re
from functools import cache
from pathlib import Path

import pytest
from pyshacl import validate as run_pyshacl
from rdflib import RDF, Graph, URIRef

from tutela import names, paths, release, validate

EXAMPLES = Path(__file__).parent / "shapes"
SH = names.SH
SHAPE = f"{names.BASE}shapes#"


@cache
def shapes() -> Graph:
    return Graph().parse(data=validate.shapes_text(), format="turtle")


def broken_by(example: Path) -> set[str]:
    """Return the local names of the shapes that an example breaks."""
    data = Graph()
    for path in (EXAMPLES / "context.ttl", example):
        data.parse(path, format="turtle")
    return {problem.rule.removeprefix(SHAPE) for problem in validate.check_shapes(data, shapes())}


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*/valid*.ttl")), ids=lambda p: p.parent.name)
def test_the_valid_example_conforms(example: Path) -> None:
    assert broken_by(example) == set()


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*/invalid.*.ttl")), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_the_invalid_example_breaks_its_rule_and_no_other(example: Path) -> None:
    rule = f"{example.parent.name}-{example.name.split('.')[1]}"
    # A jurisdiction is a concept too, and a name that stands twice breaks the rules of both.
    also = {"Concept-label"} if rule == "Jurisdiction-name" else set()
    assert broken_by(example) - also == {rule}


def test_every_property_shape_has_an_invalid_example() -> None:
    """The shapes In-<scheme> are parts of others, whose examples name a concept outside the scheme."""
    rules = {str(s).removeprefix(SHAPE) for s in shapes().subjects(RDF.type, URIRef(f"{SH}PropertyShape"))}
    shown = {f"{path.parent.name}-{path.name.split('.')[1]}" for path in EXAMPLES.glob("*/invalid.*.ttl")}
    assert {rule for rule in rules if not rule.startswith("In-")} == shown
    parts = {str(s).removeprefix(SHAPE) for s in shapes().objects(None, URIRef(f"{SH}node"))}
    assert {rule.removesuffix("-scheme") for rule in rules if rule.startswith("In-")} <= parts


def test_every_node_shape_has_a_valid_example() -> None:
    targets = {str(s).removeprefix(SHAPE) for s in shapes().subjects(URIRef(f"{SH}targetClass"))}
    assert targets == {path.parent.name for path in EXAMPLES.glob("*/valid.ttl")}


def test_every_property_shape_has_an_iri_a_severity_and_a_message() -> None:
    graph = shapes()
    found = set(graph.objects(None, URIRef(f"{SH}property")))
    assert found == set(graph.subjects(RDF.type, URIRef(f"{SH}PropertyShape")))
    for shape in found:
        assert isinstance(shape, URIRef)
        assert graph.value(shape, URIRef(f"{SH}severity")), shape
        message = str(graph.value(shape, URIRef(f"{SH}message")))
        assert re.fullmatch(r"[A-Z].*[.]", message), message


def test_the_shapes_use_only_terms_that_shacl_has() -> None:
    """A misspelt sh: term would be passed over in silence; pySHACL's own check of shapes is run as well."""
    known = {
        "NodeShape", "PropertyShape", "Violation", "IRI", "targetClass", "property", "path", "severity", "message", "minCount",
        "maxCount", "datatype", "class", "node", "nodeKind", "pattern", "in", "or", "hasValue", "uniqueLang", "languageIn",
        "minLength", "maxLength", "minInclusive", "maxInclusive",
    }  # fmt: skip
    used = {str(term).removeprefix(SH) for triple in shapes() for term in triple if str(term).startswith(SH)}
    assert used <= known, used - known


def test_the_shapes_name_only_terms_of_ours_that_are_declared() -> None:
    declared = {str(s) for s in Graph().parse(paths.ONTOLOGY / "tutela.ttl", format="turtle").subjects(RDF.type)}
    used = {str(term) for triple in shapes() for term in triple if str(term).startswith(f"{names.BASE}ontology#")}
    assert used
    assert used <= declared, used - declared


def test_the_release_conforms_by_pyshacl_alone(built: release.Release) -> None:
    data = Graph().parse(built.folder / "tutela.ttl", format="turtle")
    graph = Graph().parse(built.folder / "shapes.ttl", format="turtle")
    conforms, _, text = run_pyshacl(data, shacl_graph=graph)
    assert conforms, text


def test_a_shape_file_is_named_in_the_readme() -> None:
    readme = (paths.SHAPES / "README.md").read_text(encoding="utf-8")
    for path in paths.SHAPES.glob("*.ttl"):
        assert f"`{path.name}`" in readme, path.name
