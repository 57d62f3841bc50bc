"""The W3C test suite for SPARQL 1.1 Query, run with the embedded engine.

A result is serialized as in a response and parsed again. Known differences are listed with their causes; a test fails if the
engine differs from the suite in another case, or no longer differs in a listed one.
"""

import csv
import io
import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Namespace, URIRef

from tests.conformance.solutions import expected_solutions, same_graphs, same_rows, solutions
from tests.conformance.w3c import MF, SUITE, Case, entries
from tests.conftest import SHARED, skip_or_fail
from tutela import paths
from tutela.errors import QueryError
from tutela.sparql.embedded import EmbeddedStore

QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
EVALUATION = ("aggregates", "bind", "bindings", "cast", "construct", "csv-tsv-res", "exists", "functions", "grouping", "json-res", "negation",
              "project-expression", "property-path", "subquery")  # fmt: skip
EVALUATED = {MF.QueryEvaluationTest, MF.CSVResultFormatTest}
SYNTAX = {MF.PositiveSyntaxTest11, MF.NegativeSyntaxTest11}
_ZERO = "a path of length zero connects a term with itself only if the graph contains the term"
_LANGUAGE = "GROUP_CONCAT keeps a language tag that all values share, as in drafts of SPARQL 1.2"
KNOWN_DIFFERENCES = {
    "agg-empty-group-count-graph": "a sub-select within GRAPH ?g is evaluated once over all graphs",
    "agg-groupconcat-04": _LANGUAGE,
    "agg-groupconcat-06": _LANGUAGE,
    "graph": "GRAPH ?g around VALUES leaves ?g unbound",
    "bnode01": "BNODE with the same argument returns the same node in all rows",
    "graph-minus": "the variable of GRAPH counts as shared between both sides of MINUS",
    "tsv03": "types derived from xsd:integer become xsd:integer",
    "zero_or_more_set_end": _ZERO,
    "zero_or_more_set_start": _ZERO,
    "zero_or_one_set_end": _ZERO,
    "zero_or_one_set_start": _ZERO,
}
# An unknown function is an error when the engine parses the query, not when it calls the function.
PARSE_ERRORS = {"test_4"}


def cases(types: set[URIRef]) -> list[Case]:
    if not SUITE.is_dir():
        return []
    return [case for folder in (*EVALUATION, "syntax-query") for case in entries(folder) if type_of(case) in types]


def type_of(case: Case) -> URIRef:
    return case.graph.value(case.entry, URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"))  # type: ignore[return-value]


def path_of(node: object) -> Path:
    return Path(str(node).removeprefix("file://"))


@cache
def disagreement(case: Case) -> str:
    """Return how a result differs from the expected one; empty if it does not."""
    graph = case.graph
    action = graph.value(case.entry, MF.action)
    query = path_of(graph.value(action, QT.query))
    default = [triple for data in graph.objects(action, QT.data) for triple in triples(path_of(data))]
    quads = [
        ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(str(data)))
        for data in graph.objects(action, QT.graphData)
        for triple in triples(path_of(data))
    ]
    # In this suite the default graph is not the union of the named graphs, so it is the engine's own default graph.
    engine = ox.Store()
    engine.bulk_extend([*quads, *(ox.Quad(t.subject, t.predicate, t.object) for t in default)])
    store = EmbeddedStore(engine, default_graph_is_union=False)
    try:
        result = store.query(f"BASE <{query.as_uri()}>\n{query.read_text(encoding='utf-8')}")
    except QueryError as error:
        return str(error)
    expected_file = path_of(graph.value(case.entry, MF.result))
    if result.is_graph:
        actual_triples = {
            ox.Triple(q.subject, q.predicate, q.object) for q in ox.parse(result.serialize("ntriples"), ox.RdfFormat.N_TRIPLES)
        }
        return "" if same_graphs(actual_triples, set(triples(expected_file))) else "the graphs differ"
    if expected_file.suffix == ".csv":
        return "" if same_csv(result.serialize("csv").decode(), expected_file.read_text(encoding="utf-8")) else "the rows differ"
    format_name, parser = (
        ("tsv", ox.QueryResultsFormat.TSV) if expected_file.suffix == ".tsv" else ("json", ox.QueryResultsFormat.JSON)
    )
    actual = solutions(ox.parse_query_results(result.serialize(format_name), parser))
    expected = expected_solutions(expected_file)
    if isinstance(actual, bool) or isinstance(expected, bool):
        return "" if actual is expected else "the booleans differ"
    return "" if same_rows(actual, expected) else "the rows differ"


def triples(path: Path) -> list[ox.Triple]:
    rdf_format = ox.RdfFormat.from_extension(path.suffix.removeprefix("."))
    return [
        ox.Triple(q.subject, q.predicate, q.object) for q in ox.parse(path=str(path), format=rdf_format, base_iri=path.as_uri())
    ]


def same_csv(a: str, b: str) -> bool:
    """Compare SPARQL 1.1 CSV results (section 3), where blank nodes have any names and numbers any lexical form."""

    def read(text: str) -> list[list[tuple[str, str]]]:
        # SELECT * does not define the order of columns.
        return sorted(sorted((name, _cell(str(cell))) for name, cell in row.items()) for row in csv.DictReader(io.StringIO(text)))

    return read(a) == read(b)


def _cell(cell: str) -> str:
    if cell.startswith("_:"):
        return "_:"
    try:
        return str(float(cell)) if re.fullmatch(r"[-+0-9.eE]+", cell) else cell
    except ValueError:
        return cell


@pytest.mark.parametrize("case", cases(EVALUATED), ids=lambda c: str(c.name))
def test_evaluation(case: Case) -> None:
    difference = disagreement(case)
    assert bool(difference) == (case.name in KNOWN_DIFFERENCES), (
        difference or "the engine agrees with the suite now; remove the case from the list"
    )


@pytest.mark.parametrize("case", cases(SYNTAX), ids=lambda c: str(c.name))
def test_syntax(case: Case) -> None:
    text = path_of(case.graph.value(case.entry, MF.action)).read_text(encoding="utf-8")
    try:
        EmbeddedStore(ox.Store()).query(f"BASE <http://example.org/>\n{text}")
        well_formed = True
    except QueryError:
        well_formed = False
    assert well_formed == (type_of(case) == MF.PositiveSyntaxTest11 and case.name not in PARSE_ERRORS)


@pytest.mark.slow
def test_the_documentation_has_the_number_of_passed_tests() -> None:
    if not SUITE.is_dir():
        skip_or_fail(f"the W3C suites are not at {SHARED.name}/suites")
    evaluated = cases(EVALUATED)
    passed = sum(not disagreement(case) for case in evaluated)
    assert passed == len(evaluated) - len(KNOWN_DIFFERENCES)
    text = " ".join((paths.ROOT / "docs" / "conformance.md").read_text(encoding="utf-8").split())
    assert f"{passed} of {len(evaluated)} evaluation tests" in text
    syntax = cases(SYNTAX)
    assert f"{len(syntax) - len(PARSE_ERRORS)} of {len(syntax)} syntax tests" in text
