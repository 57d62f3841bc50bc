"""A remote SPARQL 1.1 engine that holds releases loaded by `tutela publish`."""

import time
from collections.abc import Collection, Sequence
from functools import cache

from tutela import namespaces, paths
from tutela.errors import EngineError, RejectedQueryError
from tutela.settings import EndpointSettings, QuerySettings
from tutela.sparql import graph_names
from tutela.sparql.explain import ensure_encodable, not_well_formed
from tutela.sparql.http_client import check_endpoint_url, client, query_endpoint, use_credentials
from tutela.sparql.lexer import normalize
from tutela.sparql.prefixes import declare_known
from tutela.sparql.read_only import ensure_read_only_for_remote
from tutela.sparql.result import QueryResult


class RemoteStore:
    """The release that a remote engine records as the current one.

    Args:
        endpoint: URL of its query operation (SPARQL 1.1 Protocol, section 2.1).
        timeout_s: time for one request, in seconds.
        max_response_bytes: largest response.
        services: URLs that ``SERVICE`` may name.
        version_ttl_s: how long the version of the current release is remembered, in seconds.

    Raises:
        UsageError: the endpoint is not an HTTP URL.

    """

    def __init__(
        self,
        endpoint: str,
        *,
        timeout_s: float = QuerySettings.timeout_s,
        max_response_bytes: int = QuerySettings.max_response_bytes,
        services: Collection[str] = (),
        version_ttl_s: float = EndpointSettings.version_ttl_s,
    ) -> None:
        check_endpoint_url(endpoint)
        use_credentials(endpoint)
        self.endpoint = endpoint
        self.services = services
        self._timeout_s, self._max_response_bytes, self._version_ttl_s = timeout_s, max_response_bytes, version_ttl_s
        self._version, self._version_read_at = "", float("-inf")

    @property
    def version(self) -> str:
        """Version of the current release.

        Raises:
            EngineError: the engine does not respond, or holds no release.

        """
        return self.remembered_version or self.read_version(self._timeout_s)

    @property
    def remembered_version(self) -> str:
        """The version, if it was read a short time ago; otherwise an empty text."""
        return self._version if time.monotonic() - self._version_read_at <= self._version_ttl_s else ""

    def read_version(self, timeout_s: float) -> str:
        """Read the version from the engine; see `version`."""
        now = time.monotonic()
        recorded = self._request(_current(), [], [], timeout_s).only_column()
        if not recorded:
            raise EngineError(f"{self.endpoint} holds no release of Tutela; load one with `tutela publish`.")
        found = [graph.removeprefix(namespaces.GRAPH) for graph in recorded]
        for graph, version in zip(recorded, found, strict=True):
            if version == graph or namespaces.VERSION.fullmatch(version) is None:
                raise EngineError(f"{self.endpoint} records {graph!r} as its release, which is none; run `tutela publish`.")
        # An engine without transactions may show two between two updates; the one already in use is complete.
        self._version = self._version if self._version in found else found[0]
        self._version_read_at = now
        return self._version

    def forget_version(self) -> None:
        """Ask the engine for the version again when it is needed next."""
        self._version_read_at = float("-inf")

    def query(self, text: str, *, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()) -> QueryResult:
        """Evaluate a query over the current release; see `Store.query`."""
        return self.query_release("", text, default_graphs, named_graphs)

    def query_release(
        self, version: str, text: str, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> QueryResult:
        """Evaluate a query over the release with this version, by default the current one; see `Store.query`."""
        ensure_encodable(text)
        written, text = text, declare_known(normalize(text))
        ensure_read_only_for_remote(text, self.services)
        version = version or self.version
        if default_graphs or named_graphs or not graph_names.has_dataset(text):
            default, named = graph_names.dataset(version, default_graphs, named_graphs)
        else:
            default, named = [], []
        try:
            return self._request(graph_names.rewrite(text, version), default, named, self._timeout_s, version)
        except RejectedQueryError as error:
            raise not_well_formed(written, error.reason) from error

    def _request(
        self, text: str, default: Sequence[str], named: Sequence[str], timeout_s: float, version: str = ""
    ) -> QueryResult:
        request = client(self.endpoint, timeout_s)
        for iri in default:
            request.addParameter("default-graph-uri", iri)
        for iri in named:
            request.addParameter("named-graph-uri", iri)
        return query_endpoint(request, text, timeout_s, self._max_response_bytes, version)


@cache
def _current() -> str:
    return (paths.QUERIES / "publish" / "current.rq").read_text(encoding="utf-8")
