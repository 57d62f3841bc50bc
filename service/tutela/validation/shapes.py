"""Shapes: constraints on each resource (SHACL core), checked by pySHACL."""

import warnings
from collections.abc import Mapping, Set

from pyshacl import validate as run_pyshacl
from pyshacl.errors import ConstraintLoadError, ShapeLoadError
from rdflib import RDF, RDFS, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from tutela import namespaces
from tutela.errors import TutelaError
from tutela.tables import Table
from tutela.validation.location import locate
from tutela.validation.result import ValidationResult

_SH = Namespace(namespaces.SH)
_PROV = Namespace(namespaces.PROV)


def check_shapes(
    data: Graph, shapes: Graph, focus: Set[Node] | None = None, tables: Mapping[str, Table] | None = None
) -> list[ValidationResult]:
    """Validate a graph against shapes.

    Args:
        data: the graph, including the resources that it refers to.
        shapes: node shapes with target classes.
        focus: the resources to validate; by default all.
        tables: the tables that the graph was made from, by name; they give the numbers of the rows.

    Raises:
        TutelaError: pySHACL cannot load the shapes.

    """
    targeted = _relevant(data, shapes, focus)
    _list_members(data, targeted)
    _move_targets(data, targeted, focus)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pySHACL uses deprecated names of rdflib
        try:
            _, results, text = run_pyshacl(data, shacl_graph=targeted, inference="none", advanced=False, inplace=True)
        except (ShapeLoadError, ConstraintLoadError) as error:
            raise TutelaError(f"The shapes cannot be loaded: {error}") from error
        except Exception as error:  # such as re.error: pySHACL evaluates a shape without checking it first
            raise TutelaError(f"The shapes cannot be evaluated: {error}") from error
    if not isinstance(results, Graph):
        raise TutelaError(f"The shapes cannot be loaded: {text}")
    # Only results that sh:result refers to: a failure inside a nested shape is reported by the outer one.
    return sorted(_validation_result(data, shapes, results, result, tables or {}) for result in results.objects(None, _SH.result))


def _relevant(data: Graph, shapes: Graph, focus: Set[Node] | None) -> Graph:
    """Return a copy of the shapes that have something to validate, and of all that they refer to.

    pySHACL loads every shape before it looks for its focus nodes, which takes most of the time if the graph is small.
    """
    found: set[Node] = set()
    new = {shape for shape, kind in shapes.subject_objects(_SH.targetClass) if _focus_nodes(data, kind, focus)}
    relevant = Graph()
    while new:
        found |= new
        statements = [statement for shape in new for statement in shapes.triples((shape, None, None))]
        relevant += statements
        new = {value for _, _, value in statements if not isinstance(value, Literal)} - found
    return relevant


def _focus_nodes(data: Graph, kind: Node, focus: Set[Node] | None) -> Set[Node]:
    """Return the instances of a class that are to be validated."""
    nodes = instances(data, kind)
    return nodes if focus is None else nodes & focus


def _move_targets(data: Graph, shapes: Graph, focus: Set[Node] | None) -> None:
    """Move the targets of node shapes to their property shapes, which means the same (SHACL, section 2.1.3).

    pySHACL passes the targets of a node shape to its property shapes one by one, but evaluates the targets of a property
    shape all at once, which takes a third of the time. Its option `focus_nodes` does not help, because it skips what
    `sh:node` requires of a value that is not itself in focus.
    """
    for shape in set(shapes.subjects(_SH.targetClass)):
        targets = {(_SH.targetClass, kind) for kind in shapes.objects(shape, _SH.targetClass)}
        if focus is not None:
            targets = {(_SH.targetNode, node) for _, kind in targets for node in _focus_nodes(data, kind, focus)}
        shapes.remove((shape, _SH.targetClass, None))
        # A shape that another shape refers to must stay complete.
        inner = set() if any(shapes.subjects(None, shape)) else set(shapes.objects(shape, _SH.property))
        for prop in inner:
            shapes.remove((shape, _SH.property, prop))
        for holder in (shape, *inner):
            for target in targets:
                shapes.add((holder, *target))


def _list_members(data: Graph, shapes: Graph) -> None:
    """Replace ``sh:node`` by ``sh:in``, which means the same, where the node shape only asks for one property value.

    pySHACL evaluates a node shape again for each of thousands of values, such as "the concept is in the scheme of criteria",
    which takes two fifths of its time; the nodes with that value are few and can be listed.
    """
    for node_shape in set(shapes.objects(None, _SH.node)):
        conditions = set(shapes.predicate_objects(node_shape)) - {(RDF.type, _SH.NodeShape)}
        if len(conditions) != 1 or next(iter(conditions))[0] != _SH.property:
            continue
        (condition,) = shapes.objects(node_shape, _SH.property)
        path, value = shapes.value(condition, _SH.path), shapes.value(condition, _SH.hasValue)
        constraints = set(shapes.predicates(condition)) - {RDF.type, _SH.severity, _SH.message}
        if constraints != {_SH.path, _SH.hasValue} or not isinstance(path, URIRef) or value is None:
            continue
        members = sorted(data.subjects(path, value), key=str)
        for shape in set(shapes.subjects(_SH.node, node_shape)) if members else ():
            if len(set(shapes.objects(shape, _SH.node))) == 1 and shapes.value(shape, _SH["in"]) is None:
                shapes.remove((shape, _SH.node, node_shape))
                shapes.add((shape, _SH["in"], Collection(shapes, BNode(), list(members)).uri))


def instances(data: Graph, kind: Node) -> set[Node]:
    """Return the SHACL instances of a class, including those of its subclasses (SHACL, section 2.1.3.2)."""
    return {node for one in data.transitive_subjects(RDFS.subClassOf, kind) for node in data.subjects(RDF.type, one)}


def _validation_result(data: Graph, shapes: Graph, results: Graph, result: Node, tables: Mapping[str, Table]) -> ValidationResult:
    focus = results.value(result, _SH.focusNode)
    path = results.value(result, _SH.resultPath)
    value = results.value(result, _SH.value)
    shape = results.value(result, _SH.sourceShape)
    component = str(results.value(result, _SH.sourceConstraintComponent)).removeprefix(namespaces.SH)
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
    severity = str(results.value(result, _SH.resultSeverity)).removeprefix(namespaces.SH)
    where = locate(map(str, data.objects(focus, _PROV.wasDerivedFrom)), tables)
    return ValidationResult(
        severity,
        where,
        namespaces.strip_base(str(focus)),
        found,
        str(expected),
        str(shape),
        value="" if value is None else str(value),
        path=str(path) if isinstance(path, URIRef) else "",
        component=f"{namespaces.SH}{component}",
        term="" if value is None or isinstance(value, BNode) else value.n3(),
    )


def _readable(node: Node | None) -> str:
    if isinstance(node, URIRef):
        text = str(node)
        for prefix, iri in namespaces.PREFIXES.items():
            if text.startswith(iri):
                return f"{prefix}:{text.removeprefix(iri)}"
        return namespaces.strip_base(text)
    return f"'{node}'"
