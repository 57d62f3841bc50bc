"""The command that checks the tables while somebody edits them."""

import csv
import gc
import hashlib
import sys
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela import paths, release
from tutela.cli.options import FILE, allow_loss_option, option
from tutela.cli.releases import cache_folder, query_outputs
from tutela.cli.terminal import progress, say
from tutela.errors import TutelaError, UsageError
from tutela.paths import Source
from tutela.validation.input_files import input_paths
from tutela.validation.problem import count

if TYPE_CHECKING:
    from tutela.sparql.layered_dataset import LoadedDataset
    from tutela.tables import Row
    from tutela.validation.problem import Problem
    from tutela.validation.working_copy import Outcome, WorkingCopyCheck

_INTERVAL_S = 0.2  # between two looks at the files
_CLEAR = "\033[2J\033[H"  # ECMA-48: clear the screen, and go to its first character


@click.command()
@option("--watch", is_flag=True, help="Check again whenever a table changes, until Ctrl+C.")
@option("--format", "report_format", default="text", help="text or json (default: text)")
@option("--xlsx", type=FILE, metavar="FILE", help="Also write a workbook of the tables with errors, with each cell marked.")
@allow_loss_option
def check(watch: bool, report_format: str, xlsx: Path | None, allow_loss: tuple[str, ...]) -> None:
    """Check the tables as they are: files, cells, references, and what follows from them. Report all errors at once.

    What has not changed since the last release, or since the last check with --watch, is not checked again; `tutela build` checks
    everything. --xlsx FILE writes nothing if there is no error; `tutela tables --from FILE` brings the corrections back.
    """
    if report_format not in ("text", "json"):
        raise UsageError(f"--format {report_format}: expected text or json.")
    if watch and xlsx:
        raise UsageError("--xlsx and --watch: expected one of them.")
    if xlsx and xlsx.suffix.lower() != ".xlsx":
        raise UsageError(f"--xlsx {xlsx}: expected a file name that ends in .xlsx.")
    if not watch:
        sys.exit(0 if _run_once(report_format, xlsx, allow_loss) else 1)
    say("Watching the tables; stop with Ctrl+C.")
    current = None
    for _ in _changes(Source.of_project()):
        if report_format == "text" and sys.stdout.isatty():
            print(_CLEAR, end="")
        try:
            current = current or _new_check(allow_loss)
            _run(current, report_format)
        except UsageError:
            raise
        except TutelaError as error:
            current = None  # what it holds may be incomplete
            say(f"tutela: {error}")


def _run_once(report_format: str, xlsx: Path | None, allow_loss: Collection[str]) -> bool:
    """Check the tables once; return whether there is no error."""
    gc.disable()  # loading and parsing make nearly nothing but objects that live to the end
    try:
        checker = _new_check(allow_loss, is_single=True)
        outcome = _run(checker, report_format)
        if xlsx:
            _write_workbook(xlsx, checker, outcome)
    finally:
        gc.enable()
    return count(outcome.problems, "Violation") == 0


def _write_workbook(path: Path, checker: "WorkingCopyCheck", outcome: "Outcome") -> None:
    from tutela.sparql.vocabularies import read_vocabularies  # noqa: PLC0415 - openpyxl takes 0.2 s to load
    from tutela.tables.workbook import write_workbook  # noqa: PLC0415
    from tutela.validation.annotated_workbook import annotated_workbook  # noqa: PLC0415

    if not outcome.problems:
        say(f"There is nothing to mark; {path} was not written.")
        return
    content, left_out = annotated_workbook(checker.tables, outcome.problems, read_vocabularies(paths.ONTOLOGY))
    write_workbook(path, content)
    for sentence in left_out:
        say(f"Not in the workbook: {sentence}")
    say(f"The tables with errors are in {path}; the first sheet lists them.")


def _run(checker: "WorkingCopyCheck", report_format: str) -> "Outcome":
    """Check the tables and print the report."""
    from tutela.validation import check_report  # noqa: PLC0415 - rdflib and pySHACL take 0.5 s to load
    from tutela.validation.tables import without_garbage_collection  # noqa: PLC0415

    is_text = report_format == "text"

    def on_tables(problems: "list[Problem]") -> None:
        if is_text:  # the graph takes longer
            print(check_report.as_text(problems), end="", flush=True)
        show_step("check the graph")

    with progress() as show_step, without_garbage_collection():
        show_step("check the tables")
        outcome: Outcome = checker.run(on_tables)
    if is_text:
        print(check_report.as_text(one for one in outcome.problems if one.level == "graph"), end="")
        print(check_report.summary(outcome), end="", flush=True)
    else:
        print(check_report.as_json(outcome), end="", flush=True)
    return outcome


def _new_check(allow_loss: Collection[str] = (), *, is_single: bool = False) -> "WorkingCopyCheck":
    last = None
    with suppress(TutelaError):  # a release that is damaged or missing makes the first check slower, and no more
        last = release.open_release(paths.default_release())
    graph = _loading(last) if last and is_single and _has_same_rules(last) else None
    from tutela.tables.published import last_published  # noqa: PLC0415 - rdflib and pySHACL load while the graph does
    from tutela.validation.comparison import ensure_tables  # noqa: PLC0415
    from tutela.validation.graph_state import Baseline  # noqa: PLC0415
    from tutela.validation.valid_tables import ValidTables  # noqa: PLC0415
    from tutela.validation.working_copy import WorkingCopyCheck  # noqa: PLC0415

    published = last_published()
    if allow_loss:
        ensure_tables(allow_loss, paths.table_files().keys() | (published.table_files.keys() if published else set()))
    rows = _rows_of(last) if last else published.rows if published else _no_rows
    has_same_rules = last is not None and (graph is not None or _has_same_rules(last))
    baseline = Baseline(rows, last.nquads, query_outputs(last), graph) if last and has_same_rules else None
    return WorkingCopyCheck(
        Source.of_project(),
        rows,
        baseline,
        published,
        is_single=is_single,
        valid=ValidTables(cache_folder() / "valid-tables.json"),
        allow_loss=allow_loss,
    )


def _loading(last: release.Release) -> "Callable[[], LoadedDataset]":
    """Start to load the graph of a release, which the engine does without Python's lock; return a function that returns it."""
    from tutela.sparql.layered_dataset import LoadedDataset  # noqa: PLC0415

    thread = ThreadPoolExecutor(1)
    loaded = thread.submit(LoadedDataset, last.nquads)
    thread.shutdown(wait=False)
    return loaded.result


def _no_rows(_table: str) -> "list[Row]":
    return []


def _rows_of(last: release.Release) -> "Callable[[str], list[Row]]":
    """Return a function that returns the rows of a table in a release."""
    files = paths.table_files(last.source / "data")

    def rows(table: str) -> "list[Row]":
        if table not in files:
            return []
        with files[table].open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return rows


def _has_same_rules(last: release.Release) -> bool:
    """Return whether everything but the rows of tables is as it was when a release was built."""
    prefix = f"{last.source.name}/"
    files = {
        name.removeprefix(prefix): file["sha256"] for name, file in last.manifest["files"].items() if name.startswith(prefix)
    }
    built = {name: mark for name, mark in files.items() if not name.endswith(".csv")}
    current = {name: path for name, path in input_paths(Source.of_project()).items() if not name.endswith(".csv")}
    return built.keys() == current.keys() and all(
        hashlib.sha256(path.read_bytes()).hexdigest() == built[name] for name, path in current.items()
    )


def _changes(source: Source) -> Iterator[None]:
    """Yield at once, and then whenever an input has changed and stays the same for an instant."""
    known: dict[Path, tuple[int, int]] | None = None
    while True:
        now = _marks(source)
        if now != known:
            if known is not None:
                time.sleep(_INTERVAL_S)  # an editor may still be writing
                now = _marks(source)
            known = now
            yield
        else:
            time.sleep(_INTERVAL_S)


def _marks(source: Source) -> dict[Path, tuple[int, int]]:
    """Return the time of change and the size of each input."""
    marks = {}
    for path in input_paths(source).values():
        with suppress(OSError):  # removed meanwhile
            status = path.stat()
            marks[path] = (status.st_mtime_ns, status.st_size)
    return marks
