"""What answers the queries of the service, within limits: workers of our own, or an engine elsewhere."""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tutela.errors import TutelaError


@dataclass(frozen=True)
class Limits:
    """What a query may use.

    Args:
        seconds: until it is stopped.
        moment: seconds of processor that it may take in the fast lane.
        fast: workers of the fast lane.
        slow: queries that the slow lane works on.
        waiting: queries that may wait for a place in it.
        memory: bytes that a worker may take beyond the loaded release.
        answer: bytes of the largest answer.
        unread: bytes of all answers together that wait for slow clients.

    """

    seconds: float = 15.0
    moment: float = 0.25
    fast: int = max(2, os.cpu_count() or 2)
    slow: int = 4
    waiting: int = 32
    memory: int = 1 << 30
    answer: int = 32 << 20
    unread: int = 512 << 20


class LimitError(TutelaError):
    """A query was stopped or not begun: ``reason`` is one of time, memory, size, busy."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Reply:
    """What an engine answered.

    Args:
        status: ok, refused, bad or unacceptable.
        kind: solutions, boolean or graph.
        message: what is wrong, if something is.
        body: the answer, or its beginning.
        rest: the parts that follow, in their order; it raises `LimitError` if the answer breaks off.

    """

    status: str
    kind: str
    message: str
    body: bytes
    rest: AsyncIterator[bytes] | None = None

    async def whole(self) -> bytes:
        """Return all of the body."""
        if self.rest is None:
            return self.body
        return self.body + b"".join([part async for part in self.rest])


@dataclass(frozen=True)
class Holding:
    """What an engine serves: a release by its version, the day it was issued, and the number of its quads."""

    version: str
    issued: str
    quads: int


class Engine(Protocol):
    """Something that answers queries over a release. Start it in the loop that uses it."""

    async def start(self) -> None:
        """Make ready.

        Raises:
            TutelaError: that cannot be.

        """

    async def stop(self) -> None:
        """End whatever was started."""

    async def holding(self) -> Holding:
        """Return what is served now.

        Raises:
            EngineError: nothing can be, for the present.

        """

    async def answer(
        self, query: str, forms: Mapping[str, str], default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> Reply:
        """Answer a query.

        Args:
            query: SPARQL 1.1 Query.
            forms: the format wanted for each kind of answer (solutions, boolean, graph); a kind may be missing.
            default_graphs: see `tutela.store.Store.query`.
            named_graphs: likewise.

        Raises:
            LimitError: it was stopped at a limit, or there was no room for it.
            EngineError: the engine does not answer, or not as it should.

        """
