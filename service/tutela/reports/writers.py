"""Reports as Markdown (GitHub Flavored Markdown, for tables) and as a complete HTML document."""

import re
from collections.abc import Callable
from html import escape

from tutela.errors import UsageError
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

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# Characters that begin markup within a line, and those that do so only at its start (GitHub Flavored Markdown, section 2.4).
_MARKUP = re.compile(r"[\\`*_\[\]<>|~]|&(?=#?\w+;)")
_START = re.compile(r"^(\d*)([#+=.)-])")
_SPACE = re.compile(r"\s+")
BOXES = {False: "☐", True: "☑"}
WEB_LINK = re.compile(r"https?://[^\s<>\"]+")

_STYLE = (
    "body{font-family:serif;line-height:1.45;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #999;padding:.3rem .5rem;text-align:left;"
    "vertical-align:top}.tasks{list-style:none;padding-left:0}thead{display:table-header-group}tr{break-inside:avoid}sup{line-height:0}"
)


def write(document: Document, format_name: str) -> str:
    """Return a report as text.

    Args:
        document: the report.
        format_name: one of `FORMATS`.

    Raises:
        UsageError: the format is unknown.

    """
    if format_name not in FORMATS:
        raise UsageError(f"--format {format_name}: a report has one of the formats {', '.join(FORMATS)}.")
    return FORMATS[format_name](document)


def _markdown(document: Document) -> str:
    blocks = [Heading(document.title, 1), *document.blocks]
    return "\n\n".join(map(_markdown_block, blocks)) + "\n"


def _markdown_block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_markdown_line(block.line)}"
        case Paragraph():
            return _markdown_start(block.line)
        case Items():
            return "\n".join(f"- {_markdown_start(line)}" for line in block.lines)
        case Tasks():
            # A task list item (GitHub Flavored Markdown, section 5.3).
            return "\n".join(f"- [{'x' if done else ' '}] {_markdown_line(line)}" for done, line in block.tasks)
        case Notes():
            return "\n\n".join(f"{number.translate(_RAISED)} {_markdown_line(line)}" for number, line in block.notes)
        case Table():
            head = [_markdown_line(cell) for cell in block.headings]
            lines = [head, ["---"] * len(head), *([_markdown_line(cell) for cell in row] for row in block.rows)]
            return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _markdown_start(line: Line) -> str:
    """Return a line that begins no list, heading or quotation, whatever its first character."""
    return _START.sub(r"\1\\\2", _markdown_line(line))


def _markdown_line(line: Line) -> str:
    return "".join(map(_markdown_part, (line,) if isinstance(line, str) else line))


def _markdown_part(part: Part) -> str:
    match part:
        case NoteMark():
            return f" {part.number.translate(_RAISED)}"
        case LineBreak():
            return "<br>"  # the only line break that a table of Markdown can have
        case Link() if WEB_LINK.fullmatch(part.url):
            return f"[{_markdown_part(part.text)}](<{part.url}>)"
        case Link():
            return _markdown_part(part.text)
        case Quotation():
            return f"“{_markdown_part(part.text)}”"
        case _:
            return _MARKUP.sub(r"\\\g<0>", _SPACE.sub(" ", part))


def _html(document: Document) -> str:
    title = escape(document.title)
    head = f'<meta charset="utf-8">\n<title>{title}</title>\n<style>{_STYLE}</style>'
    body = "\n".join(map(_html_block, [Heading(document.title, 1), *document.blocks]))
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'


def _html_block(block: Block) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{_html_line(block.line)}</h{block.level}>"
        case Paragraph():
            return f"<p>{_html_line(block.line)}</p>"
        case Items():
            return "<ul>\n" + "\n".join(f"<li>{_html_line(line)}</li>" for line in block.lines) + "\n</ul>"
        case Tasks():
            tasks = (f"<li>{BOXES[done]} {_html_line(line)}</li>" for done, line in block.tasks)
            return '<ul class="tasks">\n' + "\n".join(tasks) + "\n</ul>"
        case Notes():
            return "\n".join(
                f'<p id="note-{escape(number)}"><sup>{escape(number)}</sup> {_html_line(line)}</p>'
                for number, line in block.notes
            )
        case Table():
            head = "".join(f'<th scope="col">{_html_line(cell)}</th>' for cell in block.headings)
            rows = "\n".join(f"<tr>{_html_row(row)}</tr>" for row in block.rows)
            return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"


def _html_row(row: tuple[Line, ...]) -> str:
    first, *others = map(_html_line, row)
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in others)


def _html_line(line: Line) -> str:
    return "".join(map(_html_part, (line,) if isinstance(line, str) else line))


def _html_part(part: Part) -> str:
    match part:
        case NoteMark():
            return f' <sup><a href="#note-{escape(part.number)}">{escape(part.number)}</a></sup>'
        case LineBreak():
            return "<br>"
        case Link() if WEB_LINK.fullmatch(part.url):
            return f'<a href="{escape(part.url)}">{escape(part.text)}</a>'
        case Link():
            return escape(part.text)
        case Quotation():
            direction = "rtl" if part.is_right_to_left else "ltr"
            language = f' lang="{escape(part.language)}" dir="{direction}"' if part.language else ""
            return f"<q{language}>{escape(part.text)}</q>"
        case _:
            return escape(part)


FORMATS: dict[str, Callable[[Document], str]] = {"markdown": _markdown, "html": _html}
