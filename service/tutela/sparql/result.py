"""The result of a query: rows, a boolean, or triples."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pyoxigraph as ox

from tutela import namespaces
from tutela.errors import EngineError, QueryError, UsageError
from tutela.sparql.rdf import GRAPH_FORMATS, triple_of, used_prefixes
from tutela.sparql.writable import XmlWriter, ensure_writable

SOLUTION_FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}


_CSV_CHUNK = 65_536  # characters that are written at once

_Raw = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples | list[ox.Triple]


class QueryResult:
    """What a query returned: rows, a boolean, or triples. It can be read once.

    Args:
        raw: what the engine returned.
        read: returns the same again. If it is given, `raw` is not kept: an object of Oxigraph may only be freed by the thread
            that made it, and an error can pass the result to another one.

    """

    def __init__(self, raw: _Raw, read: Callable[[], _Raw] | None = None) -> None:
        self.is_graph = isinstance(raw, ox.QueryTriples | list)
        self.is_boolean = isinstance(raw, ox.QueryBoolean)
        self.boolean = self.is_boolean and bool(raw)
        self.columns = [variable.value for variable in raw.variables] if isinstance(raw, ox.QuerySolutions) else []
        self._read = read or (lambda: raw)

    @classmethod
    def parse(cls, body: bytes, *, is_graph: bool) -> "QueryResult":
        """Parse the body of an engine's response.

        Args:
            body: Turtle for a graph, SPARQL Query Results XML otherwise.
            is_graph: whether the query was CONSTRUCT or DESCRIBE.

        Raises:
            EngineError: the body is not well formed.

        """
        read = partial(ox.parse_query_results, body, ox.QueryResultsFormat.XML)
        try:
            if is_graph:
                return cls([triple_of(quad) for quad in ox.parse(body, ox.RdfFormat.TURTLE, base_iri=namespaces.BASE)])
            return cls(read(), read)
        except (SyntaxError, ValueError) as error:
            raise EngineError(f"The engine's response is not well formed: {error}") from error

    @classmethod
    def of_boolean(cls, value: bool) -> "QueryResult":
        """Return the result of an ASK."""
        read = partial(ox.parse_query_results, json.dumps({"head": {}, "boolean": value}), ox.QueryResultsFormat.JSON)
        return cls(read(), read)

    @property
    def kind(self) -> str:
        """``solutions``, ``boolean`` or ``graph``."""
        if self.is_graph:
            return "graph"
        return "boolean" if self.is_boolean else "solutions"

    def rows(self) -> Iterator[list[str | None]]:
        """Yield the rows of a SELECT: the text of each value, None for an unbound variable."""
        solutions = self._read()
        assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101 - the caller checked is_graph and is_boolean
        with _evaluation_errors():
            for solution in solutions:
                yield [_text(value) for value in solution]

    def only_column(self) -> list[str]:
        """Return the values of a SELECT with one column, which an engine must bind in every row.

        Raises:
            EngineError: the result has other columns, or a row without a value.

        """
        values = [row[0] if len(row) == 1 else None for row in self.rows()]
        found = [value for value in values if value is not None]
        if len(found) != len(values):
            raise EngineError("The engine's response does not have the column that the query asks for.")
        return found

    def records(self) -> Iterator[dict[str, str]]:
        """Yield the rows of a SELECT by column; an unbound variable is an empty text."""
        columns = self.columns
        for row in self.rows():
            yield dict(zip(columns, ("" if value is None else value for value in row), strict=True))

    def triples(self) -> Iterator[ox.Triple]:
        """Yield the triples of a CONSTRUCT or DESCRIBE."""
        triples = self._read()
        assert isinstance(triples, ox.QueryTriples | list)  # noqa: S101
        with _evaluation_errors():
            yield from triples

    def serialize(self, format_name: str) -> bytes:
        """Return the result in one of `SOLUTION_FORMATS`, or of `GRAPH_FORMATS` for triples.

        A boolean as CSV or TSV is the word alone; no standard has that, but clients request it. Triples as TriG or N-Quads are in
        the default graph.

        Raises:
            UsageError: the format does not suit this kind of result.
            UnwritableResultError: the format cannot express what the result contains.
            QueryError: the rest of the result cannot be evaluated.
            EngineError: the response of a remote engine is not well formed.

        """
        buffer = io.BytesIO()
        self.write(format_name, buffer)
        return buffer.getvalue()

    def write(self, format_name: str, output: io.RawIOBase | io.BytesIO) -> None:
        """Write the result to a binary stream; see `serialize`."""
        if self.is_graph:
            if format_name not in GRAPH_FORMATS:
                raise UsageError(f"Unknown format {format_name!r} for triples; choose one of {', '.join(GRAPH_FORMATS)}.")
            # The engine finds triples in any order; sorting them makes the result reproducible.
            triples = sorted(set(self.triples()), key=str)
            ensure_writable(triples, format_name)
            stream = XmlWriter(output) if format_name == "rdfxml" else output
            ox.serialize(triples, stream, GRAPH_FORMATS[format_name], prefixes=used_prefixes(triples))  # type: ignore[arg-type]
            return
        if format_name not in SOLUTION_FORMATS:
            kind = "a boolean" if self.is_boolean else "rows"
            raise UsageError(f"Unknown format {format_name!r} for {kind}; choose one of {', '.join(SOLUTION_FORMATS)}.")
        stream = XmlWriter(output) if format_name == "xml" else output
        raw = self._read()
        assert isinstance(raw, ox.QuerySolutions | ox.QueryBoolean)  # noqa: S101
        with _evaluation_errors():
            if format_name == "csv" and isinstance(raw, ox.QuerySolutions):
                _write_csv(raw, output)
                return
            raw.serialize(stream, SOLUTION_FORMATS[format_name])  # type: ignore[arg-type]


def _write_csv(solutions: ox.QuerySolutions, output: io.RawIOBase | io.BytesIO) -> None:
    """Write rows as CSV (SPARQL 1.1 Query Results CSV and TSV Formats, section 3).

    Oxigraph does not quote an IRI with a comma, so that its row has one column more (seen in pyoxigraph 0.5.13).
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(variable.value for variable in solutions.variables)
    for solution in solutions:
        writer.writerow(str(term) if isinstance(term, ox.BlankNode) else _text(term) for term in solution)
        if text.tell() > _CSV_CHUNK:
            output.write(text.getvalue().encode())
            text.seek(0)
            text.truncate()
    output.write(text.getvalue().encode())


@contextmanager
def _evaluation_errors() -> Iterator[None]:
    """Turn errors of the engine while it evaluates the rest of a result into one of this project."""
    try:
        yield
    except SyntaxError as error:  # of the response of a remote engine
        raise EngineError(f"The engine's response is not well formed: {error}") from error
    except (RuntimeError, ValueError) as error:
        raise QueryError(f"The query cannot be evaluated: {error}.") from error
    except OSError as error:
        if error.errno is not None:  # the output's own
            raise
        raise QueryError(f"The query cannot be evaluated: {error}.") from error


def _text(term: object) -> str | None:
    """Return the text of a value of a row: of a triple term, the term as it is written in SPARQL."""
    if isinstance(term, ox.Triple):
        return f"<<( {term} )>>"
    return None if term is None else str(getattr(term, "value", term))
