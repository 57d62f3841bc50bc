"""The command that writes the tables as a workbook, reads changes from spreadsheets, and tidies the tables."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tutela import paths
from tutela.cli.options import FILE, option
from tutela.cli.terminal import say
from tutela.errors import TutelaError, UsageError

if TYPE_CHECKING:
    from tutela.tables.edits import Edits


@click.command()
@click.argument("more", nargs=-1, type=FILE, metavar="[FILE]...")
@option("--xlsx", "xlsx", type=FILE, metavar="FILE", help="Write the tables to a workbook, a sheet for each table.")
@option("--from", "sources", type=FILE, multiple=True, metavar="FILE...", help="Read changes from .xlsx, .ods or .csv files.")
@option("--tidy", "tidy_", is_flag=True, help="Restore the canonical order and form of the tables.")
@option("--table", "names", multiple=True, metavar="NAME", help="Only this table. Repeatable. For a .csv file, its table.")
@option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@option("--yes", is_flag=True, help="Take the first reading of a value that can be read in several ways.")
@option("--allow-loss", multiple=True, metavar="TABLE", help="Let this table lose rows. Repeatable.")
@option("--verbose", is_flag=True, help="List every conversion.")
def tables(more: tuple[Path, ...], xlsx: Path | None, sources: tuple[Path, ...], tidy_: bool, **options: Any) -> None:
    """Edit the tables in a spreadsheet program.

    --xlsx FILE writes a workbook; --from FILE... brings changes back, and writes only cells that differ. --tidy restores the form
    of the tables after a program has saved them. See docs/maintaining-data.md.
    """
    chosen = _Options(**options)
    if sum(map(bool, (xlsx, sources, tidy_))) != 1:
        raise UsageError("tables: expected one of --xlsx FILE, --from FILE... and --tidy.")
    if more and not sources:
        raise UsageError(f"tables: {', '.join(map(str, more))}: files are only read with --from.")
    if not xlsx and not paths.is_checkout():
        raise UsageError("tables: this is an installed copy of Tutela, and its tables are not for editing; use a checkout.")
    _ensure_known("--table", chosen.names)
    _ensure_known("--allow-loss", chosen.allow_loss)
    if xlsx:
        _write(xlsx, chosen)
    elif tidy_:
        _tidy(chosen)
    else:
        _bring_back([*sources, *more], chosen)


@dataclass(frozen=True)
class _Options:
    """The options that say how."""

    names: tuple[str, ...]
    dry_run: bool
    yes: bool
    allow_loss: tuple[str, ...]
    verbose: bool


def _ensure_known(option_name: str, names: Sequence[str]) -> None:
    known = paths.table_files()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"{option_name} {', '.join(unknown)}: no such table. The tables are {', '.join(known)}.")


def _vocabularies() -> dict[str, dict[str, str]]:
    from tutela.sparql.vocabularies import read_vocabularies  # noqa: PLC0415

    return read_vocabularies(paths.ONTOLOGY)


def _write(path: Path, options: _Options) -> None:
    from tutela.tables import load  # noqa: PLC0415
    from tutela.tables.workbook import ensure_name, workbook, write_workbook  # noqa: PLC0415 - openpyxl takes 0.2 s to load

    ensure_name(path)
    loaded = load(paths.DATA)
    chosen = options.names or tuple(loaded)
    content = workbook(loaded, chosen, _vocabularies())
    if not options.dry_run:
        write_workbook(path, content)
    say(f"{len(chosen)} {'table' if len(chosen) == 1 else 'tables'} {'would be' if options.dry_run else 'are'} in {path}")


def _tidy(options: _Options) -> None:
    from tutela.tables.edit_report import conversion_lines  # noqa: PLC0415
    from tutela.tables.record_file import write_files  # noqa: PLC0415
    from tutela.tables.tidy import tidy  # noqa: PLC0415

    tidied = tidy(paths.DATA, options.names)
    for item in tidied:
        for note in item.notes:
            print(f"{item.table.name}: {note}")
        for line in conversion_lines(item.conversions, options.verbose):
            print(line)
    if not options.dry_run:
        write_files({item.table.path: (item.before, item.after) for item in tidied})
    if not tidied:
        say("All tables are in canonical form.")
    else:
        say(f"{'Would tidy' if options.dry_run else 'Tidied'}: {', '.join(item.table.name for item in tidied)}.")


def _bring_back(files: Sequence[Path], options: _Options) -> None:
    from tutela.tables import load  # noqa: PLC0415
    from tutela.tables.edit_report import change_lines, conversion_lines, summary  # noqa: PLC0415
    from tutela.tables.edits import read_edits  # noqa: PLC0415
    from tutela.tables.record_file import save_rows  # noqa: PLC0415

    loaded = load(paths.DATA)
    own = {table.path.resolve() for table in loaded.values()}
    if themselves := [str(path) for path in files if path.resolve() in own]:
        raise UsageError(f"--from {', '.join(themselves)}: the table itself, which --tidy restores; expected a copy of it.")
    vocabularies = _vocabularies()
    edits = read_edits(files, loaded, options.names, vocabularies=vocabularies)
    if edits.questions:
        answers = _answers(edits, options.yes)
        if answers is not None:
            edits = read_edits(files, loaded, options.names, answers, vocabularies)
    for line in (*edits.notes, *conversion_lines(edits.conversions, options.verbose), *change_lines(edits.changes)):
        print(line)
    _ensure_writable(edits, options.allow_loss)
    if not options.dry_run:
        save_rows(loaded, edits.rows)
    say(summary(edits) + (" Nothing was written." if options.dry_run or not edits.rows else ""))


def on_terminal() -> bool:
    """Return whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _answers(edits: "Edits", yes: bool) -> dict[str, str] | None:
    """Return the readings that somebody chose; None if nobody can be asked."""
    from tutela.tables.edit_report import question_line  # noqa: PLC0415

    if yes:
        for question in edits.questions:
            print(f"{question_line(question)} Read as {question.choices[0]}.")
        return {question.where: question.choices[0] for question in edits.questions}
    if edits.errors or not on_terminal():
        return None
    answers = {}
    for question in edits.questions:
        choice = click.Choice([str(number) for number in range(1, len(question.choices) + 1)])
        numbered = ", ".join(f"{number} = {text}" for number, text in enumerate(question.choices, start=1))
        picked = click.prompt(f"{question_line(question)}\n{numbered}", type=choice, show_choices=False, err=True)
        answers[question.where] = question.choices[int(picked) - 1]
    return answers


def _ensure_writable(edits: "Edits", allow_loss: Sequence[str]) -> None:
    """Raise an error that names everything that prevents writing."""
    from tutela.tables.edit_report import question_line  # noqa: PLC0415

    lost = {name: count for name, count in edits.losses().items() if name not in allow_loss}
    losses = [
        f"{name}: {count} {'row is' if count == 1 else 'rows are'} missing and would be removed; if that is meant, add "
        f"--allow-loss {name}."
        for name, count in lost.items()
    ]
    questions = [f"{question_line(question)} Enter one of these, or add --yes for the first one." for question in edits.questions]
    problems = [*edits.errors, *questions, *losses]
    if problems:
        count = f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}"
        raise TutelaError("\n".join((f"{count}; nothing was written.", *problems)))
