"""Shapes checked in several processes give the results of one process."""

import pytest
from rdflib import Graph

from tests.conftest import TESTS
from tutela import paths
from tutela.errors import TutelaError
from tutela.sparql.rdf import parse_triples
from tutela.sparql.rdflib_graph import to_graph
from tutela.validation.shape_files import shape_triples
from tutela.validation.shape_processes import checking_shapes
from tutela.validation.shapes import check_shapes


@pytest.fixture(scope="module")
def shapes() -> Graph:
    return to_graph(shape_triples(paths.SHAPES))


EXAMPLES = TESTS / "shapes"


def invalid_data() -> Graph:
    examples = [EXAMPLES / "context.ttl", *sorted(EXAMPLES.glob("*/invalid.label.missing.ttl"))]
    return to_graph([triple for path in examples for triple in parse_triples(path.read_bytes(), "turtle")])


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_the_results_do_not_depend_on_the_number_of_processes(shapes: Graph, processes: int) -> None:
    data = invalid_data()
    expected = check_shapes(data, shapes)
    assert len({result.rule for result in expected}) > 5
    with checking_shapes(data, shapes, {}, processes) as results:
        assert results() == expected


@pytest.mark.parametrize("processes", [1, 2])
def test_an_invalid_shape_is_an_error_in_any_process(shapes: Graph, processes: int) -> None:
    broken = Graph()
    broken += shapes
    broken.parse(
        data="""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix tutela: <https://w3id.org/tutela/ontology#> .
        <https://w3id.org/tutela/shapes#NationalLaw-title> sh:pattern "[" .""",
        format="turtle",
    )
    with (
        checking_shapes(invalid_data(), broken, {}, processes) as results,
        pytest.raises(TutelaError, match="The shapes cannot be evaluated"),
    ):
        results()
