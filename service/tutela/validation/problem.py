"""One thing to correct in the tables, with all that an editor needs to correct it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

LEVELS = ("file", "cell", "reference", "graph")


@dataclass(frozen=True)
class Problem:
    """One thing to correct.

    Args:
        level: `file` (it cannot be read), `cell`, `reference` (to a row of another table) or `graph` (shapes and checks).
        severity: `Violation` or `Warning`; only violations make a build fail.
        table: path of the table, such as `data/review/notes.csv`; empty if the problem is in no table.
        row: number of the row, the heading being row 1; 0 if it is in no row.
        column: name of the column, or of several joined with ` + `; empty if it is in no column.
        value: text of the cell.
        found: what is wrong.
        expected: what would be right, in words.
        advice: what to do; empty where `expected` says it.
        nearest: the nearest valid value; empty if there is none.
        where: all rows that the problem is in, if there are several.
        resource: IRI of the resource, without the base of the project; only of the graph level.
        rule: IRI of the shape or check; only of the graph level.
        is_tidied: whether `tutela tables --tidy` corrects it.
        key: the values of the key of the row.
        key_before: the value that a key had in the last release, if it was changed.
        consequences: problems that are only there because of this one.

    """

    level: str
    severity: str
    table: str
    row: int
    column: str
    value: str
    found: str
    expected: str
    advice: str = ""
    nearest: str = ""
    where: str = ""
    resource: str = ""
    rule: str = ""
    is_tidied: bool = False
    key: tuple[str, ...] = ()
    key_before: str = ""
    consequences: tuple["Problem", ...] = ()

    @property
    def order(self) -> tuple[int, str, int, str, str]:
        """A key that sorts problems by level and place."""
        return (LEVELS.index(self.level), self.table, self.row, self.column, self.found)

    def as_json(self) -> dict[str, Any]:
        """Return the problem for JSON, without what is empty."""
        found = {name: value for name, value in asdict(self).items() if value not in ("", 0, False, ())}
        if self.consequences:
            found["consequences"] = [one.as_json() for one in self.consequences]
        return found


def count(problems: Iterable[Problem], severity: str) -> int:
    """Return how many problems of a severity there are, without their consequences."""
    return sum(problem.severity == severity for problem in problems)
