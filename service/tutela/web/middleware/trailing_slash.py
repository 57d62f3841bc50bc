"""Redirects from URLs with a slash at their end: only the start page has one."""

from collections.abc import Sequence
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

_DOT_SEGMENTS = ("", ".", "..")  # clients remove them (RFC 3986, section 5.2.4)


class TrailingSlashMiddleware:
    """Redirect a URL with a slash at its end to the one without, if there is a route for it.

    The status is 308, with which clients repeat the method and body (RFC 9110, section 15.4.9).

    Args:
        app: the application.
        routes: its routes.
        files: beginnings of URL paths that are not redirected.

    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], files: tuple[str, ...]) -> None:
        self.app = app
        self._routes = routes
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request (ASGI)."""
        location = self._location(scope) if scope["type"] == "http" and scope["path"].endswith("/") else ""
        if location:
            await Response(status_code=308, headers={"location": location})(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _location(self, scope: Scope) -> str:
        root_path = scope.get("root_path", "")
        below = scope["path"].removeprefix(root_path).rstrip("/")
        # A path such as //example.org would be an address of another host.
        has_dot_segments = any(segment in _DOT_SEGMENTS for segment in below.split("/")[1:])
        if has_dot_segments or not below.startswith("/") or below.startswith(self._files):
            return ""
        target = {**scope, "path": f"{root_path}{below}"}
        if all(route.matches(target)[0] is Match.NONE for route in self._routes):
            return ""
        query = scope["query_string"].decode("latin-1")
        return quote(target["path"]) + (f"?{query}" if query else "")
