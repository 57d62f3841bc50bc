"""Jurisdictions side by side: rows are questions, columns are jurisdictions; see `comparison_rows`.

The page and every export are written from these rows, so they show the same. Dates in texts stay as in the data (ISO 8601).
"""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field

from tutela.reports.document import Link, Quotation
from tutela.web.rendering import ResultTable, Row


@dataclass(frozen=True)
class Term:
    """A concept by its label. The page explains it where it stands, and documents explain it at their end.

    Args:
        name: the end of its IRI, such as ``confidence/listed``.
        label: what to call it.
        definition: what it means.

    """

    name: str
    label: str
    definition: str


Part = str | Link | Quotation | Term


@dataclass(frozen=True)
class Item:
    """A line of a cell or heading.

    Args:
        parts: its words; the URL of a link is the path of a page below the root path, or an address on the Web.
        style: ``met``, ``unmet`` or ``silent`` for a finding, ``detail`` for small print, otherwise empty.

    """

    parts: tuple[Part, ...]
    style: str = ""


@dataclass(frozen=True)
class Cell:
    """What there is for one jurisdiction.

    Args:
        items: its lines.
        key: decides whether cells differ.
        label: the answer in a few words, to count equal ones; empty if it has none.
        further: groups of lines that the page shows on demand, and files after the others.

    """

    items: tuple[Item, ...]
    key: Hashable
    label: str = ""
    further: tuple[tuple[Item, ...], ...] = ()

    @property
    def all_items(self) -> tuple[Item, ...]:
        """All its lines."""
        return (*self.items, *(item for group in self.further for item in group))


@dataclass(frozen=True)
class ComparisonRow:
    """A question, with a cell for each jurisdiction."""

    heading: tuple[Item, ...]
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        """Whether any two jurisdictions differ."""
        return len({cell.key for cell in self.cells}) > 1

    @property
    def difference(self) -> str:
        """How they differ, such as "Differs: 2 met, 1 not met"; empty if they do not."""
        if not self.differs:
            return ""
        counts = Counter(cell.label for cell in self.cells)
        if len(self.cells) == 2 or "" in counts or len(counts) == 1:
            return "Differs"
        separator = "; " if any("," in label for label in counts) else ", "
        return f"Differs: {separator.join(f'{count} {label}' for label, count in counts.most_common())}"


@dataclass(frozen=True)
class ComparisonSection:
    """Rows about one subject."""

    heading: str
    rows: tuple[ComparisonRow, ...]


@dataclass(frozen=True)
class ComparedJurisdiction:
    """A jurisdiction, with the answers of the catalogue queries about it."""

    row: Row
    card: ResultTable
    bound: ResultTable
    unmet: ResultTable
    discrepancies: ResultTable
    grounds: ResultTable

    @property
    def code(self) -> str:
        """Its code."""
        return self.row["code"]

    @property
    def name(self) -> str:
        """Its name in the review."""
        return self.row["name"]


@dataclass(frozen=True)
class Comparison:
    """Two or more jurisdictions side by side.

    Args:
        jurisdictions: the jurisdictions, in the order of the columns.
        as_of: the date of the participation status, YYYY-MM-DD.
        sections: all rows.
        only_differences: whether rows without a difference are left out.

    """

    jurisdictions: tuple[ComparedJurisdiction, ...]
    as_of: str
    sections: tuple[ComparisonSection, ...] = ()
    only_differences: bool = False
    names: list[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", [one.name for one in self.jurisdictions])

    @property
    def rows(self) -> list[ComparisonRow]:
        """All rows."""
        return [row for section in self.sections for row in section.rows]

    @property
    def shown(self) -> list[ComparisonSection]:
        """The sections and rows to show."""
        found = [
            ComparisonSection(section.heading, tuple(row for row in section.rows if row.differs or not self.only_differences))
            for section in self.sections
        ]
        return [section for section in found if section.rows]

    @property
    def terms(self) -> list[Term]:
        """The terms in the rows to show, once each, by label."""
        rows = [row for section in self.shown for row in section.rows]
        items = (item for row in rows for cell in row.cells for item in cell.all_items)
        found = {part for item in items for part in item.parts if isinstance(part, Term)}
        return sorted(found, key=lambda term: term.label)
