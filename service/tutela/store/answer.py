"""What a query returns, and what a store is."""

import io
from collections.abc import Iterator, Sequence
from typing import Protocol

import pyoxigraph as ox

from tutela import names
from tutela.errors import TutelaError, UsageError
from tutela.store.rdf import GRAPH_FORMATS, triple_of, used_prefixes

SOLUTION_FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}


class EngineError(TutelaError):
    """An engine that does not answer, or not as SPARQL 1.1 says.

    Args:
        message: what happened.
        late: whether it had taken the request and did not answer in time.

    """

    def __init__(self, message: str, *, late: bool = False) -> None:
        super().__init__(message)
        self.late = late


class AnswerSizeError(TutelaError):
    """An answer is larger than allowed."""


class QueryError(TutelaError):
    """A query that the engine does not accept, with its parser's message."""


class QueryRefusedError(QueryError):
    """A request that is well formed and not allowed: an update, or a call to another endpoint."""


class Answer:
    """What a query returned: rows, a truth value, or triples. It can be read once."""

    def __init__(self, raw: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples | list[ox.Triple]) -> None:
        self._raw = raw

    @classmethod
    def parsed(cls, body: bytes, *, is_graph: bool) -> "Answer":
        """Return the answer that a document holds.

        Args:
            body: Turtle if it is a graph, else SPARQL Query Results XML.
            is_graph: whether it is.

        Raises:
            EngineError: it is not well formed.

        """
        try:
            if is_graph:
                return cls([triple_of(quad) for quad in ox.parse(body, ox.RdfFormat.TURTLE, base_iri=names.BASE)])
            return cls(ox.parse_query_results(body, ox.QueryResultsFormat.XML))
        except (SyntaxError, ValueError) as error:
            raise EngineError(f"The engine's answer is not well formed: {error}") from error

    @property
    def kind(self) -> str:
        """One of solutions, boolean and graph."""
        if self.is_graph:
            return "graph"
        return "boolean" if self.is_boolean else "solutions"

    @property
    def is_graph(self) -> bool:
        """Whether this is the answer of CONSTRUCT or DESCRIBE."""
        return isinstance(self._raw, ox.QueryTriples | list)

    @property
    def is_boolean(self) -> bool:
        """Whether this is the answer of ASK."""
        return isinstance(self._raw, ox.QueryBoolean)

    @property
    def truth(self) -> bool:
        """The answer of ASK."""
        return bool(self._raw)

    @property
    def columns(self) -> list[str]:
        """The names of the columns of a SELECT, in its order."""
        assert isinstance(self._raw, ox.QuerySolutions)  # noqa: S101 - the caller asked is_graph and is_boolean
        return [variable.value for variable in self._raw.variables]

    def rows(self) -> Iterator[list[str | None]]:
        """Yield the rows of a SELECT: the text of each value, None where there is none."""
        assert isinstance(self._raw, ox.QuerySolutions)  # noqa: S101
        for solution in self._raw:
            yield [getattr(value, "value", None) for value in solution]

    def triples(self) -> Iterator[ox.Triple]:
        """Yield the triples of a CONSTRUCT or DESCRIBE."""
        assert isinstance(self._raw, ox.QueryTriples | list)  # noqa: S101
        yield from self._raw

    def serialize(self, form: str) -> bytes:
        """Return the answer in one of `SOLUTION_FORMATS`, or `GRAPH_FORMATS` for triples.

        Raises:
            UsageError: an answer of this kind has no such format.

        """
        buffer = io.BytesIO()
        self.write(form, buffer)
        return buffer.getvalue()

    def write(self, form: str, output: io.RawIOBase | io.BytesIO) -> None:
        """Write the answer to a binary stream; see `serialize`."""
        if isinstance(self._raw, ox.QueryTriples | list):
            if form not in GRAPH_FORMATS:
                raise UsageError(f"Triples have no format {form!r}; choose one of {', '.join(GRAPH_FORMATS)}.")
            # The order in which triples are found is no part of the answer: sorted, it repeats to the byte.
            triples = sorted(set(self._raw), key=str)
            ox.serialize(triples, output, GRAPH_FORMATS[form], prefixes=used_prefixes(triples))  # type: ignore[arg-type]
            return
        allowed = [name for name in SOLUTION_FORMATS if not (self.is_boolean and name in ("csv", "tsv"))]
        if form not in allowed:
            kind = "A truth value has" if self.is_boolean else "Rows have"
            raise UsageError(f"{kind} no format {form!r}; choose one of {', '.join(allowed)}.")
        self._raw.serialize(output, SOLUTION_FORMATS[form])  # type: ignore[arg-type]


class Store(Protocol):
    """Something that answers SPARQL queries over a release."""

    @property
    def version(self) -> str:
        """The version of what it holds; what was asked of another version is stale."""

    def query(self, text: str, *, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()) -> Answer:
        """Answer a query.

        Args:
            text: SPARQL 1.1 Query.
            default_graphs: IRIs of graphs to merge as the default graph, if not the whole release.
            named_graphs: IRIs of graphs that GRAPH may name, if not all.

        Raises:
            QueryError: the query is not well formed or cannot be evaluated.
            QueryRefusedError: it is an update or calls another endpoint.
            EngineError: an engine elsewhere does not answer, or not as it should.

        """
