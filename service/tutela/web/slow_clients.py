"""Timeouts for slow clients: a request must arrive, and a response must be read, at a minimum rate.

Otherwise idle connections would use up file descriptors, and unread responses memory. (nginx calls these
client_header_timeout and send_timeout.)
"""

import asyncio
from typing import Any

from tutela.settings import ServerSettings
from tutela.web.http_protocol import HttpProtocol


def timeout_protocol(settings: ServerSettings) -> type[asyncio.Protocol]:
    """Return the HTTP protocol with timeouts."""
    return type("TimeoutProtocol", (_TimeoutProtocol, HttpProtocol), {"settings": settings})


class _TimeoutProtocol(asyncio.Protocol):
    """An addition to uvicorn's protocol, to which ``cycle`` and ``transport`` belong."""

    settings: ServerSettings
    cycle: Any
    transport: asyncio.Transport
    _request_timer: asyncio.TimerHandle | None = None
    _response_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start to wait for a request."""
        super().connection_made(transport)
        self._start_request_timer()

    def data_received(self, data: bytes) -> None:
        """Stop the timer when the request is complete; start it at the first byte of another."""
        super().data_received(data)
        if not self._is_request_incomplete:
            self._stop_request_timer()
        elif self._request_timer is None:
            self._start_request_timer()

    def pause_writing(self) -> None:
        """Start to check whether the client reads the response."""
        super().pause_writing()
        self._start_response_timer()

    def resume_writing(self) -> None:
        """Stop checking; the client has read it."""
        super().resume_writing()
        self._stop_response_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers."""
        self._stop_request_timer()
        self._stop_response_timer()
        super().connection_lost(exc)

    @property
    def _is_request_incomplete(self) -> bool:
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def _start_request_timer(self) -> None:
        loop = asyncio.get_running_loop()
        self._request_timer = loop.call_later(self.settings.request_timeout_s, self._on_request_timeout)

    def _stop_request_timer(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def _on_request_timeout(self) -> None:
        self._request_timer = None
        if self._is_request_incomplete:
            self.transport.abort()

    def _start_response_timer(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        loop = asyncio.get_running_loop()
        self._response_timer = loop.call_later(self.settings.slow_client_check_s, self._check_response, waiting)

    def _stop_response_timer(self) -> None:
        if self._response_timer is not None:
            self._response_timer.cancel()
            self._response_timer = None

    def _check_response(self, before: int) -> None:
        expected = self.settings.min_client_rate * self.settings.slow_client_check_s
        if before - self.transport.get_write_buffer_size() < expected:
            self.transport.abort()
        else:
            self._start_response_timer()
