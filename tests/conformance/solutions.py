"""Compare query results: rows in any order, blank nodes with any names, numbers by value."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox

XSD = "http://www.w3.org/2001/XMLSchema#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_NUMBER_TYPES = {
    f"{XSD}{kind}": number for kind, number in {"integer": int, "decimal": Decimal, "double": float, "float": float}.items()
}
_FORMATS = {
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".tsv": ox.QueryResultsFormat.TSV,
}
_COUNT, _ROW = ox.NamedNode("test:count"), "test:column:"

Row = dict[str, ox.NamedNode | ox.BlankNode | ox.Literal]
Rows = list[Row]


def expected_solutions(path: Path) -> bool | Rows:
    """Read a result in SPARQL XML, JSON or TSV, or in the result-set vocabulary of the working group."""
    if path.suffix in _FORMATS:
        return solutions(ox.parse_query_results(path=str(path), format=_FORMATS[path.suffix]))
    # rdflib would replace numbers by equal ones.
    graph = ox.Store()
    graph.load(path=str(path), format=ox.RdfFormat.from_extension(path.suffix.removeprefix(".")), base_iri=path.as_uri())

    def values(subject: object, name: str) -> list[object]:
        return [quad.object for quad in graph.quads_for_pattern(subject, ox.NamedNode(f"{RS}{name}"), None)]  # type: ignore[arg-type]

    for truth in values(None, "boolean"):
        return str(getattr(truth, "value", "")) in {"true", "1"}
    return [
        {values(cell, "variable")[0].value: values(cell, "value")[0] for cell in values(row, "binding")}  # type: ignore[attr-defined,misc]
        for row in values(None, "solution")
    ]


def solutions(results: ox.QuerySolutions | ox.QueryBoolean) -> bool | Rows:
    """Return the rows of a result, or its boolean."""
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    names = [variable.value for variable in results.variables]
    return [
        {
            name: value
            for name, value in zip(names, row, strict=True)
            if isinstance(value, ox.NamedNode | ox.BlankNode | ox.Literal)
        }
        for row in results
    ]


def same_rows(a: Rows, b: Rows) -> bool:
    """Compare two results as multisets, up to a renaming of blank nodes."""
    return _dataset(a) == _dataset(b)


def distinct(rows: Rows) -> Rows:
    """Return rows without duplicates."""
    return [dict(row) for row in {frozenset((name, _plain(value)) for name, value in row.items()) for row in rows}]


def same_graphs(a: set[ox.Triple], b: set[ox.Triple]) -> bool:
    """Compare two graphs up to a renaming of blank nodes."""
    return _canonical(ox.Quad(t.subject, t.predicate, _plain(t.object)) for t in a) == _canonical(
        ox.Quad(t.subject, t.predicate, _plain(t.object)) for t in b
    )


def _dataset(rows: Rows) -> ox.Dataset:
    """Return rows as a graph: a node for each distinct row, with its cells and its number of occurrences."""
    counts = Counter(frozenset((name, _plain(value)) for name, value in row.items()) for row in rows)
    quads = []
    for row, count in counts.items():
        node = ox.BlankNode()
        quads.append(ox.Quad(node, _COUNT, ox.Literal(count)))
        quads += [ox.Quad(node, ox.NamedNode(_ROW + name), value) for name, value in row]
    return _canonical(quads)


def _canonical(quads: object) -> ox.Dataset:
    dataset = ox.Dataset(quads)  # type: ignore[arg-type]
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def _plain(term: object) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Return a number or boolean in a canonical lexical form, and any other term unchanged."""
    if isinstance(term, ox.Literal) and term.datatype.value == f"{XSD}boolean":
        return ox.Literal({"0": "false", "1": "true"}.get(term.value, term.value), datatype=term.datatype)
    if isinstance(term, ox.Literal) and term.datatype.value in _NUMBER_TYPES:
        try:
            number = _NUMBER_TYPES[term.datatype.value](term.value)
        except (ValueError, ArithmeticError):
            return term
        if isinstance(number, Decimal):
            number = number.normalize()
        return ox.Literal(str(number), datatype=term.datatype)
    assert isinstance(term, ox.NamedNode | ox.BlankNode | ox.Literal)
    return term
