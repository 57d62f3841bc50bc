"""How long the service waits for a client: who sends a request too slowly, or takes an answer too slowly, is cut off.

Without that, connections that are opened and left so would use up the descriptors of the process, and answers that nobody
takes its memory; the limits of queries hold for neither.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

# Seconds for a whole request, head and body, from its first byte (of a connection's first request: from the connection).
ARRIVAL: float = 60
# Seconds between two looks at an answer that waits for its client, and the bytes that must be gone in between.
LOOK: float = 30
TAKEN = 1024 * 30


class _Patience(asyncio.Protocol):
    """What is added to uvicorn's protocol; ``cycle`` and ``transport`` are its names."""

    cycle: Any
    transport: asyncio.Transport
    _arrival: asyncio.TimerHandle | None = None
    _departure: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._arrival = asyncio.get_running_loop().call_later(ARRIVAL, self._give_up)

    def data_received(self, data: bytes) -> None:
        """Take what has come; when the request is whole stop the clock, at the first byte of another start it again."""
        super().data_received(data)
        if not self._is_owed:
            self._arrival = _stop(self._arrival)
        elif self._arrival is None:
            self._arrival = asyncio.get_running_loop().call_later(ARRIVAL, self._give_up)

    def pause_writing(self) -> None:
        """Begin to look whether the client takes the answer."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Look no more: it has taken it."""
        super().resume_writing()
        self._departure = _stop(self._departure)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks."""
        self._arrival, self._departure = _stop(self._arrival), _stop(self._departure)
        super().connection_lost(exc)

    @property
    def _is_owed(self) -> bool:
        """Whether the client has still to send something of a request."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def _give_up(self) -> None:
        self._arrival = None
        if self._is_owed:
            self.transport.abort()

    def _watch(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        self._departure = asyncio.get_running_loop().call_later(LOOK, self._look, waiting)

    def _look(self, before: int) -> None:
        if before - self.transport.get_write_buffer_size() < TAKEN:
            self.transport.abort()
        else:
            self._watch()


def _stop(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """Stop a clock; return what stands in its place."""
    if timer is not None:
        timer.cancel()
    return None


PatientProtocol: type[asyncio.Protocol] = type("PatientProtocol", (_Patience, AutoHTTPProtocol), {})
