"""Commands that serve a release."""

import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from tutela import paths, release, settings
from tutela.cli.options import config_option, endpoint_option, option, pairs, release_option, set_option
from tutela.cli.releases import open_release
from tutela.errors import UsageError
from tutela.release.snapshot import Snapshot
from tutela.release.watched_folder import WatchedFolder
from tutela.settings import Settings

if TYPE_CHECKING:
    from tutela.engine.base import Engine

    _Started = tuple[Engine, Snapshot | None, Callable[[Snapshot], Engine]]


@click.command()
@option("--host", help="Address to listen on (default: 127.0.0.1).")
@option("--port", type=click.IntRange(0, 65535), help="Port to listen on (default: 8000).")
@option("--unix-socket", metavar="PATH", help="A Unix socket to listen on instead.")
@option("--root-path", metavar="PATH", help="URL path that a proxy serves this service under, such as /law.")
@option(
    "--trusted-proxy",
    multiple=True,
    metavar="ADDRESS|NETWORK",
    help="A proxy whose X-Forwarded-For, -Host, -Proto, -Prefix and Forwarded headers are used. Repeatable.",
)
@option("--allowed-host", multiple=True, metavar="HOST", help="A host name that requests may name (default: any). Repeatable.")
@option("--contact", metavar="ADDRESS|URL", help="Where “Report an error” on pages leads: a mail address, or an http(s) URL.")
@endpoint_option
@option("--service", multiple=True, metavar="URL", help="An endpoint that SERVICE may call. Repeatable.")
@option("--cache", type=click.IntRange(0), metavar="MB", help="Memory for cached responses (default: 64).")
@option("--log-level", help="debug, info, warning or error (default: warning)")
@option("--access-log", is_flag=True, default=None, help="Log each request to stderr.")
@release_option
@config_option
@set_option
def serve(  # noqa: PLR0913, PLR0917 - the options of the command
    host: str | None,
    port: int | None,
    unix_socket: str | None,
    root_path: str | None,
    trusted_proxy: tuple[str, ...],
    allowed_host: tuple[str, ...],
    contact: str | None,
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
        "server.contact": contact,
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
    return settings.load({**pairs("--set", set_), **given}, config)


def _engine(loaded: Settings, services: Sequence[str], folder: Path | None) -> "_Started":
    """Return the engine that the settings ask for, the files of a release, and what returns an engine for the next release."""
    from tutela.engine import start  # noqa: PLC0415

    if loaded.endpoint.url:
        place = folder or paths.default_release()
        files = Snapshot.of(release.open_release(place)) if folder or release.is_release(place) else None
        engine = start.remote(loaded, services)
        return engine, files, lambda _: engine
    files = Snapshot.of(open_release(folder))
    load = start.embedded(loaded, services)
    return load(files), files, load


@click.command()
@endpoint_option
@release_option
@config_option
@set_option
def mcp(endpoint: str | None, folder: Path | None, config: Path | None, set_: tuple[str, ...]) -> None:
    """Serve AI agents over the Model Context Protocol, on standard input and output.

    The release stays the one that was there at the start; a client that starts the command again gets the next one.
    """
    loaded = _load_settings(set_, config, {"endpoint.url": endpoint})
    engine, files, _ = _engine(loaded, (), folder)
    from tutela.mcp_server import create_server, run  # noqa: PLC0415 - takes a second; the fork server loads meanwhile

    run(create_server(engine, files, files.version if files and not loaded.endpoint.url else ""))
