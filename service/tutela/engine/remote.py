"""A remote SPARQL 1.1 engine as the engine of the service."""

import asyncio
import contextlib
import logging
import re
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from tutela.engine.base import EngineHealth, QueryResponse, ReleaseInfo
from tutela.engine.one_release import request_release
from tutela.errors import (
    EngineError,
    EngineTimeoutError,
    OverloadedError,
    QueryError,
    QueryTimeoutError,
    TutelaError,
    UnavailableFormatError,
)
from tutela.settings import EndpointSettings, QuerySettings
from tutela.sparql.query_file import page_query
from tutela.sparql.remote import RemoteStore

_log = logging.getLogger(__name__)
_START_TIMEOUT_S = 1.0  # after which the service starts, whether or not the engine has responded
_MIN_CHECK_INTERVAL_S = 0.2
_THREADS_PER_WORKER = 4  # the work is done on another machine, so more requests can be open than there are processors here


class RemoteEngine:
    """An `Engine` that forwards queries.

    Args:
        store: the remote store.
        limits: limits of a query. The number of open requests is four times the number of workers of both lanes.
        check: how often and how long the engine is checked.

    """

    def __init__(self, store: RemoteStore, limits: QuerySettings | None = None, check: EndpointSettings | None = None) -> None:
        self.store = store
        self._check_settings = check or EndpointSettings()
        self.limits = limits or QuerySettings()
        self.max_requests = _THREADS_PER_WORKER * (self.limits.fast_lane + self.limits.slow_workers)
        self._open_requests = 0
        # One more for `current_release`, and one for the checks.
        self._threads = ThreadPoolExecutor(self.max_requests + 2, "engine")
        self._release: ReleaseInfo | None = None
        self._reading: asyncio.Future[ReleaseInfo] | None = None
        self._checks: asyncio.Task[None] | None = None
        self._health, self._checked_at = EngineHealth("The engine has not responded yet."), time.monotonic()

    async def start(self) -> None:
        """Start to check the engine. One that is down now may be up later."""
        is_checked = asyncio.Event()
        self._checks = asyncio.create_task(self._check_repeatedly(is_checked))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(is_checked.wait(), _START_TIMEOUT_S)

    async def stop(self) -> None:
        """Stop the checks and the threads."""
        if self._checks is not None:
            self._checks.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def current_release(self) -> ReleaseInfo:
        """Return the release that the engine records as the current one, or the one that this request uses already."""
        request = request_release.get()
        if request is None:
            return await self._newest_release()
        if request.release is None:
            request.release = await self._newest_release()
        return request.release

    async def _newest_release(self) -> ReleaseInfo:
        if self._release is not None and self._release.version == self.store.remembered_version:
            return self._release
        if self._reading is None:  # simultaneous requests share one
            self._reading = asyncio.get_running_loop().run_in_executor(
                self._threads, _run, self._read_release, self.limits.timeout_s
            )
            self._reading.add_done_callback(self._on_read)
        return await asyncio.shield(self._reading)

    def health(self) -> EngineHealth:
        """Return the outcome of the last check or other reading of the version, and its age."""
        return replace(self._health, age_s=round(time.monotonic() - self._checked_at, 1))

    def forget_release(self) -> None:
        """Ask the engine again which release is the current one."""
        self.store.forget_version()

    async def query(
        self, text: str, formats: Mapping[str, str], default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> QueryResponse:
        """Evaluate a query; see `Engine.query`."""
        if self._open_requests >= self.max_requests:
            raise OverloadedError("Too many queries are running; try again later.")
        self._open_requests += 1
        request = request_release.get()
        version = request.release.version if request and request.release else ""
        args = (version, text, formats, default_graphs, named_graphs)
        work = self._in_thread(self._query, *args)
        work.add_done_callback(self._on_done)
        # If the client disconnects, the thread stays busy until the engine responds.
        return await asyncio.shield(work)

    def _in_thread(self, function: Callable[..., Any], *args: object) -> "asyncio.Future[Any]":
        return asyncio.get_running_loop().run_in_executor(self._threads, _run, function, *args)

    def _on_done(self, _: "asyncio.Future[QueryResponse]") -> None:
        self._open_requests -= 1

    def _on_read(self, reading: "asyncio.Future[ReleaseInfo]") -> None:
        self._reading = None
        if not reading.cancelled():
            reading.exception()  # the waiting request raises it

    async def _check_repeatedly(self, is_checked: asyncio.Event) -> None:
        settings = self._check_settings
        while True:
            try:
                await asyncio.get_running_loop().run_in_executor(
                    self._threads, _run, self._read_release, settings.check_timeout_s
                )
            except TutelaError:
                pass  # `health` reports it
            except Exception:
                _log.exception("The engine cannot be checked.")  # go on: without checks, `health` would stay the same for ever
            is_checked.set()
            await asyncio.sleep(max(settings.version_ttl_s, _MIN_CHECK_INTERVAL_S))

    def _read_release(self, timeout_s: float) -> ReleaseInfo:
        """Read the current release, and remember whether that was possible."""
        started = time.monotonic()
        try:
            version = self.store.read_version(timeout_s)
            if self._release is None or self._release.version != version:
                self._release = self._describe(version)
        except Exception as error:
            if self._checked_at <= started or self._health.error:  # otherwise a later reading has succeeded meanwhile
                self._health, self._checked_at = EngineHealth(str(error) or repr(error)), time.monotonic()
            if isinstance(error, QueryError):  # of this program, not of a user
                raise EngineError(str(error)) from error
            raise
        self._health, self._checked_at = EngineHealth("", self._release), time.monotonic()
        return self._release

    def _describe(self, version: str) -> ReleaseInfo:
        rows = list(self.store.query(page_query("current-release").text).records())
        if not rows:
            raise EngineError(f"{self.store.endpoint} holds no complete release; load one with `tutela publish`.")
        issued, quads = rows[0].get("issued", ""), rows[0].get("quads", "")
        if not issued or not re.fullmatch("[0-9]+", quads):
            raise EngineError(f"{self.store.endpoint} does not say how old and how large its release is; run `tutela publish`.")
        return ReleaseInfo(version, issued, int(quads))

    def _query(
        self, version: str, text: str, formats: Mapping[str, str], default_graphs: Sequence[str], named_graphs: Sequence[str]
    ) -> QueryResponse:
        try:
            result = self.store.query_release(version, text, default_graphs, named_graphs)
        except EngineTimeoutError as error:
            raise QueryTimeoutError(str(error)) from error
        format_name = formats.get(result.kind)
        if format_name is None:
            raise UnavailableFormatError(result.kind)
        return QueryResponse(result.kind, result.serialize(format_name))


def _run(function: Callable[..., Any], *args: object) -> Any:
    """Call a function; if it fails, free what it held. A result of pyoxigraph must not be freed in another thread."""
    try:
        return function(*args)
    except Exception as error:
        chain: BaseException | None = error
        while chain is not None:
            traceback.clear_frames(chain.__traceback__)
            chain = chain.__context__
        raise
