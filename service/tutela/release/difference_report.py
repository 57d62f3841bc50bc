"""The difference of two releases as text, Markdown, JSON and HTML."""

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict

from tutela.release.difference import Difference, Section, TableChange
from tutela.release.sides import Side

_NOTHING = "No difference."
_RULE = "These follow by rule from the changes above."
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|])")


def _title(difference: Difference) -> str:
    return f"Changes from {_named(difference.a)} to {_named(difference.b)}"


def _named(side: Side) -> str:
    return f"{side.name} ({side.version})"


def _parts(difference: Difference) -> Iterator[tuple[str, str, tuple[Section, ...]]]:
    """Yield the heading, an explanation and the sections of each part that has sections."""
    if difference.facts:
        yield "Facts and readings", "", difference.facts
    if difference.consequences:
        yield "Consequences", _RULE, difference.consequences


def _rows(change: TableChange) -> str:
    counts = ((change.added, "added"), (change.removed, "removed"), (change.changed, "changed"))
    return ", ".join(f"{count} {word}" for count, word in counts if count)


def as_text(difference: Difference) -> str:
    """Return a difference as plain text, one change in each line."""
    lines = [_title(difference)]
    for heading, explanation, sections in _parts(difference):
        lines += ["", heading.upper(), *([explanation] if explanation else [])]
        for section in sections:
            lines += ["", f"{section.title} ({len(section.changes)})"]
            lines += [f"  {change.sentence}" for change in section.changes]
    if difference.tables:
        lines += ["", "ROWS OF TABLES", *(f"  {change.table}: {_rows(change)}" for change in difference.tables)]
    return "\n".join([*lines, *(["", _NOTHING] if difference.is_empty else [])]) + "\n"


def as_markdown(difference: Difference, limit: int | None = None) -> str:
    """Return a difference as Markdown.

    Args:
        difference: the difference.
        limit: how many changes to list in each section; None for all.

    """
    lines = [f"# {_escaped(_title(difference))}", ""]
    for heading, explanation, sections in _parts(difference):
        lines += [f"## {heading}", "", *([explanation, ""] if explanation else [])]
        for section in sections:
            lines += [f"### {section.title} ({len(section.changes)})", ""]
            lines += [f"- {_escaped(change.sentence)}" for change in section.changes[:limit]]
            more = len(section.changes) - len(section.changes[:limit])
            if more:
                command = f"tutela diff {difference.a.name} {difference.b.name}"
                lines.append(f"- and {more} more; `{command}` lists them")
            lines.append("")
    if difference.tables:
        lines += ["## Rows of tables", "", "| table | rows |", "|---|---|"]
        lines += [f"| `{change.table}` | {_rows(change)} |" for change in difference.tables]
    elif difference.is_empty:
        lines.append(_NOTHING)
    return "\n".join(lines).rstrip("\n") + "\n"


def as_json(difference: Difference) -> str:
    """Return a difference as JSON."""
    document = {
        "a": {"name": difference.a.name, "version": difference.a.version},
        "b": {"name": difference.b.name, "version": difference.b.version},
        "facts": [asdict(section) for section in difference.facts],
        "consequences": [asdict(section) for section in difference.consequences],
        "tables": [asdict(change) for change in difference.tables],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_html(difference: Difference) -> str:
    """Return a difference as a page for reviewers, which needs no other file."""
    body = [f"<h1>{html.escape(_title(difference))}</h1>"]
    for heading, explanation, sections in _parts(difference):
        body.append(f"<h2>{heading}</h2>{f'<p>{explanation}</p>' if explanation else ''}")
        for section in sections:
            items = "".join(f'<li class="{one.kind}">{html.escape(one.sentence)}</li>\n' for one in section.changes)
            body.append(f"<details open><summary>{html.escape(section.title)} ({len(section.changes)})</summary>")
            body.append(f"<ul>\n{items}</ul></details>")
    if difference.tables:
        rows = "".join(f"<tr><td>{html.escape(one.table)}</td><td>{_rows(one)}</td></tr>\n" for one in difference.tables)
        body.append(f"<h2>Rows of tables</h2><table><tr><th>Table</th><th>Rows</th></tr>\n{rows}</table>")
    if difference.is_empty:
        body.append(f"<p>{_NOTHING}</p>")
    style = "body{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}summary{font-weight:bold}"
    head = f'<meta charset="utf-8"><title>{html.escape(_title(difference))}</title><style>{style}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n' + "\n".join(body) + "\n</body></html>\n"


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


REPORTS: dict[str, Callable[[Difference], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
    "html": as_html,
}
