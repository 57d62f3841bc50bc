"""What proxies say about a request: ``X-Forwarded-*`` and ``Forwarded`` (RFC 7239), and which proxies to believe.

Values that are not well formed are errors, because they would otherwise become links in pages.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers

from tutela.errors import UsageError

_Address = IPv4Address | IPv6Address
_Node = tuple[_Address, int]

_MAX_HOST = 255  # characters of a host name (RFC 1035, section 2.3.4), and of its port
_MAX_PREFIX = 200
_HOST = re.compile(r"(?P<name>[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?|\[(?P<ipv6>[0-9A-Fa-f:.]+)\])(?::(?P<port>[0-9]{0,5}))?")
_MAX_PORT = 65535
# Segments of unreserved characters (RFC 3986, section 2.3) that do not begin with a dot.
_PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110, section 5.6.2
_PAIR = re.compile(rf'[ \t]*({_TOKEN})=({_TOKEN}|"(?:[^"\\]|\\.)*")[ \t]*')
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True)
class Forwarded:
    """What trusted proxies say about a request; None for what they do not say."""

    client: tuple[str, int] | None = None
    scheme: str | None = None
    host: str | None = None
    prefix: str | None = None


class TrustedProxies:
    """The proxies whose forwarding headers are used.

    Args:
        proxies: addresses and networks, such as ``127.0.0.1`` and ``10.0.0.0/8``.

    Raises:
        UsageError: one is neither.

    """

    def __init__(self, proxies: Iterable[str]) -> None:
        self._networks = [_network(one) for one in proxies]

    def trusts(self, address: str) -> bool:
        """Return whether the peer with an address is trusted."""
        found = _parse_address(address)
        return found is not None and self._is_trusted(found)

    def read(self, headers: Headers, *, with_prefix: bool = True) -> Forwarded:
        """Return what the headers of a request from a trusted peer say.

        ``Forwarded`` is used only if there is no ``X-Forwarded-For``, ``-Host`` or ``-Proto``: most proxies set these, and pass
        a ``Forwarded`` of the client on unchanged.

        Args:
            headers: the headers of the request.
            with_prefix: whether to read ``X-Forwarded-Prefix``.

        Raises:
            UsageError: one is not well formed.

        """
        prefix = _single(headers, "x-forwarded-prefix") if with_prefix else ""
        names = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto")
        if any(headers.get(name) for name in names) or not headers.get("forwarded"):
            client, _ = self._client(_items(headers, "x-forwarded-for"))
            host, scheme = _single(headers, "x-forwarded-host"), _single(headers, "x-forwarded-proto")
        else:
            elements = _elements(",".join(headers.getlist("forwarded")))
            client, position = self._client([element.get("for", "") for element in elements])
            # The element that the outermost trusted proxy added.
            host, scheme = (elements[position].get(name, "") for name in ("host", "proto"))
        if host and not is_host(host):
            raise UsageError("The host in X-Forwarded-Host or Forwarded is not a host name with an optional port.")
        if scheme and scheme.lower() not in ("http", "https"):
            raise UsageError("The scheme in X-Forwarded-Proto or Forwarded is neither http nor https.")
        return Forwarded(
            (str(client[0]), client[1]) if client else None,
            scheme.lower() or None,
            host or None,
            _forwarded_prefix(prefix) if prefix else None,
        )

    def _client(self, nodes: Sequence[str]) -> tuple[_Node | None, int]:
        """Return the client and its position: each proxy adds an item, so it is the last that is not a trusted proxy."""
        found, position = None, len(nodes) - 1
        for number in reversed(range(len(nodes))):
            node = _parse_node(nodes[number])
            if node is None:  # "unknown", or a name for a node (RFC 7239, section 6)
                return found, number
            found, position = node, number
            if not self._is_trusted(node[0]):
                break
        return found, position

    def _is_trusted(self, address: _Address) -> bool:
        return any(address in network for network in self._networks)


def is_host(text: str) -> bool:
    """Return whether a text is a host name or address with an optional port (RFC 9110, section 7.2).

    RFC 3986 allows more characters in a host name than the Domain Name System does; they are refused.
    """
    match = _HOST.fullmatch(text) if len(text) <= _MAX_HOST else None
    if match is None or int(match["port"] or 0) > _MAX_PORT:
        return False
    return match["ipv6"] is None or (":" in match["ipv6"] and _parse_address(match["ipv6"]) is not None)


def host_name(host: str) -> str:
    """Return a valid host without its port, in lower case."""
    match = _HOST.fullmatch(host)
    return match["name"].lower().removesuffix(".") if match else ""


def normalize_prefix(text: str) -> str:
    """Return a URL path without a slash at its end; empty for the root.

    Raises:
        ValueError: it is not a path of letters, digits, dots, hyphens, underscores and tildes.

    """
    path = text.removesuffix("/")
    if path and (len(path) > _MAX_PREFIX or not _PREFIX.fullmatch(path)):
        raise ValueError(text)
    return path


def _forwarded_prefix(text: str) -> str:
    try:
        return normalize_prefix(text)
    except ValueError:
        raise UsageError("X-Forwarded-Prefix is not a path such as /law.") from None


def _items(headers: Headers, name: str) -> list[str]:
    """Return the items of a header that is a list; several lines are one list (RFC 9110, section 5.3)."""
    return [item.strip() for item in ",".join(headers.getlist(name)).split(",") if item.strip()]


def _single(headers: Headers, name: str) -> str:
    found = _items(headers, name)
    if len(found) > 1:
        raise UsageError(f"{name.title()} has {len(found)} values; expected one. Let the proxy replace the header.")
    return found[0] if found else ""


def _elements(text: str) -> list[dict[str, str]]:
    """Return the parameters of each element of a ``Forwarded`` header (RFC 7239, section 4)."""
    elements: list[dict[str, str]] = [{}]
    position = 0
    while position < len(text):
        if text[position] in ",; \t":
            if text[position] == "," and elements[-1]:
                elements.append({})
            position += 1
            continue
        pair = _PAIR.match(text, position)
        if pair is None or text[pair.end() : pair.end() + 1] not in ("", ",", ";"):
            raise UsageError("The header Forwarded is not well formed.")
        name, value = pair[1].lower(), pair[2]
        if name in elements[-1]:
            raise UsageError(f"The header Forwarded gives {name} twice in one element.")
        elements[-1][name] = _ESCAPE.sub(r"\1", value[1:-1]) if value.startswith('"') else value
        position = pair.end()
    return elements if elements[-1] or len(elements) == 1 else elements[:-1]


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError:
        pass
    try:
        hint = f"a network has no bits after its prefix: {ip_network(text, strict=False)}"
    except ValueError:
        hint = "expected an address such as 127.0.0.1 or a network such as 10.0.0.0/8"
    raise UsageError(f"{text!r} is not a trusted proxy; {hint}.")


@lru_cache(maxsize=1024)
def _parse_address(text: str) -> _Address | None:
    try:
        address = ip_address(text.partition("%")[0] if ":" in text else text)  # without the zone of a link-local address
    except ValueError:
        return None
    # A socket that listens on :: reports IPv4 clients as ::ffff:192.0.2.1.
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _parse_node(text: str) -> _Node | None:
    """Return the address and port of a client: ``192.0.2.1``, ``192.0.2.1:80``, ``2001:db8::1`` or ``[2001:db8::1]:80``."""
    match = _HOST.fullmatch(text) if len(text) <= _MAX_HOST else None
    if match is None:
        address = _parse_address(text) if len(text) <= _MAX_HOST else None
        return (address, 0) if address else None
    address = _parse_address(match["ipv6"] or match["name"])
    port = int(match["port"] or 0)
    return (address, port) if address and port <= _MAX_PORT else None
