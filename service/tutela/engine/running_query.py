"""A query on its worker, from the fast lane to its end."""

import asyncio
import time
from enum import Enum
from typing import TYPE_CHECKING

from tutela.engine.response_stream import ResponseStream
from tutela.engine.worker_connection import Outcome, WorkerConnection
from tutela.errors import OverloadedError, TutelaError

if TYPE_CHECKING:
    from tutela.engine.worker_pool import WorkerPool

_BUFFERS_FULL = "Slow clients hold too many buffered responses; try again later, or make the query more selective."


class State(Enum):
    """The state of a running query.

    ::

        FAST --(after fast_lane_cpu_s on the clock)--> WATCHED --(after fast_lane_cpu_s of CPU)--> SLOW
          |                                               |                                          |
          +-----------------------------------------------+------------------------------------------+--> FINISHED
    """

    FAST = "on a worker of the fast lane"
    WATCHED = "on a worker of the fast lane, whose CPU time is watched by a task"
    SLOW = "in the slow lane, or waiting for it; its worker no longer counts towards the fast lane"
    FINISHED = "ended, failed or cancelled"


class RunningQuery:
    """A query on its worker."""

    def __init__(self, pool: "WorkerPool", worker: WorkerConnection) -> None:
        self.worker = worker
        self.state = State.FAST
        self.started = time.monotonic()
        self.cpu_at_start_s = worker.cpu_s
        self.stream = ResponseStream(self.cancel, self._check_buffers)
        self.has_exited_early = False
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._outcome: asyncio.Future[Outcome | None] = self._loop.create_future()
        self._timer = self._loop.call_later(pool.limits.fast_lane_cpu_s, self._start_watching)

    def on_outcome(self, outcome: Outcome | None) -> None:
        """Handle the end of the query on its worker; None if the worker has exited."""
        if self.state is not State.FAST:
            if not self._outcome.done():
                self._outcome.set_result(outcome)
            return
        self._finish()
        self.has_exited_early = outcome is None
        try:
            self.stream.finish(self._pool.release_worker(self.worker, outcome, slow=False))
        except TutelaError as error:
            self.stream.set_error(error)

    def cancel(self) -> None:
        """Stop the query: its client has disconnected, or holds too many buffered chunks."""
        state = self.state
        if state is State.FINISHED:
            return
        self._finish()
        if self._task is not None:
            self._task.cancel()
        if state is State.SLOW:
            self._pool.discard(self.worker)
        else:
            self._pool.replace(self.worker)
        self.stream.response.cancel()

    async def wait(self, timeout_s: float) -> bool:
        """Wait for the end of the query; return whether it ended within the timeout."""
        await asyncio.wait({self._outcome}, timeout=max(0, timeout_s))
        return self._outcome.done()

    @property
    def outcome(self) -> Outcome | None:
        """The outcome, after `wait` returned true."""
        return self._outcome.result()

    def _finish(self) -> None:
        self.state = State.FINISHED
        self._timer.cancel()

    def _check_buffers(self) -> None:
        if self.state is not State.FINISHED and self._pool.buffered_bytes > self._pool.limits.max_buffered_bytes:
            self.stream.set_error(OverloadedError(_BUFFERS_FULL))
            self.cancel()

    def _start_watching(self) -> None:
        self.state = State.WATCHED
        self._task = self._loop.create_task(self._supervise())

    async def _supervise(self) -> None:
        try:
            response = await self._pool.supervise(self)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._finish()
            self.stream.set_error(error)
        else:
            self._finish()
            self.stream.finish(response)
