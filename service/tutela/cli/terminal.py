"""Results, messages and progress on a terminal, or in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutela.validation import ValidationResult


def say(message: str) -> None:
    """Print a message to stderr."""
    print(message, file=sys.stderr, flush=True)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show the current step on a terminal."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True, highlight=False), transient=True) as progress:
        task = progress.add_task("start", total=None)
        yield lambda step: progress.update(task, description=step)


def show_results(results: "list[ValidationResult]") -> None:
    """Print validation results: as a table on a terminal, otherwise one line each, so that logs can be searched."""
    if not sys.stderr.isatty():
        for result in results:
            fields = (result.severity, result.where, result.resource, result.found, f"expected: {result.expected}", result.advice)
            say(" | ".join(filter(None, fields)))
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(show_lines=True)
    for heading in ("severity", "file and row", "resource", "found", "expected"):
        table.add_column(heading, overflow="fold")
    for result in results:
        expected = f"{result.expected}\n{result.advice}".rstrip()
        table.add_row(result.severity, result.where, result.resource, result.found, expected)
    Console(stderr=True, highlight=False).print(table, markup=False)


def show_rows(columns: list[str], rows: list[list[str]]) -> None:
    """Print rows as a table, and their number to stderr."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from tutela.namespaces import strip_base  # noqa: PLC0415

    table = Table(*columns, header_style="bold")
    for row in rows:
        table.add_row(*(strip_base(value) for value in row))
    out = Console(highlight=False, markup=False)
    # A pipe has no width; keep each row on one line.
    (out if out.is_terminal else Console(width=4000, highlight=False, markup=False)).print(table)
    say(f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}")
