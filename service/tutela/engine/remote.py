"""A remote SPARQL 1.1 engine as the engine of the service."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from tutela.engine.base import QueryResponse, ReleaseInfo
from tutela.errors import (
    EngineError,
    EngineTimeoutError,
    OverloadedError,
    QueryTimeoutError,
    UnavailableFormatError,
)
from tutela.settings import QuerySettings
from tutela.sparql.query_file import page_query
from tutela.sparql.remote import RemoteStore

_THREADS_PER_WORKER = 4  # the work is done on another machine, so more requests can be open than there are processors here


class RemoteEngine:
    """An `Engine` that forwards queries.

    Args:
        store: the remote store.
        limits: limits of a query. The number of open requests is four times the number of workers of both lanes.

    """

    def __init__(self, store: RemoteStore, limits: QuerySettings | None = None) -> None:
        self.store = store
        self.limits = limits or QuerySettings()
        self.max_requests = _THREADS_PER_WORKER * (self.limits.fast_lane + self.limits.slow_workers)
        self._open_requests = 0
        self._threads = ThreadPoolExecutor(self.max_requests + 1, "engine")
        self._release: ReleaseInfo | None = None

    async def start(self) -> None:
        """Do nothing: an engine that is down now may be up later."""

    async def stop(self) -> None:
        """Stop the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def current_release(self) -> ReleaseInfo:
        """Return the release that the engine records as the current one."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read_release)

    async def query(
        self, text: str, formats: Mapping[str, str], default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> QueryResponse:
        """Evaluate a query; see `Engine.query`."""
        if self._open_requests >= self.max_requests:
            raise OverloadedError("Too many queries are running; try again later.")
        self._open_requests += 1
        args = (text, formats, default_graphs, named_graphs)
        work = asyncio.get_running_loop().run_in_executor(self._threads, self._query, *args)
        work.add_done_callback(self._on_done)
        # If the client disconnects, the thread stays busy until the engine responds.
        return await asyncio.shield(work)

    def _on_done(self, _: "asyncio.Future[QueryResponse]") -> None:
        self._open_requests -= 1

    def _read_release(self) -> ReleaseInfo:
        version = self.store.version
        if self._release is None or self._release.version != version:
            rows = list(self.store.query(page_query("current-release").text).rows())
            if not rows:
                raise EngineError(f"{self.store.endpoint} holds no complete release; load one with `tutela publish`.")
            self._release = ReleaseInfo(version, str(rows[0][0]), int(str(rows[0][1])))
        return self._release

    def _query(
        self, text: str, formats: Mapping[str, str], default_graphs: Sequence[str], named_graphs: Sequence[str]
    ) -> QueryResponse:
        try:
            result = self.store.query(text, default_graphs=default_graphs, named_graphs=named_graphs)
        except EngineTimeoutError as error:
            raise QueryTimeoutError(str(error)) from error
        format_name = formats.get(result.kind)
        if format_name is None:
            raise UnavailableFormatError(result.kind)
        return QueryResponse(result.kind, result.serialize(format_name))
