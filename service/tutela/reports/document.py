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


_RIGHT_TO_LEFT = {"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"}


@dataclass(frozen=True)
class Quotation:
    """Words of a source in its language, which writers put in quotation marks.

    Args:
        text: the words.
        language: the tag of their language (BCP 47), or nothing if it is English or not known.

    """

    text: str
    language: str = ""

    @property
    def is_right_to_left(self) -> bool:
        """Whether the language is written from right to left."""
        return self.language.lower().partition("-")[0] in _RIGHT_TO_LEFT


@dataclass(frozen=True)
class LineBreak:
    """The end of a line within a cell of a table."""

    text = "\n"


Part = str | Link | NoteMark | Quotation | LineBreak
Line = str | tuple[Part, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; the title of the report has level 1."""

    line: Line
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
class Tasks:
    """A list of things to do, each with whether it is done."""

    tasks: tuple[tuple[bool, Line], ...]


@dataclass(frozen=True)
class Notes:
    """Numbered notes, which marks refer to."""

    notes: tuple[tuple[str, Line], ...]


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its heading."""

    headings: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]


Block = Heading | Paragraph | Items | Tasks | Notes | Table


@dataclass
class Document:
    """A report: its title, and what follows.

    Args:
        title: the title.
        blocks: what follows.
        is_wide: whether its tables have so many columns that its pages are turned.

    """

    title: str
    blocks: list[Block] = field(default_factory=list)
    is_wide: bool = False

    def add(self, *blocks: Block) -> None:
        """Add blocks at the end."""
        self.blocks.extend(blocks)
