"""How programs find the interfaces: ``/llms.txt``, ``/.well-known/api-catalog`` and the header ``Link`` of the start page."""

from typing import NamedTuple

from fastapi import Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from tutela.web.http.caching import CACHE_CONTROL
from tutela.web.templating import root_path, templates

_HEADERS = {"cache-control": CACHE_CONTROL}
_CATALOG = "/.well-known/api-catalog"
_LINKSET = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
# Relations that say where the interface and the data are described (RFC 8631, RFC 9264): relation, URL, media type.
_DESCRIPTIONS = (
    ("service-desc", "/api.json", "application/vnd.oai.openapi+json"),
    ("service-doc", "/api", "text/html"),
    ("service-meta", "/.well-known/void", "text/turtle"),
)


class Interface(NamedTuple):
    """A URL for programs that is no operation of the OpenAPI description.

    Args:
        path: an example of it, below the root path.
        meaning: what it has.

    """

    path: str
    meaning: str


INTERFACES = (
    Interface("/.well-known/void", "the dataset: licence, files with checksums, releases (VoID and DCAT)"),
    Interface("/data/tables.json", "all tables with their columns, sources and dates (CSV on the Web)"),
    Interface("/data/observations.csv", "one table; its description is at the same URL with -metadata.json at its end"),
    Interface("/download/tutela.nq", "the whole release as N-Quads; also tutela.ttl, tutela.jsonld and SHA256SUMS"),
    Interface(
        "/id/jurisdiction/BRA",
        "a resource in the format of the header Accept; /doc/jurisdiction/BRA.jsonld is always JSON-LD",
    ),
    Interface("/ontology", "the classes and properties; /shapes has the validation rules, /context.jsonld the JSON-LD context"),
    Interface("/changes.atom", "a feed of the changes of the law (Atom)"),
    Interface("/jurisdictions/BRA/changes.atom", "the feed of one jurisdiction"),
    Interface("/instruments/lanzarote/changes.atom", "the feed of one instrument"),
    Interface("/checklist/GHA.json", "a drafting checklist; also .md and .docx"),
    Interface("/compare.csv?place=GHA&place=TGO", "a comparison of jurisdictions; also .md and .docx"),
    Interface("/gaps.csv", "unmet obligations and possible gaps, with the parameters of the page"),
    Interface("/charts/map.svg", "a chart with its title, source and date; also .png"),
    Interface("/embed/map", "the same chart as a page that any site may show in a frame (iframe)"),
)


def api_catalog(request: Request) -> Response:
    """Respond with where the interfaces are described (RFC 9727)."""
    base = str(request.base_url).rstrip("/")
    links = {relation: [{"href": base + path, "type": media_type}] for relation, path, media_type in _DESCRIPTIONS}
    context = {"anchor": f"{base}/", **links}
    return JSONResponse({"linkset": [context]}, media_type=_LINKSET, headers=_HEADERS)


def llms(request: Request) -> Response:
    """Respond with what a language model needs to answer questions from the service (llmstxt.org)."""
    text = templates.get_template("llms.txt").render(base=str(request.base_url).rstrip("/"), interfaces=INTERFACES)
    return PlainTextResponse(text, media_type="text/markdown", headers=_HEADERS)


def link_header(request: Request) -> str:
    """Return the header ``Link`` that names the descriptions of the interfaces (RFC 8288)."""
    root = root_path(request)
    found = (f'<{root}{path}>; rel="{relation}"; type="{media_type}"' for relation, path, media_type in _DESCRIPTIONS)
    return ", ".join((f'<{root}{_CATALOG}>; rel="api-catalog"', *found, f'<{root}/llms.txt>; rel="help"; type="text/markdown"'))
