"""The server: its tools and resources, and errors that an agent can act on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp_types import CallToolResult, InputRequiredResult, TextContent
from pydantic import ValidationError

from tutela.catalog import Catalog
from tutela.catalog.parameters import nearest
from tutela.engine import BlockingStore, Engine
from tutela.errors import UsageError
from tutela.mcp_server.arguments import explain
from tutela.mcp_server.tools import Tools, with_tool_errors
from tutela.release.snapshot import SHAPES, Snapshot

_INSTRUCTIONS = """\
Law and policy on child sexual abuse material in 196 jurisdictions: what a published review found, what instruments require, \
who is bound by them and since when, and the source of each statement. Prefer `ask` with a query from `questions`; \
`find` lists the values of parameters; use `sparql` for anything that no query covers. A finding is the review's, as of \
the date it states: say "met" or "not met, according to the review", never that something is legal. Give the sources with \
an answer."""
# What to say if a list is empty.
_EMPTY = {
    "questions": "No query matches {about!r}. Try fewer or other words, or none for the list of all queries.",
    "find": "No {type} matches {text!r}. Try a part of its English name, or no text for the list of all values.",
}


class _Server(MCPServer[None]):
    """A server whose errors name the argument that is wrong and what was expected."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[None, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool. An argument that is null counts as absent."""
        tools = {tool.name: tool for tool in await self.list_tools()}
        if name not in tools:
            raise ToolError(f"There is no tool {name!r}{nearest(name, list(tools))}; the tools are {', '.join(tools)}.")
        properties = tools[name].input_schema["properties"]
        for argument in arguments:
            if argument not in properties:
                near = nearest(argument, list(properties))
                raise ToolError(f"The tool {name} has no argument {argument!r}{near}; it takes {', '.join(properties)}.")
        given = {argument: value for argument, value in arguments.items() if value is not None}
        try:
            result = await super().call_tool(name, given, context)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise ToolError(explain(name, properties, error.__cause__)) from None
            raise
        if name in _EMPTY and isinstance(result, CallToolResult) and result.structured_content == {"result": []}:
            note = _EMPTY[name].format(**{"about": "", "type": "", "text": "", **given})
            result = result.model_copy(update={"content": [TextContent(type="text", text=note)]})
        return result


def create_server(engine: Engine, files: Snapshot | None = None, release: str = "") -> MCPServer[None]:
    """Return the server over an engine, which it starts and stops.

    Args:
        engine: the engine.
        files: the files of a release, for its ontology and shapes.
        release: version of the release that it serves, if it is known already; each answer names it too.

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

    server = _Server(
        "tutela",
        title="Tutela",
        instructions=f"{_INSTRUCTIONS} The data are release {release}." if release else _INSTRUCTIONS,
        version=version("tutela"),
        log_level="WARNING",
        lifespan=lifespan,
    )
    tools = Tools(store, catalog)
    for tool in (tools.questions, tools.find, tools.ask, tools.describe, tools.sparql):
        server.add_tool(with_tool_errors(tool))

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
    """Return the files of the release that is served."""
    if files is None or files.version != version:
        raise ResourceNotFoundError("This server does not have the files of the release.")
    return files


def run(server: MCPServer[Any]) -> None:
    """Serve over standard input and output until the client disconnects."""
    server.run("stdio")
