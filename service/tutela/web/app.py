"""The application: which address is answered by what."""

import logging
import resource
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutela import paths
from tutela.bridge import Bridge
from tutela.catalog import Catalog
from tutela.engine import Engine, LimitError
from tutela.errors import UsageError
from tutela.release import Release
from tutela.store import EngineError
from tutela.web import api, linked_data, pages, validation
from tutela.web.frame import Frame, failure, reads_html
from tutela.web.kept import Kept
from tutela.web.pages import editor
from tutela.web.patience import PatientProtocol
from tutela.web.sparql import CACHE_BYTES, Endpoint, fault, problem

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_READ = ["GET", "HEAD"]
# The variables of queries/pages/void.rq that take the checksums.
_FILES = {"nquads": "tutela.nq", "turtle": "tutela.ttl", "jsonld": "tutela.jsonld"}


class _Protected:
    """Adds the headers that keep a browser from doing more with an answer than to show it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", _POLICY)
                headers.setdefault("x-content-type-options", "nosniff")
                headers.setdefault("referrer-policy", "same-origin")
            await send(message)

        hosts = sum(name == b"host" for name, _ in scope.get("headers", ()))
        if hosts > 1:  # RFC 9112, section 3.2: who is meant cannot be told
            await problem(400, f"The request names {hosts} hosts; expected one.")(scope, receive, protected)
        else:
            await self.app(scope, receive, protected)


def create(engine: Engine, release: Release | None, cache: int = CACHE_BYTES) -> FastAPI:
    """Return the application over an engine.

    Args:
        engine: what answers every query, also those of the pages.
        release: a release whose files may be had, as long as its version is what the engine holds.
        cache: bytes of answers that are kept.

    """
    store = Bridge(engine)
    catalog = Catalog(store)
    # Half for what queries answer, half for what went out (compressed, in one media type or another).
    endpoint = Endpoint(engine, cache // 2)
    frame = Frame(catalog, engine)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store.open()
        await engine.start()
        yield
        await engine.stop()

    app = FastAPI(title="Tutela", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    exposed = ["ETag", "Link", "Last-Modified", "Retry-After"]
    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=[*_READ, "POST"], allow_headers=["*"], expose_headers=exposed
    )

    app.add_middleware(_Protected)
    app.add_middleware(Kept, engine=engine, size=cache - cache // 2)

    # Nothing of the request is for FastAPI to read; a plain route takes half the time.
    async def sparql(request: Request) -> Response:
        return await (editor.page(request, frame, _POLICY) if editor.wanted(request) else endpoint(request))

    app.add_route("/sparql", sparql, methods=[*_READ, "POST"])

    @app.api_route("/.well-known/void", methods=_READ)
    async def void(request: Request) -> Response:
        held = await engine.holding()
        files = release.manifest["files"] if release and release.version == held.version else {}
        sums = {name: files.get(file, {}).get("sha256", "") for name, file in _FILES.items()}
        return await endpoint.page(request, "void", {"root": str(request.base_url)}, {"version": held.version, **sums})

    @app.api_route("/favicon.ico", methods=_READ)
    async def icon() -> Response:
        # What browsers ask for beside an answer that is no page of ours.
        return FileResponse(paths.STATIC / "icon.svg", media_type="image/svg+xml")

    @app.api_route("/health", methods=_READ)
    async def health() -> Response:
        try:
            held = await engine.holding()
        except EngineError as error:
            return JSONResponse({"status": str(error)}, 503, {"retry-after": "5"})
        return JSONResponse({"status": "ok", "version": held.version, "quads": held.quads})

    @app.exception_handler(LimitError)
    @app.exception_handler(EngineError)
    async def unwell(request: Request, error: Exception) -> Response:
        assert isinstance(error, LimitError | EngineError)  # noqa: S101 - registered for these
        plain = fault(error)
        return failure(request, plain.status_code, str(error), _retry(plain)) if reads_html(request) else plain

    @app.exception_handler(HTTPException)
    async def unfit(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
        what = {404: f"There is nothing at {request.url.path}", 405: f"{request.method} is not for {request.url.path}"}
        return _told(request, error.status_code, f"{what.get(error.status_code, error.detail)}.", error.headers)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        return _told(request, 500, "The service failed; the fault lies with it, not with the request.")

    app.include_router(pages.router(frame))
    app.include_router(api.router(catalog, endpoint))
    app.include_router(linked_data.router(release, store))
    app.include_router(validation.router(release))
    app.mount("/static", _Static(directory=paths.STATIC), name="static")
    return app


def _retry(answer: Response) -> dict[str, str]:
    return {key: value for key, value in answer.headers.items() if key == "retry-after"}


def _told(request: Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return (failure if reads_html(request) else _plain)(request, status, message, headers)


def _plain(request: Request, status: int, message: str, headers: Mapping[str, str] | None) -> Response:
    return problem(status, message, headers)


class _Static(StaticFiles):
    """Files that are asked for by their fingerprint may be kept for good: a changed one has another address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if answer.status_code == 200 and scope["query_string"].startswith(b"v="):
            answer.headers["cache-control"] = "public, max-age=31536000, immutable"
        return answer


def _worth_a_word(record: logging.LogRecord) -> bool:
    """Let a broken-off answer be one line: that the connection breaks too is how its client is told (see `Endpoint`)."""
    error = record.exc_info[1] if record.exc_info else None
    cause = error.__cause__ if error else None
    if isinstance(cause, LimitError | EngineError):
        record.msg, record.args, record.exc_info = "An answer was broken off: %s", (str(cause),), None
    return True


def serve(app: FastAPI, what: str, host: str, port: int) -> None:
    """Serve an application until it is interrupted.

    Args:
        app: the application.
        what: what it serves, for the people who start it.
        host: the address to listen on.
        port: its port; with 0 one that is free.

    Raises:
        UsageError: the address cannot be listened on.

    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)  # who comes before all is loaded waits
    except OSError as error:
        listener.close()
        raise UsageError(
            f"{host}:{port} cannot be listened on ({error.strerror}); choose another with --host or --port."
        ) from error
    name = f"[{host}]" if ":" in host else host
    print(f"Serving {what} at http://{name}:{listener.getsockname()[1]}/ - stop with Ctrl+C", flush=True)
    logging.getLogger("uvicorn.error").addFilter(_worth_a_word)
    # Each client takes a descriptor; what a system gives at first (often 1024) are few.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    config = uvicorn.Config(app, http=PatientProtocol, log_level="warning", access_log=False, timeout_graceful_shutdown=20)
    uvicorn.Server(config).run(sockets=[listener])
