"""The W3C test suites: their manifests, and how a result of the embedded engine is compared with the expected one.

To run the query tests of a suite, such as a folder of https://github.com/w3c/rdf-tests, and see which fail:

    python -m tests.conformance.w3c FOLDER
"""

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
from rdflib import Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import RDF
from rdflib.term import Node

from tests.conformance.solutions import distinct, expected_solutions, same_graphs, same_rows, solutions
from tests.conftest import SHARED
from tutela.errors import QueryError
from tutela.sparql.embedded import EmbeddedStore
from tutela.sparql.lexer import significant

SUITE = SHARED / "suites" / "sparql11"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
EVALUATED = {MF.QueryEvaluationTest, MF.CSVResultFormatTest}
POSITIVE = {MF.PositiveSyntaxTest, MF.PositiveSyntaxTest11}
SYNTAX = {*POSITIVE, MF.NegativeSyntaxTest, MF.NegativeSyntaxTest11}
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")


class Case(NamedTuple):
    """One entry of a manifest."""

    graph: Graph
    entry: Node

    @property
    def name(self) -> str:
        """The local name of the test."""
        return str(self.entry).rpartition("#")[2]

    @property
    def type(self) -> Node | None:
        """The class of the test."""
        return self.graph.value(self.entry, RDF.type)


def manifest(path: Path) -> Graph:
    return Graph().parse(path, publicID=path.as_uri())


def entries(folder: Path) -> Iterator[Case]:
    graph = manifest(folder / "manifest.ttl")
    for entry_list in graph.objects(None, MF.entries):
        for entry in Collection(graph, entry_list):
            yield Case(graph, entry)


def path_of(node: object) -> Path:
    return Path(str(node).removeprefix("file://"))


@cache
def disagreement(case: Case) -> str:
    """Return how a result differs from the expected one; empty if it does not."""
    graph = case.graph
    action = graph.value(case.entry, MF.action)
    query = path_of(graph.value(action, QT.query))
    default = [triple for data in graph.objects(action, QT.data) for triple in triples(path_of(data))]
    text = query.read_text(encoding="utf-8")
    named = set(graph.objects(action, QT.graphData))
    if not default and not named:  # the dataset is in the query
        named = {
            URIRef((query.parent / token.value).as_uri())
            for token in significant(text)
            if token.kind == "iri" and (query.parent / token.value).is_file()
        }
    quads = [
        ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(str(data)))
        for data in named
        for triple in triples(path_of(data))
    ]
    # In this suite the default graph is not the union of the named graphs, so it is the engine's own default graph.
    engine = ox.Store()
    engine.bulk_extend([*quads, *(ox.Quad(t.subject, t.predicate, t.object) for t in default)])
    store = EmbeddedStore(engine, default_graph_is_union=False)
    try:
        result = store.query(f"BASE <{query.as_uri()}>\n{text}")
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
    if graph.value(case.entry, MF.resultCardinality) == MF.LaxCardinality:  # REDUCED may remove duplicates or not
        return "" if same_rows(distinct(actual), distinct(expected)) and len(actual) <= len(expected) else "the rows differ"
    return "" if same_rows(actual, expected) else "the rows differ"


def triples(path: Path) -> list[ox.Triple]:
    rdf_format = ox.RdfFormat.from_extension(path.suffix.removeprefix("."))
    return [
        ox.Triple(q.subject, q.predicate, q.object)
        for q in ox.parse(path=str(path), format=rdf_format, base_iri=path.as_uri(), rename_blank_nodes=True)
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


def is_well_formed(case: Case) -> bool:
    """Return whether the engine accepts the query of a syntax test; it need not have the functions that the query calls."""
    text = path_of(case.graph.value(case.entry, MF.action)).read_text(encoding="utf-8")
    try:
        EmbeddedStore(ox.Store()).query(f"BASE <http://example.org/>\n{text}")
    except QueryError as error:
        return not str(error).startswith("The query is not well formed")
    return True


def failure(case: Case) -> str:
    """Return why a test fails; empty if it passes."""
    if case.type in EVALUATED:
        return disagreement(case)
    if is_well_formed(case) == (case.type in POSITIVE):
        return ""
    return "rejected" if case.type in POSITIVE else "accepted, although it is not well formed"


def main(root: Path) -> int:
    """Run all tests of the kinds known here in a folder and its subfolders; print the failures and the numbers."""
    counts: Counter[tuple[str, bool]] = Counter()
    for path in sorted(root.resolve().glob("**/manifest.ttl")):
        for case in entries(path.parent):
            if case.type in EVALUATED | SYNTAX:
                reason = failure(case)
                counts["evaluation" if case.type in EVALUATED else "syntax", not reason] += 1
                if reason:
                    print(f"{path.parent.name}/{case.name}: {reason}")
    for kind in ("evaluation", "syntax"):
        print(f"{kind}: {counts[kind, True]} of {counts[kind, True] + counts[kind, False]} pass")
    return int(any(not passed for _, passed in counts))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
