"""The difference of two releases in legal terms.

``queries/diff/`` says what is compared: each query selects ``?key ?subject ?value``, and its metadata has a sentence for a row
that was added, removed or changed. ``facts/`` are what sources say and what we read; ``consequences/`` follow by rule.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from tutela import paths
from tutela.release.sides import Side
from tutela.sparql import query_file
from tutela.sparql.query_file import QueryFile
from tutela.tables.compare import compare

_SENTENCES = {
    "added": "{subject}: {value} (added)",
    "removed": "{subject}: {value} (removed)",
    "changed": "{subject}: {before} to {value}",
}
_DAY = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")


@dataclass(frozen=True)
class Correction:
    """A correction that explains a change: its date (YYYY-MM-DD), the title of its source, and its reason."""

    date: str
    source: str
    reason: str


@dataclass(frozen=True)
class Change:
    """One change.

    Args:
        kind: ``added``, ``removed`` or ``changed``.
        resource: IRI of the resource.
        subject: what changed, in words.
        before: the value before; empty if it was added.
        now: the value now; empty if it was removed.
        sentence: the change as a sentence.
        correction: the correction that explains it, if there is one.

    """

    kind: str
    resource: str
    subject: str
    before: str
    now: str
    sentence: str
    correction: Correction | None = None


@dataclass(frozen=True)
class Section:
    """The changes of one kind of fact or consequence."""

    name: str
    title: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class TableChange:
    """How many rows of a table were added, removed and changed. Rows with another key count as removed and added."""

    table: str
    added: int
    removed: int
    changed: int


@dataclass(frozen=True)
class Difference:
    """The difference of two releases."""

    a: Side
    b: Side
    facts: tuple[Section, ...]
    consequences: tuple[Section, ...]
    tables: tuple[TableChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.facts or self.consequences or self.tables)


def differ(a: Side, b: Side) -> Difference:
    """Return the difference of two releases; ``b`` is the later one.

    Raises:
        TutelaError: a query of ``queries/diff`` cannot be read.

    """
    corrections = _new_corrections(a, b)
    return Difference(
        a,
        b,
        facts=tuple(_sections("facts", a, b, corrections)),
        consequences=tuple(_sections("consequences", a, b, {})),
        tables=tuple(_table_changes(a, b)),
    )


def long_dates(text: str) -> str:
    """Return a text with its dates as ``25 November 2026`` instead of ``2026-11-25``."""
    return _DAY.sub(_long_date, text)


def _long_date(match: re.Match[str]) -> str:
    try:
        day = date.fromisoformat(match[0])
    except ValueError:
        return match[0]
    return f"{day.day} {day:%B} {day.year}"


def _new_corrections(a: Side, b: Side) -> dict[str, Correction]:
    """Return the last correction of each resource that only the second side has."""
    query = query_file.read(paths.QUERIES / "diff" / "corrections.rq").text
    known = {record["correction"] for record in a.store.query(query).records()}
    return {
        record["resource"]: Correction(record["date"], record["source"], record["reason"])
        for record in b.store.query(query).records()
        if record["correction"] not in known
    }


def _sections(folder: str, a: Side, b: Side, corrections: Mapping[str, Correction]) -> Iterator[Section]:
    for query in query_file.read_all(paths.QUERIES / "diff" / folder):
        earlier, later = ({record["key"]: record for record in side.store.query(query.text).records()} for side in (a, b))
        found = tuple(changes(query, earlier, later, corrections))
        if found:
            yield Section(query.name.partition("-")[2], query.title, found)


def changes(
    query: QueryFile,
    earlier: Mapping[str, Mapping[str, str]],
    later: Mapping[str, Mapping[str, str]],
    corrections: Mapping[str, Correction],
) -> Iterator[Change]:
    """Yield the changes between two answers to a query of ``queries/diff``.

    Args:
        query: the query, whose metadata have the sentences.
        earlier: the records of the earlier state by their keys.
        later: those of the later state.
        corrections: the corrections that explain changes, by resource.

    """
    # The order of the query, by subject; what was removed comes last.
    for key in [*later, *(key for key in earlier if key not in later)]:
        old, new = earlier.get(key), later.get(key)
        kind = "added" if old is None else "removed" if new is None else "changed"
        before, now = old["value"] if old else "", new["value"] if new else ""
        sentence = str(query.metadata.get(kind, _SENTENCES[kind]))
        if (kind == "changed" and before == now) or not sentence:
            continue
        subject = (new or old or {})["subject"]
        text = sentence.format(subject=subject, before=before, value=now if new else before)
        correction = corrections.get(key)
        if correction:
            text += f" (correction of {correction.date}, source {correction.source})"
        yield Change(kind, key, subject, before, now, long_dates(text), correction)


def _table_changes(a: Side, b: Side) -> Iterator[TableChange]:
    for name in sorted(a.table_files.keys() | b.table_files.keys()):
        before, now = a.rows(name), b.rows(name)
        difference = compare(before, now, b.key(name) or a.key(name) or [])
        if difference is None:  # the columns of the key changed
            if before or now:
                yield TableChange(name, len(now), len(before), 0)
        elif difference.added or difference.removed or difference.changed:
            rows = {change.key for change in difference.changed}
            yield TableChange(name, len(difference.added), len(difference.removed), len(rows))
