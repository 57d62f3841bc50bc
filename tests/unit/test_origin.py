"""The URL that the client requested: Host header, forwarding headers, root path."""

from typing import Any

import pytest
from fastapi import Request
from starlette.routing import Mount

from tutela.errors import MisdirectedRequestError, UsageError
from tutela.settings import ServerSettings
from tutela.web.middleware.origin import RequestOrigin
from tutela.web.routes import ROUTES as APPLICATION_ROUTES

ROUTES = (*APPLICATION_ROUTES, Mount("/static", routes=[]))

PROXY = "192.0.2.1"
CLIENT = "203.0.113.9"


def request(
    *headers: tuple[str, str],
    path: str = "/map",
    peer: tuple[str, int] | None = (PROXY, 5000),
    server: tuple[str, int | None] = ("127.0.0.1", 8000),
    version: str = "1.1",
    **settings: Any,
) -> Request:
    """Return a request after the check of its origin."""
    scope: dict[str, Any] = {"type": "http", "method": "GET", "http_version": version, "scheme": "http", "path": path}
    named = [(name.lower(), value) for name, value in headers]
    if version == "1.1" and "host" not in dict(named):
        named.append(("host", "internal:8000"))
    scope |= {"query_string": b"", "headers": [(name.encode(), value.encode("latin-1")) for name, value in named]}
    scope |= {"client": peer, "server": server, "root_path": ""}
    RequestOrigin(ServerSettings(**{"trusted_proxies": (PROXY, "10.0.0.0/8", "2001:db8::/32"), **settings}), ROUTES).update(scope)
    return Request(scope)


def test_forwarding_headers_of_a_trusted_proxy_are_used() -> None:
    found = request(
        ("X-Forwarded-For", CLIENT),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "law.example.org"),
        ("X-Forwarded-Prefix", "/law/"),
    )
    assert str(found.base_url) == "https://law.example.org/law/"
    assert str(found.url) == "https://law.example.org/law/map"
    assert found.client == (CLIENT, 0)


@pytest.mark.parametrize("peer", [("192.0.2.2", 1), ("127.0.0.1", 1), ("::1", 1), ("testclient", 1), ("", 1), None])
@pytest.mark.parametrize("value", ["evil.example", "a b", "x, y", "é"])
def test_forwarding_headers_of_anybody_else_are_ignored(peer: tuple[str, int] | None, value: str) -> None:
    names = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "Forwarded")
    found = request(*((name, value) for name in names), peer=peer)
    assert str(found.url) == "http://internal:8000/map"
    assert found.client == peer


@pytest.mark.parametrize("peer", ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::7", "2001:db8::7%eth0"])
def test_a_network_of_proxies_can_be_trusted(peer: str) -> None:
    assert request(("X-Forwarded-Host", "law.example.org"), peer=(peer, 1)).url.netloc == "law.example.org"


def test_the_peer_of_a_unix_socket_is_trusted() -> None:
    socket: dict[str, Any] = {"peer": None, "server": ("/run/tutela.sock", None)}
    found = request(("X-Forwarded-Host", "law.example.org"), ("X-Forwarded-For", CLIENT), **socket)
    assert (found.url.netloc, found.client) == ("law.example.org", (CLIENT, 0))
    assert str(request(version="1.0", **socket).url) == "http://localhost/map"
    assert request(**socket).client == ("unix", 0)


@pytest.mark.parametrize(
    ("value", "client"),
    [
        (CLIENT, (CLIENT, 0)),
        (f"198.51.100.1, {CLIENT}", (CLIENT, 0)),
        (f"198.51.100.1, {CLIENT}, 10.0.0.7", (CLIENT, 0)),
        ("10.0.0.8, 10.0.0.7", ("10.0.0.8", 0)),
        (f"{CLIENT}:4711", (CLIENT, 4711)),
        ("2001:db9::1", ("2001:db9::1", 0)),
        ("[2001:db9::1]:4711", ("2001:db9::1", 4711)),
        (f"{CLIENT}:99999", (PROXY, 5000)),
        ("unknown", (PROXY, 5000)),
        (f"{CLIENT}, _hidden, 10.0.0.7", ("10.0.0.7", 0)),
        ("1.2.3.4\x1b[31m", (PROXY, 5000)),
        ("<script>", (PROXY, 5000)),
        ("1.2.3.4%\n", (PROXY, 5000)),
        (", ,", (PROXY, 5000)),
        ("", (PROXY, 5000)),
        (f"{'1.2.3.4,' * 5000}{CLIENT}", (CLIENT, 0)),
    ],
)
def test_the_client_is_the_last_that_is_not_a_trusted_proxy(value: str, client: tuple[str, int]) -> None:
    assert request(("X-Forwarded-For", value)).client == client


@pytest.mark.parametrize(
    ("value", "url", "client"),
    [
        (f"for={CLIENT};proto=https;host=law.example.org", "https://law.example.org/map", CLIENT),
        (f'For="{CLIENT}:80" ; Proto=HTTPS;HOST="law.example.org:8443"', "https://law.example.org:8443/map", CLIENT),
        ('for="[2001:db9::1]:80";host="[2001:db9::2]"', "http://[2001:db9::2]/map", "2001:db9::1"),
        # The client sent the first element.
        (f"for=1.2.3.4;host=evil.example, for={CLIENT};host=law.example.org", "http://law.example.org/map", CLIENT),
        # Two trusted proxies: the outer one knows the public name.
        (f"for={CLIENT};host=law.example.org;proto=https, for=10.0.0.7;host=inner", "https://law.example.org/map", CLIENT),
        ("for=unknown;host=law.example.org", "http://law.example.org/map", PROXY),
        ("host=law.example.org,", "http://law.example.org/map", PROXY),
        ("", "http://internal:8000/map", PROXY),
        (",;", "http://internal:8000/map", PROXY),
        (r'for=_x;by="a\"b,c;host=evil.example";host=law.example.org', "http://law.example.org/map", PROXY),
    ],
)
def test_the_header_forwarded_is_used(value: str, url: str, client: str) -> None:
    found = request(("Forwarded", value))
    assert (str(found.url), found.client and found.client.host) == (url, client)


def test_the_header_forwarded_is_ignored_beside_the_older_ones() -> None:
    # nginx, Caddy, Traefik and Apache pass it on from the client.
    found = request(("X-Forwarded-For", CLIENT), ("Forwarded", "for=1.2.3.4;host=evil.example;proto=x"))
    assert (str(found.url), found.client) == ("http://internal:8000/map", (CLIENT, 0))


HOSTS = [
    "a b", "<script>", "a@b", "evil.example/path", "a?b", "a#b", "é", 'x">', "a\\b", "'", "%41", "a%0d%0ab", "[::1", "::1", "[1.2.3.4]",
    "[x]", "x:y", "x:99999", "x:1:2", "a..b", ".", "/", "//evil.example", "https://evil.example", "javascript:alert(1)", "x\ty", "a" * 300,
    "x\r\nLocation: y", "\0", "[fe80::1%25eth0]", "{host}",
]  # fmt: skip
PREFIXES = [
    "law", "//evil.example", "/\\evil.example", "/a//b", "/..", "/a/../b", "/.", "/a b", '/"', "/<script>", "/a?b", "/a#b", "/%2e%2e", "/é",
    "javascript:alert(1)", "https://evil.example", "/a\r\nX: y", "/a\0", "/" + "a" * 300, "/a;b", "/.hidden", "/law//",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_is_not_well_formed_is_refused(host: str) -> None:
    quoted = host.replace("\\", "\\\\").replace('"', '\\"')
    for header in (("Host", host), ("X-Forwarded-Host", host), ("Forwarded", f'host="{quoted}"')):
        with pytest.raises(UsageError, match=r"host name|Host") as caught:
            request(header)
        assert caught.value.http_status == 400
        assert host not in str(caught.value) or host in "./'"


@pytest.mark.parametrize(
    "host", ["x", "a.b-c.example.", "a_b", "127.0.0.1:80", "[::1]", "[::ffff:1.2.3.4]:8000", "XN--e1afmkfd.example:65535"]
)
def test_a_host_that_is_well_formed_is_used(host: str) -> None:
    assert request(("Host", host)).url.netloc.lower() == host.lower()
    assert request(("X-Forwarded-Host", host)).url.netloc.lower() == host.lower()
    assert request(("Host", f"{host.partition(']')[0]}]:" if "[" in host else f"{host.partition(':')[0]}:")).url.netloc in host


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_prefix_that_is_not_well_formed_is_refused(prefix: str) -> None:
    with pytest.raises(UsageError, match="X-Forwarded-Prefix is not a path"):
        request(("X-Forwarded-Prefix", prefix))
    with pytest.raises(UsageError, match=r"root path .* is not valid"):
        request(root_path=prefix)


@pytest.mark.parametrize(
    "prefix", ["/id", "/static", "/jurisdictions", "/map", "/ontology", "/doc/x", "/data", "/.well-known", "/id/law/"]
)
def test_a_prefix_that_is_a_path_of_the_service_is_refused(prefix: str) -> None:
    for options in ({"headers": [("X-Forwarded-Prefix", prefix)]}, {"root_path": prefix}):
        with pytest.raises(UsageError, match=r"also a path of this service|is not a path such as|is not valid"):
            request(*options.pop("headers", []), **options)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("X-Forwarded-Proto", "javascript", "neither http nor https"),
        ("X-Forwarded-Proto", "https:", "neither http nor https"),
        ("X-Forwarded-Proto", "ht\ttp", "neither http nor https"),
        ("X-Forwarded-Proto", "https, http", "has 2 values"),
        ("X-Forwarded-Host", "law.example.org, evil.example", "has 2 values"),
        ("X-Forwarded-Prefix", "/a, /b", "has 2 values"),
        ("Forwarded", "proto=gopher", "neither http nor https"),
        ("Forwarded", "host", "not well formed"),
        ("Forwarded", "host=", "not well formed"),
        ("Forwarded", 'host="a', "not well formed"),
        ("Forwarded", "host=a b", "not well formed"),
        ("Forwarded", "host=a/b", "not well formed"),
        ("Forwarded", "host = a", "not well formed"),
        ("Forwarded", "host=a;host=b", "gives host twice"),
        ("Forwarded", "\x01", "not well formed"),
        ("Forwarded", '"' * 50_000, "not well formed"),
    ],
)
def test_a_forwarding_header_that_is_not_well_formed_is_refused(name: str, value: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        request((name, value))
    assert caught.value.http_status == 400


def test_a_repeated_header_is_a_list() -> None:
    with pytest.raises(UsageError, match="has 2 values"):
        request(("X-Forwarded-Host", "a"), ("X-Forwarded-Host", "b"))
    with pytest.raises(UsageError, match="2 Host headers"):
        request(("Host", "a"), ("Host", "a"))


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix"])
@pytest.mark.parametrize("value", ["", " ", ","])
def test_an_empty_forwarding_header_is_ignored(name: str, value: str) -> None:
    assert str(request((name, value)).url) == "http://internal:8000/map"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/map", "/law/map"), ("/law/map", "/law/map"), ("/", "/law/"), ("/law", "/law/"), ("/law/", "/law/"), ("/lawful", "/law/lawful"),
        ("//evil.example/", "/law//evil.example/"), ("/law/law", "/law/law"), ("*", "*"),
    ],
)  # fmt: skip
def test_a_proxy_may_remove_the_root_path_or_not(path: str, expected: str) -> None:
    for found in (request(path=path, root_path="/law"), request(("X-Forwarded-Prefix", "/law"), path=path)):
        assert (found.scope["path"], found.scope["root_path"]) == (expected, "/law")


def test_a_root_path_of_the_service_precedes_that_of_the_request() -> None:
    assert str(request(("X-Forwarded-Prefix", "/other"), root_path="/law/").base_url) == "http://internal:8000/law/"
    assert str(request(("X-Forwarded-Prefix", "/a/b")).base_url) == "http://internal:8000/a/b/"
    assert str(request(("X-Forwarded-Prefix", "/")).base_url) == "http://internal:8000/"


def test_only_allowed_hosts_are_answered() -> None:
    allowed = ("Law.example.org", "[2001:db8::1]")
    for host in ("law.example.org", "LAW.EXAMPLE.ORG.:8000", "[2001:db8::1]:80"):
        assert request(("X-Forwarded-Host", host), allowed_hosts=allowed).url.hostname
    for host in ("evil.example", "law.example.org.evil.example", "x.law.example.org", "[2001:db8::2]"):
        with pytest.raises(MisdirectedRequestError, match="does not answer for the host"):
            request(("Host", host), allowed_hosts=allowed)
    with pytest.raises(MisdirectedRequestError, match="none"):
        request(version="1.0", allowed_hosts=allowed)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"trusted_proxies": ("localhost",)}, "'localhost' is not a trusted proxy; expected an address such as 127.0.0.1"),
        ({"trusted_proxies": ("*",)}, "not a trusted proxy"),
        ({"trusted_proxies": ("10.0.0.1/8",)}, "no bits after its prefix: 10.0.0.0/8"),
        ({"trusted_proxies": ("10.0.0.0/33",)}, "not a trusted proxy"),
        ({"allowed_hosts": ("law.example.org:80",)}, "without a port"),
        ({"allowed_hosts": ("*",)}, "not a host name"),
    ],
)
def test_a_setting_that_is_not_valid_is_an_error(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        RequestOrigin(ServerSettings(**settings), ROUTES)
