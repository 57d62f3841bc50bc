"""The tools: catalogue queries, descriptions of resources, and read-only SPARQL."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Annotated, ParamSpec, TypeVar

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from tutela import namespaces
from tutela.catalog import Catalog, CatalogQuery, provenance
from tutela.catalog.parameters import DATE, nearest
from tutela.catalog.provenance import Source
from tutela.engine import BlockingStore
from tutela.errors import TutelaError, UnknownQueryError, UsageError
from tutela.mcp_server.arguments import NO_VALUES, Scalar, Text, parameter_values
from tutela.mcp_server.models import Document, Parameter, QuerySummary, Table, Value
from tutela.settings import MAX_AGENT_ROWS, MAX_AGENT_TRIPLES
from tutela.sparql import QueryResult, rdf
from tutela.sparql.binding import bind_iris
from tutela.sparql.query_file import page_query

_P = ParamSpec("_P")
_R = TypeVar("_R")
_Limit = Annotated[int, Field(ge=1, le=MAX_AGENT_ROWS, description="maximum number of rows")]
_Offset = Annotated[int, Field(ge=0, description="number of rows to skip")]


class Tools:
    """The tools. An agent reads the first paragraph of each docstring."""

    def __init__(self, store: BlockingStore, catalog: Catalog) -> None:
        self._store = store
        self._catalog = catalog

    def questions(
        self, about: Annotated[Text, Field(description="words that the title or a column must contain; empty for all")] = ""
    ) -> list[QuerySummary]:
        """List the queries of the catalogue with their parameters and columns."""
        words = about.lower().split()
        return [
            _summary(self._catalog, query)
            for query in self._catalog.queries.values()
            if all(word in _text(query) for word in words)
        ]

    def find(
        self,
        type: Annotated[Text, Field(description="the type of a parameter, such as jurisdiction, instrument or criterion")],  # noqa: A002
        text: Annotated[Text, Field(description="part of the value or of its label; empty for all")] = "",
    ) -> list[Value]:
        """Find values for a type of parameter, such as the code of a jurisdiction or the short identifier of an instrument."""
        types = sorted({p.type for query in self._catalog.queries.values() for p in query.parameters} - {DATE})
        if type not in types:
            raise UsageError(f"Unknown type {type!r}{nearest(type, types)}; expected one of {', '.join(types)}.")
        wanted = text.lower()
        return [
            Value(value=one.value, iri=one.iri, label=one.label)
            for one in self._catalog.allowed_values(type)
            if wanted in one.value.lower() or wanted in one.label.lower()
        ]

    def ask(
        self,
        question: Annotated[Text, Field(description="name of the query")],
        parameters: Annotated[dict[str, Scalar], Field(description="value of each parameter")] = NO_VALUES,
        limit: _Limit = 100,
        offset: _Offset = 0,
    ) -> Table:
        """Run a query of the catalogue. The answer includes the sources of the statements that it is made from."""
        try:
            query = self._catalog.query(question)
        except UnknownQueryError as error:
            raise UsageError(f"{error} `questions` lists them.") from error
        values = parameter_values(self._catalog, query, parameters)
        result = self._catalog.run(question, values)
        used = {**{p.name: self._catalog.default(p) for p in query.parameters}, **values}
        given = f" for {', '.join(f'{name}={value}' for name, value in used.items())}" if used else ""
        hint = f"No row matches{given}; the query ran without an error. Try other values (`find` lists them) or another query."
        table = self._table(result, limit, offset, hint, lambda _: provenance.of_query(self._catalog, question, values))
        for number in self._catalog.drafts_in(question, values):
            table.note = f"Edition {number} is a draft; nobody has published its findings. {table.note}".strip()
        return table

    def describe(
        self,
        resource: Annotated[Text, Field(description="its IRI, or the end of the IRI, such as id/jurisdiction/ALB")],
    ) -> Document:
        """Describe a resource: its properties, the resources that refer to it, and the labels of the resources it names."""
        iri = resource if ":" in resource else f"{namespaces.BASE}{resource.removeprefix('/')}"
        result = self._store.query(bind_iris(page_query("describe").text, "resource", [iri]))
        document = self._document(result, "", lambda _: provenance.of_resources(self._store, [iri]))
        if not document.total:
            raise UsageError(f"Unknown resource {iri}; `find` and the answers of queries contain IRIs.")
        return document

    def sparql(
        self,
        query: Annotated[Text, Field(description=f"SPARQL 1.1 Query; the base IRI is {namespaces.BASE}")],
        limit: _Limit = 100,
        offset: _Offset = 0,
    ) -> Table | Document:
        """Run a read-only SPARQL query, within limits of time and size. The sources are those of the resources in the result."""
        result = self._store.query(query)
        if result.is_boolean:
            row = {"boolean": str(result.boolean).lower()}
            return Table(rows=[row], total=1, truncated=False, note="", release=self._store.version, sources=[])
        hint = "matches; the query ran without an error. Check its IRIs, properties and texts: `find` and `describe` show them."
        if result.is_graph:
            return self._document(result, f"No triple {hint}", lambda iris: provenance.of_resources(self._store, iris))
        return self._table(result, limit, offset, f"No row {hint}", lambda iris: provenance.of_resources(self._store, iris))

    def _table(
        self, result: QueryResult, limit: int, offset: int, empty_note: str, sources_of: Callable[[list[str]], list[Source]]
    ) -> Table:
        columns = result.columns
        found = [{k: v for k, v in zip(columns, row, strict=True) if v is not None} for row in result.rows()]
        rows = found[offset : offset + limit]
        return Table(
            rows=rows,
            total=len(found),
            truncated=len(rows) < len(found),
            note=_note(len(rows), len(found), offset) if found else empty_note,
            release=self._store.version,
            sources=sources_of([value for row in rows for value in row.values()]),
        )

    def _document(self, result: QueryResult, empty_note: str, sources_of: Callable[[list[str]], list[Source]]) -> Document:
        found = sorted(set(result.triples()), key=str)
        triples = found[:MAX_AGENT_TRIPLES]
        if not found:
            note = empty_note
        elif len(triples) < len(found):
            note = f"Truncated to {len(triples)} of {len(found)} triples; ask for fewer, for example of one class or resource."
        else:
            note = ""
        return Document(
            turtle=rdf.serialize(triples, "turtle").decode(),
            total=len(found),
            truncated=len(triples) < len(found),
            note=note,
            release=self._store.version,
            sources=sources_of([str(getattr(triple.subject, "value", "")) for triple in triples]),
        )


def _note(shown: int, total: int, offset: int) -> str:
    """Return how to get the rows that a table does not show; empty if it shows all."""
    if shown == total:
        return ""
    if not shown:
        return f"The answer has {total} rows, so there is none after offset={offset}; try a smaller offset."
    rest = f"; the next are at offset={offset + shown}" if offset + shown < total else ""
    return f"Truncated: these are rows {offset + 1} to {offset + shown} of {total}{rest}."


def _summary(catalog: Catalog, query: CatalogQuery) -> QuerySummary:
    return QuerySummary(
        name=query.name,
        title=query.title,
        parameters=[
            Parameter(name=p.name, type=p.type, description=p.description, example=p.example, default=catalog.default(p))
            for p in query.parameters
        ],
        columns=query.columns,
    )


def _text(query: CatalogQuery) -> str:
    return re.sub(r"\s+", " ", f"{query.name} {query.title} {' '.join(query.columns.values())}").lower()


def with_tool_errors(tool: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return a tool whose errors reach the agent as messages."""

    @wraps(tool)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return tool(*args, **kwargs)
        except TutelaError as error:
            raise ToolError(str(error)) from error

    return wrapper
