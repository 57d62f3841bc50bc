"""Answer queries in worker processes, in two lanes, so that no query can hold up the others.

A query starts on a worker of the fast lane. What takes more than a moment of the processor moves to the slow lane: its worker is
made nice and another takes its place. Only the slow lane has a bound; queries that find it full wait for a place, and if
too many do already they are refused. At its deadline a query's worker is killed, which frees the processor at once.
"""

import asyncio
import contextlib
import json
import math
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from weakref import WeakSet

from tutela.engine import Holding, LimitError, Limits, Reply
from tutela.errors import TutelaError
from tutela.release import Release
from tutela.store import EngineError

_BUSY = "Too many long queries are being answered; try again in a while, or ask for less."
_GONE = "The process that makes workers is gone; start the service again."
_LENGTH = struct.Struct("!I")
_TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(eq=False)
class _Worker:
    pid: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def processor_time(self) -> float:
        """Seconds of processor that it has used (proc(5), stat: utime and stime)."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except FileNotFoundError:
            return math.inf  # it is gone, which its socket will tell
        return (int(fields[11]) + int(fields[12])) * _TICK

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it."""
        self.signal(signal.SIGKILL)
        self.writer.close()


class _Flow:
    """An answer on its way: its head, and the parts of a large one, which are taken from the worker as they come."""

    def __init__(self) -> None:
        self.head: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.parts: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.unread = 0  # bytes of the parts that are here
        self.work: asyncio.Future[None] | None = None

    def begin(self, reply: Reply) -> None:
        """Give out the first part, with which the others come."""
        if not self.head.done():
            self.head.set_result(replace(reply, rest=self._rest()))

    def end(self, reply: Reply) -> None:
        """Give out a small answer, or the end of a large one."""
        if not self.head.done():
            self.head.set_result(reply)
        elif reply.status == "ok":
            self.parts.put_nowait(None)
        else:
            self.parts.put_nowait(LimitError("broken", "The rest of the answer cannot be evaluated."))

    def fail(self, error: Exception) -> None:
        """Tell that there is no answer, or no more of it."""
        if not self.head.done():
            self.head.set_exception(error)
        else:
            self.parts.put_nowait(error)

    async def _rest(self) -> AsyncIterator[bytes]:
        try:
            while (part := await self.parts.get()) is not None:
                if isinstance(part, Exception):
                    raise part
                self.unread -= len(part)
                yield part
        finally:
            # Nobody reads on: what is left need not be found.
            if self.work is not None:
                self.work.cancel()


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
        self._flows: WeakSet[_Flow] = WeakSet()
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        self._forking = asyncio.Lock()
        self._all: set[_Worker] = set()
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
        self._nursery = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)  # noqa: S603
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
        flow = _Flow()
        self._flows.add(flow)
        flow.work = asyncio.ensure_future(self._manage(json.dumps(request).encode(), flow))
        try:
            return await flow.head
        except asyncio.CancelledError:
            flow.work.cancel()
            raise

    async def _manage(self, request: bytes, flow: "_Flow") -> None:
        """Have a request answered, and tell its flow how that ended."""
        try:
            flow.end(await self._through_the_lanes(request, flow))
        except LimitError as error:
            flow.fail(error)
        except asyncio.CancelledError:
            flow.head.cancel()
            raise
        except Exception as error:
            flow.fail(error)

    async def _through_the_lanes(self, request: bytes, flow: "_Flow") -> Reply:
        worker = await self._idle.get()
        begun, spent = time.monotonic(), worker.processor_time
        task = asyncio.ensure_future(self._ask(worker, request, flow))
        try:
            # A moment of the processor, not of the clock: on a busy machine a small query waits for its turn.
            left = self.limits.moment
            while left > 0 and time.monotonic() - begun < self.limits.seconds:
                done, _ = await asyncio.wait({task}, timeout=max(left, _TICK))
                if done:
                    return await self._settle(worker, task, slow=False)
                left = self.limits.moment - (worker.processor_time - spent)
                # Who waits for an endpoint elsewhere uses no processor, and yet a worker.
                if self.services and time.monotonic() - begun > 4 * self.limits.moment:
                    break
        except asyncio.CancelledError:
            # The client is gone: nobody waits for the rest.
            task.cancel()
            self._replace(worker)
            raise
        if self._slow.locked() and self._waiting >= self.limits.waiting:
            task.cancel()
            self._replace(worker)
            raise LimitError("busy", _BUSY)
        self._renew()
        try:
            return await self._slowly(worker, task, begun + self.limits.seconds)
        except asyncio.CancelledError:
            task.cancel()
            self._discard(worker)
            raise

    async def _slowly(self, worker: _Worker, task: "asyncio.Future[Reply]", deadline: float) -> Reply:
        """Have a query go on in the slow lane; while that is full it stands still, and costs no time of the processor."""
        worker.signal(signal.SIGSTOP)
        self._waiting += 1
        try:
            await asyncio.wait_for(self._slow.acquire(), max(0, deadline - time.monotonic()))
        except TimeoutError:
            task.cancel()
            self._discard(worker)
            raise LimitError("busy", _BUSY) from None
        finally:
            self._waiting -= 1
        try:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, worker.pid, 10)
            worker.signal(signal.SIGCONT)
            done, _ = await asyncio.wait({task}, timeout=max(0, deadline - time.monotonic()))
            if not done:
                task.cancel()
                self._discard(worker)
                raise LimitError(
                    "time", f"The query took longer than {self.limits.seconds:g} seconds and was stopped; ask for less."
                )
            return await self._settle(worker, task, slow=True)
        finally:
            self._slow.release()

    @property
    def _too_much_memory(self) -> str:
        most = self.limits.memory >> 20
        return f"The query needed more than {most} MB of memory, or is nested too deeply, and was stopped; ask for less."

    async def _settle(self, worker: _Worker, task: "asyncio.Future[Reply]", *, slow: bool) -> Reply:
        try:
            reply = task.result()
        except (OSError, EOFError, ValueError):
            # A worker that ran out of memory is gone without a word.
            self._discard(worker)
            if not slow:
                self._renew()
            raise LimitError("memory", self._too_much_memory) from None
        except LimitError:
            self._discard(worker)
            if not slow:
                self._renew()
            raise
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

    async def _ask(self, worker: _Worker, request: bytes, flow: "_Flow") -> Reply:
        worker.writer.write(_LENGTH.pack(len(request)) + request)
        await worker.writer.drain()
        head = json.loads(await self._part(worker))
        reply = Reply(head["status"], head.get("kind", ""), head.get("message", ""), await self._part(worker))
        if not head.get("parts"):
            return reply
        flow.begin(reply)
        while part := await self._part(worker):
            flow.unread += len(part)
            if sum(flow.unread for flow in self._flows) > self.limits.unread:
                raise LimitError("busy", "Too much waits to be read by slow clients; try again in a while, or ask for less.")
            flow.parts.put_nowait(part)
        return Reply((await self._part(worker)).decode(), reply.kind, "", b"")

    @staticmethod
    async def _part(worker: _Worker) -> bytes:
        size = _LENGTH.unpack(await worker.reader.readexactly(_LENGTH.size))[0]
        return await worker.reader.readexactly(size)

    def _discard(self, worker: _Worker) -> None:
        worker.kill()
        self._all.discard(worker)

    def _replace(self, worker: _Worker) -> None:
        self._discard(worker)
        self._renew()

    def _renew(self) -> None:
        """Have another worker join the fast lane."""
        task: asyncio.Task[Any] = asyncio.ensure_future(self._fork())
        task.add_done_callback(
            lambda done: None if done.cancelled() or done.exception() else self._idle.put_nowait(done.result())
        )

    async def _fork(self) -> _Worker:
        assert self._control is not None  # noqa: S101 - started
        async with self._forking:
            pid, descriptor = await asyncio.to_thread(_order, self._control)
        connection = socket.socket(fileno=descriptor)
        connection.setblocking(False)
        reader, writer = await asyncio.open_unix_connection(sock=connection)
        worker = _Worker(pid, reader, writer)
        self._all.add(worker)
        return worker

    def __del__(self) -> None:
        if self._nursery is not None and self._nursery.poll() is None:
            self._nursery.kill()


def _order(control: socket.socket) -> tuple[int, int]:
    control.sendall(b"f")
    data, descriptors, _, _ = socket.recv_fds(control, 4, 1)
    if not descriptors:
        raise EngineError(_GONE)
    return _LENGTH.unpack(data)[0], descriptors[0]
