"""The validation rules in words: the property shapes of each shapes file, and the checks of each folder of queries."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from tutela import namespaces
from tutela.release.snapshot import Snapshot
from tutela.sparql import query_file, rdf
from tutela.sparql.query_file import QueryFile, without_metadata

_SHAPES = f"{namespaces.BASE}shapes#"
_LICENCE = "Licence:"
_KINDS = {
    f"{namespaces.SH}IRI": "an IRI",
    f"{namespaces.SH}Literal": "a literal",
    f"{namespaces.SH}BlankNode": "a blank node",
    f"{namespaces.SH}BlankNodeOrIRI": "an IRI or a blank node",
}
# The constraints with one value that is a number or a text, in words (SHACL, section 4).
_PHRASES = {
    "minLength": "at least {} characters long",
    "maxLength": "at most {} characters long",
    "minInclusive": "at least {}",
    "maxInclusive": "at most {}",
    "pattern": "matches the regular expression {}",
    "hasValue": "one value is {}",
}


@dataclass(frozen=True)
class Rule:
    """A rule on one property.

    Args:
        anchor: its identifier, the end of its IRI.
        message: what it expects, in a sentence.
        severity: Violation, Warning or Info.
        path: the property, in short form.
        constraints: what the values must be, in words.

    """

    anchor: str
    message: str
    severity: str
    path: str
    constraints: tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    """A shape: the classes that it applies to, and its rules. Without a class, other shapes refer to it."""

    anchor: str
    targets: tuple[str, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class ShapesFile:
    """A shapes file.

    Args:
        name: its name without the extension.
        description: what it is about.
        shapes: its shapes.

    """

    name: str
    description: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Check:
    """A check: a query whose rows are violations."""

    anchor: str
    title: str
    severity: str
    file: str
    text: str


def shapes_files(files: Snapshot) -> list[ShapesFile]:
    """Return the shapes files of a release, by name."""
    return [_shapes_file(PurePosixPath(name).stem, files.read_text(name)) for name in files.source("shapes", ".ttl")]


def checks(files: Snapshot) -> dict[str, list[Check]]:
    """Return the checks of a release by folder."""
    found: dict[str, list[Check]] = {}
    for name in files.source("queries/checks", ".rq"):
        query = query_file.parse(Path(name), files.read_text(name))
        found.setdefault(query.folder, []).append(_check(query))
    return dict(sorted(found.items()))


def _check(query: QueryFile) -> Check:
    return Check(
        anchor=f"{namespaces.CHECK}{query.name}".partition("#")[2],
        title=query.title,
        severity=str(query.metadata.get("severity", "Violation")),
        file=f"queries/checks/{query.folder}/{query.path.name}",
        text=without_metadata(query.text).strip(),
    )


@cache
def _shapes_file(name: str, text: str) -> ShapesFile:
    graph = _Graph(rdf.parse_triples(text.encode(), "turtle"))
    first = text.partition("\n")[0]
    description = first.removeprefix("#").partition(_LICENCE)[0].strip() if first.startswith("#") else name
    return ShapesFile(name, description, tuple(graph.shapes()))


class _Graph:
    """The statements of a shapes file."""

    def __init__(self, triples: rdf.Triples) -> None:
        self._values: dict[str, dict[str, list[Any]]] = {}
        for triple in triples:
            self._values.setdefault(str(triple.subject), {}).setdefault(triple.predicate.value, []).append(triple.object)

    def shapes(self) -> Iterator[Shape]:
        """Yield the shapes in the order of the file."""
        for subject, values in self._values.items():
            if f"{namespaces.SH}NodeShape" in (str(one.value) for one in values.get(f"{namespaces.RDF}type", ())):
                rules = (self._rule(str(one)) for one in values.get(f"{namespaces.SH}property", ()))
                targets = (_short(one.value) for one in values.get(f"{namespaces.SH}targetClass", ()))
                yield Shape(_anchor(subject), tuple(sorted(targets)), tuple(rules))

    def _rule(self, subject: str) -> Rule:
        values = self._values[subject]

        def first(name: str) -> str:
            return str(values[f"{namespaces.SH}{name}"][0].value)

        return Rule(
            anchor=_anchor(subject),
            message=first("message"),
            severity=first("severity").removeprefix(namespaces.SH),
            path=_short(first("path")),
            constraints=tuple(self._constraints(values)),
        )

    def _constraints(self, values: Mapping[str, list[Any]]) -> Iterator[str]:
        """Yield what the constraints of a shape require, in words."""
        given = {name.removeprefix(namespaces.SH): found for name, found in values.items() if name.startswith(namespaces.SH)}
        yield from _count(given)
        for one in given.get("datatype", ()):
            yield f"of the datatype {_short(one.value)}"
        for one in given.get("class", ()):
            yield f"an existing {_short(one.value)}"
        for one in given.get("nodeKind", ()):
            yield _KINDS.get(one.value, _short(one.value))
        for one in given.get("node", ()):
            yield f"satisfies {_short(one.value)}"
        for name, phrase in _PHRASES.items():
            yield from (phrase.format(_shown(one)) for one in given.get(name, ()))
        for one in given.get("in", ()):
            yield f"one of {', '.join(_shown(value) for value in self._list(one))}"
        for one in given.get("languageIn", ()):
            yield f"in one of the languages {', '.join(_shown(value) for value in self._list(one))}"
        for one in given.get("or", ()):
            yield " or ".join(" and ".join(self._constraints(self._values[str(option)])) for option in self._list(one))
        if "uniqueLang" in given:
            yield "only one value for each language"

    def _list(self, node: Any) -> Iterator[Any]:
        """Yield the items of an RDF list."""
        while str(node) in self._values:
            values = self._values[str(node)]
            yield values[f"{namespaces.RDF}first"][0]
            node = values[f"{namespaces.RDF}rest"][0]


def _count(given: Mapping[str, list[Any]]) -> Iterator[str]:
    least = given["minCount"][0].value if "minCount" in given else "0"
    most = given["maxCount"][0].value if "maxCount" in given else ""
    if least == most:
        yield f"exactly {least} {'value' if least == '1' else 'values'}"
        return
    if least != "0":
        yield f"at least {least} {'value' if least == '1' else 'values'}"
    if most:
        yield f"at most {most} {'value' if most == '1' else 'values'}"


def _anchor(subject: str) -> str:
    return subject.strip("<>").removeprefix(_SHAPES)


def _shown(term: Any) -> str:
    return _short(term.value) if not hasattr(term, "datatype") else str(term.value)


def _short(iri: str) -> str:
    """Return the short form of an IRI: a prefixed name, or the IRI without the base."""
    if iri.startswith(_SHAPES):
        return iri.removeprefix(_SHAPES)
    for prefix, space in namespaces.PREFIXES.items():
        local = iri.removeprefix(space)
        if iri.startswith(space) and local.replace("-", "").replace("_", "").isalnum():
            return f"{prefix}:{local}"
    return namespaces.strip_base(iri)
