"""Shapes that ask for one property value are checked against a list of the nodes that have it, with the same results."""

import pytest
from rdflib import Graph

from tutela.validation.shapes import check_shapes

PREFIXES = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .\n"
SHAPES = """
ex:Finding-criterion sh:path ex:criterion ; sh:node ex:In-criteria ; sh:severity sh:Violation ; sh:message "a criterion"@en .
ex:Finding a sh:NodeShape ; sh:targetClass ex:Finding ; sh:property ex:Finding-criterion .
ex:In-criteria a sh:NodeShape ; sh:property ex:In-criteria-scheme .
ex:In-criteria-scheme sh:path ex:scheme ; sh:hasValue ex:criteria ; sh:message "in the scheme"@en .
"""
ALSO_A_NAME = "ex:In-criteria sh:property [ sh:path ex:name ; sh:minCount 1 ] ."
CONCEPTS = "ex:definition ex:scheme ex:criteria . ex:colour ex:scheme ex:topics .\n"


def found(data: str, shapes: str = SHAPES) -> list[tuple[str, str, str]]:
    graph, rules = (Graph().parse(data=PREFIXES + text, format="turtle") for text in (data, shapes))
    return [(result.resource, result.found, result.expected) for result in check_shapes(graph, rules)]


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (f"{CONCEPTS} ex:f a ex:Finding ; ex:criterion ex:definition .", None),
        (f"{CONCEPTS} ex:f a ex:Finding .", None),
        (f"{CONCEPTS} ex:f a ex:Finding ; ex:criterion ex:colour .", "colour"),
        (f"{CONCEPTS} ex:f a ex:Finding ; ex:criterion ex:definition, ex:missing .", "missing"),
        ("ex:f a ex:Finding ; ex:criterion ex:definition .", "definition"),
    ],
)
def test_only_values_in_the_scheme_conform(data: str, wrong: str | None) -> None:
    expected = wrong and [("http://example.org/f", f"http://example.org/criterion: http://example.org/{wrong}", "a criterion")]
    assert found(data) == (expected or [])


def test_a_shape_with_further_conditions_keeps_them() -> None:
    data = f"{CONCEPTS} ex:f a ex:Finding ; ex:criterion ex:definition ."
    assert len(found(data, SHAPES + ALSO_A_NAME)) == 1
    assert found(f"{data} ex:definition ex:name 'definition' .", SHAPES + ALSO_A_NAME) == []
