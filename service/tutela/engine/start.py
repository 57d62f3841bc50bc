"""The engine that the settings ask for. Modules of the engine that is not needed are not loaded."""

from collections.abc import Callable, Collection

from tutela.engine.base import Engine
from tutela.release.snapshot import Snapshot
from tutela.settings import Settings


def embedded(settings: Settings, services: Collection[str]) -> Callable[[Snapshot], Engine]:
    """Return a function that starts to load a release into an engine of worker processes.

    Args:
        settings: the settings.
        services: URLs that ``SERVICE`` may name.

    """
    from tutela.engine.worker_pool import WorkerPool  # noqa: PLC0415

    def start(files: Snapshot) -> Engine:
        pool = WorkerPool(files, settings.query, services)
        pool.start_loading()
        return pool

    return start


def remote(settings: Settings, services: Collection[str]) -> Engine:
    """Return the engine at the endpoint of the settings; see `embedded`."""
    from tutela.engine.remote import RemoteEngine  # noqa: PLC0415
    from tutela.sparql.http_client import use_credentials  # noqa: PLC0415
    from tutela.sparql.remote import RemoteStore  # noqa: PLC0415

    endpoint = settings.endpoint
    use_credentials(endpoint.url, endpoint=endpoint)
    store = RemoteStore(
        endpoint.url,
        timeout_s=settings.query.timeout_s,
        max_response_bytes=settings.query.max_response_bytes,
        services=services,
        version_ttl_s=endpoint.version_ttl_s,
    )
    return RemoteEngine(store, settings.query, endpoint)
