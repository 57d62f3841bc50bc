"""A validation result, in the same form whether it comes from table metadata, a shape or a check."""

from collections.abc import Iterable
from dataclasses import dataclass

SEVERITIES = ("Violation", "Warning", "Info")
NO_ROW = "no row"  # the location of a resource that no table row describes


@dataclass(frozen=True, order=True)
class ValidationResult:
    """One thing to correct (SHACL, section 3.6).

    Args:
        severity: local name of one of SHACL's three severities (SHACL, section 2.1.4).
        where: file and row, such as ``data/review/observations.csv row 12``; `NO_ROW` if there is none.
        resource: name of the column, or IRI of the resource.
        found: what is wrong.
        expected: what would be right.
        rule: IRI of the shape or check; empty for table metadata.
        value: text of the cell, or of the value that breaks the shape; empty if there is none.
        advice: what to do, as a sentence; empty where `expected` says it.
        path: IRI of the property that breaks the shape; empty if there is none.
        component: IRI of the constraint component (SHACL, section 3.6.2.6); empty for checks and table metadata.
        term: the value as N-Triples; empty if there is none, or if it is a blank node.

    """

    severity: str
    where: str
    resource: str
    found: str
    expected: str
    rule: str = ""
    value: str = ""
    advice: str = ""
    path: str = ""
    component: str = ""
    term: str = ""


def conforms(results: Iterable[ValidationResult]) -> bool:
    """Return whether there is no violation; warnings and information do not fail a build."""
    return not any(result.severity == "Violation" for result in results)
