"""From answers to a draft: what each answer means, what follows from them, and everything that is wrong."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from tutela.entry.context import Context, find, nearest, shown
from tutela.entry.draft import Draft
from tutela.entry.fields import Field, FieldError, Values
from tutela.entry.kind import Kind, slug
from tutela.tables.lexical_form import form

# A new source; asked for nowhere, because an existing one is the rule.
SOURCE_FIELDS = (
    Field("source_title", "Title of a new source", "sources", "title", asked=False),
    Field("source_url", "Page of a new source", "sources", "url", asked=False),
    Field("source_publisher", "Publisher of a new source; by default the host of its page", "sources", "publisher", asked=False),
    Field("source_id", "Identifier of a new source; by default made of its title", "sources", "id", asked=False),
)


def fields_of(kind: Kind) -> tuple[Field, ...]:
    """Return the fields of a kind, with those of a new source."""
    return (*kind.fields, *SOURCE_FIELDS) if kind.has_source else kind.fields


def draft(kind: Kind, answers: Mapping[str, str], context: Context) -> Draft:
    """Return the rows that answers make.

    Args:
        kind: what is entered.
        answers: the answers by the names of the fields; a code can be given by its name.
        context: the tables and the day.

    Returns:
        The draft. All errors are in it; it is to be written only if there is none.

    """
    result = Draft(context.tables)
    values = {name: text.strip() for name, text in answers.items() if text.strip()}
    new_source = _new_source(kind, values, result) if kind.has_source else None
    known: Values = {}
    for one in kind.fields:
        given = values.get(one.name, "")
        # A cell has one line; somebody who types in a form may have broken it.
        text = (given if one.several else " ".join(given.split("\n"))) or default(kind, one, known, context)
        if new_source and one.name == "source":
            text = new_source
        elif text:
            text, error = read(one, text, known, context)
            if error:
                result.errors.append(error)
        elif one.required and not text:
            result.errors.append(missing(one, context))
        known[one.name] = text
    kind.build(result, known, context)
    if not result.errors:
        result.check_rows(kind.field_of_column)
    return result


def default(kind: Kind, one: Field, values: Values, context: Context) -> str:
    """Return the answer to a question where none is given; empty if there is none."""
    return kind.defaults[one.name](values, context) if one.name in kind.defaults else ""


def read(one: Field, text: str, values: Values, context: Context) -> tuple[str, FieldError | None]:
    """Return what an answer means, and what is wrong with it, if anything is.

    Args:
        one: the field.
        text: the answer.
        values: the answers before it.
        context: the tables.

    """
    if one.options and text not in one.options:
        return text, FieldError(one.name, text, " or ".join(one.options))
    if one.several or not one.table:
        return text, None
    reader = next(item for item in context.tables[one.table].readers if item.name == one.column)
    choices = context.values(one, values)
    if choices and (code := find(text, choices)):
        return code, None
    _, wrong = reader.read(text)
    if choices and choices.closed:
        near = [shown(code, choices) for code in nearest(text, choices, 3)]
        few = ", ".join(shown(code, choices) for code in choices.names) if len(choices.names) <= 12 else ""
        expected = f"one of {few}" if few else f"a code or a name in the table {choices.title.split(':')[0]}"
        return text, FieldError(one.name, text, expected, f"Did you mean {' or '.join(near)}?" if near else "")
    if wrong:
        return text, FieldError(one.name, text, wrong.expected, wrong.advice)
    return text, None


def missing(one: Field, context: Context) -> FieldError:
    """Return the error that a required answer is missing."""
    if not one.table:
        return FieldError(one.name, "", one.question)
    reader = next(item for item in context.tables[one.table].readers if item.name == one.column)
    expected = form(reader.datatype)
    if one.name == "source":
        return FieldError(one.name, "", "the identifier of a source", "For a new one give --source-title and --source-url.")
    return FieldError(one.name, "", expected if expected != "text" else f"text: {one.question}")


def _new_source(kind: Kind, values: Values, result: Draft) -> str:
    """Add the row of a new source, if one is described; return its identifier, or nothing."""
    given = [name for name in ("source_title", "source_url", "source_publisher", "source_id") if values.get(name)]
    if not given:
        return ""
    result.errors.extend(_source_errors(values))
    publisher = values.get("source_publisher") or urlsplit(values.get("source_url", "")).netloc
    identifier = values.get("source_id") or slug(values.get("source_title", ""))
    if result.row("sources", (identifier,)):
        result.error(
            "source_id", identifier, "an identifier that sources.csv does not have yet", "Or use that source with --source."
        )
    row = {"id": identifier, "title": values.get("source_title", ""), "publisher": publisher, "url": values.get("source_url", "")}
    result.add("sources", row)
    fields = {"title": "source_title", "url": "source_url", "publisher": "source_publisher", "id": "source_id"}
    table = result.tables["sources"].with_rows([row | dict.fromkeys(("issued", "as_of", "licence", "note"), "")])
    for error in table.errors():
        result.error(fields.get(error.column, error.column), error.value, error.expected, error.advice)
    return identifier


def _source_errors(values: Values) -> Iterator[FieldError]:
    if values.get("source"):
        yield FieldError(
            "source", values["source"], "a source or a new one, not both", "Leave out --source or the --source-... options."
        )
    for name in ("source_title", "source_url"):
        if not values.get(name):
            yield FieldError(name, "", "the title and the page of the new source")
