"""A problem found in the data, told the same way whoever found it: a table's metadata, a shape or a check."""

from dataclasses import dataclass

SEVERITIES = ("Violation", "Warning", "Info")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend.

    Args:
        severity: one of SHACL's three (SHACL section 2.1.4), by its local name.
        where: the file and row, such as ``data/observations.csv row 12``.
        resource: the column, or the IRI of the resource.
        found: what is wrong.
        expected: what would be right.
        rule: the IRI of the shape or check that says so, empty for a table's metadata.

    """

    severity: str
    where: str
    resource: str
    found: str
    expected: str
    rule: str = ""
