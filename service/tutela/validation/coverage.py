"""How much of a user's RDF was validated: a resource to which no shape applies is unknown, and neither valid nor invalid."""

from collections.abc import Iterator, Set
from dataclasses import dataclass

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.term import Node

from tutela import namespaces
from tutela.validation.nearest_value import nearest_text
from tutela.validation.result import NO_ROW, ValidationResult
from tutela.validation.shapes import instances

NO_SHAPE = f"{namespaces.VALIDATION}NoShapeConstraintComponent"
_MISSPELT = 85  # of 100; ConceptScheme is no misspelling of Concept
_SH = Namespace(namespaces.SH)


@dataclass(frozen=True)
class Coverage:
    """What was validated.

    Args:
        resources: how many resources a shape applies to.
        rows: how many rows of tables were checked.
        unknown: a result for each resource that no shape applies to, sorted.

    """

    resources: int = 0
    rows: int = 0
    unknown: tuple[ValidationResult, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was validated."""
        return not self.resources and not self.rows

    @property
    def sentence(self) -> str:
        """What was checked, as a sentence."""
        rows = [_number(self.rows, "row")] if self.rows else []
        resources = [_number(self.resources, "resource")] if self.resources or not rows else []
        checked = " and ".join([*rows, *resources])
        verb = "was" if self.resources + self.rows == 1 else "were"
        unknown = f"; no shape applies to {len(self.unknown):,} more" if self.unknown else ""
        return f"{checked} {verb} checked{unknown}."


def coverage(data: Graph, shapes: Graph, focus: Set[Node]) -> Coverage:
    """Return to which of some resources shapes apply.

    Args:
        data: the graph.
        shapes: the shapes.
        focus: the resources.

    """
    classes = set(shapes.objects(None, _SH.targetClass))
    checked = {node for kind in classes for node in instances(data, kind)} & focus
    names = {str(kind) for kind in classes}
    return Coverage(len(checked), 0, tuple(_unknown(data, node, names) for node in sorted(focus - checked, key=str)))


def _number(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def _unknown(data: Graph, node: Node, classes: Set[str]) -> ValidationResult:
    types = sorted(str(kind) for kind in data.objects(node, RDF.type))
    found = f"no shape applies to it; its type is {', '.join(types)}" if types else "no shape applies to it; it has no type"
    near = next(_nearest(types, classes), "")
    name = namespaces.strip_base(str(node)) if isinstance(node, URIRef) else f"_:{node}"
    advice = f"The nearest type with a shape is {near}." if near else ""
    expected = "a resource of a type that a shape applies to; this one was not checked"
    return ValidationResult("Info", NO_ROW, name, found, expected, advice=advice, component=NO_SHAPE)


def _nearest(types: list[str], classes: Set[str]) -> Iterator[str]:
    """Yield the class that each type may be a misspelling of."""
    for kind in types:
        namespace, separator, name = kind.rpartition("#")
        names = {one.rpartition("#")[2] for one in classes if one.startswith(f"{namespace}{separator}")}
        if near := nearest_text(name, names, _MISSPELT):
            yield f"{namespace}{separator}{near}"
