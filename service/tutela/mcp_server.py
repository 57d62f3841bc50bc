"""An MCP server for AI agents: catalogue queries, descriptions of resources and read-only SPARQL, with sources.

Results are bounded and say when they are truncated. Errors reach the agent as sentences.
"""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from pydantic import BaseModel, Field

from tutela import namespaces
from tutela.catalog import Catalog, CatalogQuery, provenance
from tutela.catalog.parameters import DATE
from tutela.catalog.provenance import Source
from tutela.engine import BlockingStore, Engine
from tutela.errors import TutelaError, UsageError
from tutela.release.snapshot import SHAPES, Snapshot
from tutela.settings import MAX_AGENT_ROWS, MAX_AGENT_TRIPLES
from tutela.sparql import QueryResult, rdf
from tutela.sparql.binding import bind_iris
from tutela.sparql.query_file import page_query

_INSTRUCTIONS = """\
Law and policy on child sexual abuse material in 196 jurisdictions: what a published review found, what instruments require, \
who is bound by them and since when, and the source of each statement. Prefer `ask` with a query from `questions`; \
`find` lists the values of parameters; use `sparql` for anything that no query covers. A finding is the review's, as of \
the date it states: say "met" or "not met, according to the review", never that something is legal. Give the sources with \
an answer."""
_P = ParamSpec("_P")
_R = TypeVar("_R")
_Limit = Annotated[int, Field(ge=1, le=MAX_AGENT_ROWS, description="maximum number of rows")]
_Offset = Annotated[int, Field(ge=0, description="number of rows to skip")]


class Parameter(BaseModel):
    """A parameter of a query; ``default`` is None if it is required."""

    name: str
    type: str
    description: str
    example: str
    default: str | None


class QuerySummary(BaseModel):
    """A query of the catalogue."""

    name: str
    title: str
    parameters: list[Parameter]
    columns: dict[str, str]


class Value(BaseModel):
    """A value of a parameter: as it is written, its IRI, and its label."""

    value: str
    iri: str
    label: str


class Table(BaseModel):
    """Rows of an answer: the ``total`` number of rows, whether these are ``truncated``, and their sources."""

    rows: list[dict[str, str]]
    total: int
    truncated: bool
    release: str
    sources: list[Source]


class Document(BaseModel):
    """Triples in Turtle: the ``total`` number of triples, whether these are ``truncated``, and their sources."""

    turtle: str
    total: int
    truncated: bool
    release: str
    sources: list[Source]


def create_server(engine: Engine, files: Snapshot | None = None) -> MCPServer[None]:
    """Return the server over an engine, which it starts and stops.

    Args:
        engine: the engine.
        files: the files of a release, for its ontology and shapes.

    """
    store = BlockingStore(engine)
    catalog = Catalog(store)

    @asynccontextmanager
    async def lifespan(_: MCPServer[None]) -> AsyncIterator[None]:
        store.use_running_loop()
        await engine.start()
        try:
            yield
        finally:
            await engine.stop()

    server = MCPServer[None]("tutela", title="Tutela", instructions=_INSTRUCTIONS, log_level="WARNING", lifespan=lifespan)
    tools = _Tools(store, catalog)
    for tool in (tools.questions, tools.find, tools.ask, tools.describe, tools.sparql):
        server.add_tool(_with_tool_errors(tool))

    @server.resource("tutela://ontology", mime_type="text/turtle", description="The classes and properties of the graph.")
    def ontology() -> str:
        found = _files_of(files, store.version)
        return "\n".join(found.read_text(name) for name in found.source("ontology", ".ttl") if name.count("/") == 2)

    @server.resource("tutela://shapes", mime_type="text/turtle", description="The constraints on resources of each class.")
    def shapes() -> str:
        return _files_of(files, store.version).read_text(SHAPES)

    @server.resource("tutela://question/{name}", mime_type="application/sparql-query", description="A catalogue query as SPARQL.")
    def question(name: str) -> str:
        try:
            return catalog.query(name).file.text
        except UsageError as error:
            raise ResourceNotFoundError(str(error)) from error

    return server


def _files_of(files: Snapshot | None, version: str) -> Snapshot:
    if files is None or files.version != version:
        raise ResourceNotFoundError("This server does not have the files of the release.")
    return files


def _with_tool_errors(tool: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return a tool whose errors reach the agent as messages."""

    @wraps(tool)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return tool(*args, **kwargs)
        except TutelaError as error:
            raise ToolError(str(error)) from error

    return wrapper


class _Tools:
    """The tools. An agent reads the first paragraph of each docstring."""

    def __init__(self, store: BlockingStore, catalog: Catalog) -> None:
        self._store = store
        self._catalog = catalog

    def questions(
        self, about: Annotated[str, Field(description="words that the title or a column must contain; empty for all")] = ""
    ) -> list[QuerySummary]:
        """List the queries of the catalogue with their parameters and columns."""
        words = about.lower().split()
        return [_summary(query) for query in self._catalog.queries.values() if all(word in _text(query) for word in words)]

    def find(
        self,
        type: Annotated[str, Field(description="the type of a parameter, such as jurisdiction, instrument or criterion")],  # noqa: A002
        text: Annotated[str, Field(description="part of the value or of its label; empty for all")] = "",
    ) -> list[Value]:
        """Find values for a type of parameter, such as the code of a jurisdiction or the short identifier of an instrument."""
        types = sorted({p.type for query in self._catalog.queries.values() for p in query.parameters} - {DATE})
        if type not in types:
            raise UsageError(f"Unknown type {type!r}; expected one of {', '.join(types)}.")
        wanted = text.lower()
        return [
            Value(value=one.value, iri=one.iri, label=one.label)
            for one in self._catalog.allowed_values(type)
            if wanted in one.value.lower() or wanted in one.label.lower()
        ]

    def ask(
        self,
        question: Annotated[str, Field(description="name of the query")],
        parameters: Annotated[dict[str, str] | None, Field(description="value of each parameter")] = None,
        limit: _Limit = 100,
        offset: _Offset = 0,
    ) -> Table:
        """Run a query of the catalogue. The answer includes the sources of the statements that it is made from."""
        values = parameters or {}
        result = self._catalog.run(question, values)
        return self._table(result, limit, offset, lambda _: provenance.of_query(self._catalog, question, values))

    def describe(
        self,
        resource: Annotated[str, Field(description="its IRI, or the end of the IRI, such as id/jurisdiction/ALB")],
    ) -> Document:
        """Describe a resource: its properties, the resources that refer to it, and the labels of the resources it names."""
        iri = resource if ":" in resource else f"{namespaces.BASE}{resource.removeprefix('/')}"
        result = self._store.query(bind_iris(page_query("describe").text, "resource", [iri]))
        document = self._document(result, lambda _: provenance.of_resources(self._store, [iri]))
        if not document.total:
            raise UsageError(f"Unknown resource {iri}; `find` and the answers of queries contain IRIs.")
        return document

    def sparql(
        self,
        query: Annotated[str, Field(description=f"SPARQL 1.1 Query; the base IRI is {namespaces.BASE}")],
        limit: _Limit = 100,
        offset: _Offset = 0,
    ) -> Table | Document:
        """Run a read-only SPARQL query, within limits of time and size. The sources are those of the resources in the result."""
        result = self._store.query(query)
        if result.is_boolean:
            row = {"boolean": str(result.boolean).lower()}
            return Table(rows=[row], total=1, truncated=False, release=self._store.version, sources=[])
        if result.is_graph:
            return self._document(result, lambda iris: provenance.of_resources(self._store, iris))
        return self._table(result, limit, offset, lambda iris: provenance.of_resources(self._store, iris))

    def _table(self, result: QueryResult, limit: int, offset: int, sources_of: Callable[[list[str]], list[Source]]) -> Table:
        columns = result.columns
        found = [{k: v for k, v in zip(columns, row, strict=True) if v is not None} for row in result.rows()]
        rows = found[offset : offset + limit]
        return Table(
            rows=rows,
            total=len(found),
            truncated=len(rows) < len(found),
            release=self._store.version,
            sources=sources_of([value for row in rows for value in row.values()]),
        )

    def _document(self, result: QueryResult, sources_of: Callable[[list[str]], list[Source]]) -> Document:
        found = sorted(set(result.triples()), key=str)
        triples = found[:MAX_AGENT_TRIPLES]
        return Document(
            turtle=rdf.serialize(triples, "turtle").decode(),
            total=len(found),
            truncated=len(triples) < len(found),
            release=self._store.version,
            sources=sources_of([str(getattr(triple.subject, "value", "")) for triple in triples]),
        )


def _summary(query: CatalogQuery) -> QuerySummary:
    return QuerySummary(
        name=query.name,
        title=query.title,
        parameters=[
            Parameter(name=p.name, type=p.type, description=p.description, example=p.example, default=p.default)
            for p in query.parameters
        ],
        columns=query.columns,
    )


def _text(query: CatalogQuery) -> str:
    return re.sub(r"\s+", " ", f"{query.name} {query.title} {' '.join(query.columns.values())}").lower()


def run(server: MCPServer[Any]) -> None:
    """Serve over standard input and output until the client disconnects."""
    server.run("stdio")
