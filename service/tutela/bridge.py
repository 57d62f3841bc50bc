"""A store for the pages: what they ask is answered by the engine, within its limits, like what comes from outside."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from tutela.engine import Engine, Reply
from tutela.store import Answer, QueryError, QueryRefusedError

_T = TypeVar("_T")
# What an answer is read back from.
_FORMS = {"solutions": "xml", "boolean": "xml", "graph": "ntriples"}


class Bridge:
    """A `Store` over an engine, for threads other than the one in which the engine's loop runs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> None:
        """Take the loop that is running as the one of the engine."""
        self._loop = asyncio.get_running_loop()

    @property
    def version(self) -> str:
        """The version that is served now; see `Engine.holding`."""
        return self._wait(self._engine.holding()).version

    def query(self, text: str, *, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()) -> Answer:
        """Answer a query; see `Store.query` and `Engine.answer`."""
        reply, body = self._wait(self._ask(text, default_graphs, named_graphs))
        if reply.status == "refused":
            raise QueryRefusedError(reply.message)
        if reply.status != "ok":
            raise QueryError(reply.message)
        return Answer.parsed(body, is_graph=reply.kind == "graph")

    async def _ask(self, text: str, default_graphs: Sequence[str], named_graphs: Sequence[str]) -> tuple[Reply, bytes]:
        reply = await self._engine.answer(text, _FORMS, default_graphs, named_graphs)
        return reply, await reply.whole()

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        assert self._loop is not None  # noqa: S101 - opened
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
