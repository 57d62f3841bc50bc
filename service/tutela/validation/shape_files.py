"""The shape files as text. Apart from `shapes`, because pySHACL takes 0.3 s to load."""

from collections import defaultdict
from collections.abc import Set
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from tutela import namespaces, paths
from tutela.errors import TutelaError
from tutela.sparql import rdf
from tutela.sparql.rdf import Triples


def shapes_text(folder: Path = paths.SHAPES) -> str:
    """Return all shape files of a folder as one Turtle document, sorted by name.

    Raises:
        TutelaError: a file cannot be read.

    """
    return "\n".join(_text(path) for path in _files(folder))


def shape_triples(folder: Path) -> Triples:
    """Return the triples of all shape files of a folder.

    Raises:
        TutelaError: a file cannot be read or is not well formed, or there is none.

    """
    triples: list[object] = []
    for path in _files(folder):
        text = _text(path)
        try:
            triples += rdf.parse_triples(text.encode(), "turtle")
        except TutelaError as error:
            raise TutelaError(f"{path}: {error}") from error
    if not triples:
        raise TutelaError(f"{folder}: no shapes found; expected files such as instruments.ttl.")
    return triples


def shapes_of_classes(shapes: Triples, classes: Set[str]) -> Triples:
    """Return the shapes that have one of these classes as a target, with all that they refer to.

    Args:
        shapes: the triples of shapes.
        classes: the IRIs of the classes, with their superclasses.

    """
    statements = defaultdict(list)
    for triple in shapes:
        statements[str(triple.subject)].append(triple)
    target = f"<{namespaces.SH}targetClass>"
    targets = {f"<{iri}>" for iri in classes}
    todo = [str(one.subject) for one in shapes if str(one.predicate) == target and str(one.object) in targets]
    found: dict[str, list[Any]] = {}
    while todo:
        shape = todo.pop()
        if shape not in found:
            found[shape] = statements[shape]
            todo += [str(one.object) for one in found[shape]]
    return [triple for triples in found.values() for triple in triples]


def properties_of_values(shapes: Triples) -> Set[str] | None:
    """Return the properties (IRIs) that shapes read of the values of a resource, and not of the resource; None if any.

    The property shapes of a shape with a target read the resource itself. Other shapes apply to values, such as the one that
    ``sh:node`` refers to (SHACL, section 4.7.1); and ``sh:class`` reads the type.
    """
    paths = {str(one.subject): one.object for one in shapes if one.predicate.value == f"{namespaces.SH}path"}
    targeting = {str(one.subject) for one in shapes if one.predicate.value == f"{namespaces.SH}targetClass"}
    own = set()
    for one in shapes:
        if str(one.subject) in targeting and one.predicate.value == f"{namespaces.SH}property":
            own.add(str(one.object))
    others = {
        str(one.object)
        for one in shapes
        if not (str(one.subject) in targeting and one.predicate.value == f"{namespaces.SH}property")
    }
    if any(one.predicate.value == f"{namespaces.SH}closed" for one in shapes) or targeting & others:
        return None
    read = [path for shape, path in paths.items() if shape not in own or shape in others]
    if not all(isinstance(path, ox.NamedNode) for path in paths.values()):
        return None  # a path of several steps
    return {path.value for path in read} | {f"{namespaces.RDF}type"}


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.ttl"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TutelaError(f"{path}: not readable as UTF-8 text ({error}).") from error
