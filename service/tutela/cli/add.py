"""The command that adds a fact: it asks, shows the rows and what follows from them, and writes after confirmation."""

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tutela import paths
from tutela.cli.options import option
from tutela.cli.terminal import progress, say
from tutela.errors import TutelaError, UsageError
from tutela.paths import Source

if TYPE_CHECKING:
    from tutela.entry.context import Context
    from tutela.entry.draft import Draft
    from tutela.entry.fields import Field, FieldError, Values
    from tutela.entry.kind import Kind

SHARED = (
    option("--yes", is_flag=True, help="Ask nothing, and write without confirmation."),
    option("--dry-run", is_flag=True, help="Show what would be written, and write nothing."),
    option("--no-consequences", is_flag=True, help="Do not compare the graph before and after (saves a few seconds)."),
)
_FILE_SUFFIX = "_file"
_FEW = 12  # choices that are shown at once
_LIST = "?"  # the answer that shows all choices
_NEW = "new"  # the answer for a source that the tables do not have


class _Kinds(click.Group):
    """A command for each kind of entry, made when it is needed: the modules of the tables take long to load."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from tutela.entry.kinds import kinds  # noqa: PLC0415

        return list(kinds())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from tutela.entry.kinds import kinds  # noqa: PLC0415

        return _command(kinds()[cmd_name]) if cmd_name in kinds() else None


@click.command(cls=_Kinds, no_args_is_help=True)
def add() -> None:
    """Add a fact: asks for what is needed, shows the rows and their consequences, and writes after confirmation.

    Every question has an option, so that it can be scripted. See docs/maintaining-data.md.
    """


def _command(kind: "Kind") -> click.Command:
    from tutela.entry.answers import fields_of  # noqa: PLC0415

    def run(yes: bool, dry_run: bool, no_consequences: bool, **options: Any) -> None:
        enter(lambda context: (kind, options), "add", yes=yes, dry_run=dry_run, consequences=not no_consequences)

    command = click.command(kind.name, help=f"Add {kind.title}.", short_help=kind.title)
    for one in reversed(SHARED):
        run = one(run)
    for field in reversed(fields_of(kind)):
        if field.several:
            path = click.Path(path_type=Path, exists=True, dir_okay=False)
            run = option(f"{field.option}-file", type=path, metavar="FILE", help="The same, from a file.")(run)
        run = option(field.option, multiple=field.several, metavar="TEXT", help=field.question)(run)
    return command(run)


def enter(
    choose: "Callable[[Context], tuple[Kind, Mapping[str, Any]]]", command: str, *, yes: bool, dry_run: bool, consequences: bool
) -> None:
    """Ask for what is missing, show what would be written and what follows, and write after confirmation.

    Args:
        choose: returns what is entered and the options that answer its questions.
        command: the name of the command, for messages.
        yes: ask nothing, and write.
        dry_run: write nothing.
        consequences: compare the graph before and after.

    """
    from tutela.entry.answers import draft  # noqa: PLC0415
    from tutela.entry.context import Context  # noqa: PLC0415
    from tutela.entry.report import draft_lines  # noqa: PLC0415
    from tutela.tables.record_file import save_rows  # noqa: PLC0415

    if not paths.is_checkout():
        raise UsageError(f"{command}: this is an installed copy of Tutela, and its tables are not for editing; use a checkout.")
    is_asking = not yes and sys.stdin.isatty() and sys.stderr.isatty()
    context = Context.read(Source.of_project(), date.today().isoformat())
    kind, options = choose(context)
    values = _given(kind, options)
    if is_asking:
        values = _ask(kind, values, context)
    entry = draft(kind, values, context)
    while is_asking and entry.errors:
        values = _ask_again(kind, entry.errors, values, context)
        entry = draft(kind, values, context)
    if entry.errors:
        count = f"{len(entry.errors)} {'error' if len(entry.errors) == 1 else 'errors'}"
        raise TutelaError("\n".join((f"{count}; nothing was written.", *(error.line() for error in entry.errors))))
    for line in draft_lines(entry):
        print(line)
    if consequences:
        _show_consequences(entry, context)
    elif losses := entry.losses():
        allowed = " ".join(f"--allow-loss {name}" for name in losses)
        print(f"If the last release has these rows, a build calls them lost; then build with {allowed}.")
    if dry_run:
        say("Nothing was written.")
        return
    if not yes and not is_asking:
        raise UsageError(f"{command}: nobody can be asked for confirmation, so nothing was written; add --yes or --dry-run.")
    if is_asking and not click.confirm("Write this?", err=True):
        say("Nothing was written.")
        return
    rows = entry.rows()
    save_rows(context.tables, rows)
    say(f"Written: {', '.join(context.tables[name].location for name in rows)}. `tutela build` checks everything.")


def _given(kind: "Kind", options: Mapping[str, Any]) -> "Values":
    """Return the answers that options give."""
    from tutela.entry.answers import fields_of  # noqa: PLC0415

    values = {}
    for field in fields_of(kind):
        text = options.get(field.name)
        lines = list(text or ()) if field.several else [text] if text else []
        file = options.get(f"{field.name}{_FILE_SUFFIX}")
        if file:
            try:
                lines.append(file.read_text(encoding="utf-8-sig"))
            except (OSError, UnicodeDecodeError) as error:
                raise UsageError(f"{field.option}-file {file}: not readable as UTF-8 text ({error}).") from error
        if lines:
            values[field.name] = "\n".join(lines)
    return values


def _ask(kind: "Kind", given: "Values", context: "Context") -> "Values":
    """Return all answers: those given, and those that somebody enters now."""
    from tutela.entry.answers import SOURCE_FIELDS, read  # noqa: PLC0415

    has_new_source = any(given.get(field.name) for field in SOURCE_FIELDS)
    known: Values = {}
    for field in kind.fields:
        text = given.get(field.name, "")
        if text:
            meant, error = read(field, text, known, context)
            known[field.name] = text if error else meant
        elif kind.is_asked(field, known, context) and not (has_new_source and field.name == "source"):
            known |= _answer(kind, field, known, context)
    return {**given, **known}


def _ask_again(kind: "Kind", errors: "Sequence[FieldError]", values: "Values", context: "Context") -> "Values":
    """Return the answers with new ones for those that are wrong.

    Raises:
        TutelaError: an error is about no question.

    """
    from tutela.entry.answers import fields_of  # noqa: PLC0415

    fields = {field.name: field for field in fields_of(kind)}
    if others := [error.line() for error in errors if error.name not in fields]:
        raise TutelaError("\n".join(("Nothing was written.", *others)))
    for error in errors:
        say(f"  {error.sentence()}")
        values = {**values, error.name: ""}
        values |= _answer(kind, fields[error.name], values, context)
    return values


def _answer(kind: "Kind", field: "Field", values: "Values", context: "Context") -> "Values":
    """Ask one question; for a source that is new, its title and its page."""
    from tutela.entry.answers import SOURCE_FIELDS, default  # noqa: PLC0415

    text = _prompt(field, default(kind, field, values, context), values, context)
    if text != _NEW:
        return {field.name: text}
    return {field.name: ""} | {one.name: _prompt(one, "", values, context, needed=True) for one in SOURCE_FIELDS[:2]}


def _prompt(field: "Field", suggestion: str, values: "Values", context: "Context", *, needed: bool = False) -> str:
    """Ask one question until the answer is possible."""
    from tutela.entry.answers import missing, read  # noqa: PLC0415
    from tutela.entry.context import nearest, shown  # noqa: PLC0415

    if field.several:
        return _prompt_lines(field)
    choices = context.values(field, values)
    if choices and len(choices.names) <= _FEW:
        say(f"  {', '.join(shown(code, choices) for code in choices.names)}")
    question = f"{field.question} (identifier, or {_NEW})" if field.name == "source" else field.question
    if field.options:
        question += f" ({' or '.join(field.options)}; Ctrl+C to stop)"
    if choices and len(choices.names) > _FEW:
        question += f" ({_LIST} lists all)"
    while True:
        text = click.prompt(question, default=suggestion, show_default=bool(suggestion), err=True).strip()
        if field.name == "source" and text == _NEW:
            return text
        if choices and text == _LIST:
            click.echo_via_pager("\n".join(shown(code, choices) for code in choices.names))
            continue
        if not text and (field.required or needed):
            say(f"  {missing(field, context).sentence()}")
        elif not text:
            return ""
        else:
            meant, error = read(field, text, values, context)
            if error is None:
                if meant != text:
                    say(f"  {shown(meant, choices)}")
                return meant
            say(f"  {error.sentence()}")
            near = nearest(text, choices, 1) if choices else []
            suggestion = near[0] if near else suggestion


def _prompt_lines(field: "Field") -> str:
    say(f"{field.question}; an empty line ends it.")
    lines = []
    while text := click.prompt("", prompt_suffix="> ", default="", show_default=False, err=True).strip():
        lines.append(text)
    return "\n".join(lines)


def _show_consequences(entry: "Draft", context: "Context") -> None:
    """Print what an entry changes; raise an error if it would break a rule."""
    from tutela.entry.consequences import ConsequenceCheck  # noqa: PLC0415 - rdflib takes 0.5 s to load
    from tutela.entry.report import consequence_lines, error_lines  # noqa: PLC0415
    from tutela.tables.published import last_published  # noqa: PLC0415
    from tutela.validation.tables import without_garbage_collection  # noqa: PLC0415

    with progress() as show_step, without_garbage_collection():
        show_step("compare the graph before and after")
        found = ConsequenceCheck(Source.of_project(), last_published()).run(context.tables, entry.rows(), entry.losses())
    for line in consequence_lines(found):
        print(line, flush=True)
    if errors := error_lines(found):
        count = f"{len(errors)} {'rule' if len(errors) == 1 else 'rules'}"
        raise TutelaError("\n".join((f"The entry breaks {count}; nothing was written.", *errors)))
