"""The handlers of ``/health``, ``/api``, ``/.well-known/void`` and ``/favicon.ico``."""

from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from tutela import paths
from tutela.web.api import openapi
from tutela.web.api.validation import BODY_TYPES, REPORT_TYPES
from tutela.web.components.operations import error_meanings, operations
from tutela.web.http.caching import CACHEABLE, NO_STORE
from tutela.web.http.errors import error_page
from tutela.web.http.files import file_response
from tutela.web.http.negotiation import prefers_html
from tutela.web.services import services

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
    content = {"info": document["info"], "version": document["openapi"], "groups": groups, "errors": error_meanings(groups)}
    return await services(request).renderer.respond(request, "api.html", lambda: content)


async def api_document(request: Request) -> Response:
    """Respond with the OpenAPI description as JSON."""
    return JSONResponse(await _openapi(request), headers={"cache-control": CACHEABLE["cache-control"]})


async def _openapi(request: Request) -> dict[str, Any]:
    its = services(request)
    tables = list(its.files.tables) if its.files else []
    document = await run_in_threadpool(openapi.document, its.catalog, BODY_TYPES, REPORT_TYPES, tables)
    document["servers"] = [{"url": str(request.base_url).rstrip("/")}]
    return document


async def void(request: Request) -> Response:
    """Respond with the description of the dataset (VoID, section 7.2)."""
    its = services(request)
    current = await its.engine.current_release()
    files = its.files.manifest["files"] if its.files and its.files.version == current.version else {}
    checksums = {name: files.get(file, {}).get("sha256", "") for name, file in _CHECKSUM_VARIABLES.items()}
    texts = {"version": current.version, **checksums}
    return await its.endpoint.construct(request, "void", {"root": str(request.base_url)}, texts)


async def favicon(request: Request) -> Response:
    """Respond with the icon that browsers request next to a response that is not a page."""
    return file_response(request, paths.STATIC / "icon.svg", "image/svg+xml")
