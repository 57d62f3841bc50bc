"""A response on its way from a worker to a client: its beginning, then the chunks of a large one as they arrive."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from tutela.engine.base import QueryResponse
from tutela.errors import IncompleteResponseError


class ResponseStream:
    """A response that may arrive in chunks.

    Args:
        on_cancel: called when the reader stops reading.
        on_chunk: called when a chunk arrives.

    """

    def __init__(self, on_cancel: Callable[[], None], on_chunk: Callable[[], None]) -> None:
        self.buffered_bytes = 0  # chunks that were received and not read
        self.response: asyncio.Future[QueryResponse] = asyncio.get_running_loop().create_future()
        self._chunks: asyncio.Queue[bytes | Exception | None] | None = None
        self._on_cancel = on_cancel
        self._on_chunk = on_chunk

    def start(self, response: QueryResponse) -> None:
        """Deliver the first chunk of a large response."""
        self._chunks = asyncio.Queue()
        if not self.response.done():
            self.response.set_result(replace(response, rest=self._rest(self._chunks)))

    def add(self, chunk: bytes) -> None:
        """Deliver a further chunk."""
        assert self._chunks is not None  # noqa: S101 - see `start`
        self.buffered_bytes += len(chunk)
        self._chunks.put_nowait(chunk)
        self._on_chunk()

    def finish(self, response: QueryResponse) -> None:
        """Deliver a small response, or the end of a large one."""
        if self._chunks is not None:
            self._chunks.put_nowait(None)
        elif not self.response.done():
            self.response.set_result(response)

    def set_error(self, error: Exception) -> None:
        """Fail the response, or end it early."""
        if self._chunks is not None:
            if not isinstance(error, IncompleteResponseError):
                incomplete = IncompleteResponseError(f"The response is incomplete. {error}")
                incomplete.__cause__ = error
                error = incomplete
            self._chunks.put_nowait(error)
        elif not self.response.done():
            self.response.set_exception(error)

    async def _rest(self, chunks: "asyncio.Queue[bytes | Exception | None]") -> AsyncIterator[bytes]:
        try:
            while (chunk := await chunks.get()) is not None:
                if isinstance(chunk, Exception):
                    raise chunk
                self.buffered_bytes -= len(chunk)
                yield chunk
        finally:
            self._on_cancel()
