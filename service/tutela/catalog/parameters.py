"""Parameters of catalogue queries, and the values that they accept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from tutela import namespaces
from tutela.errors import UsageError

_MAX_SHOWN = 60  # characters of a value in a message
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)  # Python's own parser accepts other forms of ISO 8601 too
DATE = "date"  # the only type whose values are not listed by a query
RELEASE_DATE = "release-date"  # a value of this type, which stands for the date of the release
EDITION = "edition"  # a type whose values are the numbers of the editions
CURRENT_EDITION = "current-edition"  # a value of this type, which stands for the latest published edition


@dataclass(frozen=True)
class Parameter:
    """A parameter of a catalogue query.

    Args:
        name: its name, which is also that of the variable.
        type: `DATE`, or the name of a file in ``queries/parameters`` that lists its values.
        description: what it means.
        example: a valid value.
        default: the value if none is given; None if the parameter is required; see `Catalog.default`.

    """

    name: str
    type: str
    description: str
    example: str
    default: str | None


@dataclass(frozen=True)
class ParameterValue:
    """A value of a parameter: as people write it, as a SPARQL term, and its label."""

    value: str
    term: str
    label: str

    @property
    def iri(self) -> str:
        """The term without angle brackets."""
        return self.term.strip("<>")


def date_term(parameter: Parameter, value: str, latest: str) -> str:
    """Return a date as a SPARQL term.

    Args:
        parameter: the parameter.
        value: the date, or `RELEASE_DATE`.
        latest: the date of the release; empty if the graph does not state it.

    Raises:
        UsageError: the value is not a date, or after the release.

    """
    value = latest if latest and value == RELEASE_DATE else value
    try:
        if not _DATE.fullmatch(value):
            raise ValueError
        day = date.fromisoformat(value).isoformat()
    except ValueError as error:
        message = f"{parameter.name}: {_shown(value)} is not a date; expected YYYY-MM-DD, such as {parameter.example}."
        raise UsageError(message) from error
    if latest and day > latest:
        raise UsageError(f"{parameter.name}: {day} is after the release of {latest}; choose that date or an earlier one.")
    return f'"{day}"^^<{namespaces.XSD}date>'


def listed_term(parameter: Parameter, value: str, allowed: Sequence[ParameterValue]) -> str:
    """Return a listed value as a SPARQL term.

    Raises:
        UsageError: the value is not allowed; the message suggests the nearest.

    """
    for one in allowed:
        if one.value == value:
            return one.term
    raise UsageError(f"{parameter.name}: there is no {parameter.type} {_shown(value)}{_nearest_value(value, allowed)}.")


def nearest(value: str, known: list[str]) -> str:
    """Return a suggestion for an error message; empty if nothing is similar."""
    near = get_close_matches(value.lower(), known, n=1, cutoff=0.4)
    return f"; the nearest is {near[0]}" if near else ""


def _shown(value: str) -> str:
    return repr(value if len(value) <= _MAX_SHOWN else f"{value[:_MAX_SHOWN]}...")


def _nearest_value(value: str, allowed: Sequence[ParameterValue]) -> str:
    by_text: dict[str, ParameterValue] = {}
    for one in allowed:
        by_text.setdefault(one.label.lower(), one)
        by_text[one.value.lower()] = one
    near = get_close_matches(value.lower(), list(by_text), n=1, cutoff=0.5)
    if near:
        found = by_text[near[0]]
        return f"; the nearest is {found.value} ({found.label})"
    some = ", ".join(one.value for one in allowed[:8])
    return f"; it is one of {some}{' and others' if len(allowed) > 8 else ''}"
