"""The graph for agents, over the Model Context Protocol: the questions, descriptions and read-only SPARQL, with sources.

What a tool returns is bounded and says when it was cut; whatever goes wrong is told to the agent in a sentence.
"""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from pydantic import BaseModel, Field

from tutela import header, names, paths, sources, store, validate
from tutela.bridge import Bridge
from tutela.catalog import Catalog, Question, with_iris
from tutela.engine import Engine
from tutela.errors import TutelaError, UsageError
from tutela.sources import Source

_INSTRUCTIONS = """\
Law and policy on child sexual abuse material in 196 jurisdictions: what a published review found, what instruments ask, \
who is bound by them and since when, and where each statement comes from. Prefer `ask` with a question from `questions`; \
`find` gives the values that parameters take; `sparql` is for what no question covers. A finding is the review's, as of \
the day it states: say "met" or "not met, by the review", never that something is legal. Give the sources with an answer."""
_P = ParamSpec("_P")
_R = TypeVar("_R")
_Rows = Annotated[int, Field(ge=1, le=1000, description="at most so many rows")]
_Skip = Annotated[int, Field(ge=0, description="rows to leave out from the beginning")]
_TRIPLES = 2000


class Parameter(BaseModel):
    """A parameter of a question; ``default`` is None where one must be given."""

    name: str
    type: str
    description: str
    example: str
    default: str | None


class Listed(BaseModel):
    """A question of the catalogue."""

    name: str
    title: str
    parameters: list[Parameter]
    columns: dict[str, str]


class Value(BaseModel):
    """What a parameter may be: as it is written, the IRI it stands for, and its label."""

    value: str
    iri: str
    label: str


class Table(BaseModel):
    """Rows of an answer: ``total`` of all, whether these are ``cut``, and what they rest on."""

    rows: list[dict[str, str]]
    total: int
    cut: bool
    release: str
    sources: list[Source]


class Document(BaseModel):
    """Triples in Turtle: ``total`` of all, whether these are ``cut``, and what they rest on."""

    turtle: str
    total: int
    cut: bool
    release: str
    sources: list[Source]


def server(engine: Engine) -> MCPServer[None]:
    """Return the server over an engine, which it starts and stops."""
    bridge = Bridge(engine)
    catalog = Catalog(bridge)

    @asynccontextmanager
    async def lifespan(_: MCPServer[None]) -> AsyncIterator[None]:
        bridge.open()
        await engine.start()
        try:
            yield
        finally:
            await engine.stop()

    made = MCPServer[None]("tutela", title="Tutela", instructions=_INSTRUCTIONS, log_level="WARNING", lifespan=lifespan)
    desk = _Desk(bridge, catalog)
    for tool in (desk.questions, desk.find, desk.ask, desk.describe, desk.sparql):
        made.add_tool(_told(tool))

    @made.resource("tutela://ontology", mime_type="text/turtle", description="The classes and properties of the graph.")
    def ontology() -> str:
        return "\n".join(path.read_text(encoding="utf-8") for path in sorted(paths.ONTOLOGY.glob("*.ttl")))

    @made.resource("tutela://shapes", mime_type="text/turtle", description="What a resource of each class must be like.")
    def shapes() -> str:
        return validate.shapes_text()

    @made.resource("tutela://question/{name}", mime_type="application/sparql-query", description="A question as SPARQL.")
    def question(name: str) -> str:
        try:
            return catalog.question(name).file.text
        except UsageError as error:
            raise ResourceNotFoundError(str(error)) from error

    return made


def _told(tool: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return a tool whose errors the agent reads."""

    @wraps(tool)
    def told(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return tool(*args, **kwargs)
        except TutelaError as error:
            raise ToolError(str(error)) from error

    return told


class _Desk:
    """The tools; the first paragraph of each is what an agent reads of it."""

    def __init__(self, bridge: Bridge, catalog: Catalog) -> None:
        self._store = bridge
        self._catalog = catalog

    def questions(
        self, about: Annotated[str, Field(description="words that a title or a column must have; empty for all")] = ""
    ) -> list[Listed]:
        """List the questions of the catalogue with their parameters and columns."""
        words = about.lower().split()
        return [_listed(q) for q in self._catalog.questions.values() if all(word in _words(q) for word in words)]

    def find(
        self,
        type: Annotated[str, Field(description="the type of a parameter, such as jurisdiction, instrument or criterion")],  # noqa: A002
        text: Annotated[str, Field(description="a part of the value or of its label; empty for all")] = "",
    ) -> list[Value]:
        """Find the values that parameters of a type take: the code of a jurisdiction, the slug of an instrument."""
        kinds = sorted({p.kind for q in self._catalog.questions.values() for p in q.parameters} - {"date"})
        if type not in kinds:
            raise UsageError(f"There is no type {type!r}; expected one of {', '.join(kinds)}.")
        wanted = text.lower()
        return [
            Value(value=choice.value, iri=choice.term[1:-1], label=choice.label)
            for choice in self._catalog.choices(type)
            if wanted in choice.value.lower() or wanted in choice.label.lower()
        ]

    def ask(
        self,
        question: Annotated[str, Field(description="its name")],
        parameters: Annotated[dict[str, str] | None, Field(description="the value of each parameter")] = None,
        rows: _Rows = 100,
        skip: _Skip = 0,
    ) -> Table:
        """Ask a question of the catalogue. The answer comes with the sources of the statements that it is made from."""
        values = parameters or {}
        answer = self._catalog.ask(question, values)
        return self._table(answer, rows, skip, lambda _: sources.of_question(self._catalog, question, values))

    def describe(
        self,
        resource: Annotated[str, Field(description="its IRI, or the end of it, such as id/jurisdiction/ALB")],
    ) -> Document:
        """Describe a resource: what is said of it, what points at it, and the labels of what it names."""
        iri = resource if ":" in resource else f"{names.BASE}{resource.removeprefix('/')}"
        text = header.read(paths.QUERIES / "pages" / "describe.rq").text
        answer = self._store.query(with_iris(text, "resource", [iri]))
        document = self._document(answer, lambda _: sources.of_resources(self._store, [iri]))
        if not document.total:
            raise UsageError(f"Nothing is known of {iri}; `find` and the answers of questions give IRIs.")
        return document

    def sparql(
        self,
        query: Annotated[str, Field(description=f"SPARQL 1.1 Query; the base is {names.BASE}")],
        rows: _Rows = 100,
        skip: _Skip = 0,
    ) -> Table | Document:
        """Run a read-only SPARQL query, within limits of time and size. The sources are those of the resources it returns."""
        answer = self._store.query(query)
        if answer.is_boolean:
            return Table(
                rows=[{"boolean": str(answer.truth).lower()}], total=1, cut=False, release=self._store.version, sources=[]
            )
        if answer.is_graph:
            return self._document(answer, lambda iris: sources.of_resources(self._store, iris))
        return self._table(answer, rows, skip, lambda iris: sources.of_resources(self._store, iris))

    def _table(self, answer: store.Answer, rows: int, skip: int, rest_on: Callable[[list[str]], list[Source]]) -> Table:
        columns = answer.columns
        found = [{k: v for k, v in zip(columns, row, strict=True) if v is not None} for row in answer.rows()]
        shown = found[skip : skip + rows]
        return Table(
            rows=shown,
            total=len(found),
            cut=len(shown) < len(found),
            release=self._store.version,
            sources=rest_on([value for row in shown for value in row.values()]),
        )

    def _document(self, answer: store.Answer, rest_on: Callable[[list[str]], list[Source]]) -> Document:
        triples = sorted(set(answer.triples()), key=str)
        shown = triples[:_TRIPLES]
        return Document(
            turtle=store.dump(shown, "turtle").decode(),
            total=len(triples),
            cut=len(shown) < len(triples),
            release=self._store.version,
            sources=rest_on([str(getattr(triple.subject, "value", "")) for triple in shown]),
        )


def _listed(question: Question) -> Listed:
    return Listed(
        name=question.name,
        title=question.title,
        parameters=[
            Parameter(name=p.name, type=p.kind, description=p.description, example=p.example, default=p.default)
            for p in question.parameters
        ],
        columns=question.columns,
    )


def _words(question: Question) -> str:
    return re.sub(r"\s+", " ", f"{question.name} {question.title} {' '.join(question.columns.values())}").lower()


def run(made: MCPServer[Any]) -> None:
    """Serve over standard input and output until the other side hangs up."""
    made.run("stdio")
