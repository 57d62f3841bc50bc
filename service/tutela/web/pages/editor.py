"""``/sparql`` as a page: a query editor with the catalogue queries as examples, or a plain form without JavaScript."""

from typing import Any

from fastapi import Request, Response

from tutela import namespaces
from tutela.sparql.query_file import without_metadata
from tutela.web.assets import editor_styles
from tutela.web.http.negotiation import GRAPH_TYPES, accept_of, best_match
from tutela.web.middleware.security_headers import CONTENT_SECURITY_POLICY
from tutela.web.rendering import PageRenderer
from tutela.web.services import services

_EXAMPLE = "jurisdictions-lacking"


def is_wanted(request: Request) -> bool:
    """Return whether a request to the endpoint is for the editor."""
    # Clients for RDF often accept HTML as well, with a lower preference.
    found = best_match({"text/html": "html", **GRAPH_TYPES}, accept_of(request))
    accepts = found is not None and found[1] == "html"
    return request.method != "POST" and accepts and not {"query", "update"} & set(request.query_params)


async def sparql(request: Request) -> Response:
    """Respond with the query editor to people, and as the SPARQL protocol to programs."""
    return await (page(request) if is_wanted(request) else services(request).endpoint.handle(request))


async def page(request: Request) -> Response:
    """Respond with the editor; ``example`` names the first query, and other URL parameters set its parameters."""
    renderer = services(request).renderer
    # The editor uses inline styles.
    hashes = " ".join(f"'{style_hash}'" for style_hash in editor_styles())
    policy = CONTENT_SECURITY_POLICY.replace("style-src 'self'", f"style-src 'self' {hashes}".rstrip())
    headers = {"content-security-policy": policy}
    return await renderer.respond(request, "editor.html", lambda: _content(request, renderer), headers)


def _content(request: Request, renderer: PageRenderer) -> dict[str, Any]:
    catalog = renderer.catalog
    values = dict(request.query_params)
    example = values.pop("example", _EXAMPLE)
    query = catalog.query(example)
    return {
        "query": query,
        "text": without_metadata(catalog.text(example, {**query.examples, **values})),
        "queries": list(catalog.queries.values()),
        "graphs": namespaces.GRAPHS,
        "prefixes": sorted(namespaces.QUERY_PREFIXES.items()),
        "settings": {
            "endpoint": request.url_for("sparql").path,
            "prefixes": [f"{prefix}: <{iri}>" for prefix, iri in sorted(namespaces.QUERY_PREFIXES.items())],
            "name": query.title,
            "jurisdiction": f"{namespaces.BASE}id/jurisdiction/",
            "open": "example" in request.query_params,
        },
    }
