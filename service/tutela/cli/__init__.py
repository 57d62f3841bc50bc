"""The command ``tutela``. Results go to stdout, messages to stderr. Exit status: 0 success, 1 invalid data or failed query,
2 usage error, 130 interrupted with Ctrl+C.

Modules that take long to load are imported in the commands that need them.
"""  # noqa: D205

import sys
from typing import NoReturn

import click

from tutela.cli.add import add
from tutela.cli.check import check
from tutela.cli.data import build, ingest, publish, validate
from tutela.cli.editions import edition
from tutela.cli.history import diff, release
from tutela.cli.keep import keep
from tutela.cli.querying import queries, query
from tutela.cli.reports import report
from tutela.cli.rows import remove, rename
from tutela.cli.serving import mcp, serve
from tutela.cli.spreadsheets import tables
from tutela.cli.terminal import say
from tutela.errors import TutelaError


@click.group(
    no_args_is_help=True,
    commands=[
        add,
        build,
        check,
        diff,
        edition,
        ingest,
        keep,
        mcp,
        publish,
        queries,
        query,
        release,
        remove,
        rename,
        report,
        serve,
        tables,
        validate,
    ],
)
def app() -> None:
    """Query, serve and maintain the law that protects children from sexual abuse material, as linked open data."""


def main() -> NoReturn:
    """Run the command; an error is one sentence on stderr."""
    try:
        status = app.main(standalone_mode=False)  # the status of `--help`; otherwise None
    except TutelaError as error:
        say(f"tutela: {error}")
        sys.exit(error.exit_status)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    sys.exit(status or 0)
