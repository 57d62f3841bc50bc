"""Published releases next to the current one: each is an application of its own under ``/v/NAME/``, started when it is requested.

All applications run the present program. Pages, API and SPARQL of a release answer from its own graph and files.
"""

import asyncio
from collections.abc import Callable

from fastapi import FastAPI

from tutela.errors import LimitError
from tutela.release.archive import find_published
from tutela.tables.published import PublishedRelease
from tutela.web.serving import Serving

PATH = "/v"


class Archive:
    """The applications of published releases. Not more than a few run at a time; the least recently used one is stopped.

    Args:
        create: returns the application of a release. May block.
        max_running: number of applications; 0 for none.

    """

    def __init__(self, create: Callable[[PublishedRelease], FastAPI], max_running: int) -> None:
        self._create = create
        self._max_running = max_running
        self._running: dict[str, FastAPI] = {}  # the least recently used one is first
        self._lock = asyncio.Lock()

    async def find(self, name: str) -> tuple[PublishedRelease, FastAPI] | None:
        """Return a release and its application, which is started if necessary; None if there is no such release.

        Raises:
            LimitError: as many releases as allowed are in use.
            TutelaError: the archive of the release is damaged.

        """
        published = find_published(name) if self._max_running else None
        if published is None:
            return None
        async with self._lock:  # a release is loaded once, and one after the other
            app = self._running.pop(name, None)
            if app is None:
                await self._make_room()
                app = await asyncio.to_thread(self._create, published)
                await _serving(app).start()
            self._running[name] = app
        return published, app

    async def stop(self) -> None:
        """Stop all applications."""
        while self._running:
            _, app = self._running.popitem()
            await _serving(app).stop()

    async def _make_room(self) -> None:
        if len(self._running) < self._max_running:
            return
        unused = next((name for name, app in self._running.items() if not _serving(app).is_in_use), None)
        if unused is None:
            raise LimitError("Too many published releases are in use. Try again in a few seconds.")
        await _serving(self._running.pop(unused)).stop()


def _serving(app: FastAPI) -> Serving:
    serving = app.state.serving
    assert isinstance(serving, Serving)  # noqa: S101
    return serving
