"""Requests for published releases: ``/v/NAME/PATH`` is the path ``/PATH`` of the application of the release NAME."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from tutela.errors import TutelaError
from tutela.web.archive import PATH, Archive
from tutela.web.http.errors import error_response

ARCHIVED = "tutela.archived"  # in the ASGI scope of a request for a published release: its name, its date, and the root path
_PATH = re.compile(rf"({PATH}/([A-Za-z0-9][A-Za-z0-9._-]*))(/.*)?", re.DOTALL)


class ArchiveMiddleware:
    """Pass requests for published releases to their applications. The origin of a request has been set before.

    Args:
        app: the application of the current release.
        archive: the published releases.

    """

    def __init__(self, app: ASGIApp, archive: Archive) -> None:
        self.app = app
        self._archive = archive

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request (ASGI)."""
        root = str(scope.get("root_path", ""))
        match = _PATH.fullmatch(scope["path"].removeprefix(root)) if scope["type"] == "http" else None
        try:
            found = await self._archive.find(match[2]) if match else None
        except TutelaError as error:
            await error_response(error.http_status, str(error))(scope, receive, send)
            return
        if match is None or found is None:
            await self.app(scope, receive, send)
            return
        published, app = found
        archived = {"name": published.name, "date": published.date, "current": f"{root}/"}
        own_root = f"{root}{match[1]}"
        path = f"{own_root}{match[3] or '/'}"
        await app({**scope, "root_path": own_root, "path": path, ARCHIVED: archived}, receive, send)
