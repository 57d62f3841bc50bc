"""The server for agents (Model Context Protocol), called by the client of its SDK."""

import re
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import version
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
                    create_server(WorkerPool(built, QuerySettings(timeout_s=8, fast_workers=1)), Snapshot.of(built))
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
        (instrument,) = await call(client, "find", type="instrument", text="Lanzarote Convention")
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


def test_an_agent_asks_what_changed(run_client: Callable[[Script], None]) -> None:
    async def script(client: Client) -> None:
        names = [query["name"] for query in await call(client, "questions", about="changed participation national law")]
        assert "changes-since" in names
        result = await call(client, "ask", question="changes-since", parameters={"since": "2023-09-30"}, limit=5)
        assert len(result["rows"]) == 5
        assert all(row["latest"] > "2023-09-30" and row["what"] and row["source"] for row in result["rows"])
        assert "is not a date" in await call_error(client, "ask", question="changes-since", parameters={"since": "2023"})

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


_INVALID_CALLS: list[tuple[str, dict[str, Any], str]] = [
    ("ask", {"question": "parties-lackin"}, "the nearest is parties-lacking"),
    ("ask", {"question": "parties-lacking"}, "needs the parameter instrument"),
    (
        "ask",
        {"question": "bound-by", "parameters": {"jurisdiction": "ALG"}},
        "there is no jurisdiction 'ALG'; the nearest is",
    ),
    ("find", {"type": "country"}, "expected one of area, criterion, edition, instrument"),
    ("find", {}, "The tool find needs the argument type: the type of a parameter"),
    ("find", {"type": ["jurisdiction"]}, 'type: ["jurisdiction"]; expected a text.'),
    ("aks", {}, "There is no tool 'aks'; the nearest is ask; the tools are questions, find, ask, describe, sparql."),
    ("ask", {"question": "nothing at all"}, "`questions` lists them."),
    ("ask", {"question": "criteria", "params": {}}, "has no argument 'params'; the nearest is parameters; it takes question"),
    ("ask", {"question": "criteria", "parameters": ["ALB"]}, 'parameters: ["ALB"]; expected an object'),
    (
        "ask",
        {"question": "bound-by", "parameters": {"jurisdiction": ["ALB"]}},
        "jurisdiction: expected one text or number, not a list",
    ),
    (
        "ask",
        {"question": "bound-by", "parameters": {"jurisdiction": {"code": "ALB"}}},
        'not an object; the value is {"code": "ALB"}.',
    ),
    ("ask", {"question": "bound-by", "parameters": {"jurisdiction": None}}, "bound-by needs the parameter jurisdiction"),
    ("ask", {"question": "bound-by", "parameters": {"jurisdiction": True}}, "there is no jurisdiction 'true'"),
    ("ask", {"question": "bound-by", "parameters": {"country": "ALB"}}, "bound-by has no parameter 'country'"),
    ("ask", {"question": "criteria", "limit": 0}, "limit: 0; expected a whole number from 1 to 1000."),
    ("ask", {"question": "criteria", "limit": 1001}, "limit: 1001; expected a whole number from 1 to 1000."),
    ("ask", {"question": "criteria", "limit": 2.5}, "limit: 2.5; expected a whole number from 1 to 1000."),
    ("ask", {"question": "criteria", "limit": "many"}, 'limit: "many"; expected a whole number'),
    ("ask", {"question": "criteria", "offset": -1}, "offset: -1; expected a whole number of at least 0."),
]


def test_an_invalid_call_is_an_error(run_client: Callable[[Script], None]) -> None:
    async def script(client: Client) -> None:
        for tool, arguments, message in _INVALID_CALLS:
            text = await call_error(client, tool, **arguments)
            assert message in text
            # No other interface and no class of a library is mentioned.
            assert not re.search(r"--param|tutela queries|/queries|validation error|pydantic", text)

    run_client(script)


def test_numbers_booleans_and_null_are_accepted_as_values(run_client: Callable[[Script], None]) -> None:
    async def script(client: Client) -> None:
        expected = await call(client, "ask", question="edition-totals", parameters={"edition": "10"})
        assert expected["total"] > 0
        for edition in (10, 10.0, " 10 "):
            assert await call(client, "ask", question="edition-totals", parameters={"edition": edition}) == expected
        default = await call(client, "ask", question="edition-totals")
        for parameters in ({"edition": None}, {}, None, "{}"):
            assert await call(client, "ask", question="edition-totals", parameters=parameters) == default
        # A number has no leading zeros; the code of a region has.
        africa = await call(client, "ask", question="region-findings", parameters={"region": "002"})
        assert await call(client, "ask", question="region-findings", parameters={"region": 2, "edition": 10}) == africa
        table = await call(client, "ask", question="criteria", limit="2", offset=1.0)
        assert (len(table["rows"]), table["note"]) == (2, "Truncated: these are rows 2 to 3 of 5; the next are at offset=3.")
        assert await call(client, "find", type="edition", text=10) == await call(client, "find", type="edition", text="10")
        assert await call(client, "questions", about=None) == await call(client, "questions")

    run_client(script)


def test_an_empty_answer_says_so(run_client: Callable[[Script], None]) -> None:
    async def script(client: Client) -> None:
        values = {"jurisdiction": "ALB", "as_of": "1950-01-01"}
        table = await call(client, "ask", question="unmet-obligations", parameters=values)
        assert (table["rows"], table["total"], table["truncated"]) == ([], 0, False)
        assert table["note"].startswith("No row matches for jurisdiction=ALB, as_of=1950-01-01")
        assert "Try other values" in table["note"]
        assert "None" not in str(table["note"])
        beyond = await call(client, "ask", question="criteria", offset=50)
        assert beyond["note"] == "The answer has 5 rows, so there is none after offset=50; try a smaller offset."
        assert (await call(client, "ask", question="criteria"))["note"] == ""
        rows = await call(client, "sparql", query="SELECT * WHERE { <a:b> ?p ?o }")
        triples = await call(client, "sparql", query="CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o . <a:b> ?p ?o }")
        assert (rows["note"][:14], triples["note"][:17]) == ("No row matches", "No triple matches")
        for tool, arguments, note in (
            ("questions", {"about": "zebra"}, "No query matches 'zebra'"),
            ("find", {"type": "instrument", "text": "zebra"}, "No instrument matches 'zebra'"),
        ):
            result = await client.call_tool(tool, arguments)
            assert isinstance(result, CallToolResult)
            assert (result.is_error, result.structured_content) == (False, {"result": []})
            assert isinstance(result.content[0], TextContent)
            assert result.content[0].text.startswith(note)

    run_client(script)


def test_the_server_reports_its_version_and_release(built: Release) -> None:
    async def main() -> None:
        server = create_server(WorkerPool(built, QuerySettings(fast_workers=1)), release=built.version)
        with anyio.fail_after(60):
            async with Client(server) as client:
                assert client.server_info is not None
                assert client.server_info.version == version("tutela")
                assert f"release {built.version}" in (client.instructions or "")

    anyio.run(main)


def test_simultaneous_calls_get_their_own_answers(run_client: Callable[[Script], None]) -> None:
    async def script(client: Client) -> None:
        found: dict[str, str] = {}

        async def ask(code: str) -> None:
            table = await call(client, "ask", question="jurisdiction-card", parameters={"jurisdiction": code})
            found[code] = table["rows"][0]["name"]

        async with anyio.create_task_group() as group:
            for code in ("ALB", "BEL", "PHL", "SMR", "HKG", "ZAF"):
                group.start_soon(ask, code)
        assert len(set(found.values())) == 6
        assert found["ALB"] == "Albania"

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
