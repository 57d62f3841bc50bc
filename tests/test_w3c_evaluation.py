"""The tests of the W3C for SPARQL 1.1 Query, run through the engine of the endpoint.

An answer is serialised as the endpoint does it and read back. Those in which the engine differs are named here with the
cause; if it comes to agree, or to differ elsewhere, these tests fail.
"""

import csv
import io
import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Namespace, URIRef

from tests.conftest import SHARED, lacking
from tests.solutions import expected_solutions, same_graphs, same_rows, solutions
from tests.w3c import MF, SUITE, Case, entries
from tutela import paths
from tutela.store import EmbeddedStore, QueryError

QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
EVALUATION = ("aggregates", "bind", "bindings", "cast", "construct", "csv-tsv-res", "exists", "functions", "grouping", "json-res", "negation",
              "project-expression", "property-path", "subquery")  # fmt: skip
EVALUATED = {MF.QueryEvaluationTest, MF.CSVResultFormatTest}
WELL_OR_ILL_FORMED = {MF.PositiveSyntaxTest11, MF.NegativeSyntaxTest11}
_ZERO = "a path of no length leads from a term to itself only if the graph has the term"
_LANGUAGE = "GROUP_CONCAT keeps a language that all its values share, as drafts of SPARQL 1.2 have it"
DIFFERING = {
    "agg-empty-group-count-graph": "a sub-select within GRAPH ?g is evaluated once over all graphs",
    "agg-groupconcat-04": _LANGUAGE,
    "agg-groupconcat-06": _LANGUAGE,
    "graph": "GRAPH ?g around VALUES leaves ?g unbound",
    "bnode01": "BNODE of one text is one node in all rows",
    "graph-minus": "the variable of GRAPH counts as shared by both sides of MINUS",
    "tsv03": "types derived from xsd:integer become xsd:integer",
    "zero_or_more_set_end": _ZERO,
    "zero_or_more_set_start": _ZERO,
    "zero_or_one_set_end": _ZERO,
    "zero_or_one_set_start": _ZERO,
}
# A function that the engine does not know is an error when it is parsed, not when it is called.
UNPARSED = {"test_4"}


def cases(kinds: set[URIRef]) -> list[Case]:
    if not SUITE.is_dir():
        return []
    return [case for folder in (*EVALUATION, "syntax-query") for case in entries(folder) if kind(case) in kinds]


def kind(case: Case) -> URIRef:
    return case.graph.value(case.entry, URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"))  # type: ignore[return-value]


def path_of(node: object) -> Path:
    return Path(str(node).removeprefix("file://"))


@cache
def agrees(case: Case) -> str:
    """Return nothing if the answer is the expected one, else what is wrong."""
    graph = case.graph
    action = graph.value(case.entry, MF.action)
    query = path_of(graph.value(action, QT.query))
    default = [triple for data in graph.objects(action, QT.data) for triple in triples(path_of(data))]
    quads = [
        ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(str(data)))
        for data in graph.objects(action, QT.graphData)
        for triple in triples(path_of(data))
    ]
    store = EmbeddedStore(quads, default=default)
    try:
        answer = store.query(f"BASE <{query.as_uri()}>\n{query.read_text(encoding='utf-8')}")
    except QueryError as error:
        return str(error)
    result = path_of(graph.value(case.entry, MF.result))
    if answer.is_graph:
        found = {
            ox.Triple(q.subject, q.predicate, q.object) for q in ox.parse(answer.serialize("ntriples"), ox.RdfFormat.N_TRIPLES)
        }
        return "" if same_graphs(found, set(triples(result))) else "another graph"
    if result.suffix == ".csv":
        return "" if same_csv(answer.serialize("csv").decode(), result.read_text(encoding="utf-8")) else "other rows"
    form, parser = ("tsv", ox.QueryResultsFormat.TSV) if result.suffix == ".tsv" else ("json", ox.QueryResultsFormat.JSON)
    got = solutions(ox.parse_query_results(answer.serialize(form), parser))
    expected = expected_solutions(result)
    if isinstance(got, bool) or isinstance(expected, bool):
        return "" if got is expected else "another truth value"
    return "" if same_rows(got, expected) else "other rows"


def triples(path: Path) -> list[ox.Triple]:
    form = ox.RdfFormat.from_extension(path.suffix.removeprefix("."))
    return [ox.Triple(q.subject, q.predicate, q.object) for q in ox.parse(path=str(path), format=form, base_iri=path.as_uri())]


def same_csv(a: str, b: str) -> bool:
    """Compare as SPARQL 1.1 CSV results (section 3): blank nodes have any name; numbers may be written otherwise."""

    def read(text: str) -> list[list[tuple[str, str]]]:
        # SELECT * leaves the order of columns open.
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
    wrong = agrees(case)
    assert bool(wrong) == (case.name in DIFFERING), wrong or "the engine agrees now; take the case from the list"


@pytest.mark.parametrize("case", cases(WELL_OR_ILL_FORMED), ids=lambda c: str(c.name))
def test_syntax(case: Case) -> None:
    text = path_of(case.graph.value(case.entry, MF.action)).read_text(encoding="utf-8")
    try:
        EmbeddedStore([]).query(f"BASE <http://example.org/>\n{text}")
        well_formed = True
    except QueryError:
        well_formed = False
    assert well_formed == (kind(case) == MF.PositiveSyntaxTest11 and case.name not in UNPARSED)


def test_the_readme_tells_how_many_pass() -> None:
    if not SUITE.is_dir():
        lacking(f"the W3C suites are not at {SHARED.name}/suites")
    run = cases(EVALUATED)
    passed = sum(not agrees(case) for case in run)
    assert passed == len(run) - len(DIFFERING)
    readme = " ".join((paths.ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"{passed} of {len(run)} evaluation tests" in readme
    syntax = cases(WELL_OR_ILL_FORMED)
    assert f"{len(syntax) - len(UNPARSED)} of {len(syntax)} syntax tests" in readme
