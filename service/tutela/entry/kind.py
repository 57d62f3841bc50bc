"""One kind of entry: what it asks for, and how it makes rows of the answers."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tutela.entry.context import Context
from tutela.entry.draft import Draft
from tutela.entry.fields import Field, Values

Default = Callable[[Values, Context], str]


@dataclass(frozen=True)
class Kind:
    """One kind of entry.

    Args:
        name: its name, such as ``accession``.
        title: what is entered, in words.
        fields: the questions, in order.
        build: adds the rows to a draft. It is given valid answers, and adds errors that several answers together have.
        defaults: the answer of a field where none is given, from the answers before it; empty if there is none.
        conditions: when a field is asked for on a terminal, from the answers before it; the others as they say themselves.
        has_source: whether a source can be added with ``--source-url`` and ``--source-title``.
        columns: the field of a column whose name differs from the field's, by table and column.
        lead: lines that a form shows before its questions.

    """

    name: str
    title: str
    fields: tuple[Field, ...]
    build: Callable[[Draft, Values, Context], None]
    defaults: Mapping[str, Default] = field(default_factory=dict)
    conditions: Mapping[str, Callable[[Values, Context], bool]] = field(default_factory=dict)
    has_source: bool = True
    columns: Mapping[tuple[str, str], str] = field(default_factory=dict)
    lead: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """Return a field by its name."""
        return next(one for one in self.fields if one.name == name)

    def is_asked(self, one: Field, values: Values, context: Context) -> bool:
        """Return whether a terminal asks for a field after these answers."""
        return self.conditions[one.name](values, context) if one.name in self.conditions else one.asked

    @property
    def field_of_column(self) -> dict[tuple[str, str], str]:
        """The name of the field of each column, by table and column."""
        own = {(one.table, one.column): one.name for one in self.fields if one.table}
        return {**own, **self.columns}


def columns(
    table: str, required: str, asked: str = "", further: str = "", questions: Mapping[str, str] | None = None
) -> tuple[Field, ...]:
    """Return a field for each of some columns of a table.

    Args:
        table: the table.
        required: the columns that need an answer, separated by spaces.
        asked: those that a terminal asks for too.
        further: those that are only options.
        questions: the question for a column, if it is more than its name.

    """
    words = questions or {}
    parts = ((required, True, True), (asked, False, True), (further, False, False))
    return tuple(
        Field(name, words.get(name, name.replace("_", " ").capitalize()), table, name, is_required, is_asked)
        for names, is_required, is_asked in parts
        for name in names.split()
    )


def today(values: Values, context: Context) -> str:
    """Return the day of the entry."""
    return context.today


def seen(values: Values, context: Context) -> str:
    """Return the day of the entry, if a page is named."""
    return context.today if values.get("url") else ""


def always(text: str) -> Default:
    """Return a default that is the same for all entries."""
    return lambda values, context: text


def next_item(draft: Draft, table: str, key: Values) -> str:
    """Return the next unused item among the rows of a table with these values."""
    rows = draft.tables[table].rows
    used = [int(row["item"]) for row in rows if all(row[name] == value for name, value in key.items()) and row["item"].isdigit()]
    return str(max(used, default=0) + 1)


def slug(text: str) -> str:
    """Return an identifier of a title: lower-case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    words = re.sub(r"['’]", "", plain)
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:60].rstrip("-")
