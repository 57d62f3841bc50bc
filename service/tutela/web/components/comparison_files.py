"""A comparison as a file: exactly the rows, words and order of the page."""

import csv
from collections.abc import Iterable
from io import StringIO

from tutela.reports.document import Block, Document, Heading, Line, LineBreak, Link, Paragraph, Quotation, Table
from tutela.reports.document import Part as DocumentPart
from tutela.reports.languages import language_name
from tutela.reports.words import capitalised, with_long_dates
from tutela.web.components.comparison import Comparison, ComparisonRow, Item, Part, Term

_WIDE = 3  # more jurisdictions than this need wide pages


def comparison_csv(comparison: Comparison) -> str:
    """Return the rows as CSV (RFC 4180): section, question, difference, and a column for each jurisdiction."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["section", "question", "difference", *comparison.names])
    for section in comparison.shown:
        for row in section.rows:
            cells = [_plain(cell.all_items) for cell in row.cells]
            writer.writerow([section.heading, _plain(row.heading), row.difference, *cells])
    return text.getvalue()


def comparison_document(comparison: Comparison, title: str, introduction: Iterable[Line], base: str) -> Document:
    """Return the comparison as a document.

    Args:
        comparison: the comparison.
        title: the title.
        introduction: paragraphs with dates and sources, before the tables.
        base: the URL of the start page, which ends in a slash, for links.

    """
    blocks: list[Block] = [Paragraph(line) for line in introduction]
    for section in comparison.shown:
        rows = tuple(_table_row(row, base) for row in section.rows)
        blocks += [Heading(section.heading), Table(("Question", *comparison.names), rows)]
    if comparison.terms:
        blocks.append(Heading("Terms"))
        blocks += [Paragraph(f"{capitalised(term.label)}: {term.definition}") for term in comparison.terms]
    return Document(title, blocks, is_wide=len(comparison.names) > _WIDE)


def _table_row(row: ComparisonRow, base: str) -> tuple[Line, ...]:
    heading = (*row.heading, Item((row.difference,))) if row.differs else row.heading
    return (_line(heading, base), *(_line(cell.all_items, base) for cell in row.cells))


def _line(items: Iterable[Item], base: str) -> Line:
    parts: list[DocumentPart] = []
    for item in items:
        parts += [LineBreak()] if parts else []
        for part in item.parts:
            parts += _parts(part, base)
    return tuple(parts)


def _parts(part: Part, base: str) -> tuple[DocumentPart, ...]:
    match part:
        case Link():
            return (Link(part.text, base + part.url[1:] if part.url.startswith("/") else part.url),)
        case Quotation():
            return part, f" ({language_name(part.language)})"
        case Term():
            return (part.label,)
        case str():
            return (with_long_dates(part),)


def _plain(items: Iterable[Item]) -> str:
    return "\n".join("".join(map(_plain_part, item.parts)) for item in items)


def _plain_part(part: Part) -> str:
    match part:
        case Link():
            return part.text
        case Quotation():
            return f"“{part.text}” ({language_name(part.language)})"
        case Term():
            return part.label
        case str():
            return with_long_dates(part)
