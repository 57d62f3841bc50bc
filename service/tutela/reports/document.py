"""The parts of a report, which a writer turns into Markdown or HTML."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Link:
    """A link with its text."""

    text: str
    url: str


@dataclass(frozen=True)
class NoteMark:
    """A raised number that refers to a note of the report."""

    number: str


Line = str | tuple[str | Link | NoteMark, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; the title of the report has level 1."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    line: Line


@dataclass(frozen=True)
class Items:
    """A list."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Notes:
    """Numbered notes, which marks refer to."""

    notes: tuple[tuple[str, Line], ...]


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its heading."""

    headings: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]


Block = Heading | Paragraph | Items | Notes | Table


@dataclass
class Document:
    """A report: its title, and what follows."""

    title: str
    blocks: list[Block] = field(default_factory=list)

    def add(self, *blocks: Block) -> None:
        """Add blocks at the end."""
        self.blocks.extend(blocks)
