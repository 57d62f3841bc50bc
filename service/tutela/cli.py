"""The command ``tutela``. Results go to stdout, messages to stderr. Exit status: 0 success, 1 invalid data or failed query,
2 usage error, 130 interrupted with Ctrl+C.

Modules that take long to load are imported in the commands that need them.
"""  # noqa: D205

import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tutela import paths, release, settings
from tutela.errors import BuildFailedError, InvalidValuesError, TutelaError, UnknownQueryError, UsageError
from tutela.release.snapshot import Snapshot
from tutela.release.watched_folder import WatchedFolder
from tutela.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tutela.engine.base import Engine
    from tutela.sparql import EmbeddedStore
    from tutela.validation import ValidationResult

    _Started = tuple[Engine, Snapshot | None, Callable[[Snapshot], Engine]]

_FILE = click.Path(path_type=Path)


def _option(*names: str, **attributes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(*names, **attributes)


_release_option = _option("--release", "folder", type=_FILE, help="Folder of the release to use.")
_endpoint_option = _option(
    "--endpoint", metavar="URL", help="A SPARQL 1.1 engine with a published release, instead of the embedded engine."
)
_config_option = _option("--config", type=_FILE, metavar="FILE", help="Settings in TOML (default: the file in TUTELA_CONFIG).")
_set_option = _option(
    "--set", "set_", multiple=True, metavar="SECTION.NAME=VALUE", help="A setting; see docs/configuration.md. Repeatable."
)


@click.group(no_args_is_help=True)
def app() -> None:
    """Query, serve and maintain the law that protects children from sexual abuse material, as linked open data."""


def say(message: str) -> None:
    """Print a message to stderr."""
    print(message, file=sys.stderr, flush=True)


@app.command()
@_option("--out", type=_FILE, help="Folder of the release (default: the one that is served).")
def build(out: Path | None) -> None:
    """Build a release from the tables: construct, derive, validate, write."""
    _build(out or paths.default_release())


def _build(folder: Path) -> release.Release:
    from tutela.release.build import build as build_release  # noqa: PLC0415 - rdflib and pySHACL take 0.5 s to load

    try:
        with _progress() as progress:
            built, warnings = build_release(folder, progress)
    except BuildFailedError as error:
        _show_results(error.results)
        raise
    if warnings:
        _show_results(warnings)
    say(f"Release {built.version} ({built.manifest['quads']} quads) is in {folder}")
    return built


@contextmanager
def _progress() -> "Iterator[Callable[[str], None]]":
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


def _open_release(folder: Path | None) -> release.Release:
    """Open the given release, or the default one, which is built if it does not exist."""
    if folder is not None:
        return release.open_release(folder)
    default = paths.default_release()
    if not release.is_release(default):
        return _build(default)
    opened = release.open_release(default)
    if not release.is_current(opened):
        say(f"Release {opened.version} is older than the tables or queries; run `tutela build` to build a new one.")
    return opened


def _show_results(results: "list[ValidationResult]") -> None:
    """Print validation results: as a table on a terminal, otherwise one line each, so that logs can be searched."""
    if not sys.stderr.isatty():
        for result in results:
            fields = (result.severity, result.where, result.resource, result.found, f"expected: {result.expected}")
            say(" | ".join(fields))
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(show_lines=True)
    for heading in ("severity", "file and row", "resource", "found", "expected"):
        table.add_column(heading, overflow="fold")
    for result in results:
        table.add_row(result.severity, result.where, result.resource, result.found, result.expected)
    Console(stderr=True, highlight=False).print(table, markup=False)


@app.command()
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@_option("--format", "report_format", default="text", help="text, json or turtle (default: text)")
@_release_option
def validate(files: tuple[Path, ...], report_format: str, folder: Path | None) -> None:
    """Validate your own RDF (.ttl .nt .nq .trig .jsonld .rdf) against the shapes, or your own tables (.csv).

    A table is validated in place of the project's table of the same name; with --release, of that release's, against its shapes
    and checks. Resources that the RDF refers to without describing them are looked up in the release.
    """
    from tutela.validation.files import validate_files  # noqa: PLC0415

    place = folder or paths.default_release()
    opened = release.open_release(place) if folder or release.is_release(place) else None
    # A release that is named is validated with as well: its own tables, ontology, shapes and checks.
    store = _prepared(opened) if opened else None
    with release.verified_source(opened) if opened and folder else nullcontext() as source:
        text, conforms = validate_files(files, report_format, store, source)
    print(text, end="")
    if not conforms:
        sys.exit(1)


@app.command()
def queries() -> None:
    """List the queries of the catalogue with their parameters."""
    from tutela.catalog import Catalog  # noqa: PLC0415

    for query in Catalog.load():
        parameters = " ".join(
            f"{p.name}={p.example}" if p.default is None else f"[{p.name}={p.default}]" for p in query.parameters
        )
        print(f"{query.name} {parameters}".rstrip())
        print(f"    {query.title}")


@app.command()
@click.argument("name", metavar="NAME|FILE.rq")
@_option("--param", multiple=True, metavar="KEY=VALUE", help="A parameter. Repeatable.")
@_option(
    "--format",
    "result_format",
    default="",
    help="table, csv, tsv, json or xml; for triples turtle, ntriples, jsonld or rdfxml",
)
@_release_option
def query(name: str, param: tuple[str, ...], result_format: str, folder: Path | None) -> None:
    """Run a query of the catalogue, or a query file of your own.

    In a query file, the prefixes that docs/api.md lists need no declaration.
    """
    from tutela.catalog import Catalog  # noqa: PLC0415

    values = _pairs("--param", param)
    store = _prepared(_open_release(folder))
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
        _show_rows(result.columns, [[value or "" for value in row] for row in result.rows()])
    else:
        sys.stdout.buffer.write(result.serialize(result_format))
    sys.stdout.flush()


def _prepared(opened: release.Release) -> "EmbeddedStore":
    """Return the prepared store of a release."""
    from tutela.release.prepared import open_prepared  # noqa: PLC0415

    cache = settings.load().cache.folder
    return open_prepared(opened, Path(cache) if cache else None)


def _pairs(option: str, texts: Sequence[str]) -> dict[str, str]:
    """Return the values of a repeatable option of the form KEY=VALUE."""
    wrong = [text for text in texts if "=" not in text]
    if wrong:
        raise UsageError(f"{option} {', '.join(wrong)}: expected {'SECTION.NAME' if option == '--set' else 'KEY'}=VALUE.")
    return dict(text.split("=", 1) for text in texts)


def _show_rows(columns: list[str], rows: list[list[str]]) -> None:
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


@app.command()
@_option("--host", help="Address to listen on (default: 127.0.0.1).")
@_option("--port", type=click.IntRange(0, 65535), help="Port to listen on (default: 8000).")
@_option("--unix-socket", metavar="PATH", help="A Unix socket to listen on instead.")
@_option("--root-path", metavar="PATH", help="URL path that a proxy serves this service under, such as /law.")
@_option(
    "--trusted-proxy",
    multiple=True,
    metavar="ADDRESS|NETWORK",
    help="A proxy whose X-Forwarded-For, -Host, -Proto, -Prefix and Forwarded headers are used. Repeatable.",
)
@_option("--allowed-host", multiple=True, metavar="HOST", help="A host name that requests may name (default: any). Repeatable.")
@_endpoint_option
@_option("--service", multiple=True, metavar="URL", help="An endpoint that SERVICE may call. Repeatable.")
@_option("--cache", type=click.IntRange(0), metavar="MB", help="Memory for cached responses (default: 64).")
@_option("--log-level", help="debug, info, warning or error (default: warning)")
@_option("--access-log", is_flag=True, default=None, help="Log each request to stderr.")
@_release_option
@_config_option
@_set_option
def serve(  # noqa: PLR0913, PLR0917 - the options of the command
    host: str | None,
    port: int | None,
    unix_socket: str | None,
    root_path: str | None,
    trusted_proxy: tuple[str, ...],
    allowed_host: tuple[str, ...],
    endpoint: str | None,
    service: tuple[str, ...],
    cache: int | None,
    log_level: str | None,
    access_log: bool | None,
    folder: Path | None,
    config: Path | None,
    set_: tuple[str, ...],
) -> None:
    """Serve a release over HTTP: pages, SPARQL at /sparql, linked data. The release is built first if it does not exist.

    When another release is put in its folder, or on SIGHUP, the service loads it and switches to it.
    """
    is_reload_requested = Event()
    signal.signal(signal.SIGHUP, lambda *_: is_reload_requested.set())
    if unix_socket and (host or port is not None):
        raise UsageError("--unix-socket replaces --host and --port; give one or the other.")
    options = {
        "server.host": host,
        "server.port": port,
        "server.unix_socket": unix_socket,
        "server.root_path": root_path,
        "server.trusted_proxies": trusted_proxy or None,
        "server.allowed_hosts": allowed_host or None,
        "server.log_level": log_level,
        "server.access_log": access_log,
        "endpoint.url": endpoint,
        "cache.response_bytes": None if cache is None else cache << 20,
    }
    loaded = _load_settings(set_, config, options)
    engine, files, next_engine = _engine(loaded, service, folder)
    from tutela.web import server  # noqa: PLC0415 - loaded while the fork server loads the release
    from tutela.web.app import create_app  # noqa: PLC0415
    from tutela.web.serving import ReleaseLoader  # noqa: PLC0415

    loader = ReleaseLoader(WatchedFolder((folder or paths.default_release()).absolute()), next_engine)
    web = create_app(engine, files, loaded, loader)
    signal.signal(signal.SIGHUP, lambda *_: web.state.serving.request_reload())
    if is_reload_requested.is_set():
        web.state.serving.request_reload()
    served = f"from {loaded.endpoint.url}" if loaded.endpoint.url or files is None else f"release {files.version}"
    server.serve(web, served, loaded.server)


def _load_settings(set_: Sequence[str], config: Path | None, options: dict[str, Any]) -> Settings:
    """Return the settings; an option of its own takes precedence over ``--set``."""
    given = {key: value for key, value in options.items() if value is not None}
    return settings.load({**_pairs("--set", set_), **given}, config)


def _engine(loaded: Settings, services: Sequence[str], folder: Path | None) -> "_Started":
    """Return the engine that the settings ask for, the files of a release, and what returns an engine for the next release."""
    from tutela.engine import start  # noqa: PLC0415

    if loaded.endpoint.url:
        place = folder or paths.default_release()
        files = Snapshot.of(release.open_release(place)) if folder or release.is_release(place) else None
        engine = start.remote(loaded, services)
        return engine, files, lambda _: engine
    files = Snapshot.of(_open_release(folder))
    load = start.embedded(loaded, services)
    return load(files), files, load


@app.command()
@_endpoint_option
@_release_option
@_config_option
@_set_option
def mcp(endpoint: str | None, folder: Path | None, config: Path | None, set_: tuple[str, ...]) -> None:
    """Serve AI agents over the Model Context Protocol, on standard input and output.

    The release stays the one that was there at the start; a client that starts the command again gets the next one.
    """
    loaded = _load_settings(set_, config, {"endpoint.url": endpoint})
    engine, files, _ = _engine(loaded, (), folder)
    from tutela.mcp_server import create_server, run  # noqa: PLC0415 - takes a second; the fork server loads meanwhile

    run(create_server(engine, files, files.version if files and not loaded.endpoint.url else ""))


@app.command()
@_option("--endpoint", required=True, metavar="URL", help="The query endpoint of the engine.")
@_option("--update", metavar="URL", help="The update endpoint, if it is another (SPARQL 1.1 Protocol, section 2.2).")
@_release_option
def publish(endpoint: str, update: str | None, folder: Path | None) -> None:
    """Load a release into a SPARQL 1.1 engine and make it the current one there.

    Credentials are read from TUTELA_ENDPOINT_USER and TUTELA_ENDPOINT_PASSWORD.
    """
    from tutela.release.publish import Target  # noqa: PLC0415
    from tutela.release.publish import publish as publish_release  # noqa: PLC0415

    opened = _open_release(folder)
    target = Target(endpoint, update or endpoint, settings.load().endpoint.publish_timeout_s)
    with _progress() as progress:
        changed = publish_release(opened, target, progress)
    say(f"Release {opened.version} {'is now' if changed else 'was already'} the current release of {endpoint}.")


@app.command()
@click.argument("report", type=_FILE, metavar="REPORT.txt")
@_option("--edition", type=int, required=True, help="The number of its edition.")
@_option("--out", type=_FILE, required=True, help="Folder for the tables.")
def ingest(report: Path, edition: int, out: Path) -> None:
    """Transcribe the table, notes and totals of a report, from its plain text, to CSV tables."""
    from tutela.importers.icmec_report import ingest as transcribe_report  # noqa: PLC0415

    for path in transcribe_report(report, edition, out, paths.table_files()["jurisdictions"]):
        print(path)


@app.command()
@click.argument("a", type=_FILE)
@click.argument("b", type=_FILE)
def diff(a: Path, b: Path) -> None:
    """Show the quads that only the release in folder B has (+) and that only the release in A has (-), as N-Quads."""
    from tutela.release.bundle import diff as diff_releases  # noqa: PLC0415

    for sign, line in diff_releases(release.open_release(a), release.open_release(b)):
        print(f"{sign} {line}")


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
