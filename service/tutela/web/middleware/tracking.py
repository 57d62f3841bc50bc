"""Removal of the URL parameters that other sites add to links to count or follow visitors.

They change no answer. Without them, all copies of a link share one cached response, and the strict check of parameters does not
reject a link that somebody shared.
"""

from urllib.parse import unquote_plus

from starlette.types import ASGIApp, Receive, Scope, Send

_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "ga_", "gad_", "fb_", "__hs", "_hs", "_ga", "_gl", "_gid")
_NAMES = {
    *("gclid", "gclsrc", "dclid", "gbraid", "wbraid", "srsltid"),  # Google
    *("fbclid", "igsh", "igshid"),  # Meta
    *("mc_cid", "mc_eid"),  # Mailchimp
    *(
        "msclkid",
        "mkt_tok",
        "yclid",
        "ysclid",
        "ttclid",
        "twclid",
        "li_fat_id",
        "epik",
        "rdt_cid",
        "scclid",
        "vero_id",
        "_openstat",
    ),
    *("ref", "ref_src", "ref_url"),  # GitHub, Product Hunt, X
}


def is_tracking(name: str) -> bool:
    """Return whether a URL parameter only serves to count or follow visitors."""
    lower = name.lower()
    return lower in _NAMES or lower.startswith(_PREFIXES)


class TrackingParametersMiddleware:
    """Remove these parameters from requests before anything reads them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request (ASGI)."""
        if scope["type"] == "http" and scope["query_string"]:
            # Latin-1 keeps every byte as it was.
            pairs = scope["query_string"].decode("latin-1").split("&")
            kept = [pair for pair in pairs if not is_tracking(unquote_plus(pair.partition("=")[0]))]
            if len(kept) < len(pairs):
                scope = {**scope, "query_string": "&".join(kept).encode("latin-1")}
        await self.app(scope, receive, send)
