"""The URL that the client requested: its scheme, host and path, also behind a proxy.

Handlers build links from the ASGI scope, so everything that enters it from headers is checked here first.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from tutela.errors import MisdirectedRequestError, UsageError
from tutela.settings import ServerSettings
from tutela.web.http.errors import error_response
from tutela.web.http.forwarded import Forwarded, TrustedProxies, host_name, is_host, normalize_prefix
from tutela.web.middleware.http10 import VERSIONS

_UNIX_CLIENT = ("unix", 0)  # in the access log


class RequestOrigin:
    """Checks the Host header, uses what trusted proxies say, and sets the root path.

    A proxy may remove the root path from the URL or not: a path that does not begin with it gets it, as ASGI expects.

    Args:
        settings: root path, trusted proxies and allowed hosts.
        routes: the routes of the application.

    Raises:
        UsageError: a setting is not valid.

    """

    def __init__(self, settings: ServerSettings, routes: Sequence[BaseRoute]) -> None:
        self._routes = routes
        self._is_ambiguous = lru_cache(64)(self._find_ambiguity)
        self._proxies = TrustedProxies(settings.trusted_proxies)
        self._allowed_hosts = {host.lower().removesuffix(".") for host in settings.allowed_hosts}
        for host in self._allowed_hosts:
            if host_name(host) != host:
                raise UsageError(f"{host!r} is not a host name; expected one such as law.example.org, without a port.")
        try:
            self._root_path = normalize_prefix(settings.root_path)
        except ValueError:
            raise UsageError(f"The root path {settings.root_path!r} is not valid; expected a URL path such as /law.") from None
        if self._is_ambiguous(self._root_path):
            raise UsageError(f"The root path {self._root_path} is also a path of this service; choose another, such as /law.")

    def update(self, scope: Scope) -> None:
        """Set the client, scheme, host and path of a request.

        The scope is changed in place, because the server logs the request from it.

        Raises:
            UsageError: the request is not valid.

        """
        headers = Headers(scope=scope)
        host = _host(headers, scope.get("http_version", "1.1"))
        forwarded = self._forwarded(scope, headers)
        scope["client"] = forwarded.client or scope.get("client")
        scope["scheme"] = forwarded.scheme or scope.get("scheme", "http")
        host = (forwarded.host or host).removesuffix(":")
        if self._allowed_hosts and host_name(host) not in self._allowed_hosts:
            raise MisdirectedRequestError(f"This service does not answer for the host {host or '(none)'}.")
        if host:
            scope["headers"] = [(b"host", host.encode("ascii")), *(pair for pair in scope["headers"] if pair[0] != b"host")]
        self._set_path(scope, self._root_path or forwarded.prefix or scope.get("root_path", "").rstrip("/"))

    @staticmethod
    def _set_path(scope: Scope, root_path: str) -> None:
        path: str = scope["path"]
        scope["root_path"] = root_path
        if path == root_path:  # some proxies remove the slash after the root path
            scope["path"] = f"{path}/"
        elif path.startswith("/") and not path.startswith(f"{root_path}/"):
            scope["path"] = f"{root_path}{path}"

    def _forwarded(self, scope: Scope, headers: Headers) -> Forwarded:
        if _is_unix_socket(scope):
            # Its permissions decide who can connect to it.
            scope["client"], scope["server"] = _UNIX_CLIENT, ("localhost", 80)
        elif scope.get("client") is None or not self._proxies.trusts(scope["client"][0]):
            return Forwarded()
        forwarded = self._proxies.read(headers, with_prefix=not self._root_path)
        if forwarded.prefix and self._is_ambiguous(forwarded.prefix):
            raise UsageError(f"X-Forwarded-Prefix is {forwarded.prefix}, which is also a path of this service.")
        return forwarded

    def _find_ambiguity(self, prefix: str) -> bool:
        """Return whether a path that begins with the prefix may be one without it."""
        if not prefix:
            return False
        scope: dict[str, Any] = {"type": "http", "method": "GET", "path": f"{prefix}/x"}
        return any(
            f"{getattr(route, 'path', '')}/".startswith(f"{prefix}/") or route.matches(scope)[0] is not Match.NONE
            for route in self._routes
        )


class OriginMiddleware:
    """Set the origin of each request, or refuse it.

    Args:
        app: the application.
        origin: the rules.

    """

    def __init__(self, app: ASGIApp, origin: RequestOrigin) -> None:
        self.app = app
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request (ASGI)."""
        if scope["type"] == "http":
            try:
                self._origin.update(scope)
            except UsageError as error:
                await error_response(error.http_status, str(error))(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _host(headers: Headers, http_version: str) -> str:
    """Return the valid host of a request; empty if an older client names none (RFC 9112, section 3.2)."""
    hosts = headers.getlist("host")
    if len(hosts) > 1:
        raise UsageError(f"The request has {len(hosts)} Host headers; expected one.")
    if not hosts and http_version in VERSIONS:
        return ""
    if not hosts:
        raise UsageError("The request has no Host header.")
    if not is_host(hosts[0]):
        raise UsageError("The Host header is not a host name with an optional port.")
    return hosts[0]


def _is_unix_socket(scope: Scope) -> bool:
    """Return whether the client is connected over a Unix socket: the server has no port then (ASGI, HTTP connection scope)."""
    server = scope.get("server")
    return server is not None and server[1] is None
