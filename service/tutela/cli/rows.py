"""The commands that remove a row and give a row another key."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from tutela.cli.add import SHARED, enter
from tutela.cli.options import option
from tutela.errors import UsageError

if TYPE_CHECKING:
    from tutela.entry.context import Context
    from tutela.entry.kind import Kind
    from tutela.tables import Table

_RECORDED = (
    option("--reason", metavar="TEXT", help="Why, if published cells of a protected table change: each gets a correction."),
    option("--source", metavar="TEXT", help="The source of these corrections."),
)


def _with(*options: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds options to a command."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for one in reversed(options):
            function = one(function)
        return function

    return add


@click.command()
@click.argument("table")
@click.argument("key")
@option("--cascade", is_flag=True, help="Remove the rows that refer to it too; a cell that may be empty is emptied.")
@_with(*_RECORDED, *SHARED)
def remove(table: str, key: str, cascade: bool, **options: Any) -> None:
    """Remove a row: lists the rows that refer to it, shows what follows, and writes after confirmation.

    KEY is the key of the row, such as opsc/KEN/2 in the table actions. A row of the last release is then lost, which
    `tutela build` must be told with --allow-loss.
    """

    def choose(context: "Context") -> "tuple[Kind, Mapping[str, Any]]":
        from tutela.entry.row_removal import YES, removal_kind  # noqa: PLC0415
        from tutela.entry.row_renaming import find_key  # noqa: PLC0415

        found = _table(context, table)
        kind = removal_kind(context.tables, found.name, find_key(found, key))
        return kind, {**options, "cascade": YES if cascade else None}

    _enter(choose, "remove", options)


@click.command()
@click.argument("table")
@click.argument("key")
@click.argument("new")
@_with(*_RECORDED, *SHARED)
def rename(table: str, key: str, new: str, **options: Any) -> None:
    """Give a row another key, here and in all rows that refer to it, after a preview and confirmation.

    KEY and NEW are keys such as opsc/KEN/2 in the table actions. The public address of what the row describes changes too. A
    row of the last release is then lost under its old key, which `tutela build` must be told with --allow-loss.
    """

    def choose(context: "Context") -> "tuple[Kind, Mapping[str, Any]]":
        from tutela.entry.row_renaming import find_key, read_key, renaming_kind  # noqa: PLC0415

        found = _table(context, table)
        old = find_key(found, key)
        values = zip(found.key, read_key(found, new, old), strict=True)
        return renaming_kind(found, old), {**options, **{f"new_{name}": value for name, value in values}}

    _enter(choose, "rename", options)


def _enter(choose: "Callable[[Context], tuple[Kind, Mapping[str, Any]]]", command: str, options: Mapping[str, Any]) -> None:
    enter(choose, command, yes=options["yes"], dry_run=options["dry_run"], consequences=not options["no_consequences"])


def _table(context: "Context", name: str) -> "Table":
    if name not in context.tables:
        raise UsageError(f"There is no table {name!r}; expected one of {', '.join(sorted(context.tables))}.")
    return context.tables[name]
