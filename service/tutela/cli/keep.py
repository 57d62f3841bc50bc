"""The command that opens forms in a browser, to enter and edit facts on this computer."""

import socket

import click

from tutela import paths
from tutela.cli.options import option
from tutela.errors import UsageError
from tutela.paths import Source


@click.command()
@option("--port", type=click.IntRange(0, 65535), default=8001, help="Port to listen on (default: 8001; 0 for any free one).")
def keep(port: int) -> None:
    """Enter and edit facts with forms in a browser, on this computer only.

    Open the address that is printed; it is valid as long as the command runs. See docs/maintaining-data.md.
    """
    import uvicorn  # noqa: PLC0415

    from tutela.keep.app import create_app  # noqa: PLC0415 - rdflib takes 0.5 s to load
    from tutela.keep.guard import Session  # noqa: PLC0415

    if not paths.is_checkout():
        raise UsageError("keep: this is an installed copy of Tutela, and its tables are not for editing; use a checkout.")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise UsageError(f"--port {port}: not available ({error.strerror}); choose another one.") from error
        session = Session(listener.getsockname()[1])
        print(f"Open {session.address} - stop with Ctrl+C", flush=True)
        config = uvicorn.Config(
            create_app(Source.of_project(), session),
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
        )
        uvicorn.Server(config).run(sockets=[listener])
