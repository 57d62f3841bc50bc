"""A worker process as the pool sees it: a connection on which it is asked one thing at a time, and the answer on its way."""

import asyncio
import contextlib
import json
import math
import os
import signal
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from tutela.engine import LimitError, Reply

LENGTH = struct.Struct("!I")
TICK = 1 / os.sysconf("SC_CLK_TCK")


class Flow:
    """An answer on its way: its head, and the parts of a large one, which are taken from the worker as they come.

    Args:
        leave: called when nobody reads on.
        added: called when another part has come.

    """

    def __init__(self, leave: Callable[["Flow"], None], added: Callable[[], None]) -> None:
        self.unread = 0  # bytes of the parts that are here
        self.head: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.parts: asyncio.Queue[bytes | Exception | None] | None = None
        self._leave = leave
        self._added = added

    def begin(self, reply: Reply) -> None:
        """Give out the first part, with which the others come."""
        self.parts = asyncio.Queue()
        if not self.head.done():
            self.head.set_result(replace(reply, rest=self._rest(self.parts)))

    def add(self, part: bytes) -> None:
        """Give out another part."""
        assert self.parts is not None  # noqa: S101 - it has begun
        self.unread += len(part)
        self.parts.put_nowait(part)
        self._added()

    def end(self, reply: Reply) -> None:
        """Give out a small answer, or the end of a large one."""
        if self.parts is None:
            if not self.head.done():
                self.head.set_result(reply)
        elif reply.status == "ok":
            self.parts.put_nowait(None)
        else:
            self.parts.put_nowait(LimitError("broken", "The rest of the answer cannot be evaluated."))

    def fail(self, error: Exception) -> None:
        """Tell that there is no answer, or no more of it."""
        if self.parts is not None:
            self.parts.put_nowait(error)
        elif not self.head.done():
            self.head.set_exception(error)

    async def _rest(self, parts: "asyncio.Queue[bytes | Exception | None]") -> AsyncIterator[bytes]:
        try:
            while (part := await parts.get()) is not None:
                if isinstance(part, Exception):
                    raise part
                self.unread -= len(part)
                yield part
        finally:
            self._leave(self)


class Worker(asyncio.Protocol):
    """A worker of the nursery; what it sends is read without a task for it, for most answers are small and quick.

    Args:
        pid: its process.

    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.gone = False
        # Seconds of processor that it had used when its last answer ended.
        self.spent = 0.0
        self._transport: asyncio.Transport | None = None
        self._flow: Flow | None = None
        self._ended: Callable[[Reply | None], None] | None = None
        self._data = bytearray()
        self._frames: list[bytes] = []
        self._begun: Reply | None = None

    def ask(self, request: bytes, flow: Flow, ended: Callable[[Reply | None], None]) -> None:
        """Ask something.

        Args:
            request: what it is asked.
            flow: takes the parts of a large answer.
            ended: called with a small answer, or the end of a large one; with None if the worker is gone.

        """
        assert self._transport is not None  # noqa: S101 - connected
        self._flow, self._ended = flow, ended
        self._transport.write(LENGTH.pack(len(request)) + request)

    @property
    def processor_time(self) -> float:
        """Seconds of processor that it has used (proc(5), stat: utime and stime)."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return math.inf  # it is gone, which its socket will tell
        return (int(fields[11]) + int(fields[12])) * TICK

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it; nobody is told of it any more."""
        self._ended = None
        self.signal(signal.SIGKILL)
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note its connection; see `asyncio.Protocol`."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but its class

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that it is gone; see `asyncio.Protocol`."""
        self.gone = True
        self._end(None)

    def data_received(self, data: bytes) -> None:
        """Take what it sends: frames, each after its length; see `tutela.nursery`."""
        self._data += data
        at = 0
        while len(self._data) - at >= LENGTH.size:
            after = at + LENGTH.size + LENGTH.unpack_from(self._data, at)[0]
            if len(self._data) < after:
                break
            self._frame(bytes(self._data[at + LENGTH.size : after]))
            at = after
        del self._data[:at]

    def _frame(self, frame: bytes) -> None:
        if self._begun is None:
            self._frames.append(frame)
            if len(self._frames) == 2:
                head: dict[str, Any] = json.loads(self._frames[0])
                self._frames.clear()
                reply = Reply(head["status"], head.get("kind", ""), head.get("message", ""), frame)
                self._take(reply, large=bool(head.get("parts")), spent=head.get("spent"))
        elif self._frames:  # an empty frame came before: this one says how it ended
            self._frames.clear()
            reply, self._begun = Reply(frame.decode(), self._begun.kind, "", b""), None
            self.spent = self.processor_time
            self._end(reply)
        elif frame:
            assert self._flow is not None  # noqa: S101 - it has asked
            self._flow.add(frame)
        else:
            self._frames.append(frame)

    def _take(self, reply: Reply, *, large: bool, spent: float | None) -> None:
        if large:
            self._begun = reply
            assert self._flow is not None  # noqa: S101 - it has asked
            self._flow.begin(reply)
        else:
            self.spent = spent or 0.0
            self._end(reply)

    def _end(self, reply: Reply | None) -> None:
        ended, self._ended, self._flow = self._ended, None, None
        if ended is not None:
            ended(reply)
