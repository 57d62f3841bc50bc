"""The application: which address is answered by what."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from tutela import paths
from tutela.catalog import Catalog
from tutela.errors import UsageError
from tutela.pool import Limits, Pool
from tutela.release import Release
from tutela.store import EmbeddedStore
from tutela.web import api, linked_data, pages, validation
from tutela.web.sparql import Endpoint

_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_READ = ["GET", "HEAD"]


def create(release: Release, limits: Limits | None = None) -> FastAPI:
    """Return the application over a release.

    The pages ask the catalogue's own questions within the process; what comes from outside is answered by the pool,
    within its limits.
    """
    store = EmbeddedStore.open(release.dump)
    catalog = Catalog(store)
    pool = Pool(release.dump, limits)
    endpoint = Endpoint(pool, release)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await pool.start()
        yield
        await pool.stop()

    app = FastAPI(title="Tutela", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    exposed = ["ETag", "Link", "Last-Modified", "Retry-After"]
    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=[*_READ, "POST"], allow_headers=["*"], expose_headers=exposed
    )

    @app.middleware("http")
    async def protect(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call(request)
        response.headers.setdefault("content-security-policy", _POLICY)
        response.headers.setdefault("x-content-type-options", "nosniff")
        response.headers.setdefault("referrer-policy", "same-origin")
        return response

    @app.api_route("/", methods=_READ)
    async def start(request: Request) -> Response:
        return await run_in_threadpool(pages.start, request, release, catalog)

    @app.api_route("/sparql", methods=[*_READ, "POST"])
    async def sparql(request: Request) -> Response:
        return await endpoint(request)

    @app.api_route("/.well-known/void", methods=_READ)
    async def void(request: Request) -> Response:
        return await endpoint.page(request, "void", {"root": str(request.base_url)}, {"version": release.version})

    @app.api_route("/health", methods=_READ)
    async def health() -> Response:
        status = {"status": "ok" if pool.alive else "no workers", "version": release.version, "quads": release.manifest["quads"]}
        return JSONResponse(status, 200 if pool.alive else 503)

    app.include_router(api.router(catalog, endpoint))
    app.include_router(linked_data.router(release, store))
    app.include_router(validation.router())
    app.mount("/static", StaticFiles(directory=paths.STATIC), name="static")
    return app


def serve(release: Release, host: str, port: int) -> None:
    """Serve a release until it is interrupted.

    Raises:
        UsageError: the address cannot be listened on.

    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UsageError(
            f"{host}:{port} cannot be listened on ({error.strerror}); choose another with --host or --port."
        ) from error
    name = f"[{host}]" if ":" in host else host
    print(f"Serving release {release.version} at http://{name}:{listener.getsockname()[1]}/ - stop with Ctrl+C", flush=True)
    config = uvicorn.Config(create(release), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])
