"""The interface of every engine."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class QueryResponse:
    """The serialized result of a query.

    Args:
        kind: ``solutions``, ``boolean`` or ``graph``.
        body: the result, or its beginning.
        rest: the following chunks of a large result; raises `LimitError` if the result cannot be completed.

    """

    kind: str
    body: bytes
    rest: AsyncIterator[bytes] | None = None

    async def read(self) -> bytes:
        """Return the complete body."""
        if self.rest is None:
            return self.body
        return self.body + b"".join([chunk async for chunk in self.rest])


@dataclass(frozen=True)
class ReleaseInfo:
    """The release that an engine serves.

    Args:
        version: its version.
        issued: its release date.
        quads: its number of quads.
        digest: identifies its content, which another version of the program may build differently from the same inputs.

    """

    version: str
    issued: str
    quads: int
    digest: str = ""


@dataclass(frozen=True)
class EngineHealth:
    """Whether an engine can answer queries.

    Args:
        error: why it cannot; empty if it can.
        release: the release that it serves, if it can.
        age_s: seconds since this was determined, if it is not determined on request.

    """

    error: str
    release: ReleaseInfo | None = None
    age_s: float | None = None


class Engine(Protocol):
    """Something that evaluates queries over a release. Start it in the event loop that uses it."""

    async def start(self) -> None:
        """Start the engine.

        Raises:
            TutelaError: it cannot be started.

        """

    async def stop(self) -> None:
        """Stop everything that was started."""

    async def current_release(self) -> ReleaseInfo:
        """Return the release that is served now.

        Raises:
            EngineError: none can be served at present.

        """

    def health(self) -> EngineHealth:
        """Return whether queries can be answered, at once, without waiting for anything."""

    def forget_release(self) -> None:
        """Find out anew which release is served, when that is needed next."""

    async def query(
        self, text: str, formats: Mapping[str, str], default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> QueryResponse:
        """Evaluate a query.

        Args:
            text: SPARQL 1.1 Query.
            formats: the format for each kind of result (solutions, boolean, graph); a kind may be missing.
            default_graphs: see `tutela.sparql.Store.query`.
            named_graphs: likewise.

        Raises:
            QueryError: the query is not valid or cannot be evaluated.
            ForbiddenQueryError: the query is an update or calls another endpoint.
            UnavailableFormatError: `formats` has no format for this kind of result.
            LimitError: the query was stopped at a limit, or could not be started because of one.
            EngineError: the engine cannot be reached, fails, or sends an invalid response.

        """
