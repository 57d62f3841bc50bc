"""The handlers of ``/validate``, ``/health``, ``/api``, ``/.well-known/void`` and ``/favicon.ico``."""

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from tutela import paths
from tutela.errors import EngineError
from tutela.web.api import openapi
from tutela.web.api.validation import BODY_TYPES, REPORT_TYPES
from tutela.web.http.caching import CACHEABLE, NO_STORE
from tutela.web.http.errors import error_page, retry_after
from tutela.web.http.files import file_response
from tutela.web.http.negotiation import prefers_html
from tutela.web.services import services

# The variables of queries/pages/discovery/void.rq for the checksums of files.
_CHECKSUM_VARIABLES = {"nquads": "tutela.nq", "turtle": "tutela.ttl", "jsonld": "tutela.jsonld"}


async def validate(request: Request) -> Response:
    """Respond with a validation report."""
    return await services(request).validator.handle(request)


async def health(request: Request) -> Response:
    """Respond with whether queries can be answered, and the version of the release."""
    try:
        release = await services(request).engine.current_release()
    except EngineError as error:
        if prefers_html(request):
            return error_page(request, 503, str(error), retry_after(error))
        return JSONResponse({"status": str(error)}, 503, {**retry_after(error), "cache-control": NO_STORE})
    return JSONResponse({"status": "ok", "version": release.version, "quads": release.quads}, headers={"cache-control": NO_STORE})


async def api(request: Request) -> Response:
    """Respond with the OpenAPI description."""
    catalog = services(request).catalog
    tables = list(paths.table_files())
    document = await run_in_threadpool(openapi.document, catalog, BODY_TYPES, REPORT_TYPES, tables)
    document["servers"] = [{"url": str(request.base_url).rstrip("/")}]
    return JSONResponse(document, headers={"cache-control": CACHEABLE["cache-control"]})


async def void(request: Request) -> Response:
    """Respond with the description of the dataset (VoID, section 7.2)."""
    its = services(request)
    current = await its.engine.current_release()
    release = its.release
    files = release.manifest["files"] if release and release.version == current.version else {}
    checksums = {name: files.get(file, {}).get("sha256", "") for name, file in _CHECKSUM_VARIABLES.items()}
    texts = {"version": current.version, **checksums}
    return await its.endpoint.construct(request, "void", {"root": str(request.base_url)}, texts)


async def favicon(request: Request) -> Response:
    """Respond with the icon that browsers request next to a response that is not a page."""
    return file_response(request, paths.STATIC / "icon.svg", "image/svg+xml")
