"""The server for agents (Model Context Protocol), called by the client of its SDK."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp_types import CallToolResult, TextContent, TextResourceContents

from tutela.engine.worker_pool import WorkerPool
from tutela.mcp_server import create_server
from tutela.release import Release
from tutela.release.snapshot import Snapshot
from tutela.settings import QuerySettings
from tutela.sparql.rdf import parse_triples

Script = Callable[[Client], Awaitable[None]]


@pytest.fixture
def run_client(built: Release) -> Callable[[Script], None]:
    """Return a function that runs a script with a client of the server."""

    def run(script: Script) -> None:
        async def main() -> None:
            with anyio.fail_after(60):
                async with Client(
                    create_server(WorkerPool(built, QuerySettings(timeout_s=3, fast_workers=1)), Snapshot.of(built))
                ) as client:
                    await script(client)

        anyio.run(main)

    return run


async def call(client: Client, tool: str, **arguments: Any) -> Any:
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    assert not result.is_error, result.content
    content = result.structured_content
    assert content is not None
    return content["result"] if set(content) == {"result"} else content


async def call_error(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    assert result.is_error
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_the_server_over_stdin_and_stdout(built: Release) -> None:
    command = ["-m", "tutela", "mcp", "--release", str(built.folder)]

    async def main() -> None:
        with anyio.fail_after(60):
            async with Client(stdio_client(StdioServerParameters(command=sys.executable, args=command))) as client:
                assert {tool.name for tool in (await client.list_tools()).tools} == {
                    "questions",
                    "find",
                    "ask",
                    "describe",
                    "sparql",
                }
                result = await call(client, "ask", question="unmet-obligations", parameters={"jurisdiction": "SMR"})
                assert {row["jurisdiction"] for row in result["rows"]} == {"https://w3id.org/tutela/id/jurisdiction/SMR"}
                assert result["release"] == built.version

    anyio.run(main)


def test_an_agent_finds_a_query_and_gets_its_answer(run_client: Callable[[Script], None]) -> None:
    async def script(client: Client) -> None:
        (query,) = await call(client, "questions", about="parties lack criterion")
        assert query["name"] == "parties-lacking"
        assert {p["name"]: p["type"] for p in query["parameters"]}["instrument"] == "instrument"
        (instrument,) = await call(client, "find", type="instrument", text="lanzarote")
        values = {"instrument": instrument["value"], "criterion": "isp-reporting"}
        result = await call(client, "ask", question=query["name"], parameters=values, limit=3)
        assert len(result["rows"]) == 3 < result["total"]
        assert result["truncated"]
        rest = await call(client, "ask", question=query["name"], parameters=values, limit=1000, offset=3)
        assert len(rest["rows"]) == result["total"] - 3
        # The sources of the parties and of the findings, but not those of the parties to another instrument.
        source_names = {source["source"].rpartition("/")[2] for source in result["sources"]}
        assert {"coe-lanzarote-parties", "icmec-10"} <= source_names
        assert "untc-2015" not in source_names
        assert all({"title", "statements"} <= set(source) for source in result["sources"])

    run_client(script)


def test_a_description_has_sources(run_client: Callable[[Script], None]) -> None:
    async def script(client: Client) -> None:
        document = await call(client, "describe", resource="id/observation/10/ALB/definition")
        assert parse_triples(document["turtle"].encode(), "turtle")
        assert [source["source"] for source in document["sources"]] == ["https://w3id.org/tutela/id/source/icmec-10"]
        assert "Unknown resource https://w3id.org/tutela/id/x" in await call_error(client, "describe", resource="id/x")
        assert "is not a valid IRI" in await call_error(client, "describe", resource="id/x> ?p ?o } #")

    run_client(script)


def test_sparql_is_limited_and_read_only(run_client: Callable[[Script], None]) -> None:
    async def script(client: Client) -> None:
        prefix = "PREFIX tutela: <https://w3id.org/tutela/ontology#> "
        table = await call(client, "sparql", query=prefix + "SELECT ?o WHERE { ?o a tutela:Observation } ORDER BY ?o", limit=2)
        assert (len(table["rows"]), table["total"], table["truncated"]) == (2, 993, True)
        assert [source["source"].rpartition("/")[2] for source in table["sources"]] == ["icmec-10"]
        assert (await call(client, "sparql", query="ASK { ?s ?p ?o }"))["rows"] == [{"boolean": "true"}]
        graph = await call(client, "sparql", query="CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
        assert graph["truncated"]
        assert len(parse_triples(graph["turtle"].encode(), "turtle")) == 2000 < graph["total"]
        assert "read" in await call_error(client, "sparql", query="DROP ALL")
        assert "seconds" in await call_error(
            client, "sparql", query="SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        )
        assert "limit" in await call_error(client, "sparql", query="ASK {}", limit=5000)

    run_client(script)


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("ask", {"question": "parties-lackin"}, "the nearest is parties-lacking"),
        ("ask", {"question": "parties-lacking"}, "needs the parameter instrument"),
        (
            "ask",
            {"question": "bound-by", "parameters": {"jurisdiction": "ALG"}},
            "there is no jurisdiction 'ALG'; the nearest is",
        ),
        ("find", {"type": "country"}, "expected one of criterion, edition, instrument"),
    ],
)
def test_an_invalid_call_is_an_error(
    run_client: Callable[[Script], None], tool: str, arguments: dict[str, Any], message: str
) -> None:
    async def script(client: Client) -> None:
        assert message in await call_error(client, tool, **arguments)

    run_client(script)


def test_resources(run_client: Callable[[Script], None]) -> None:
    async def script(client: Client) -> None:
        assert {str(r.uri) for r in (await client.list_resources()).resources} == {"tutela://ontology", "tutela://shapes"}
        for uri in ("tutela://ontology", "tutela://shapes"):
            (text,) = (await client.read_resource(uri)).contents
            assert isinstance(text, TextResourceContents)
            assert parse_triples(text.text.encode(), "turtle")
        (text,) = (await client.read_resource("tutela://question/parties")).contents
        assert isinstance(text, TextResourceContents)
        assert "SELECT" in text.text
        with pytest.raises(MCPError, match="no query 'partis'"):
            await client.read_resource("tutela://question/partis")

    run_client(script)
