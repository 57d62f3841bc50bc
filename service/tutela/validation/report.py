"""A SHACL validation report from validation results."""

import re
from collections.abc import Iterable

from rdflib import RDFS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node
from rdflib.util import from_n3

from tutela import namespaces
from tutela.validation.coverage import Coverage
from tutela.validation.result import NO_ROW, ValidationResult

_SH = Namespace(namespaces.SH)
_TUTELA = Namespace(f"{namespaces.BASE}ontology#")
_ROW = re.compile(r"data/[^/\s]+/([^/\s]+\.csv) row (\d+)")
# Of table metadata, which is no SHACL: SHACL allows other components (section 6).
_CELL_COMPONENT = URIRef(f"{namespaces.VALIDATION}TableMetadataConstraintComponent")


def shacl_report(results: Iterable[ValidationResult], covered: Coverage | None = None) -> Graph:
    """Return one SHACL validation report (SHACL, section 3.6) without blank nodes, in the order given.

    Args:
        results: the results.
        covered: what was validated, for the report of a user's files.

    """
    results = list(results)
    graph = Graph()
    report = URIRef(f"{namespaces.VALIDATION}report")
    graph.add((report, URIRef(f"{namespaces.RDF}type"), _SH.ValidationReport))
    graph.add((report, _SH.conforms, Literal(not results)))
    if covered is not None:
        graph.add((report, RDFS.comment, Literal(covered.sentence, lang="en")))
        graph.add((report, _TUTELA.checkedResources, Literal(covered.resources)))
        for one in covered.unknown:
            if not one.resource.startswith("_:"):
                graph.add((report, _TUTELA.unknownResource, URIRef(namespaces.with_base(one.resource))))
    for number, result in enumerate(results, start=1):
        node = URIRef(f"{namespaces.VALIDATION}result/{number}")
        graph.add((report, _SH.result, node))
        graph.add((node, URIRef(f"{namespaces.RDF}type"), _SH.ValidationResult))
        graph.add((node, _SH.resultSeverity, _SH[result.severity]))
        graph.add((node, _SH.sourceConstraintComponent, _component(result)))
        graph.add((node, _SH.focusNode, _focus(result)))
        if result.rule:
            graph.add((node, _SH.sourceShape, URIRef(result.rule)))
        if path := _path(result):
            graph.add((node, _SH.resultPath, path))
        if result.term:
            graph.add((node, _SH.value, _term(result.term)))
        elif result.value and not result.component:
            graph.add((node, _SH.value, Literal(result.value)))  # the text of a cell
        message = f"{result.where}: {result.found}; expected: {result.expected}"
        graph.add((node, _SH.resultMessage, Literal(message, lang="en")))
    return graph


def _term(text: str) -> Node:
    term = from_n3(text)
    return term if isinstance(term, Node) else Literal(text)


def _component(result: ValidationResult) -> URIRef:
    if result.component:
        return URIRef(result.component)
    return _SH.SPARQLConstraintComponent if result.rule else _CELL_COMPONENT


def _focus(result: ValidationResult) -> URIRef:
    """Return the resource, or for table metadata the row (RFC 7111, section 2.1)."""
    row = None if result.rule or result.component else _ROW.search(result.where)
    return URIRef(f"{namespaces.DATA}{row[1]}#row={row[2]}" if row else namespaces.with_base(result.resource))


def _path(result: ValidationResult) -> URIRef | None:
    """Return the property, or for table metadata the column."""
    if result.path:
        return URIRef(result.path)
    row = None if result.rule or result.component or result.where == NO_ROW else _ROW.search(result.where)
    is_column = row is not None and re.fullmatch(r"\w+", result.resource) is not None
    return URIRef(namespaces.column_iri(row[1].removesuffix(".csv"), result.resource)) if row and is_column else None
