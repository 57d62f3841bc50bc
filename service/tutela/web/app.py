"""The web application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.errors import ServerErrorMiddleware

from tutela import paths
from tutela.catalog import Catalog
from tutela.engine import BlockingStore, Engine, start
from tutela.errors import TutelaError
from tutela.release import Release
from tutela.release.archive import unpacked
from tutela.release.snapshot import Snapshot
from tutela.search import Search
from tutela.settings import Settings
from tutela.tables.published import PublishedRelease
from tutela.web.api.sparql import SparqlEndpoint
from tutela.web.api.validation import Validator
from tutela.web.archive import Archive
from tutela.web.http import errors
from tutela.web.http.static_files import VersionedStaticFiles
from tutela.web.middleware.archive import ArchiveMiddleware
from tutela.web.middleware.compression import CompressionMiddleware
from tutela.web.middleware.conditional_requests import ConditionalRequestMiddleware
from tutela.web.middleware.http10 import Http10Middleware
from tutela.web.middleware.origin import OriginMiddleware, RequestOrigin
from tutela.web.middleware.release import ReleaseMiddleware
from tutela.web.middleware.response_cache import ResponseCacheMiddleware
from tutela.web.middleware.security_headers import SecurityHeadersMiddleware
from tutela.web.middleware.tracking import TrackingParametersMiddleware
from tutela.web.middleware.trailing_slash import TrailingSlashMiddleware
from tutela.web.page_names import PAGES
from tutela.web.rendering import PageRenderer
from tutela.web.routes import FILES, INDEPENDENT, ROUTES
from tutela.web.services import Services
from tutela.web.serving import ReleaseLoader, Serving

_EXPOSED_HEADERS = [
    "Accept-Ranges", "Content-Disposition", "Content-Range", "ETag", "Link", "Last-Modified", "Retry-After",
    "tutela-edition-status",
]  # fmt: skip


def create_app(
    engine: Engine,
    release: Release | Snapshot | None,
    settings: Settings | None = None,
    loader: ReleaseLoader | None = None,
    *,
    is_archived: bool = False,
) -> FastAPI:
    """Return the application over an engine.

    Args:
        engine: the engine, which the application starts and stops.
        release: a release whose files are served while the engine serves its version.
        settings: the settings.
        loader: loads the next release when it is in place; None to serve this one only.
        is_archived: whether it is the application of a published release inside another one, which checks requests first.

    Raises:
        UsageError: a setting of the server is not valid.

    """
    settings = settings or Settings()
    validator = Validator(settings.validation)

    def create(engine: Engine, files: Snapshot | None) -> Services:
        return _create_services(engine, files, settings, validator)

    files = Snapshot.of(release) if isinstance(release, Release) else release
    serving = Serving(create(engine, files), create, loader, settings.server.reload_check_s)

    archive = Archive(lambda published: _create_archived(published, settings), settings.server.archived_releases)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await serving.start()
        yield
        await archive.stop()
        await serving.stop()

    app = FastAPI(
        title="Tutela",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        routes=list(ROUTES),
        redirect_slashes=False,  # its redirects are absolute and temporary; see TrailingSlashMiddleware
    )
    app.state.serving = serving
    app.mount("/static", VersionedStaticFiles(directory=paths.STATIC), name="static")
    # The last middleware added is the outermost.
    app.add_middleware(CompressionMiddleware)
    app.add_middleware(ResponseCacheMiddleware, independent=INDEPENDENT, max_bytes=settings.cache.response_bytes)
    app.add_middleware(ConditionalRequestMiddleware)
    app.add_middleware(TrackingParametersMiddleware)
    app.add_middleware(TrailingSlashMiddleware, routes=app.router.routes, files=FILES)
    if not is_archived:
        app.add_middleware(ArchiveMiddleware, archive=archive)
        app.add_middleware(OriginMiddleware, origin=RequestOrigin(settings.server, app.router.routes))
        app.add_middleware(Http10Middleware)
        # Starlette's own is outside all of these, so its responses would lack their headers.
        app.add_middleware(ServerErrorMiddleware, handler=errors.on_unexpected_error)
        app.add_middleware(SecurityHeadersMiddleware)
    app.add_middleware(ReleaseMiddleware, serving=serving)
    if not is_archived:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=["*"],
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["*"],
            expose_headers=_EXPOSED_HEADERS,
        )
    app.add_exception_handler(TutelaError, errors.on_tutela_error)
    app.add_exception_handler(HTTPException, errors.on_http_error)
    app.add_exception_handler(Exception, errors.on_unexpected_error)
    return app


def _create_archived(published: PublishedRelease, settings: Settings) -> FastAPI:
    """Return the application of a published release, with a smaller cache and fewer workers."""
    own = replace(
        settings,
        query=replace(settings.query, fast_workers=2, slow_workers=1),
        cache=replace(settings.cache, response_bytes=settings.cache.response_bytes // 8),
    )
    with unpacked(published) as release:
        files = Snapshot.of(release)
    return create_app(start.embedded(own, ())(files), files, own, is_archived=True)


def _create_services(engine: Engine, files: Snapshot | None, settings: Settings, validator: Validator) -> Services:
    """Return the services over an engine."""
    store = BlockingStore(engine)
    catalog = Catalog(store)
    catalog.preload()
    return Services(
        engine=engine,
        files=files,
        settings=settings,
        store=store,
        catalog=catalog,
        endpoint=SparqlEndpoint(engine, settings.query.max_body_bytes),
        renderer=PageRenderer(catalog, engine),
        search=Search(catalog, PAGES),
        validator=validator,
    )
