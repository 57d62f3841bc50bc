"""A draft and its consequences in words, for a terminal."""

from collections.abc import Iterator

from tutela.entry.consequences import Consequences
from tutela.entry.draft import Draft
from tutela.validation.corrections import key_text

_LISTED = 20  # changes of one kind that are listed; more are counted


def draft_lines(draft: Draft) -> Iterator[str]:
    """Yield the rows of each table that would be written, the cells that would change, and what was filled in."""
    for table, row in draft.added:
        yield f"New row in {draft.tables[table].location}"
        yield from (f"  {name}: {text}" for name, text in row.items() if text)
    for table, key in draft.removed:
        yield f"Removed from {draft.tables[table].location}: {key_text(key)}"
        yield from (f"  {name}: {text}" for name, text in draft.row(table, key).items() if text)
    for edit in draft.changed:
        old, new = (f"'{text}'" if text else "empty" for text in (edit.old, edit.new))
        yield f"Changed in {draft.tables[edit.table].location}, row {', '.join(edit.key)}"
        yield f"  {edit.column}: {old} to {new}"
    yield from draft.notes


def consequence_lines(found: Consequences) -> Iterator[str]:
    """Yield what an entry changes beyond its rows."""
    if found.unknown:
        yield found.unknown
    elif not (found.facts or found.consequences):
        yield "Nothing else changes: no fact, obligation, gap or count."
    for heading, sections in (("What changes", found.facts), ("What follows by rule", found.consequences)):
        if sections:
            yield heading
        for section in sections:
            yield f"  {section.title} ({len(section.changes)})"
            yield from (f"    {change.sentence}" for change in section.changes[:_LISTED])
            if len(section.changes) > _LISTED:
                yield f"    and {len(section.changes) - _LISTED} more"
    yield from found.losses
    for warning in found.warnings:
        yield f"Unusual: {warning.where or warning.resource}: {warning.found}. Rule: {warning.expected.rstrip('.')}."


def error_lines(found: Consequences) -> list[str]:
    """Return a line for each rule that the entry would break."""
    return [
        f"{error.where or error.resource}: {error.found}. Rule: {error.expected.rstrip('.')}. {error.advice}".strip()
        for error in found.errors
    ]
