"""Commands that list and run queries."""

import sys
from pathlib import Path

import click

from tutela.cli.options import option, pairs, release_option
from tutela.cli.releases import open_release, open_store
from tutela.cli.terminal import show_rows
from tutela.errors import InvalidValuesError, UnknownQueryError, UsageError


@click.command()
def queries() -> None:
    """List the queries of the catalogue with their parameters."""
    from tutela.catalog import Catalog  # noqa: PLC0415

    for query in Catalog.load():
        parameters = " ".join(
            f"{p.name}={p.example}" if p.default is None else f"[{p.name}={p.default}]" for p in query.parameters
        )
        print(f"{query.name} {parameters}".rstrip())
        print(f"    {query.title}")


@click.command()
@click.argument("name", metavar="NAME|FILE.rq")
@option("--param", multiple=True, metavar="KEY=VALUE", help="A parameter. Repeatable.")
@option(
    "--format",
    "result_format",
    default="",
    help="table, csv, tsv, json or xml; for triples turtle, ntriples, jsonld or rdfxml",
)
@release_option
def query(name: str, param: tuple[str, ...], result_format: str, folder: Path | None) -> None:
    """Run a query of the catalogue, or a query file of your own.

    In a query file, the prefixes that docs/api.md lists need no declaration.
    """
    from tutela.catalog import Catalog  # noqa: PLC0415
    from tutela.sparql.child_process import continue_in_child  # noqa: PLC0415

    values = pairs("--param", param)
    opened = open_release(folder)
    if name.endswith(".rq"):
        continue_in_child()
    store = open_store(opened)
    if name.endswith(".rq"):
        if values:
            raise UsageError("A query file takes no --param; put the values into the file.")
        try:
            text = Path(name).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise UsageError(f"{name}: not UTF-8 (at byte {error.start + 1}); save the file as UTF-8.") from error
        except OSError as error:
            raise UsageError(f"{name}: cannot be read ({error.strerror}).") from error
        result = store.query(text)
    else:
        try:
            result = Catalog(store).run(name, values)
        except UnknownQueryError as error:
            raise UsageError(f"{error} `tutela queries` lists them.") from error
        except InvalidValuesError as error:
            raise UsageError(f"{error} Give each parameter as --param NAME=VALUE.") from error
    if result.is_graph or result.is_boolean:
        sys.stdout.buffer.write(result.serialize(result_format or ("turtle" if result.is_graph else "json")))
    elif result_format in ("", "table"):
        show_rows(result.columns, [[value or "" for value in row] for row in result.rows()])
    else:
        sys.stdout.buffer.write(result.serialize(result_format))
    sys.stdout.flush()
