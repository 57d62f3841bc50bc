"""Answer queries in worker processes, in two lanes, so that no query can hold up the others.

A query starts on a worker of the fast lane. What takes more than a moment of the processor moves to the slow lane: its worker is
made nice and another takes its place. Only the slow lane has a bound; queries that find it full wait for a place, and if
too many do already they are refused. At its deadline a query's worker is killed, which frees the processor at once.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from ctypes.util import find_library
from typing import Any
from weakref import WeakSet

from tutela.engine import Holding, LimitError, Limits, Reply
from tutela.errors import TutelaError
from tutela.release import Release
from tutela.store import EngineError
from tutela.worker import LENGTH, TICK, Flow, Worker

_BUSY = "Too many long queries are being answered; try again in a while, or ask for less."
_UNREAD = "Too much waits to be read by slow clients; try again in a while, or ask for less."
_GONE = "The process that makes workers is gone; start the service again."


class _Query:
    """A query on its worker: when it began, and how it ended, if anybody waits for that."""

    def __init__(self, pool: "Pool", worker: Worker) -> None:
        self.worker = worker
        self.flow = Flow(self.leave, self._bound)
        self.begun = time.monotonic()
        self.spent = worker.spent
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._end: asyncio.Future[Reply | None] | None = None
        self._over = False
        self._looked_at = False  # then the task takes the worker away when it is cancelled
        self._timer = self._loop.call_later(pool.limits.moment, self._watch)

    def ended(self, reply: Reply | None) -> None:
        """Take the answer, or that the worker is gone."""
        if self._end is not None:
            if not self._end.done():
                self._end.set_result(reply)
        else:
            self.tell(lambda: self._pool._settled(self.worker, reply, slow=False))

    def tell(self, outcome: Callable[[], Reply]) -> None:
        """Give out how it ended."""
        self._over = True
        self._timer.cancel()
        try:
            self.flow.end(outcome())
        except LimitError as error:
            self.flow.fail(error)

    def _bound(self) -> None:
        """Stop working if more waits for slow clients than there may."""
        if not self._over and self._pool.unread > self._pool.limits.unread:
            self.leave()
            self.flow.fail(LimitError("busy", _UNREAD))

    def leave(self, flow: Flow | None = None) -> None:
        """Stop working: the client is gone, or has no room."""
        if self._over:
            return
        self._over = True
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
        if not self._looked_at:
            self._pool._replace(self.worker)

    async def wait(self, seconds: float) -> bool:
        """Wait for the end; return whether it came within so many seconds."""
        assert self._end is not None  # noqa: S101 - it is watched
        await asyncio.wait({self._end}, timeout=max(0, seconds))
        return self._end.done()

    @property
    def reply(self) -> Reply | None:
        """The answer, when the wait for it is over."""
        assert self._end is not None  # noqa: S101 - it is watched
        return self._end.result()

    def _watch(self) -> None:
        """Have a query that takes more than a moment looked after."""
        self._end = self._loop.create_future()
        self._task = self._loop.create_task(self._looked_after())

    async def _looked_after(self) -> None:
        self._looked_at = True
        try:
            reply = await self._pool._through_the_lanes(self)
        except asyncio.CancelledError:
            self.flow.head.cancel()
            raise
        except Exception as error:
            self._over = True
            self.flow.fail(error)
        else:
            self._over = True
            self.flow.end(reply)


class Pool:
    """Workers over one release, an `Engine`. Start it in the loop that uses it.

    Args:
        release: what they answer from.
        limits: what a query may use.
        services: addresses that ``SERVICE`` may name.

    """

    def __init__(self, release: Release, limits: Limits | None = None, services: Collection[str] = ()) -> None:
        self.release = release
        self.limits = limits or Limits()
        self.services = services
        self._slow = asyncio.Semaphore(self.limits.slow)
        self._waiting = 0
        self._flows: WeakSet[Flow] = WeakSet()
        # The worker that was busy last comes first: what it read lies in the processor's caches still.
        self._idle: asyncio.Queue[Worker] = asyncio.LifoQueue()
        self._forking = asyncio.Lock()
        self._all: set[Worker] = set()
        self._nursery: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    async def start(self) -> None:
        """Load the release in the nursery and fork the fast lane.

        Raises:
            TutelaError: the release cannot be loaded.

        """
        ours, theirs = socket.socketpair()
        limits = self.limits
        command = [
            sys.executable,
            "-m",
            "tutela.nursery",
            str(self.release.dump),
            str(theirs.fileno()),
            str(limits.memory),
            str(limits.answer),
            *self.services,
        ]
        environment = {**os.environ, **_allocator()}
        self._nursery = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=environment)  # noqa: S603
        theirs.close()
        self._control = ours
        if await asyncio.to_thread(ours.recv, 1) != b"!":
            raise TutelaError(f"{self.release.dump}: the release cannot be loaded; run `tutela build` again.")
        for _ in range(limits.fast):
            self._idle.put_nowait(await self._fork())

    async def stop(self) -> None:
        """End every process."""
        for worker in list(self._all):
            self._discard(worker)
        if self._control is not None:
            self._control.close()
        if self._nursery is not None:
            self._nursery.terminate()
            await asyncio.to_thread(self._nursery.wait)

    async def holding(self) -> Holding:
        """Return what is served.

        Raises:
            EngineError: the nursery is gone, so that no workers can be had.

        """
        if self._nursery is None or self._nursery.poll() is not None:
            raise EngineError(_GONE)
        manifest = self.release.manifest
        return Holding(self.release.version, str(manifest["issued"]), int(manifest["quads"]))

    async def answer(
        self, query: str, forms: Mapping[str, str], default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> Reply:
        """Answer a query; see `Engine.answer`."""
        request = {
            "query": query,
            "forms": dict(forms),
            "default_graphs": list(default_graphs),
            "named_graphs": list(named_graphs),
        }
        worker = await self._idle.get()
        while worker.gone:
            self._replace(worker)
            worker = await self._idle.get()
        asked = _Query(self, worker)
        self._flows.add(asked.flow)
        worker.ask(json.dumps(request).encode(), asked.flow, asked.ended)
        try:
            return await asked.flow.head
        except asyncio.CancelledError:
            asked.leave()
            raise

    async def _through_the_lanes(self, query: _Query) -> Reply:
        """Return the answer to a query that has taken a moment already."""
        worker = query.worker
        try:
            # A moment of the processor, not of the clock: on a busy machine a small query waits for its turn.
            while (left := self.limits.moment - (worker.processor_time - query.spent)) > 0 and (
                time.monotonic() - query.begun < self.limits.seconds
            ):
                if await query.wait(max(left, TICK)):
                    return self._settled(worker, query.reply, slow=False)
                # Who waits for an endpoint elsewhere uses no processor, and yet a worker.
                if self.services and time.monotonic() - query.begun > 4 * self.limits.moment:
                    break
        except asyncio.CancelledError:
            # The client is gone: nobody waits for the rest.
            self._replace(worker)
            raise
        if self._slow.locked() and self._waiting >= self.limits.waiting:
            self._replace(worker)
            raise LimitError("busy", _BUSY)
        self._renew()
        try:
            return await self._slowly(query, query.begun + self.limits.seconds)
        except asyncio.CancelledError:
            self._discard(worker)
            raise

    async def _slowly(self, query: _Query, deadline: float) -> Reply:
        """Have a query go on in the slow lane; while that is full it stands still, and costs no time of the processor."""
        worker = query.worker
        worker.signal(signal.SIGSTOP)
        self._waiting += 1
        try:
            await asyncio.wait_for(self._slow.acquire(), max(0, deadline - time.monotonic()))
        except TimeoutError:
            self._discard(worker)
            raise LimitError("busy", _BUSY) from None
        finally:
            self._waiting -= 1
        try:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, worker.pid, 10)
            worker.signal(signal.SIGCONT)
            if not await query.wait(deadline - time.monotonic()):
                self._discard(worker)
                raise LimitError(
                    "time", f"The query took longer than {self.limits.seconds:g} seconds and was stopped; ask for less."
                )
            return self._settled(worker, query.reply, slow=True)
        finally:
            self._slow.release()

    @property
    def _too_much_memory(self) -> str:
        most = self.limits.memory >> 20
        return f"The query needed more than {most} MB of memory, or is nested too deeply, and was stopped; ask for less."

    @property
    def unread(self) -> int:
        """Bytes of answers that wait for their clients."""
        return sum(flow.unread for flow in self._flows)

    def _settled(self, worker: Worker, reply: Reply | None, *, slow: bool) -> Reply:
        if reply is None:
            # A worker that ran out of memory is gone without a word.
            self._discard(worker)
            if not slow:
                self._renew()
            raise LimitError("memory", self._too_much_memory)
        if slow:
            self._discard(worker)  # a nice process cannot be made quick again
        else:
            self._idle.put_nowait(worker)
        if reply.status == "large":
            message = f"The answer is larger than {self.limits.answer >> 20} MB; ask for less, or with LIMIT and OFFSET."
            raise LimitError("size", message)
        if reply.status == "memory":
            raise LimitError("memory", self._too_much_memory)
        return reply

    def _discard(self, worker: Worker) -> None:
        worker.kill()
        self._all.discard(worker)

    def _replace(self, worker: Worker) -> None:
        self._discard(worker)
        self._renew()

    def _renew(self) -> None:
        """Have another worker join the fast lane."""
        task: asyncio.Task[Any] = asyncio.ensure_future(self._fork())
        task.add_done_callback(
            lambda done: None if done.cancelled() or done.exception() else self._idle.put_nowait(done.result())
        )

    async def _fork(self) -> Worker:
        assert self._control is not None  # noqa: S101 - started
        async with self._forking:
            pid, descriptor = await asyncio.to_thread(_order, self._control)
        connection = socket.socket(fileno=descriptor)
        connection.setblocking(False)
        _, worker = await asyncio.get_running_loop().create_unix_connection(lambda: Worker(pid), sock=connection)
        self._all.add(worker)
        return worker

    def __del__(self) -> None:
        if self._nursery is not None and self._nursery.poll() is None:
            self._nursery.kill()


def _allocator() -> dict[str, str]:
    """Return the setting by which the loader gives the nursery an allocator made for many small pieces, if there is one.

    Evaluation takes and gives back memory all the time; with one of these it takes half the time or little more. (Oxigraph's
    own server brings mimalloc.)
    """
    if sys.platform != "linux" or "LD_PRELOAD" in os.environ:
        return {}
    found = find_library("jemalloc") or find_library("mimalloc")
    return {"LD_PRELOAD": found} if found else {}


def _order(control: socket.socket) -> tuple[int, int]:
    control.sendall(b"f")
    data, descriptors, _, _ = socket.recv_fds(control, 4, 1)
    if not descriptors:
        raise EngineError(_GONE)
    return LENGTH.unpack(data)[0], descriptors[0]
