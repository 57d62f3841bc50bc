"""The service's end of the connection to a worker process."""

import asyncio
import contextlib
import json
import math
import os
import select
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tutela.engine.base import QueryResponse
from tutela.engine.messages import LENGTH, STACK_OVERFLOW
from tutela.engine.response_stream import ResponseStream

CLOCK_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Outcome:
    """How a query ended on its worker: a status of `tutela.engine.messages`, an error message, and the response."""

    status: str
    message: str
    response: QueryResponse


class WorkerConnection(asyncio.Protocol):
    """A connection to a worker process. Messages are read without a task, because most responses are small and quick.

    Args:
        pid: its process id.
        on_idle_exit: called if it exits while it has no query, and nobody killed it.

    """

    def __init__(self, pid: int, on_idle_exit: "Callable[[WorkerConnection], None]") -> None:
        self.pid = pid
        self._is_closed = False
        self._poll = select.poll()
        self.cpu_s = 0.0  # CPU time that it had used at the end of its last response
        self._transport: asyncio.Transport | None = None
        self._stream: ResponseStream | None = None
        self._on_outcome: Callable[[Outcome | None], None] | None = None
        self._on_idle_exit: Callable[[WorkerConnection], None] | None = on_idle_exit
        self._data = bytearray()
        self._messages: list[bytes] = []
        self._header: dict[str, Any] | None = None  # of a chunked response, while its chunks arrive

    @property
    def is_closed(self) -> bool:
        """Whether the worker has exited, even if the event loop has not noticed it yet."""
        return self._is_closed or bool(self._poll.poll(0))

    @property
    def has_overflowed(self) -> bool:
        """Whether the worker has exited because a query needed more stack than there is."""
        return self._is_closed and self._data.startswith(STACK_OVERFLOW)

    def request(self, message: bytes, stream: ResponseStream, on_outcome: Callable[[Outcome | None], None]) -> None:
        """Send a query.

        Args:
            message: the request.
            stream: receives the chunks of a large response.
            on_outcome: called when the query has ended; with None if the worker has exited.

        """
        assert self._transport is not None  # noqa: S101 - connected
        self._stream, self._on_outcome = stream, on_outcome
        self._transport.write(LENGTH.pack(len(message)) + message)

    def current_cpu_s(self) -> float:
        """Return the CPU time that the worker has used, in seconds (proc(5), stat: utime and stime)."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return math.inf  # it has exited; its socket will report that
        return (int(fields[11]) + int(fields[12])) * CLOCK_TICK_S

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if the worker still runs."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the worker without reporting an outcome."""
        self._on_outcome = self._on_idle_exit = None
        self.signal(signal.SIGKILL)
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BaseProtocol.connection_made`."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's has the methods but not the class
        self._poll.register(transport.get_extra_info("socket").fileno(), 0)  # the end of the connection is always reported

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.BaseProtocol.connection_lost`."""
        self._is_closed = True
        if self._on_outcome is not None:
            self._report(None)
        elif self._on_idle_exit is not None:
            self._on_idle_exit(self)

    def data_received(self, data: bytes) -> None:
        """Split received data into messages; see `tutela.engine.messages`."""
        self._data += data
        start = 0
        while len(self._data) - start >= LENGTH.size:
            end = start + LENGTH.size + LENGTH.unpack_from(self._data, start)[0]
            if len(self._data) < end:
                break
            self._on_message(bytes(self._data[start + LENGTH.size : end]))
            start = end
        del self._data[:start]

    def _on_message(self, message: bytes) -> None:
        if self._header is None:
            self._messages.append(message)
            if len(self._messages) == 2:
                header: dict[str, Any] = json.loads(self._messages[0])
                self._messages.clear()
                self._on_first_chunk(header, message)
        elif self._messages:  # the message after an empty one is the final status
            self._messages.clear()
            outcome = Outcome(message.decode(), "", QueryResponse(self._header["kind"], b""))
            self._header = None
            self.cpu_s = self.current_cpu_s()
            self._report(outcome)
        elif message:
            assert self._stream is not None  # noqa: S101 - a request was sent
            self._stream.add(message)
        else:
            self._messages.append(message)

    def _on_first_chunk(self, header: dict[str, Any], body: bytes) -> None:
        response = QueryResponse(header.get("kind", ""), body)
        if header.get("chunked"):
            self._header = header
            assert self._stream is not None  # noqa: S101 - a request was sent
            self._stream.start(response)
        else:
            self.cpu_s = header["cpu_s"]
            self._report(Outcome(header["status"], header.get("message", ""), response))

    def _report(self, outcome: Outcome | None) -> None:
        on_outcome, self._on_outcome, self._stream = self._on_outcome, None, None
        if on_outcome is not None:
            on_outcome(outcome)
