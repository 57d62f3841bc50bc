"""Validation: shapes for each resource (SHACL, by pySHACL) and checks across the graph (SPARQL).

Both kinds of result come back as `Problem`, and as one SHACL report.
"""

import warnings
from collections.abc import Iterable, Set
from pathlib import Path

from pyshacl import validate as run_pyshacl
from pyshacl.errors import ConstraintLoadError, ShapeLoadError
from rdflib import RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from tutela import header, names, paths
from tutela.errors import TutelaError
from tutela.problems import SEVERITIES, Problem
from tutela.store import Workbench

_SH = Namespace(names.SH)
_PROV = Namespace(names.PROV)


def shapes_text(folder: Path = paths.SHAPES) -> str:
    """Return every shape file of a folder as one Turtle document, in the order of their names."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.ttl")))


def check_shapes(data: Graph, shapes: Graph, focus: Set[Node] | None = None) -> list[Problem]:
    """Validate a graph against shapes.

    Args:
        data: the graph, with whatever its resources refer to.
        shapes: node shapes with target classes.
        focus: the resources to be looked at, if not all.

    Raises:
        TutelaError: pySHACL cannot work with the shapes.

    """
    targeted = _targeted(data, shapes, focus)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of rdflib's own names, inside pySHACL
        try:
            _, results, text = run_pyshacl(data, shacl_graph=targeted, inference="none", advanced=False, inplace=True)
        except (ShapeLoadError, ConstraintLoadError) as error:
            raise TutelaError(f"The shapes cannot be used: {error}") from error
    if not isinstance(results, Graph):
        raise TutelaError(f"The shapes cannot be used: {text}")
    # Those that sh:result names: what failed inside a shape is told by the shape around it.
    return sorted(_problem(data, shapes, results, result) for result in results.objects(None, _SH.result))


def _targeted(data: Graph, shapes: Graph, focus: Set[Node] | None) -> Graph:
    """Return the shapes with each target put on the property shapes themselves (SHACL, section 2.1.3), which means the same.

    pySHACL hands a node shape's targets to its property shapes one by one, and to a property shape's own constraints all
    at once; the whole graph takes a third of the time. Its option `focus_nodes` is no help: it passes over what `sh:node`
    asks of a value that is not itself in focus.
    """
    targeted = Graph()
    targeted += shapes
    for shape in set(shapes.subjects(_SH.targetClass)):
        targets = {(_SH.targetClass, kind) for kind in shapes.objects(shape, _SH.targetClass)}
        if focus is not None:
            targets = {(_SH.targetNode, node) for _, kind in targets for node in _instances(data, kind) & focus}
        targeted.remove((shape, _SH.targetClass, None))
        # A shape that another one names is applied whole to what that one finds.
        inner = set() if any(shapes.subjects(None, shape)) else set(shapes.objects(shape, _SH.property))
        for prop in inner:
            targeted.remove((shape, _SH.property, prop))
        for holder in (shape, *inner):
            for target in targets:
                targeted.add((holder, *target))
    return targeted


def _instances(data: Graph, kind: Node) -> set[Node]:
    """Return the SHACL instances of a class (SHACL, section 2.1.3.2): also those of its subclasses."""
    return {node for one in data.transitive_subjects(RDFS.subClassOf, kind) for node in data.subjects(RDF.type, one)}


def _problem(data: Graph, shapes: Graph, results: Graph, result: Node) -> Problem:
    focus = results.value(result, _SH.focusNode)
    path = results.value(result, _SH.resultPath)
    value = results.value(result, _SH.value)
    shape = results.value(result, _SH.sourceShape)
    component = str(results.value(result, _SH.sourceConstraintComponent)).removeprefix(names.SH)
    prop = f"{_readable(path)}: " if path is not None else ""
    if value is not None:
        found = f"{prop}{_readable(value)}"
    elif component == "MinCountConstraintComponent":
        found = f"{prop}missing"
    elif component == "MaxCountConstraintComponent":
        values = data.objects(focus, path)
        found = prop + " and ".join(sorted(_readable(v) for v in values))
    else:
        found = f"{prop}breaks {component.removesuffix('ConstraintComponent')}"
    expected = shapes.value(shape, _SH.message) or results.value(result, _SH.resultMessage)
    severity = str(results.value(result, _SH.resultSeverity)).removeprefix(names.SH)
    return Problem(severity, _where(data, focus), names.short(str(focus)), found, str(expected), str(shape))


def _where(data: Graph, focus: Node | None) -> str:
    rows = [str(o) for o in data.objects(focus, _PROV.wasDerivedFrom) if str(o).startswith(names.DATA)]
    return "; ".join(names.where(row) for row in sorted(rows)) or "no row"


def _readable(node: Node | None) -> str:
    if isinstance(node, URIRef):
        text = str(node)
        for prefix, iri in names.PREFIXES.items():
            if text.startswith(iri):
                return f"{prefix}:{text.removeprefix(iri)}"
        return names.short(text)
    return f"'{node}'"


def check_queries(bench: Workbench, folder: Path = paths.QUERIES / "checks") -> list[Problem]:
    """Run every check over the merged graph; each row that one returns is a problem.

    A check selects ``?resource ?found`` and, if the rule in its head is not enough, ``?expected``; the rows
    of the tables are looked up from the resource, unless it selects ``?where``.
    """
    rows_of = _rows_of(bench)
    problems = []
    for check in header.read_all(folder):
        severity = str(check.head.get("severity", "Violation"))
        if severity not in SEVERITIES:
            raise TutelaError(f"{check.path}: severity {severity!r}; expected one of {', '.join(SEVERITIES)}.")
        answer = bench.query(check.path)
        columns = answer.columns
        for values in answer.rows():
            row = dict(zip(columns, values, strict=True))
            resource = row["resource"] or ""
            where = row.get("where") or "; ".join(names.where(r) for r in sorted(rows_of.get(resource, ()))) or "no row"
            expected = row.get("expected") or check.title
            rule = f"{names.CHECK}{check.name}"
            problems.append(Problem(severity, where, names.short(resource), row["found"] or "", expected, rule))
    return sorted(problems)


def _rows_of(bench: Workbench) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}
    for resource, row in bench.query(paths.QUERIES / "pages" / "rows.rq").rows():
        rows.setdefault(str(resource), []).append(str(row))
    return rows


def conforms(problems: Iterable[Problem]) -> bool:
    """Return whether nothing is a violation; warnings and information do not fail a build."""
    return not any(problem.severity == "Violation" for problem in problems)


def report(problems: Iterable[Problem]) -> Graph:
    """Return one SHACL validation report (SHACL section 3.6), with IRIs throughout, in the order given."""
    problems = list(problems)
    graph = Graph()
    node = URIRef(f"{names.VALIDATION}report")
    graph.add((node, URIRef(f"{names.RDF}type"), _SH.ValidationReport))
    graph.add((node, _SH.conforms, Literal(not problems)))
    for number, problem in enumerate(problems, start=1):
        result = URIRef(f"{names.VALIDATION}result/{number}")
        graph.add((node, _SH.result, result))
        graph.add((result, URIRef(f"{names.RDF}type"), _SH.ValidationResult))
        graph.add((result, _SH.resultSeverity, _SH[problem.severity]))
        resource = problem.resource
        if problem.rule:
            graph.add((result, _SH.focusNode, URIRef(resource if ":" in resource else names.BASE + resource)))
            graph.add((result, _SH.sourceShape, URIRef(problem.rule)))
        message = f"{problem.where}: {problem.found}; expected: {problem.expected}"
        graph.add((result, _SH.resultMessage, Literal(message, lang="en")))
    return graph
