"""The interface of every store."""

from collections.abc import Sequence
from typing import Protocol

from tutela.sparql.result import QueryResult


class Store(Protocol):
    """Something that evaluates SPARQL queries over one release."""

    @property
    def version(self) -> str:
        """Version of the release; anything cached for another version is outdated."""

    def query(self, text: str, *, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()) -> QueryResult:
        """Evaluate a query.

        Args:
            text: SPARQL 1.1 Query.
            default_graphs: IRIs of graphs whose union is the default graph; by default the whole release.
            named_graphs: IRIs of graphs that GRAPH may name; by default all.

        Raises:
            QueryError: the query is not valid or cannot be evaluated.
            ForbiddenQueryError: the query is an update or calls another endpoint.
            EngineError: a remote engine cannot be reached, fails, or sends an invalid response.

        """
