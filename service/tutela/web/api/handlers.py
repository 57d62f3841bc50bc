"""The handlers of ``/health``, ``/api``, ``/.well-known/void``, ``/pages.css``, ``/basemap.svg`` and ``/favicon.ico``."""

from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from tutela import namespaces, paths
from tutela.errors import NotFoundError
from tutela.tables.published import PublishedRelease, published_releases
from tutela.web.api import openapi
from tutela.web.api.validation import BODY_TYPES, REPORT_TYPES
from tutela.web.archive import PATH
from tutela.web.assets import style_sheet, style_sheet_version
from tutela.web.components import basemap
from tutela.web.components.operations import error_meanings, operations
from tutela.web.http.caching import CACHE_CONTROL, CACHEABLE, IMMUTABLE, NO_STORE, make_etag
from tutela.web.http.errors import error_page
from tutela.web.http.files import file_response
from tutela.web.http.negotiation import prefers_html
from tutela.web.linked_data import discovery
from tutela.web.middleware.archive import ARCHIVED
from tutela.web.services import Services, services

# The variables of queries/pages/discovery/void.rq for the checksums of files.
_CHECKSUM_VARIABLES = {"nquads": "tutela.nq", "turtle": "tutela.ttl", "jsonld": "tutela.jsonld"}

_NO_STORE = {"cache-control": NO_STORE}


async def live(request: Request) -> Response:
    """Respond with 200, whether or not queries can be answered: the process handles requests."""
    return JSONResponse({"status": "ok"}, headers=_NO_STORE)


async def health(request: Request) -> Response:
    """Respond with whether queries can be answered, and the version of the release. This waits for nothing."""
    found = services(request).engine.health()
    age = {} if found.age_s is None else {"age_s": found.age_s}
    if found.release is None:
        if prefers_html(request):
            return error_page(request, 503, found.error, {"retry-after": "5"})
        return JSONResponse({"status": found.error, **age}, 503, {"retry-after": "5", **_NO_STORE})
    document = {"status": "ok", "version": found.release.version, "quads": found.release.quads, **age}
    return JSONResponse(document, headers=_NO_STORE)


async def api(request: Request) -> Response:
    """Respond with the OpenAPI description: as a page to people, as JSON to programs."""
    if not prefers_html(request):
        return JSONResponse(await _openapi(request), headers=dict(CACHEABLE))
    document = await _openapi(request)
    groups = operations(document)
    content = {
        "info": document["info"],
        "version": document["openapi"],
        "groups": groups,
        "errors": error_meanings(groups),
        "interfaces": discovery.INTERFACES,
    }
    return await services(request).renderer.respond(request, "api.html", lambda: content)


async def api_document(request: Request) -> Response:
    """Respond with the OpenAPI description as JSON."""
    return JSONResponse(await _openapi(request), headers={"cache-control": CACHEABLE["cache-control"]})


async def _openapi(request: Request) -> dict[str, Any]:
    its = services(request)
    tables = list(its.files.tables) if its.files else []
    document = await run_in_threadpool(openapi.document, its.catalog, BODY_TYPES, REPORT_TYPES, tables)
    names = [one.name for one in await run_in_threadpool(_served_releases, its)]
    document["servers"] = openapi.servers(str(request.base_url).rstrip("/"), _archive_url(request), names)
    return document


async def void(request: Request) -> Response:
    """Respond with the description of the dataset (VoID, section 7.2)."""
    its = services(request)
    current = await its.engine.current_release()
    files = its.files.manifest["files"] if its.files and its.files.version == current.version else {}
    checksums = {name: files.get(file, {}).get("sha256", "") for name, file in _CHECKSUM_VARIABLES.items()}
    texts = {"version": current.version, **checksums}
    kept = await run_in_threadpool(_served_releases, its)
    served = next((one.name for one in kept if one.version == current.version), "")
    iris = {
        "root": str(request.base_url),
        "archive": _archive_url(request),
        "kept": [_release_iri(one.name) for one in kept] or [_release_iri("")],
        "served": _release_iri(served),
    }
    return await its.endpoint.construct(request, "void", iris, texts)


def _served_releases(its: Services) -> list[PublishedRelease]:
    """Return the published releases that are served next to the current one, from the first to the last."""
    return published_releases() if its.settings.server.archived_releases else []


def _archive_url(request: Request) -> str:
    """Return the URL below which published releases are served; a release that is one of them names the others too."""
    below = f"{PATH[1:]}/"
    archived = request.scope.get(ARCHIVED)
    return str(request.base_url).removesuffix(f"{below}{archived['name']}/" if archived else "") + below


def _release_iri(name: str) -> str:
    return f"{namespaces.BASE}id/release/{name}"


async def pages_css(request: Request) -> Response:
    """Respond with the style sheet of all pages; a URL with its version may be cached forever (RFC 8246)."""
    version = style_sheet_version()
    is_this_version = request.query_params.get("v") == version
    headers = {"cache-control": IMMUTABLE if is_this_version else CACHE_CONTROL, "etag": make_etag(version)}
    return Response(style_sheet(), media_type="text/css", headers=headers)


async def basemap_svg(request: Request) -> Response:
    """Respond with the outlines that maps refer to; a URL with their version may be cached forever (RFC 8246)."""
    sprite = basemap.sprite()
    if sprite is None:
        raise NotFoundError("This copy of the service was built without the map.")
    is_this_version = request.query_params.get("v") == sprite.version
    headers = {"cache-control": IMMUTABLE if is_this_version else CACHE_CONTROL, "etag": make_etag(sprite.version)}
    return Response(sprite.document, media_type="image/svg+xml", headers=headers)


async def favicon(request: Request) -> Response:
    """Respond with the icon that browsers request next to a response that is not a page."""
    return file_response(request, paths.STATIC / "icon.svg", "image/svg+xml")
