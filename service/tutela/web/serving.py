"""The release that is served now, and the switch to the next one.

A request uses one release from its beginning to its end. The next release is loaded next to the current one; then requests that
arrive get the next one. The previous one is stopped when its last request has ended.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tutela.engine import Engine
from tutela.errors import TutelaError
from tutela.release.snapshot import Snapshot
from tutela.release.watched_folder import WatchedFolder
from tutela.web.services import Services

_STOP_AFTER_S = 60.0  # time for the requests of a previous release; a response that takes longer is incomplete
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReleaseLoader:
    """Loads the release that is in a folder now.

    Args:
        folder: the folder.
        engine: returns an engine over the release; a remote engine stays the same. May block.

    """

    folder: WatchedFolder
    engine: Callable[[Snapshot], Engine]


@dataclass
class _Served:
    """One release with the requests that use it."""

    services: Services
    users: int = 0
    is_unused: asyncio.Event = field(default_factory=asyncio.Event)


class Serving:
    """Holds the services of the current release, and replaces them.

    Args:
        current: the services of the first release.
        create: returns the services for an engine and the files of its release. May block.
        loader: loads the next release; None if there is none.
        check_s: interval at which the loader is asked for another release; 0 for only on request.

    """

    def __init__(
        self,
        current: Services,
        create: Callable[[Engine, Snapshot], Services],
        loader: ReleaseLoader | None,
        check_s: float,
    ) -> None:
        self._served = _Served(current)
        self._create = create
        self._loader = loader
        self._check_s = check_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._requested = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._last_error = ""
        self._previous: dict[asyncio.Task[None], _Served] = {}

    @property
    def current(self) -> Services:
        """The services of the current release."""
        return self._served.services

    @property
    def is_in_use(self) -> bool:
        """Whether a request uses the current release."""
        return self._served.users > 0

    @contextlib.contextmanager
    def use(self) -> Iterator[Services]:
        """Use the current release; it is not stopped until then."""
        served = self._served
        served.users += 1
        try:
            yield served.services
        finally:
            served.users -= 1
            if not served.users:
                served.is_unused.set()

    async def start(self) -> None:
        """Start the engine, and watch for another release. Call it in the event loop of the requests."""
        self._loop = asyncio.get_running_loop()
        self.current.store.use_running_loop()
        await self.current.engine.start()
        if self._loader is not None:
            self._watching = asyncio.create_task(self._watch(self._loader))

    async def stop(self) -> None:
        """Stop the engines of all releases."""
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        for task, served in list(self._previous.items()):
            task.cancel()
            await self._stop_engine(served.services.engine)
        await self.current.engine.stop()

    def request_reload(self) -> None:
        """Load the release that is in the folder now, if it is another one. Any thread and any signal handler may call this."""
        if self._loop is None:
            self._requested.set()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._requested.set)

    async def _watch(self, loader: ReleaseLoader) -> None:
        """Load another release when it is in place and when it is requested.

        One that cannot be loaded is tried again when anything in its folder has changed. A folder that is being written is left
        alone until two checks find it the same.
        """
        tried: object = None
        before: object = None
        while True:
            now = await asyncio.to_thread(loader.folder.fingerprint)
            is_requested = self._requested.is_set()
            self._requested.clear()
            if is_requested:
                self.current.engine.forget_release()
            if (is_requested and (now or self.current.files)) or (now not in (None, tried) and now == before):
                tried = now
                error = await self._load(loader, is_requested=is_requested)
                if error is None:
                    self._last_error = ""
                elif is_requested or await asyncio.to_thread(loader.folder.fingerprint) == now:
                    self._report(error, loader, is_requested=is_requested)
                else:
                    tried = None  # Another process is replacing the release at this moment: the next check decides.
            before = now
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._requested.wait(), self._check_s or None)

    async def _load(self, loader: ReleaseLoader, *, is_requested: bool) -> Exception | None:
        """Load the release, switch to it and log one line; return why it cannot be loaded."""
        current = self.current
        version = current.files.version if current.files else "none"
        engine: Engine | None = None
        try:
            files = await asyncio.to_thread(loader.folder.open)
            if current.files is not None and files.digest == current.files.digest:
                if is_requested:
                    _log.info("Release %s in %s is the current one already.", files.version, loader.folder.folder)
                return None
            engine = await asyncio.to_thread(loader.engine, files)
            services = await asyncio.to_thread(self._create, engine, files)
            if engine is not current.engine:
                await engine.start()
            services.store.use_running_loop()
        except BaseException as error:
            if engine is not None:
                await self._stop_engine(engine)
            if not isinstance(error, Exception):
                raise
            # Whatever is wrong with the next release, the current one is served on.
            return error
        previous, self._served = self._served, _Served(services)
        task = asyncio.create_task(self._stop_unused(previous))
        self._previous[task] = previous
        task.add_done_callback(self._previous.pop)
        _log.info("Release %s replaces release %s.", files.version, version)
        return None

    def _report(self, error: Exception, loader: ReleaseLoader, *, is_requested: bool) -> None:
        """Log why a release was not loaded, once."""
        if is_requested or str(error) != self._last_error:
            version = self.current.files.version if self.current.files else "none"
            message = "The release in %s was not loaded; release %s stays the current one. %s"
            # The traceback helps only if the fault is in the program.
            cause = None if isinstance(error, TutelaError) else error
            _log.warning(message, loader.folder.folder, version, error, exc_info=cause)
        self._last_error = str(error)

    async def _stop_unused(self, served: _Served) -> None:
        """Stop the engine of a previous release when its last request has ended, or after some time."""
        if served.users:
            served.is_unused.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(served.is_unused.wait(), _STOP_AFTER_S)
        await self._stop_engine(served.services.engine)

    async def _stop_engine(self, engine: Engine) -> None:
        if engine is not self.current.engine:
            await engine.stop()
