"""A store for threads: its queries run in the engine, within the same limits as queries from outside."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from tutela.engine.base import Engine, QueryResponse, ReleaseInfo
from tutela.sparql import QueryResult

_T = TypeVar("_T")
# The formats from which a result is parsed again.
_FORMATS = {"solutions": "xml", "boolean": "xml", "graph": "ntriples"}


class BlockingStore:
    """A `Store` over an engine, for threads other than that of the engine's event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loop: asyncio.AbstractEventLoop | None = None

    def use_running_loop(self) -> None:
        """Use the running event loop, which must be the engine's."""
        self._loop = asyncio.get_running_loop()

    @property
    def version(self) -> str:
        """Version of the release that is served now; see `Engine.current_release`."""
        return self.release.version

    @property
    def release(self) -> ReleaseInfo:
        """The release that is served now; see `Engine.current_release`."""
        return self._wait(self._engine.current_release())

    def query(self, text: str, *, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()) -> QueryResult:
        """Evaluate a query; see `Store.query` and `Engine.query`."""
        response, body = self._wait(self._query(text, default_graphs, named_graphs))
        return QueryResult.parse(body, is_graph=response.kind == "graph")

    async def _query(self, text: str, default_graphs: Sequence[str], named_graphs: Sequence[str]) -> tuple[QueryResponse, bytes]:
        response = await self._engine.query(text, _FORMATS, default_graphs, named_graphs)
        return response, await response.read()

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        assert self._loop is not None  # noqa: S101 - see `use_running_loop`
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
