"""One release for each request."""

from starlette.types import ASGIApp, Receive, Scope, Send

from tutela.engine.one_release import one_release
from tutela.web.services import set_services
from tutela.web.serving import Serving


class ReleaseMiddleware:
    """Give each request the release that is served when it arrives, and keep that release until the response is complete."""

    def __init__(self, app: ASGIApp, serving: Serving) -> None:
        self.app = app
        self._serving = serving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request (ASGI)."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        with self._serving.use() as services, one_release():
            set_services(scope, services)
            await self.app(scope, receive, send)
