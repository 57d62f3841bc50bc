"""Reports as text: whatever a cell says stays text, in Markdown and in HTML."""

from html.parser import HTMLParser
from io import BytesIO

import docx
import pytest
from docx.oxml.ns import qn

from tutela.errors import UsageError
from tutela.reports.document import Document, Heading, Items, LineBreak, Link, NoteMark, Notes, Paragraph, Quotation, Table, Tasks
from tutela.reports.docx import write_docx
from tutela.reports.writers import write

ODD = "a|b *c* [d](e) <script> & &amp; `f`\ng_h"


def document() -> Document:
    found = Document(ODD)
    found.add(
        Heading(ODD),
        Paragraph("1. not a list"),
        Items(("# not a heading", (Link(ODD, "https://example.org/a?b=1&c=2"), " ", Link("no link", "javascript:alert(1)")))),
        Table((ODD, "met"), ((ODD, ("no", NoteMark("252"))),)),
        Notes((("252", ODD),)),
    )
    return found


def test_markdown_escapes_markup() -> None:
    text = write(document(), "markdown")
    odd = r"a\|b \*c\* \[d\](e) \<script\> & \&amp; \`f\` g\_h"
    assert text.startswith(f"# {odd}\n\n## {odd}\n\n1\\. not a list\n\n- \\# not a heading\n")
    assert f"- [{odd}](<https://example.org/a?b=1&c=2>) no link\n" in text
    assert f"| {odd} | met |\n| --- | --- |\n| {odd} | no ²⁵² |\n" in text
    assert text.endswith(f"²⁵² {odd}\n")


class _Reader(HTMLParser):
    """Collects the elements and texts of a document, and checks that elements are nested."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_escapes_markup() -> None:
    reader = _Reader()
    reader.feed(write(document(), "html"))
    assert reader.open == []
    assert "script" not in reader.seen
    assert reader.texts.count(ODD) == 6, "title, two headings, link, cell and heading of a table"
    assert 'href="javascript' not in write(document(), "html")


def test_an_unknown_format_is_an_error() -> None:
    with pytest.raises(UsageError, match="--format pdf: a report has one of the formats markdown, html"):
        write(document(), "pdf")


def test_quotations_are_in_their_language() -> None:
    quoting = Document(
        "Q", [Paragraph(("Article 1: ", Quotation("por *cualquier* medio", "es"), Quotation("حيازة", "ar"), Quotation("so", "")))]
    )
    assert write(quoting, "markdown").endswith(r"Article 1: “por \*cualquier\* medio”“حيازة”“so”" + "\n")
    assert '<q lang="es" dir="ltr">por *cualquier* medio</q><q lang="ar" dir="rtl">حيازة</q><q>so</q>' in write(quoting, "html")
    runs = {run.text: run._r for run in docx.Document(BytesIO(write_docx(quoting, "2026-11-25"))).paragraphs[1].runs}
    assert [mark.get(qn("w:val")) for mark in runs["por *cualquier* medio"].iter(qn("w:lang"))] == ["es"]
    assert [mark.get(qn("w:bidi")) for mark in runs["حيازة"].iter(qn("w:lang"))] == ["ar"]
    assert [mark.tag for mark in runs["حيازة"].iter(qn("w:rtl"))], "laid out from right to left"
    assert not list(runs["so"].iter(qn("w:lang")))


def test_a_document_of_word_has_headings_tables_and_links() -> None:
    content = write_docx(document(), "2026-11-25")
    assert content == write_docx(document(), "2026-11-25"), "the same bytes for the same report"
    written = docx.Document(BytesIO(content))
    on_one_line = ODD.replace("\n", " ")
    assert (written.core_properties.title, written.core_properties.language) == (on_one_line, "en-GB")
    assert str(written.core_properties.created).startswith("2026-11-25")
    texts = [(one.style.name if one.style else "", one.text) for one in written.paragraphs if one.text]
    assert texts[:4] == [
        ("Heading 1", on_one_line), ("Heading 2", on_one_line), ("Normal", "1. not a list"), ("List Bullet", "# not a heading"),
    ]  # fmt: skip
    assert texts[-1] == ("Normal", f"252 {on_one_line}")
    [table] = written.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [[on_one_line, "met"], [on_one_line, "no252"]]
    assert len(list(table.rows[0]._tr.iter(qn("w:tblHeader")))) == 1, "headings are repeated on each page"
    links = {link.address: link.text for one in written.paragraphs for link in one.hyperlinks}
    assert links == {"https://example.org/a?b=1&c=2": on_one_line}


def test_tasks_show_what_is_done() -> None:
    listed = Document("T", [Tasks(((True, (Link("a", "https://example.org/"), ": b")), (False, "[c]")))])
    assert write(listed, "markdown").endswith("- [x] [a](<https://example.org/>): b\n- [ ] \\[c\\]\n")
    assert "<li>☑ <a href=" in write(listed, "html")
    written = docx.Document(BytesIO(write_docx(listed, "2026-11-25")))
    assert [one.text for one in written.paragraphs[1:]] == ["☑\ta: b", "☐\t[c]"]


def test_a_document_of_word_takes_any_text() -> None:
    odd = Document("\x00" + "t" * 300, [Paragraph("\x0b\ufffe\ud800"), Items(()), Table(("A", "B"), ())])
    assert docx.Document(BytesIO(write_docx(odd, "2026-11-25"))).paragraphs[1].text.count("\ufffd") == 3


def test_a_cell_can_have_lines_and_a_wide_report_turned_pages() -> None:
    report = Document("Wide", [Table(("a", "b"), (("1", ("x", LineBreak(), "y")),))], is_wide=True)
    assert "| 1 | x<br>y |" in write(report, "markdown")
    assert "<td>x<br>y</td>" in write(report, "html")
    written = docx.Document(BytesIO(write_docx(report, "2026-11-26")))
    assert written.tables[0].cell(1, 1).text == "x\ny"
    width, height = written.sections[0].page_width, written.sections[0].page_height
    assert width is not None and height is not None and width > height


def test_no_word_of_a_heading_is_broken_over_two_lines() -> None:
    rows = (("Legislation specific to child sexual abuse material", "met", "21", "21"),)
    report = Document("Table", [Table(("Criterion, topic or type of obligation", "Finding", "Items that remain", "Items"), rows)])
    columns = docx.Document(BytesIO(write_docx(report, "2026-11-26"))).tables[0].columns
    widths = [column.width.mm for column in columns if column.width]
    assert len(widths) == 4
    assert sum(widths) == pytest.approx(166, abs=1), "the width of the text"
    # "Finding" in bold needs about 16 mm, and the two sides of a cell 4 mm.
    assert widths[1] >= 20
    assert widths[0] > widths[2]
