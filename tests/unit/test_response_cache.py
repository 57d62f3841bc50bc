"""The response cache."""

from collections.abc import Mapping, Sequence

import pytest
from fastapi.testclient import TestClient

from tutela.engine.base import EngineHealth, QueryResponse, ReleaseInfo
from tutela.errors import EngineError, QueryError
from tutela.release import Release
from tutela.settings import CacheSettings, Settings
from tutela.web.app import create_app

QUERY = {"query": "SELECT * WHERE { ?s ?p ?o }"}


class CountingEngine:
    """An engine that counts its queries."""

    def __init__(self) -> None:
        self.version, self.query_count, self.size = "one", 0, 3000
        self.is_query_valid, self.is_unavailable = True, False

    async def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""

    async def current_release(self) -> ReleaseInfo:
        """Return the version."""
        if self.is_unavailable:
            raise EngineError("The engine is unavailable.")
        return ReleaseInfo(self.version, "2026-01-01", 1)

    def health(self) -> EngineHealth:
        """Return whether it is available."""
        if self.is_unavailable:
            return EngineHealth("The engine is unavailable.")
        return EngineHealth("", ReleaseInfo(self.version, "2026-01-01", 1))

    def forget_release(self) -> None:
        """Do nothing."""

    async def query(
        self, text: str, formats: Mapping[str, str], default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> QueryResponse:
        """Respond with the number of the query."""
        if self.is_unavailable:
            raise EngineError("The engine is unavailable.")
        self.query_count += 1
        if not self.is_query_valid:
            raise QueryError("The query is not valid.")
        body = f"{self.version} {self.query_count} {formats['solutions']} ".encode().ljust(self.size)
        return QueryResponse("solutions", body)


@pytest.fixture
def engine() -> CountingEngine:
    return CountingEngine()


def open_client(engine: CountingEngine, max_bytes: int = 1 << 20, release: Release | None = None) -> TestClient:
    client = TestClient(create_app(engine, release, Settings(cache=CacheSettings(response_bytes=max_bytes))))
    client.headers["accept-encoding"] = "identity"
    return client


def test_a_repeated_request_gets_the_same_response_from_the_cache(engine: CountingEngine) -> None:
    with open_client(engine) as client:
        for _ in range(2):
            first, second = client.post("/sparql", data=QUERY), client.post("/sparql", data=QUERY)
            assert (first.status_code, first.content, first.headers) == (second.status_code, second.content, second.headers)
        assert first.headers["etag"]
        assert first.headers["content-security-policy"]
        assert engine.query_count == 1


def test_the_cache_respects_the_headers_of_the_request(engine: CountingEngine) -> None:
    with open_client(engine) as client:
        for _ in range(2):
            compressed = client.post("/sparql", data=QUERY, headers={"accept-encoding": "gzip"})
            plain = client.post("/sparql", data=QUERY)
            assert (compressed.headers.get("content-encoding"), plain.headers.get("content-encoding")) == ("gzip", None)
            assert compressed.text.split()[0::2] == plain.text.split()[0::2]
            assert int(compressed.headers["content-length"]) < int(plain.headers["content-length"])
            assert " csv " in client.post("/sparql", data=QUERY, headers={"accept": "text/csv"}).text
            assert " json " in client.post("/sparql", data=QUERY, headers={"accept": "application/json"}).text
            cross_origin = client.post("/sparql", data=QUERY, headers={"origin": "https://example.org"})
            assert cross_origin.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-origin" not in plain.headers
            etag = client.get("/sparql", params=QUERY).headers["etag"]
            revalidated = client.get("/sparql", params=QUERY, headers={"if-none-match": etag})
            assert (revalidated.status_code, revalidated.content) == (304, b"")
            head = client.head("/sparql", params=QUERY)
            assert (head.status_code, head.content) == (200, b"")


def test_another_release_is_not_served_from_the_cache(engine: CountingEngine) -> None:
    with open_client(engine) as client:
        assert client.post("/sparql", data=QUERY).text.startswith("one 1")
        engine.version = "two"
        assert client.post("/sparql", data=QUERY).text.startswith("two 2")


def test_an_unavailable_engine_is_an_error_although_the_response_is_cached(engine: CountingEngine) -> None:
    with open_client(engine) as client:
        assert client.post("/sparql", data=QUERY).status_code == 200
        engine.is_unavailable = True
        assert client.post("/sparql", data=QUERY).status_code == 502


def test_errors_and_large_responses_are_not_cached(engine: CountingEngine) -> None:
    with open_client(engine) as client:
        engine.is_query_valid = False
        assert client.post("/sparql", data=QUERY).status_code == 400
        engine.is_query_valid = True
        assert client.post("/sparql", data=QUERY).status_code == 200
        engine.size = 1 << 20
        large = [client.post("/sparql", data={"query": "ASK { }"}).content for _ in range(2)]
        assert large[0] != large[1]


def test_nothing_is_cached_without_a_cache(engine: CountingEngine) -> None:
    with open_client(engine, max_bytes=0) as client:
        assert client.post("/sparql", data=QUERY).content != client.post("/sparql", data=QUERY).content


def test_the_cache_distinguishes_methods_media_types_and_parameters(engine: CountingEngine) -> None:
    """The same bytes are another request with another media type or in the URL."""
    with open_client(engine) as client:
        body = "query=SELECT+*+WHERE+%7B+%3Fs+%3Fp+%3Fo+%7D"
        form = {"content-type": "application/x-www-form-urlencoded"}
        for _ in range(2):
            assert client.post("/sparql", content=body, headers=form).status_code == 200
            assert client.post("/sparql", content=body, headers={"content-type": "text/plain"}).status_code == 415
            assert client.post(f"/sparql?{body}", content=body, headers=form).status_code == 400
            assert client.get("/sparql", params=[*QUERY.items(), *QUERY.items()]).status_code == 400


def test_responses_that_do_not_depend_on_the_release_need_no_engine(engine: CountingEngine) -> None:
    with open_client(engine) as client:
        engine.is_unavailable = True
        for path in ("/static/tutela.css", "/robots.txt", "/favicon.ico", "/health/live"):
            assert client.get(path).status_code == 200, path
        assert client.get("/health").status_code == 503
        for path in ("/", "/jurisdictions", "/sparql?query=ASK%7B%7D", "/data/notes.csv"):
            assert client.get(path).status_code == 502, path


def test_any_entity_tag_matches_an_existing_response_only(engine: CountingEngine) -> None:
    with open_client(engine) as client:
        any_tag = {"if-none-match": "*"}
        for _ in range(2):  # computed, then from the cache
            assert client.get("/sparql", params=QUERY, headers=any_tag).status_code == 304
            assert client.get("/nothing", headers=any_tag).status_code == 404
            assert client.get("/sparql", params=QUERY).status_code == 200


def test_requests_with_credentials_are_not_cached(engine: CountingEngine) -> None:
    with open_client(engine) as client:
        for headers in ({"authorization": "Basic eDp5"}, {"cookie": "a=b"}):
            first, second = (client.get("/sparql", params=QUERY, headers=headers) for _ in range(2))
            assert first.content != second.content
