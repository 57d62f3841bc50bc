"""Any engine that speaks SPARQL 1.1 over HTTP, holding releases put there by `tutela publish`."""

import time
from collections.abc import Collection, Sequence

from tutela import names, paths
from tutela.store import graphs
from tutela.store.answer import Answer, EngineError
from tutela.store.refusal import refuse_for_others
from tutela.store.wire import answer_of, check_address, client, use_credentials


class RemoteStore:
    """The release that an engine elsewhere says is the present one.

    Args:
        endpoint: the address of its SPARQL 1.1 Protocol query operation. Credentials are taken from the environment.
        seconds: until a request is given up.
        size: bytes of the largest answer taken.
        services: addresses that ``SERVICE`` may name.
        fresh: seconds for which what is known of the present release holds.

    Raises:
        UsageError: the endpoint is no address of the web.

    """

    def __init__(
        self, endpoint: str, *, seconds: float = 15.0, size: int = 32 << 20, services: Collection[str] = (), fresh: float = 2.0
    ) -> None:
        check_address(endpoint)
        use_credentials(endpoint)
        self.endpoint = endpoint
        self.services = services
        self._seconds, self._size, self._fresh = seconds, size, fresh
        self._version, self._asked = "", float("-inf")

    @property
    def version(self) -> str:
        """The version of the release that is the present one.

        Raises:
            EngineError: the engine does not answer, or holds no release.

        """
        now = time.monotonic()
        if not self._version or now - self._asked > self._fresh:
            text = (paths.QUERIES / "publish" / "current.rq").read_text(encoding="utf-8")
            found = [str(row[0]).removeprefix(names.GRAPH) for row in self._ask(text, [], []).rows()]
            if not found:
                raise EngineError(f"{self.endpoint} holds no release of Tutela; put one there with `tutela publish`.")
            # Between two statements of a careless engine there may be two; what is known already is whole.
            self._version = self._version if self._version in found else found[0]
            self._asked = now
        return self._version

    def query(self, text: str, *, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()) -> Answer:
        """Answer a query; see `Store.query`."""
        refuse_for_others(text, self.services)
        version = self.version
        chosen = bool(default_graphs or named_graphs)
        if chosen or not graphs.has_dataset(text):
            default, named = graphs.dataset(version, default_graphs, named_graphs)
        else:
            default, named = [], []
        return self._ask(graphs.rewritten(text, version), default, named, version)

    def _ask(self, text: str, default: Sequence[str], named: Sequence[str], version: str = "") -> Answer:
        request = client(self.endpoint, self._seconds)
        for iri in default:
            request.addParameter("default-graph-uri", iri)
        for iri in named:
            request.addParameter("named-graph-uri", iri)
        return answer_of(request, text, self._seconds, self._size, version)
