"""Worker processes in two lanes, so that no query can delay the others.

A query starts on a worker of the fast lane. A query that uses more CPU time than the fast lane allows moves to the slow lane:
its worker is reniced and a new one is forked. Only the slow lane is bounded: queries that find it full wait for it, and if too
many wait already, they are refused. At its deadline a query's worker is killed, which frees the processor at once.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Collection, Mapping, Sequence
from weakref import WeakSet

from tutela.engine import messages
from tutela.engine.base import EngineHealth, QueryResponse, ReleaseInfo
from tutela.engine.fork_server_process import ForkServer
from tutela.engine.running_query import RunningQuery, State
from tutela.engine.worker_connection import CLOCK_TICK_S, Outcome, WorkerConnection
from tutela.errors import (
    EngineUnavailableError,
    ForbiddenQueryError,
    IncompleteResponseError,
    MemoryLimitError,
    OverloadedError,
    QueryError,
    QueryTimeoutError,
    ResultTooLargeError,
    UnavailableFormatError,
    UnwritableResultError,
)
from tutela.release import Release
from tutela.release.snapshot import Snapshot
from tutela.settings import QuerySettings
from tutela.sparql.embedded import TOO_DEEP

_QUEUE_FULL = "Too many long queries are running; try again later, or make the query more selective."
_STOPPED = "This release is no longer served; try again."
_ATTEMPTS = 3  # to evaluate a query whose worker exits at once
_NICENESS = 10  # of workers in the slow lane
# A query that waits for a SERVICE call uses no CPU, so it is promoted by the clock after this many times.
_SERVICE_WAIT_FACTOR = 4


class WorkerPool:
    """An `Engine` of worker processes over one release. Start it in the event loop that uses it.

    Args:
        release: the release; its N-Quads file must stay readable, as it does in a snapshot.
        limits: limits of a query.
        services: URLs that ``SERVICE`` may name.

    """

    def __init__(self, release: Release | Snapshot, limits: QuerySettings | None = None, services: Collection[str] = ()) -> None:
        self.release = release
        self.limits = limits or QuerySettings()
        self.services = services
        self._slow_lane = asyncio.Semaphore(self.limits.slow_workers)
        self._queued = 0
        self._queries: WeakSet[RunningQuery] = WeakSet()
        # The last worker used comes first: its data is still in the processor's cache.
        self._idle: asyncio.Queue[WorkerConnection | None] = asyncio.LifoQueue()
        self._workers: set[WorkerConnection] = set()
        self._spawning: set[asyncio.Task[WorkerConnection]] = set()
        self._fork_server = ForkServer(release.nquads, self.limits, services)
        self._is_stopped = False
        manifest = release.manifest
        digest = release.digest if isinstance(release, Snapshot) else ""
        self._info = ReleaseInfo(release.version, str(manifest["issued"]), int(manifest["quads"]), digest)

    def start_loading(self) -> None:
        """Start the fork server, which loads the release while the caller does something else; `start` waits for it."""
        self._fork_server.launch()

    async def start(self) -> None:
        """Load the release in the fork server and fork the workers of the fast lane.

        Raises:
            TutelaError: the release cannot be loaded.

        """
        await self._fork_server.start()
        for _ in range(self.limits.fast_lane):
            self._idle.put_nowait(await self._spawn())

    async def stop(self) -> None:
        """Stop all processes. Queries that still run fail."""
        self._is_stopped = True
        for query in list(self._queries):
            query.stream.set_error(EngineUnavailableError(_STOPPED))
            query.cancel()
        self._idle.put_nowait(None)  # wakes the queries that wait for a worker
        for task in self._spawning:
            task.cancel()
        for worker in list(self._workers):
            self.discard(worker)
        await self._fork_server.stop()

    async def current_release(self) -> ReleaseInfo:
        """Return the release."""
        return self._info

    def health(self) -> EngineHealth:
        """Return whether the fork server and workers run."""
        if not self._fork_server.is_loaded:
            return EngineHealth("The fork server is not running; it is being started again.")
        if all(worker.is_closed for worker in self._workers):
            return EngineHealth("No worker is running; they are being started again.")
        return EngineHealth("", self._info)

    def forget_release(self) -> None:
        """Do nothing: a pool has one release."""

    async def query(
        self, text: str, formats: Mapping[str, str], default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> QueryResponse:
        """Evaluate a query; see `Engine.query`."""
        request = {
            "query": text,
            "formats": dict(formats),
            "default_graphs": list(default_graphs),
            "named_graphs": list(named_graphs),
        }
        message = json.dumps(request).encode()
        for attempt in range(1, _ATTEMPTS + 1):
            worker = await self._idle_worker()
            running = RunningQuery(self, worker)
            self._queries.add(running)
            worker.request(message, running.stream, running.on_outcome)
            try:
                return await running.stream.response
            except asyncio.CancelledError:
                running.cancel()
                raise
            except MemoryLimitError:
                # Something else than this query may have ended the worker just before or after it got the query.
                if attempt == _ATTEMPTS or not running.has_exited_early:
                    raise
        raise AssertionError  # the last attempt returns or raises

    async def _idle_worker(self) -> WorkerConnection:
        """Wait for a worker of the fast lane."""
        try:
            async with asyncio.timeout(self.limits.timeout_s):
                while (worker := await self._idle.get()) is not None:
                    if not worker.is_closed:  # a worker that has exited is replaced by another
                        return worker
        except TimeoutError:
            raise EngineUnavailableError("No worker became free in time; try again later.") from None
        self._idle.put_nowait(None)  # for the next that waits
        raise EngineUnavailableError(_STOPPED)

    @property
    def buffered_bytes(self) -> int:
        """Bytes of all responses that wait for their clients."""
        return sum(query.stream.buffered_bytes for query in self._queries)

    async def supervise(self, query: RunningQuery) -> QueryResponse:
        """Watch a query that was not answered at once, and move it to the slow lane if it uses much CPU time."""
        limits = self.limits
        # CPU time, not time on the clock: on a busy machine a small query waits for its turn.
        while (left := limits.fast_lane_cpu_s - (query.worker.current_cpu_s() - query.cpu_at_start_s)) > 0 and (
            time.monotonic() - query.started < limits.timeout_s
        ):
            if await query.wait(max(left, CLOCK_TICK_S)):
                return self.release_worker(query.worker, query.outcome, slow=False)
            if self.services and time.monotonic() - query.started > _SERVICE_WAIT_FACTOR * limits.fast_lane_cpu_s:
                break
        if self._slow_lane.locked() and self._queued >= limits.queue_size:
            self.replace(query.worker)
            raise OverloadedError(_QUEUE_FULL)
        query.state = State.SLOW
        self._spawn_in_background()
        return await self._run_in_slow_lane(query, query.started + limits.timeout_s)

    async def _run_in_slow_lane(self, query: RunningQuery, deadline: float) -> QueryResponse:
        """Continue a query in the slow lane; while that is full the worker is stopped and uses no CPU time."""
        worker = query.worker
        worker.signal(signal.SIGSTOP)
        queued_since, was_full = time.monotonic(), self._slow_lane.locked()
        self._queued += 1
        try:
            await asyncio.wait_for(self._slow_lane.acquire(), max(0, deadline - time.monotonic()))
        except TimeoutError:
            self.discard(worker)
            raise OverloadedError(_QUEUE_FULL) from None
        finally:
            self._queued -= 1
        queued_s = time.monotonic() - queued_since if was_full else 0
        try:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, worker.pid, _NICENESS)
            worker.signal(signal.SIGCONT)
            if not await query.wait(deadline - time.monotonic()):
                self.discard(worker)
                if queued_s > self.limits.timeout_s / 2:  # it may need less than the timeout on a quieter machine
                    raise OverloadedError(_QUEUE_FULL)
                raise QueryTimeoutError(
                    f"The query took longer than {self.limits.timeout_s:g} seconds and was stopped; make it more selective."
                )
            return self.release_worker(worker, query.outcome, slow=True)
        finally:
            self._slow_lane.release()

    def release_worker(self, worker: WorkerConnection, outcome: Outcome | None, *, slow: bool) -> QueryResponse:
        """Return a worker to the pool, or replace it, and return the response or raise its error."""
        if outcome is None:
            # A worker that runs out of memory exits without a message.
            self.discard(worker)
            if not slow:
                self._spawn_in_background()
            raise MemoryLimitError(TOO_DEEP) if worker.has_overflowed else self._memory_error()
        if slow:
            self.discard(worker)  # the niceness of a process cannot be lowered again
        else:
            self._idle.put_nowait(worker)
        match outcome.status:
            case messages.OK:
                return outcome.response
            case messages.TOO_LARGE:
                size = self.limits.max_response_bytes >> 20
                message = f"The result is larger than {size} MB; make the query more selective, or use LIMIT and OFFSET."
                raise ResultTooLargeError(message)
            case messages.OUT_OF_MEMORY:
                raise self._memory_error()
            case messages.NO_FORMAT:
                raise UnavailableFormatError(outcome.response.kind)
            case messages.FORBIDDEN:
                raise ForbiddenQueryError(outcome.message)
            case messages.UNWRITABLE if outcome.message:
                raise UnwritableResultError(outcome.message)
            case _ if outcome.message:
                raise QueryError(outcome.message)
        raise IncompleteResponseError("The rest of the result cannot be evaluated.")

    def _memory_error(self) -> MemoryLimitError:
        size = self.limits.memory_bytes >> 20
        return MemoryLimitError(f"The query needed more than {size} MB of memory and was stopped; make it more selective.")

    def discard(self, worker: WorkerConnection) -> None:
        """Kill a worker."""
        worker.kill()
        self._workers.discard(worker)

    def replace(self, worker: WorkerConnection) -> None:
        """Kill a worker of the fast lane and fork another."""
        self.discard(worker)
        self._spawn_in_background()

    def _spawn_in_background(self) -> None:
        """Add a new worker to the fast lane."""
        if not self._is_stopped:
            task = asyncio.create_task(self._spawn())
            self._spawning.add(task)
            task.add_done_callback(self._on_spawned)

    def _on_spawned(self, task: "asyncio.Task[WorkerConnection]") -> None:
        self._spawning.discard(task)
        if not task.cancelled() and not task.exception():
            self._idle.put_nowait(task.result())

    async def _spawn(self) -> WorkerConnection:
        pid, descriptor = await self._fork_server.fork()
        connection = socket.socket(fileno=descriptor)
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        _, worker = await loop.create_unix_connection(lambda: WorkerConnection(pid, self.replace), sock=connection)
        self._workers.add(worker)
        return worker
