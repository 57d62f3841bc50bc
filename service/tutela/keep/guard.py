"""Who may use the forms: a browser on this computer that was opened with the address of the command, and no other page in it.

A page of another site can make a browser send requests to this computer. So each request names the host that the command
listens on (otherwise a name of another site may have been bound to this address), and carries a cookie that only the printed
address sets. A request that changes something also comes from a page of this application (``Origin``, Fetch Metadata), and
has the token of the session.
"""

import hashlib
import hmac
import secrets
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

START = "/start"  # the path of the printed address
MOST_BYTES = 60 << 20  # of a request; a workbook may have 50 MB
_LOOPBACK = ("127.0.0.1", "::1")
_SAFE = ("GET", "HEAD")
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    # With no-referrer, browsers send the origin "null", which cannot be told from that of another page.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Session:
    """The secrets of one run of the command.

    Args:
        port: the port that it listens on.

    """

    def __init__(self, port: int) -> None:
        self.hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        # Browsers share the cookies of all ports of a host.
        self.cookie_name = f"tutela-keep-{port}"
        self._key = secrets.token_urlsafe(32)
        self.cookie = self._derived("cookie")
        self.token = self._derived("token")

    @property
    def address(self) -> str:
        """The address that starts the session in a browser."""
        return f"http://{self.hosts[0]}{START}?key={self._key}"

    def is_key(self, text: str) -> bool:
        """Return whether a text is the key of the printed address."""
        return _same(text, self._key)

    def is_token(self, text: str) -> bool:
        """Return whether a text is the token that the forms have."""
        return _same(text, self.token)

    def has_cookie(self, header: str) -> bool:
        """Return whether a Cookie header has the cookie of the session."""
        try:
            found = SimpleCookie(header).get(self.cookie_name)
        except CookieError:
            return False
        return found is not None and _same(found.value, self.cookie)

    def _derived(self, name: str) -> str:
        return hmac.new(self._key.encode(), name.encode(), hashlib.sha256).hexdigest()


def _same(text: str, expected: str) -> bool:
    return hmac.compare_digest(text.encode("utf-8", "surrogateescape"), expected.encode())


class Guard:
    """ASGI middleware that refuses every request that does not come from the pages of this session."""

    def __init__(self, app: ASGIApp, session: Session) -> None:
        self._app = app
        self._session = session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        status, reason = self._refusal(scope)
        if status:
            await PlainTextResponse(f"{reason}\n", status)(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> tuple[int, str]:
        """Return the status and the reason of a refusal; 0 if the request is allowed."""
        headers, method = Headers(scope=scope), scope["method"]
        client = scope.get("client")
        hosts = headers.getlist("host")
        if not client or client[0] not in _LOOPBACK:
            return 403, "Only for this computer."
        if len(hosts) != 1 or hosts[0].lower() not in self._session.hosts:
            return 421, f"Unknown host; expected {self._session.hosts[0]}."
        if method not in (*_SAFE, "POST"):
            return 405, "Expected GET or POST."
        is_start = scope["path"] == START and method in _SAFE
        if not is_start and not self._session.has_cookie("; ".join(headers.getlist("cookie"))):
            return 403, "Open the address that `tutela keep` printed; it is valid as long as the command runs."
        return (0, "") if method in _SAFE else self._refusal_of_change(headers, hosts[0].lower())

    def _refusal_of_change(self, headers: Headers, host: str) -> tuple[int, str]:
        if headers.getlist("origin") != [f"http://{host}"] or headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return 403, "This request comes from another page; open the form again."
        length = headers.get("content-length", "")
        if not (length.isascii() and length.isdigit()):
            return 411, "Expected the header Content-Length."
        if int(length[:12]) > MOST_BYTES:
            return 413, f"More than {MOST_BYTES >> 20} MB."
        return 0, ""
