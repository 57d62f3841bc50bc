"""The service's end of the fork server: it starts the process, asks it for workers, and starts it again when it exits."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Collection
from ctypes.util import find_library
from pathlib import Path

from tutela.engine import messages
from tutela.errors import EngineUnavailableError, TutelaError
from tutela.settings import QuerySettings

_FORK_TIMEOUT_S = 10.0  # a fork takes milliseconds; a process that takes longer has been stopped
_STABLE_S = 30.0  # a process that ran for this time is started again at once, others after a delay
_MAX_DELAY_S = 30.0
_EXIT_S = 1.0  # between the end of a connection and the exit of its process
_EXITED = "The fork server has exited and is being started again; try again later."
_log = logging.getLogger(__name__)


class _Process:
    """One fork server process and the socket to it.

    Args:
        nquads: the N-Quads file of the release.
        arguments: the arguments after the descriptor of the socket.

    """

    def __init__(self, nquads: Path, arguments: list[str]) -> None:
        self.started = time.monotonic()
        self._control, theirs = socket.socketpair()
        self._control.setblocking(False)
        command = [sys.executable, "-m", "tutela.engine.fork_server", str(nquads), str(theirs.fileno()), *arguments]
        self._popen = subprocess.Popen(  # noqa: S603 - the program is Python itself
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env={**os.environ, **_allocator()}
        )
        theirs.close()
        self._forks: deque[asyncio.Future[tuple[int, int]]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.loaded = asyncio.Event()
        self.exited = asyncio.Event()

    def watch(self) -> None:
        """Read from the socket in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._control, self._on_readable)

    async def wait_until_loaded(self) -> bool:
        """Wait until the release is loaded; return false if the process exits instead."""
        waiting = {asyncio.ensure_future(event.wait()) for event in (self.loaded, self.exited)}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
        return not self.exited.is_set()

    async def fork(self) -> tuple[int, int]:
        """Fork a worker; return its process id and the descriptor of its socket.

        Raises:
            EngineUnavailableError: the process has exited, or does not respond and was killed.

        """
        if self.exited.is_set():
            raise EngineUnavailableError(_EXITED)
        future: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
        self._forks.append(future)
        try:
            self._control.send(b"f")
            # The response to a request that was cancelled must still be received.
            return await asyncio.wait_for(asyncio.shield(future), _FORK_TIMEOUT_S)
        except asyncio.CancelledError:
            future.cancel()
            raise
        except (OSError, TimeoutError) as error:
            self._popen.kill()
            raise EngineUnavailableError(_EXITED) from error

    async def close(self, wait_s: float = 0.0) -> int:
        """End the process; return its exit status, negative for a signal.

        Args:
            wait_s: time for it to exit by itself, in seconds; then it is killed.

        """
        self._set_exited()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return await asyncio.to_thread(self._popen.wait, wait_s)
        self._popen.kill()
        return await asyncio.to_thread(self._popen.wait)

    def _on_readable(self) -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, messages.PID.size if self.loaded.is_set() else 1, 1)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        if not data:
            self._set_exited()
        elif not self.loaded.is_set():
            self.loaded.set()
        elif not descriptors:  # this process has too many open files; try again with a new fork server, after a while
            self._popen.kill()
        else:
            future = self._forks.popleft()
            if future.cancelled():
                os.close(descriptors[0])  # the worker exits
            else:
                future.set_result((messages.PID.unpack(data)[0], descriptors[0]))

    def _set_exited(self) -> None:
        if self.exited.is_set():
            return
        self.exited.set()
        if self._loop is not None:
            self._loop.remove_reader(self._control)
        self._control.close()
        for future in self._forks:
            if not future.done():
                future.set_exception(EngineUnavailableError(_EXITED))
                future.exception()  # nobody may be waiting any more
        self._forks.clear()

    def __del__(self) -> None:
        self._control.close()
        if self._popen.poll() is None:
            self._popen.kill()
            self._popen.wait()


class ForkServer:
    """A fork server that is started again when it exits. Start it in the event loop that uses it.

    Args:
        nquads: the N-Quads file of the release, which must stay readable.
        limits: limits of a query.
        services: URLs that ``SERVICE`` may name.

    """

    def __init__(self, nquads: Path, limits: QuerySettings, services: Collection[str]) -> None:
        self._nquads = nquads
        self._arguments = [str(limits.memory_bytes), str(limits.max_response_bytes), *services]
        self._process: _Process | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._is_loaded = asyncio.Event()

    @property
    def is_loaded(self) -> bool:
        """Whether the process runs and has loaded the release."""
        return self._is_loaded.is_set()

    def launch(self) -> None:
        """Start the process, which loads the release while the caller does something else; `start` waits for it."""
        if self._process is None:
            self._process = _Process(self._nquads, self._arguments)

    async def start(self) -> None:
        """Wait until the release is loaded.

        Raises:
            TutelaError: it cannot be loaded.

        """
        self.launch()
        assert self._process is not None  # noqa: S101 - launched
        self._process.watch()
        if not await self._process.wait_until_loaded():
            reason = _reason(await self._process.close(_EXIT_S))
            raise TutelaError(f"The release cannot be loaded: the fork server {reason}. Run `tutela build` again.")
        self._is_loaded.set()
        self._supervisor = asyncio.create_task(self._supervise(self._process))

    async def stop(self) -> None:
        """Stop the process."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._supervisor
        self._is_loaded.clear()
        if self._process is not None:
            await self._process.close()

    async def fork(self) -> tuple[int, int]:
        """Fork a worker, if necessary after the process was started again; return its process id and socket descriptor."""
        while True:
            await self._is_loaded.wait()
            assert self._process is not None  # noqa: S101 - loaded
            with contextlib.suppress(EngineUnavailableError):
                return await self._process.fork()
            await self._process.exited.wait()
            self._is_loaded.clear()

    async def _supervise(self, process: _Process) -> None:
        """Start the process again whenever it exits, after a growing delay if it exits soon."""
        delay = 0.0
        while True:
            await process.exited.wait()
            self._is_loaded.clear()
            status = await process.close(_EXIT_S)
            delay = 0.0 if time.monotonic() - process.started > _STABLE_S else min(_MAX_DELAY_S, delay * 2 or 0.1)
            _log.warning("The fork server %s; starting it again.", _reason(status))
            await asyncio.sleep(delay)
            self._process = process = _Process(self._nquads, self._arguments)
            process.watch()
            if await process.wait_until_loaded():
                self._is_loaded.set()


def _reason(status: int) -> str:
    """Return how a process ended, by its exit status, which is negative for a signal."""
    return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"has exited with status {status}"


def _allocator() -> dict[str, str]:
    """Return the environment variable that loads jemalloc or mimalloc into the fork server, if one is installed.

    Evaluating a query allocates and frees memory all the time; these allocators make it take about half the time. (Oxigraph's
    own server contains mimalloc.)
    """
    if sys.platform != "linux" or "LD_PRELOAD" in os.environ:
        return {}
    library = find_library("jemalloc") or find_library("mimalloc")
    return {"LD_PRELOAD": library} if library else {}
