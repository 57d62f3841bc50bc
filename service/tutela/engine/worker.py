"""A worker process: it evaluates one query at a time over the release that the fork server loaded.

It can open no file and reach no network address, unless ``SERVICE`` is allowed for some URLs.
"""

import faulthandler
import io
import json
import os
import resource
import socket
import time
from pathlib import Path
from typing import Any, NoReturn

from tutela.engine import messages
from tutela.errors import ForbiddenQueryError, QueryError, UnwritableResultError
from tutela.sparql.embedded import EmbeddedStore


class _TooLargeError(Exception):
    """The response is larger than allowed."""


class _ResponseWriter(io.RawIOBase):
    """A stream for a response: buffers a small one, sends a large one in chunks, and rejects one above the limit."""

    def __init__(self, connection: socket.socket, header: dict[str, Any], max_bytes: int) -> None:
        super().__init__()
        self.header = header
        self._connection = connection
        self._max_bytes = max_bytes
        self._size = 0
        self._buffer: list[bytes] = []
        self._buffered = 0
        self._started = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        chunk = bytes(data)
        self._size += len(chunk)
        if self._size > self._max_bytes:
            raise _TooLargeError
        self._buffer.append(chunk)
        self._buffered += len(chunk)
        if self._buffered >= messages.CHUNK_BYTES:
            self._send_chunk()
        return len(chunk)

    def _send_chunk(self) -> None:
        if not self._started:
            messages.send(self._connection, json.dumps({**self.header, "chunked": True}).encode())
            self._started = True
        messages.send(self._connection, b"".join(self._buffer))
        self._buffer, self._buffered = [], 0

    def finish(self, status: str) -> None:
        """Send a small response at once, or the end of a large one and its final status."""
        if status != messages.OK:
            self._buffer = []
        if not self._started:
            header = {**self.header, "status": status, "cpu_s": time.process_time()}
            messages.send(self._connection, json.dumps(header).encode(), b"".join(self._buffer))
            return
        if self._buffer:
            messages.send(self._connection, b"".join(self._buffer))
        messages.send(self._connection, b"", status.encode())


def _respond(store: EmbeddedStore, request: dict[str, Any], connection: socket.socket, max_bytes: int) -> None:
    """Evaluate a query and send the response."""
    writer = _ResponseWriter(connection, {"status": messages.OK}, max_bytes)
    try:
        result = store.query(request["query"], default_graphs=request["default_graphs"], named_graphs=request["named_graphs"])
        writer.header["kind"] = result.kind
        format_name = request["formats"].get(result.kind)
        if format_name is None:
            writer.finish(messages.NO_FORMAT)
            return
        result.write(format_name, writer)
        writer.finish(messages.OK)
    except QueryError as error:
        # An error may occur after rows were sent; then the final status is all that can be reported.
        writer.header["message"] = str(error)
        writer.finish(messages.FORBIDDEN if isinstance(error, ForbiddenQueryError) else messages.INVALID)
    except UnwritableResultError as error:
        writer.header["message"] = str(error)
        writer.finish(messages.UNWRITABLE)
    except _TooLargeError:
        writer.finish(messages.TOO_LARGE)
    except MemoryError:
        writer.finish(messages.OUT_OF_MEMORY)


def run(store: EmbeddedStore, connection: socket.socket, memory_bytes: int, max_bytes: int) -> NoReturn:
    """Evaluate queries until the connection is closed.

    Args:
        store: the release.
        connection: the connection to the service.
        memory_bytes: memory to use beyond the loaded release.
        max_bytes: largest response.

    """
    # Oxigraph writes to stderr when it runs out of memory.
    devnull = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(devnull, stream)
    os.close(devnull)
    faulthandler.enable(connection.fileno(), all_threads=False)  # tells the service that the stack overflowed
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + memory_bytes, used + memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not store.services:
        # SERVICE is rejected by the read-only guard; without a free descriptor no socket could be opened either.
        resource.setrlimit(resource.RLIMIT_NOFILE, (connection.fileno() + 1, connection.fileno() + 1))
    try:
        while (data := messages.receive(connection)) is not None:
            _respond(store, json.loads(data), connection, max_bytes)
    finally:
        os._exit(0)
