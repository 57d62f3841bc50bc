"""A SHACL validation report from validation results."""

from collections.abc import Iterable

from rdflib import Graph, Literal, Namespace, URIRef

from tutela import namespaces
from tutela.validation.result import ValidationResult

_SH = Namespace(namespaces.SH)


def shacl_report(results: Iterable[ValidationResult]) -> Graph:
    """Return one SHACL validation report (SHACL, section 3.6) without blank nodes, in the order given."""
    results = list(results)
    graph = Graph()
    report = URIRef(f"{namespaces.VALIDATION}report")
    graph.add((report, URIRef(f"{namespaces.RDF}type"), _SH.ValidationReport))
    graph.add((report, _SH.conforms, Literal(not results)))
    for number, result in enumerate(results, start=1):
        node = URIRef(f"{namespaces.VALIDATION}result/{number}")
        graph.add((report, _SH.result, node))
        graph.add((node, URIRef(f"{namespaces.RDF}type"), _SH.ValidationResult))
        graph.add((node, _SH.resultSeverity, _SH[result.severity]))
        if result.rule:
            resource = result.resource
            graph.add((node, _SH.focusNode, URIRef(resource if ":" in resource else namespaces.BASE + resource)))
            graph.add((node, _SH.sourceShape, URIRef(result.rule)))
        message = f"{result.where}: {result.found}; expected: {result.expected}"
        graph.add((node, _SH.resultMessage, Literal(message, lang="en")))
    return graph
