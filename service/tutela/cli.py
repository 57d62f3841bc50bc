"""The command ``tutela``: exit status 0 good, 1 the data or the answer is bad, 2 the call is wrong.

Results go to standard output, talk to standard error.
"""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tutela import paths, release
from tutela.engine import Engine
from tutela.errors import TutelaError, UsageError
from tutela.problems import Problem

app = typer.Typer(
    help="The law that protects children from sexual abuse material, as linked open data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
talk = Console(stderr=True, highlight=False)

_Out = Annotated[Path | None, typer.Option("--out", help="Folder of the release (default: the one that is served).")]
_Release = Annotated[Path | None, typer.Option("--release", help="Folder of the release to ask.")]

_Endpoint = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="A SPARQL 1.1 engine that holds a published release, to answer instead of the embedded one."
    ),
]


@app.command()
def build(out: _Out = None) -> None:
    """Build a release from the tables: construct, derive, validate, write."""
    folder = out or paths.default_release()
    _build(folder)


def _build(folder: Path) -> release.Release:
    from tutela.build import BuildFailedError  # noqa: PLC0415 - the engines take half a second to load
    from tutela.build import build as run  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    try:
        with Progress(*columns, console=talk, transient=True, disable=not talk.is_terminal) as progress:
            task = progress.add_task("begin", total=None)
            built, warnings = run(folder, lambda step: progress.update(task, description=step))
    except BuildFailedError as error:
        _show_problems(error.problems)
        raise
    if warnings:
        _show_problems(warnings)
    talk.print(f"Release {built.version} ({built.manifest['quads']} quads) is in {folder}", soft_wrap=True)
    return built


def _opened(folder: Path | None) -> release.Release:
    """Open the release named, or else the default one, which is built if there is none."""
    if folder is not None:
        return release.open_release(folder)
    place = paths.default_release()
    if not release.is_release(place):
        return _build(place)
    from tutela.build import current_version  # noqa: PLC0415

    opened = release.open_release(place)
    if opened.version != current_version():
        talk.print(
            f"The tables or queries have changed since release {opened.version} was built; `tutela build` makes a new one."
        )
    return opened


def _show_problems(problems: list[Problem]) -> None:
    """Print a table: whole lines where nobody looks on, so that a log can be searched."""
    if not talk.is_terminal:
        for problem in problems:
            what = (
                problem.severity,
                problem.where,
                problem.resource,
                problem.found,
                f"expected: {problem.expected}",
            )
            print(" | ".join(what), file=sys.stderr)
        return
    table = Table(show_lines=True)
    for heading in ("severity", "file and row", "resource", "what is wrong", "what is expected"):
        table.add_column(heading, overflow="fold")
    for problem in problems:
        table.add_row(problem.severity, problem.where, problem.resource, problem.found, problem.expected)
    talk.print(table, markup=False)


@app.command()
def validate(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="RDF (.ttl .nt .nq .trig .jsonld .rdf), or tables by the names of ours (.csv)."),
    ],
    form: Annotated[str, typer.Option("--format", help="text, json or turtle")] = "text",
    folder: _Release = None,
) -> None:
    """Validate RDF of your own against the shapes, or tables of your own in the place of ours.

    What the RDF names and does not describe is looked up in the release.
    """
    from tutela.validate_files import report_on  # noqa: PLC0415

    place = folder or paths.default_release()
    known = release.open_release(place) if folder or release.is_release(place) else None
    text, good = report_on(files, form, known)
    print(text, end="")
    if not good:
        raise typer.Exit(1)


@app.command()
def queries() -> None:
    """List the questions of the catalogue with their parameters."""
    from tutela.catalog import Catalog  # noqa: PLC0415

    for question in Catalog.listed():
        parameters = " ".join(
            f"{p.name}={p.example}" if p.default is None else f"[{p.name}={p.default}]" for p in question.parameters
        )
        print(f"{question.name} {parameters}".rstrip())
        print(f"    {question.title}")


@app.command()
def query(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE.rq", help="A question of the catalogue, or a query file.")],
    param: Annotated[list[str] | None, typer.Option("--param", metavar="KEY=VALUE", help="A parameter; can be repeated.")] = None,
    form: Annotated[
        str,
        typer.Option("--format", help="table, csv, tsv, json or xml; for triples turtle, ntriples, jsonld or rdfxml"),
    ] = "",
    folder: _Release = None,
) -> None:
    """Ask a question of the catalogue, or run a query file of your own."""
    from tutela.catalog import Catalog  # noqa: PLC0415
    from tutela.store import EmbeddedStore  # noqa: PLC0415

    values = {}
    for given in param or []:
        key, equals, value = given.partition("=")
        if not equals:
            raise UsageError(f"--param {given}: expected KEY=VALUE.")
        values[key] = value
    store = EmbeddedStore.open(_opened(folder).dump)
    if name.endswith(".rq"):
        if values:
            raise UsageError("A query file takes no --param; put the values into the file.")
        try:
            answer = store.query(Path(name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{name}: cannot be read ({error}).") from error
    else:
        answer = Catalog(store).ask(name, values)
    if answer.is_graph or answer.is_boolean:
        chosen = form or ("turtle" if answer.is_graph else "json")
        sys.stdout.buffer.write(answer.serialize(chosen))
    elif form in ("", "table"):
        _show_rows(answer.columns, [[value or "" for value in row] for row in answer.rows()])
    else:
        sys.stdout.buffer.write(answer.serialize(form))
    sys.stdout.flush()


def _show_rows(columns: list[str], rows: list[list[str]]) -> None:
    from tutela import names  # noqa: PLC0415

    table = Table(*columns, header_style="bold")
    for row in rows:
        table.add_row(*(names.short(value) for value in row))
    out = Console(highlight=False, markup=False)
    # A pipe has no width to fit: let each row be one line.
    (out if out.is_terminal else Console(width=4000, highlight=False, markup=False)).print(table)
    talk.print(f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}")


@app.command()
def serve(  # noqa: PLR0913, PLR0917 - the options of the command
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    endpoint: _Endpoint = None,
    service: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="An endpoint that SERVICE may call; can be repeated.")
    ] = None,
    cache: Annotated[int, typer.Option(metavar="MB", help="Memory for answers that are kept.", min=0)] = 64,
    folder: _Release = None,
) -> None:
    """Serve a release over HTTP: SPARQL at /sparql, a start page at /. Builds it first if there is none."""
    from tutela.web import app as web  # noqa: PLC0415

    engine, files = _engine(endpoint, service, folder)
    what = f"from {endpoint}" if endpoint else f"release {files.version if files else ''}"
    web.serve(web.create(engine, files, cache << 20), what, host, port)


def _engine(endpoint: str | None, services: list[str] | None, folder: Path | None) -> tuple[Engine, release.Release | None]:
    """Return what answers, and the release whose files may be had."""
    if endpoint is None:
        from tutela.pool import Pool  # noqa: PLC0415

        opened = _opened(folder)
        return Pool(opened, services=services or ()), opened
    from tutela.elsewhere import Elsewhere  # noqa: PLC0415
    from tutela.store import RemoteStore  # noqa: PLC0415

    place = folder or paths.default_release()
    files = release.open_release(place) if folder or release.is_release(place) else None
    return Elsewhere(RemoteStore(endpoint, services=services or ())), files


@app.command()
def mcp(endpoint: _Endpoint = None, folder: _Release = None) -> None:
    """Serve agents over the Model Context Protocol, on standard input and output."""
    from tutela.mcp import run, server  # noqa: PLC0415

    engine, _ = _engine(endpoint, None, folder)
    run(server(engine))


@app.command()
def publish(
    endpoint: Annotated[str, typer.Option(metavar="URL", help="Where the engine answers queries.")],
    update: Annotated[
        str | None, typer.Option(metavar="URL", help="Where it takes updates, if elsewhere (SPARQL 1.1 Protocol, section 2.2).")
    ] = None,
    folder: _Release = None,
) -> None:
    """Put a release into a SPARQL 1.1 engine and point its readers at it.

    Credentials are taken from TUTELA_ENDPOINT_USER and TUTELA_ENDPOINT_PASSWORD.
    """
    from tutela.publish import Target  # noqa: PLC0415
    from tutela.publish import publish as run  # noqa: PLC0415

    opened = _opened(folder)
    target = Target(endpoint, update or endpoint)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=talk, transient=True, disable=not talk.is_terminal) as progress:
        task = progress.add_task("begin", total=None)
        done = run(opened, target, lambda step: progress.update(task, description=step))
    talk.print(f"Release {opened.version} {'is now' if done else 'was already'} what readers of {endpoint} see.", soft_wrap=True)


@app.command()
def ingest(
    report: Annotated[Path, typer.Argument(metavar="REPORT.txt", help="The plain text of the report.")],
    edition: Annotated[int, typer.Option(help="The number of its edition.")],
    out: Annotated[Path, typer.Option(help="Folder for the tables.")],
) -> None:
    """Transcribe the table, notes and totals of a report to tidy CSV."""
    from tutela.ingest import ingest as run  # noqa: PLC0415

    for path in run(report, edition, out, paths.DATA / "jurisdictions.csv"):
        print(path)


@app.command()
def diff(
    a: Annotated[Path, typer.Argument(help="Folder of a release.")],
    b: Annotated[Path, typer.Argument(help="Folder of another.")],
) -> None:
    """Show what a release B has that A has not (+) and the other way round (-), as N-Quads."""
    for sign, line in release.difference(release.open_release(a), release.open_release(b)):
        print(f"{sign} {line}")


def main() -> NoReturn:
    """Run the command; whatever goes wrong is told in a sentence."""
    try:
        app(standalone_mode=True)
    except TutelaError as error:
        talk.print(f"tutela: {error}", soft_wrap=True, markup=False)
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)
