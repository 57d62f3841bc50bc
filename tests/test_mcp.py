"""Agents: the tools over the Model Context Protocol, called by its SDK's own client."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp_types import CallToolResult, TextContent, TextResourceContents

from tutela.engine import Limits
from tutela.mcp import server
from tutela.pool import Pool
from tutela.release import Release
from tutela.store import triples_from

Script = Callable[[Client], Awaitable[None]]


@pytest.fixture
def talk(built: Release) -> Callable[[Script], None]:
    """Return what runs a script with a client."""

    def run(script: Script) -> None:
        async def main() -> None:
            with anyio.fail_after(60):
                async with Client(server(Pool(built, Limits(seconds=3, fast=1)))) as client:
                    await script(client)

        anyio.run(main)

    return run


async def call(client: Client, tool: str, **arguments: Any) -> Any:
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    assert not result.is_error, result.content
    found = result.structured_content
    assert found is not None
    return found["result"] if set(found) == {"result"} else found


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    assert result.is_error
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_over_standard_input_and_output(built: Release) -> None:
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
                answer = await call(client, "ask", question="unmet-obligations", parameters={"jurisdiction": "SMR"})
                assert {row["jurisdiction"] for row in answer["rows"]} == {"https://w3id.org/tutela/id/jurisdiction/SMR"}
                assert answer["release"] == built.version

    anyio.run(main)


def test_from_the_question_to_the_answer(talk: Callable[[Script], None]) -> None:
    async def script(client: Client) -> None:
        (question,) = await call(client, "questions", about="parties lack criterion")
        assert question["name"] == "parties-lacking"
        assert {p["name"]: p["type"] for p in question["parameters"]}["instrument"] == "instrument"
        (instrument,) = await call(client, "find", type="instrument", text="lanzarote")
        values = {"instrument": instrument["value"], "criterion": "isp-reporting"}
        answer = await call(client, "ask", question=question["name"], parameters=values, rows=3)
        assert len(answer["rows"]) == 3 < answer["total"]
        assert answer["cut"]
        rest = await call(client, "ask", question=question["name"], parameters=values, rows=1000, skip=3)
        assert len(rest["rows"]) == answer["total"] - 3
        # What says who is party, and what says who lacks it; and nothing that says who is party to something else.
        named = {source["source"].rpartition("/")[2] for source in answer["sources"]}
        assert {"coe-lanzarote-parties", "icmec-10"} <= named
        assert "untc-2015" not in named
        assert all({"title", "statements"} <= set(source) for source in answer["sources"])

    talk(script)


def test_a_description_comes_with_its_sources(talk: Callable[[Script], None]) -> None:
    async def script(client: Client) -> None:
        document = await call(client, "describe", resource="id/observation/10/ALB/definition")
        assert triples_from(document["turtle"].encode(), "turtle")
        assert [source["source"] for source in document["sources"]] == ["https://w3id.org/tutela/id/source/icmec-10"]
        assert "Nothing is known of https://w3id.org/tutela/id/x" in await refused(client, "describe", resource="id/x")
        assert "is not an IRI" in await refused(client, "describe", resource="id/x> ?p ?o } #")

    talk(script)


def test_sparql_is_bounded_and_read_only(talk: Callable[[Script], None]) -> None:
    async def script(client: Client) -> None:
        prefix = "PREFIX tutela: <https://w3id.org/tutela/ontology#> "
        table = await call(client, "sparql", query=prefix + "SELECT ?o WHERE { ?o a tutela:Observation } ORDER BY ?o", rows=2)
        assert (len(table["rows"]), table["total"], table["cut"]) == (2, 993, True)
        assert [source["source"].rpartition("/")[2] for source in table["sources"]] == ["icmec-10"]
        assert (await call(client, "sparql", query="ASK { ?s ?p ?o }"))["rows"] == [{"boolean": "true"}]
        graph = await call(client, "sparql", query="CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
        assert graph["cut"]
        assert len(triples_from(graph["turtle"].encode(), "turtle")) == 2000 < graph["total"]
        assert "read" in await refused(client, "sparql", query="DROP ALL")
        assert "seconds" in await refused(
            client, "sparql", query="SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        )
        assert "rows" in await refused(client, "sparql", query="ASK {}", rows=5000)

    talk(script)


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
def test_what_is_wrong_is_told(talk: Callable[[Script], None], tool: str, arguments: dict[str, Any], message: str) -> None:
    async def script(client: Client) -> None:
        assert message in await refused(client, tool, **arguments)

    talk(script)


def test_resources(talk: Callable[[Script], None]) -> None:
    async def script(client: Client) -> None:
        assert {str(r.uri) for r in (await client.list_resources()).resources} == {"tutela://ontology", "tutela://shapes"}
        for uri in ("tutela://ontology", "tutela://shapes"):
            (text,) = (await client.read_resource(uri)).contents
            assert isinstance(text, TextResourceContents)
            assert triples_from(text.text.encode(), "turtle")
        (text,) = (await client.read_resource("tutela://question/parties")).contents
        assert isinstance(text, TextResourceContents)
        assert "SELECT" in text.text
        with pytest.raises(MCPError, match="no question 'partis'"):
            await client.read_resource("tutela://question/partis")

    talk(script)
