"""Putting values into the ``VALUES`` blocks of a query.

A parameter of a query is a ``VALUES`` block with an example value, so the file runs unchanged on any engine. Nothing else in
the project writes SPARQL.
"""

import re
from collections.abc import Iterable

from tutela.errors import UsageError

_VALUES = r"(VALUES\s+\?{name}\s*\{{)[^{{}}]*(\}})"
_NOT_IN_IRI = re.compile(r"""[<>"{}|^`\\\x00-\x20]""")


def has_parameter(text: str, name: str) -> bool:
    """Return whether a query has a ``VALUES`` block for a variable."""
    return re.search(_VALUES.format(name=name), text) is not None


def bind(text: str, name: str, term: str) -> str:
    """Return a query with a serialized term in each ``VALUES`` block of a variable."""
    return re.sub(_VALUES.format(name=name), lambda match: f"{match[1]} {term} {match[2]}", text)


def bind_iris(text: str, name: str, iris: Iterable[str]) -> str:
    """Return a query with IRIs in each ``VALUES`` block of a variable.

    Raises:
        UsageError: an IRI contains a character that is not allowed (SPARQL 1.1, rule 139).

    """
    iris = list(iris)
    for iri in iris:
        if _NOT_IN_IRI.search(iri):
            raise UsageError(f"{iri!r} is not a valid IRI.")
    return bind(text, name, " ".join(f"<{iri}>" for iri in iris))
