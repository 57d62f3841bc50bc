"""An MCP server for AI agents: catalogue queries, descriptions of resources and read-only SPARQL, with sources.

Results are bounded and say when they are truncated or empty. Errors reach the agent as sentences.
"""

from tutela.mcp_server.server import create_server, run

__all__ = ["create_server", "run"]
