"""One release for everything that a request does, although a remote engine may get another one meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from tutela.engine.base import ReleaseInfo


@dataclass
class RequestRelease:
    """A request, and the release that its first query used."""

    release: ReleaseInfo | None = None


request_release: ContextVar[RequestRelease | None] = ContextVar("request_release", default=None)


@contextmanager
def one_release() -> Iterator[None]:
    """Let everything that is done inside use the same release, although the engine may get another one meanwhile.

    It stays there: `tutela publish` keeps the previous release. Tasks and threads that are started inside are included.
    """
    token = request_release.set(RequestRelease())
    try:
        yield
    finally:
        request_release.reset(token)
