"""Requests for published releases: ``/v/NAME/PATH`` is the path ``/PATH`` of the application of the release NAME."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from tutela.errors import TutelaError
from tutela.web.archive import PATH, Archive
from tutela.web.http.errors import error_response

ARCHIVED = "tutela.archived"  # in the ASGI scope of a request for a published release: its name, its date, and the root path
_PATH = re.compile(rf"({PATH}/([A-Za-z0-9][A-Za-z0-9._-]*))(/.*)?", re.DOTALL)


class ArchiveMiddleware:
    """Pass requests for published releases to their applications.

    Args:
        app: the application of the current release.
        archive: the published releases.
        root_path: the URL path that a proxy serves this service under; empty if there is none.

    """

    def __init__(self, app: ASGIApp, archive: Archive, root_path: str) -> None:
        self.app = app
        self._archive = archive
        self._root_path = root_path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request (ASGI)."""
        match = self._match(scope) if scope["type"] == "http" else None
        if match is None:
            await self.app(scope, receive, send)
            return
        prefix, name, path = match
        try:
            found = await self._archive.find(name)
        except TutelaError as error:
            await error_response(error.http_status, str(error))(scope, receive, send)
            return
        if found is None:
            await self.app(scope, receive, send)
            return
        published, app = found
        raw = scope.get("raw_path", b"")[len(prefix) :] or b"/"
        archived = {"name": published.name, "date": published.date, "current": f"{self._root_path}/"}
        await app({**scope, "path": path or "/", "raw_path": raw, ARCHIVED: archived}, receive, send)

    def _match(self, scope: Scope) -> tuple[str, str, str] | None:
        """Return the prefix of the path up to the name, the name, and the rest; None for any other path."""
        path, root = str(scope["path"]), self._root_path
        removed = root if path.startswith(f"{root}/") else ""  # a proxy may remove the root path or not
        match = _PATH.fullmatch(path.removeprefix(removed))
        return (f"{removed}{match[1]}", match[2], match[3] or "") if match else None
