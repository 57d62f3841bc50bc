"""Reports as documents of Word (Office Open XML, ECMA-376), with real headings, tables and links.

The same report gives the same bytes: nothing in the file depends on the clock.
"""

import re
from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx as python_docx
from docx.document import Document as DocxDocument
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Length, Mm, Pt, RGBColor
from docx.styles.style import CharacterStyle, ParagraphStyle
from docx.text.paragraph import Paragraph as DocxParagraph
from docx.text.run import Run

from tutela.reports.document import (
    Block,
    Document,
    Heading,
    Items,
    Line,
    LineBreak,
    Link,
    NoteMark,
    Notes,
    Paragraph,
    Part,
    Quotation,
    Table,
    Tasks,
)
from tutela.reports.writers import BOXES, WEB_LINK

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LANGUAGE = "en-GB"
_EAST_ASIAN = {"ja", "ko", "zh"}
_INK = RGBColor(0x1F, 0x1F, 0x1F)
_LINK = RGBColor(0x0B, 0x4F, 0x8A)
# Characters that XML 1.0 does not have (section 2.2); the library refuses them.
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_SPACE = re.compile(r"\s+")
_MARGIN = 22  # millimetres
_NARROW, _WIDE = 10, 50  # characters of the longest text of a column, beyond which its width does not depend on it
_CHARACTER, _PADDING = 2.3, 4.5  # millimetres: a wide character of a heading in bold, and the two sides of a cell
_LONGEST_WORD = 16  # characters of a word that no column breaks
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the first moment that an archive can hold


def write_docx(document: Document, issued: str) -> bytes:
    """Return a report as a document of Word, on A4 pages with their numbers.

    Args:
        document: the report.
        issued: the day that the properties of the file give as its date, YYYY-MM-DD.

    """
    target = python_docx.Document()
    _set_properties(target, document.title, issued)
    _set_page(target, document.title, is_wide=document.is_wide)
    _set_styles(target)
    for block in [Heading(document.title, 1), *document.blocks]:
        _write_block(target, block)
    saved = BytesIO()
    target.save(saved)
    return _without_clock(saved)


def _without_clock(saved: BytesIO) -> bytes:
    """Return an archive again with the same day for each of its files."""
    result = BytesIO()
    with ZipFile(saved) as source, ZipFile(result, "w") as copy:
        for name in source.namelist():
            entry = ZipInfo(name, _FIRST_DAY)
            entry.compress_type = ZIP_DEFLATED
            copy.writestr(entry, source.read(name))
    return result.getvalue()


def _set_properties(target: DocxDocument, title: str, issued: str) -> None:
    properties = target.core_properties
    properties.title = _text(title)[:255]  # the longest that the library accepts
    properties.author = properties.last_modified_by = "Tutela"
    properties.comments = ""
    properties.language = _LANGUAGE
    properties.created = properties.modified = datetime.fromisoformat(issued)
    properties.revision = 1


def _set_page(target: DocxDocument, title: str, *, is_wide: bool) -> None:
    [section] = target.sections
    section.page_width, section.page_height = (Mm(297), Mm(210)) if is_wide else (Mm(210), Mm(297))
    section.orientation = WD_ORIENT.LANDSCAPE if is_wide else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Mm(_MARGIN)
    section.top_margin = section.bottom_margin = Mm(20)
    footer = section.footer.paragraphs[0]
    footer.add_run(f"{_text(title)} · ")
    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), (None, "1"), ("end", "")):
        _field_part(footer.add_run(), kind, text)


def _field_part(run: Run, kind: str | None, text: str) -> None:
    """Add a part of a field: its begin, its instruction, what stands between, or its end."""
    if kind is None:
        run.text = text
    elif kind:
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run._r.append(mark)
    else:
        instruction = OxmlElement("w:instrText")
        instruction.text = text
        run._r.append(instruction)


def _set_styles(target: DocxDocument) -> None:
    styles = target.styles
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), _LANGUAGE)
    normal = styles["Normal"]
    assert isinstance(normal, ParagraphStyle)  # noqa: S101  # the library does not say so in its types
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    normal.paragraph_format.space_after = Pt(5)
    for level, size in ((1, 20), (2, 15), (3, 12), (4, 10.5)):
        # Each style of paragraphs has a linked one of characters, which some programs apply instead.
        for name in (f"Heading {level}", f"Heading {level} Char"):
            heading = styles[name]
            assert isinstance(heading, CharacterStyle)  # noqa: S101  # so is a style of paragraphs
            heading.font.name, heading.font.size, heading.font.color.rgb = "Calibri", Pt(size), _INK
            heading.font.italic = False
            # The theme's font would win over the one that is set.
            fonts = heading.element.rPr.rFonts
            for attribute in [one for one in fonts.attrib if "Theme" in str(one)]:
                del fonts.attrib[attribute]
    link = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    assert isinstance(link, CharacterStyle)  # noqa: S101
    link.font.color.rgb, link.font.underline = _LINK, True


def _write_block(target: DocxDocument, block: Block) -> None:
    match block:
        case Heading():
            _write_line(target.add_paragraph(style=f"Heading {min(block.level, 4)}"), block.line)
        case Paragraph():
            _write_line(target.add_paragraph(), block.line)
        case Items():
            for line in block.lines:
                _write_line(target.add_paragraph(style="List Bullet"), line)
        case Tasks():
            for done, line in block.tasks:
                paragraph = target.add_paragraph(f"{BOXES[done]}\t")
                indent = paragraph.paragraph_format
                indent.left_indent, indent.first_line_indent = Mm(7), Mm(-7)
                _write_line(paragraph, line)
        case Notes():
            for number, line in block.notes:
                paragraph = target.add_paragraph()
                paragraph.add_run(number).font.superscript = True
                paragraph.add_run(" ")
                _write_line(paragraph, line)
        case Table():
            _write_table(target, block)


def _write_table(target: DocxDocument, table: Table) -> None:
    written = target.add_table(rows=0, cols=len(table.headings), style="Table Grid")
    written.autofit = False
    [section] = target.sections
    space = (section.page_width or Mm(210)) - 2 * Mm(_MARGIN)
    widths = _column_widths(table, Length(space).mm)
    for column, width in zip(written.columns, widths, strict=True):
        column.width = Mm(width)
    for number, cells in enumerate((table.headings, *table.rows)):
        row = written.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))  # repeated on each page
        for cell, line, width in zip(row.cells, cells, widths, strict=True):
            cell.width = Mm(width)  # some programs use that of the column, others that of the cell
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(2)
            _write_line(paragraph, line)
            if number == 0:
                for run in paragraph.runs:
                    run.bold = True
    target.add_paragraph()  # otherwise two tables in succession become one


def _column_widths(table: Table, width: float) -> list[float]:
    """Return the widths of the columns in millimetres, by the longest texts within limits; no word of a heading is broken."""
    texts = [[_plain(line) for line in row] for row in (table.headings, *table.rows)]
    longest = [max(map(len, column)) for column in zip(*texts, strict=True)]
    needs = [min(max(length, _NARROW), _WIDE) for length in longest]
    words = [min(max(map(len, heading.split()), default=0), _LONGEST_WORD) for heading in texts[0]]
    least = [word * _CHARACTER + _PADDING for word in words]
    if sum(least) >= width:
        return [width * own / sum(least) for own in least]
    # What the columns have beyond the words of their headings is shared out.
    free = width - sum(least)
    return [own + free * need / sum(needs) for own, need in zip(least, needs, strict=True)]


def _plain(line: Line) -> str:
    parts = (line,) if isinstance(line, str) else line
    return "".join(map(_plain_part, parts))


def _plain_part(part: Part) -> str:
    match part:
        case str():
            return part
        case NoteMark():
            return part.number
        case LineBreak():
            return " "
        case _:
            return part.text


def _write_line(paragraph: DocxParagraph, line: Line) -> None:
    for part in (line,) if isinstance(line, str) else line:
        match part:
            case NoteMark():
                paragraph.add_run(part.number).font.superscript = True
            case LineBreak():
                paragraph.add_run().add_break()
            case Link() if WEB_LINK.fullmatch(part.url):
                _write_link(paragraph, part)
            case Link():
                paragraph.add_run(_text(part.text))
            case Quotation():
                paragraph.add_run("“")
                _set_language(paragraph.add_run(_text(part.text)), part.language)
                paragraph.add_run("”")
            case _:
                paragraph.add_run(_text(part))


def _write_link(paragraph: DocxParagraph, link: Link) -> None:
    relation = paragraph.part.relate_to(link.url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    element: BaseOxmlElement = OxmlElement("w:hyperlink")
    element.set(qn("r:id"), relation)
    run = paragraph.add_run(_text(link.text), style="Hyperlink")
    element.append(run._r)
    paragraph._p.append(element)


def _set_language(run: Run, language: str) -> None:
    """Say in which language a text is, so that it is spelled, read aloud and laid out in it."""
    if not language:
        return
    properties = run._r.get_or_add_rPr()
    is_right_to_left = Quotation("", language).is_right_to_left
    if is_right_to_left:
        properties.append(OxmlElement("w:rtl"))
    mark = OxmlElement("w:lang")
    is_east_asian = language.lower().partition("-")[0] in _EAST_ASIAN
    mark.set(qn("w:bidi" if is_right_to_left else "w:eastAsia" if is_east_asian else "w:val"), language)
    properties.append(mark)


def _text(text: str) -> str:
    """Return a text on one line, without characters that XML does not have."""
    return _SPACE.sub(" ", _NOT_IN_XML.sub("\ufffd", text))
