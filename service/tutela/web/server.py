"""The HTTP server."""

import copy
import logging
import resource
import signal
import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI

from tutela.errors import EngineError, LimitError, UsageError
from tutela.settings import ServerSettings
from tutela.web.listeners import listen
from tutela.web.slow_clients import timeout_protocol


def serve(app: FastAPI, served: str, settings: ServerSettings) -> None:
    """Serve an application until it is interrupted.

    Args:
        app: the application.
        served: description of what it serves, for the start message.
        settings: address, timeouts and logging.

    Raises:
        UsageError: the address is not available, or the log level is unknown.

    """
    levels = ("debug", "info", "warning", "error")
    if settings.log_level not in levels:
        raise UsageError(f"server.log_level is {settings.log_level!r}; expected one of {', '.join(levels)}.")
    logging.getLogger("uvicorn.error").addFilter(_one_line_on_abort)
    # Each client needs a file descriptor, and the default limit (often 1024) is low.
    _, maximum = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (maximum, maximum))
    log_config = copy.deepcopy(uvicorn.config.LOGGING_CONFIG)
    log_config["handlers"]["access"]["stream"] = "ext://sys.stderr"  # like every other message
    # Which release is served is logged at every level except error.
    log_config["loggers"]["tutela"] = {
        "handlers": ["default"],
        "level": "ERROR" if settings.log_level == "error" else "INFO",
        "propagate": False,
    }
    config = uvicorn.Config(
        app,
        log_config=log_config,
        http=timeout_protocol(settings),
        # Access log entries have the level info.
        log_level="info" if settings.access_log and settings.log_level in ("warning", "error") else settings.log_level,
        access_log=settings.access_log,
        proxy_headers=False,  # see OriginMiddleware
        ws="none",
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
    )
    with listen(settings) as (listener, address):
        # Until uvicorn handles them: in the machinery of an event loop that starts, their exceptions may be lost.
        signal.pthread_sigmask(signal.SIG_BLOCK, _Server.SIGNALS)
        print(f"Serving {served} at {address} - stop with Ctrl+C", flush=True)
        server = _Server(config)
        server.run(sockets=[listener])
        if server.stopped_by:  # uvicorn raises it in the event loop, which may lose it
            signal.raise_signal(server.stopped_by)


class _Server(uvicorn.Server):
    """A server that unblocks the signals that stop it when it handles them.

    Attributes:
        stopped_by: the signal that stopped it; 0 if none did.

    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)
    stopped_by: int = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start (called by uvicorn)."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self.SIGNALS)
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop (called by uvicorn)."""
        self.stopped_by = sig
        super().handle_exit(sig, frame)


def _one_line_on_abort(record: logging.LogRecord) -> bool:
    """Log an aborted response in one line. Its connection is closed too, so that the client notices (see `SparqlEndpoint`)."""
    error = record.exc_info[1] if record.exc_info else None
    cause = error.__cause__ if error else None
    if isinstance(cause, LimitError | EngineError):
        record.msg, record.args, record.exc_info = "Response aborted: %s", (str(cause),), None
    return True
