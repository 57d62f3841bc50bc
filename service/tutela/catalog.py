"""The catalogue: questions that people ask, as query files with typed parameters.

A parameter is a ``VALUES`` block of the query with an example in it, so that the file runs as it stands on any
engine. The catalogue checks each value against the graph and puts it there as a serialised term; nothing
else in this project writes SPARQL.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from tutela import header, names, paths
from tutela.errors import TutelaError, UsageError
from tutela.store import Answer, Store

_VALUES = r"(VALUES\s+\?{name}\s*\{{)[^{{}}]*(\}})"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a question.

    Args:
        name: also that of the variable.
        kind: ``date``, or the name of a file in ``queries/parameters`` that lists what it may be.
        description: what it is.
        example: a value that works.
        default: the value if none is given; None if one must be given.

    """

    name: str
    kind: str
    description: str
    example: str
    default: str | None


@dataclass(frozen=True)
class Question:
    """A question of the catalogue.

    Args:
        file: its query.
        parameters: in the order of its head.
        columns: what each holds.
        rests_on: the classes, as IRIs, of the statements that an answer is made from.

    """

    file: header.QueryFile
    parameters: tuple[Parameter, ...]
    columns: dict[str, str]
    rests_on: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name by which it is asked."""
        return self.file.name

    @property
    def title(self) -> str:
        """The question itself."""
        return self.file.title

    @property
    def summary(self) -> str:
        """What there is to know about its answer; often nothing."""
        return str(self.file.head.get("summary") or "")


@dataclass(frozen=True)
class Choice:
    """A value that a parameter may have: as people write it, as a SPARQL term, and its label."""

    value: str
    term: str
    label: str


class Catalog:
    """The questions of a folder, asked of a store."""

    def __init__(self, store: Store, folder: Path = paths.QUERIES / "catalog") -> None:
        self.store = store
        self.questions = {question.name: question for question in self.listed(folder)}
        self._loaded: dict[tuple[str, str], list[Choice]] = {}

    @staticmethod
    def listed(folder: Path = paths.QUERIES / "catalog") -> list[Question]:
        """Return the questions of a folder, by name; no store is needed for that."""
        return [_question(file) for file in header.read_all(folder)]

    def question(self, name: str) -> Question:
        """Return the question of that name.

        Raises:
            UsageError: there is none; the message names the nearest.

        """
        if name not in self.questions:
            near = _nearest(name, list(self.questions))
            raise UsageError(f"There is no question {name!r} in the catalogue{near}. `tutela queries` lists them.")
        return self.questions[name]

    def ask(self, name: str, values: Mapping[str, str]) -> Answer:
        """Answer a question of the catalogue.

        Args:
            name: the question's.
            values: the text of each parameter given.

        Raises:
            UsageError: a parameter is unknown, missing, or has a value that the graph does not know.

        """
        return self.store.query(self.text(name, values))

    def text(self, name: str, values: Mapping[str, str]) -> str:
        """Return the query that a question is with these parameters, ready for any engine; see `ask`."""
        text = self.question(name).file.text
        for parameter, value in self._given(name, values):
            text = with_value(text, parameter.name, self.term(parameter, value))
        return text

    def resources(self, name: str, values: Mapping[str, str]) -> list[str]:
        """Return the IRIs that a question is asked about with these parameters; see `ask`."""
        given = self._given(name, values)
        return [self.term(parameter, value)[1:-1] for parameter, value in given if parameter.kind != "date"]

    def _given(self, name: str, values: Mapping[str, str]) -> list[tuple[Parameter, str]]:
        question = self.question(name)
        known = {parameter.name for parameter in question.parameters}
        for given in values:
            if given not in known:
                takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
                raise UsageError(f"{name} has no parameter {given!r}{_nearest(given, list(known))}; {takes}.")
        found = []
        for parameter in question.parameters:
            value = values.get(parameter.name, parameter.default)
            if value is None:
                raise UsageError(
                    f"{name} needs the parameter {parameter.name} ({parameter.description}), "
                    f"such as --param {parameter.name}={parameter.example}."
                )
            found.append((parameter, value))
        return found

    def term(self, parameter: Parameter, value: str) -> str:
        """Return the SPARQL term that a value stands for.

        Raises:
            UsageError: the graph knows no such value; the message names the nearest.

        """
        if parameter.kind == "date":
            try:
                return f'"{date.fromisoformat(value).isoformat()}"^^<{names.XSD}date>'
            except ValueError as error:
                message = f"{parameter.name}: {value!r} is not a day; expected YYYY-MM-DD, such as {parameter.example}."
                raise UsageError(message) from error
        choices = self._choices(parameter.kind)
        for choice in choices:
            if choice.value == value:
                return choice.term
        raise UsageError(f"{parameter.name}: there is no {parameter.kind} {value!r}{_nearest_choice(value, choices)}.")

    def choices(self, kind: str) -> list[Choice]:
        """Return what a parameter of a kind may be, in the order of its query; nothing for dates."""
        return [] if kind == "date" else self._choices(kind)

    def _choices(self, kind: str) -> list[Choice]:
        key = self.store.version, kind
        if key not in self._loaded:
            self._loaded[key] = self._load(kind)
        return self._loaded[key]

    def _load(self, kind: str) -> list[Choice]:
        path = paths.QUERIES / "parameters" / f"{kind}.rq"
        if not path.is_file():
            raise TutelaError(f"{path}: there is no such file, yet a question has a parameter of the type {kind!r}.")
        answer = self.store.query(path.read_text(encoding="utf-8"))
        return [Choice(str(value), f"<{term}>", str(label)) for value, term, label in answer.rows()]


def with_value(text: str, name: str, term: str) -> str:
    """Return a query with a serialised term in each ``VALUES`` block of a variable."""
    return re.sub(_VALUES.format(name=name), lambda match: f"{match[1]} {term} {match[2]}", text)


def with_iris(text: str, name: str, iris: Iterable[str]) -> str:
    """Return a query with IRIs in each ``VALUES`` block of a variable.

    Raises:
        UsageError: one has a character that no IRI has (SPARQL 1.1, rule 139).

    """
    iris = list(iris)
    for iri in iris:
        if re.search(r"""[<>"{}|^`\\\x00-\x20]""", iri):
            raise UsageError(f"{iri!r} is not an IRI.")
    return with_value(text, name, " ".join(f"<{iri}>" for iri in iris))


def _question(file: header.QueryFile) -> Question:
    def refuse(why: str) -> TutelaError:
        return TutelaError(f"{file.path}: {why}; see queries/README.md.")

    parameters = []
    for name, spec in (file.head.get("params") or {}).items():
        if not isinstance(spec, dict) or not spec.get("type") or not spec.get("description") or "example" not in spec:
            raise refuse(f"the parameter {name} needs a type, a description and an example")
        if not re.search(_VALUES.format(name=name), file.text):
            raise refuse(f"the parameter {name} has no VALUES block of that name")
        default = spec.get("default")
        parameters.append(
            Parameter(
                name=name,
                kind=str(spec["type"]),
                description=str(spec["description"]),
                example=str(spec["example"]),
                default=None if default is None else str(default),
            )
        )
    columns: Any = file.head.get("columns")
    if not isinstance(columns, dict) or not columns:
        raise refuse("it describes no columns")
    classes = file.head.get("rests_on")
    if not isinstance(classes, list) or not classes:
        raise refuse("it does not say what its answer rests on")
    iris = []
    for name in classes:
        prefix, _, local = str(name).rpartition(":")  # one of ours unless a prefix says otherwise
        space = names.PREFIXES.get(prefix or "tutela")
        if space is None:
            raise refuse(f"the prefix of {name!r} is none of {', '.join(names.PREFIXES)}")
        iris.append(space + local)
    return Question(file, tuple(parameters), {str(k): str(v) for k, v in columns.items()}, tuple(iris))


def _nearest(value: str, known: list[str]) -> str:
    near = get_close_matches(value.lower(), known, n=1, cutoff=0.4)
    return f"; the nearest is {near[0]}" if near else ""


def _nearest_choice(value: str, choices: list[Choice]) -> str:
    by_text: dict[str, Choice] = {}
    for choice in choices:
        by_text.setdefault(choice.label.lower(), choice)
        by_text[choice.value.lower()] = choice
    near = get_close_matches(value.lower(), list(by_text), n=1, cutoff=0.5)
    if near:
        choice = by_text[near[0]]
        return f"; the nearest is {choice.value} ({choice.label})"
    some = ", ".join(choice.value for choice in choices[:8])
    return f"; it is one of {some}{' and others' if len(choices) > 8 else ''}"
