"""Reports as text: whatever a cell says stays text, in Markdown and in HTML."""

from html.parser import HTMLParser

import pytest

from tutela.errors import UsageError
from tutela.reports.document import Document, Heading, Items, Link, NoteMark, Notes, Paragraph, Table
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
