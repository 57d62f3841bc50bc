"""Answers that are given again as they went out."""

from collections.abc import Mapping, Sequence

import pytest
from fastapi.testclient import TestClient

from tutela.engine import Holding, Reply
from tutela.store import EngineError
from tutela.web.app import create

QUERY = {"query": "SELECT * WHERE { ?s ?p ?o }"}


class Counting:
    """An engine that counts how often it is asked."""

    def __init__(self) -> None:
        self.version, self.asked, self.status, self.gone = "one", 0, "ok", False
        self.size = 3000

    async def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""

    async def holding(self) -> Holding:
        """Return its version."""
        if self.gone:
            raise EngineError("It is gone.")
        return Holding(self.version, "2026-01-01", 1)

    async def answer(
        self, query: str, forms: Mapping[str, str], default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> Reply:
        """Answer with the number of the question."""
        self.asked += 1
        return Reply(
            self.status, "solutions", "bad", f"{self.version} {self.asked} {forms['solutions']} ".encode().ljust(self.size)
        )


@pytest.fixture
def engine() -> Counting:
    return Counting()


def client(engine: Counting, cache: int = 1 << 20) -> TestClient:
    client = TestClient(create(engine, None, cache))
    client.headers["accept-encoding"] = "identity"
    return client


def test_what_was_answered_is_answered_again_with_the_same_headers(engine: Counting) -> None:
    with client(engine) as asking:
        for _ in range(2):
            first, again = asking.post("/sparql", data=QUERY), asking.post("/sparql", data=QUERY)
            assert (first.status_code, first.content, first.headers) == (again.status_code, again.content, again.headers)
        assert first.headers["etag"]
        assert first.headers["content-security-policy"]
        assert asking.get("/sparql", params=QUERY).text == first.text
        assert engine.asked == 1


def test_what_the_client_wants_is_heeded_also_the_second_time(engine: Counting) -> None:
    with client(engine) as asking:
        for _ in range(2):
            zipped = asking.post("/sparql", data=QUERY, headers={"accept-encoding": "gzip"})
            plain = asking.post("/sparql", data=QUERY)
            assert (zipped.headers.get("content-encoding"), plain.headers.get("content-encoding")) == ("gzip", None)
            assert zipped.text == plain.text
            assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"])
            assert " csv " in asking.post("/sparql", data=QUERY, headers={"accept": "text/csv"}).text
            assert " json " in asking.post("/sparql", data=QUERY, headers={"accept": "application/json"}).text
            other = asking.post("/sparql", data=QUERY, headers={"origin": "https://example.org"})
            assert other.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-origin" not in plain.headers
            known = asking.post("/sparql", data=QUERY, headers={"if-none-match": plain.headers["etag"]})
            assert (known.status_code, known.content) == (304, b"")
            head = asking.head("/sparql", params=QUERY)
            assert (head.status_code, head.content) == (200, b"")


def test_another_release_is_answered_from_anew(engine: Counting) -> None:
    with client(engine) as asking:
        assert asking.post("/sparql", data=QUERY).text.startswith("one 1")
        engine.version = "two"
        assert asking.post("/sparql", data=QUERY).text.startswith("two 2")


def test_an_engine_that_is_gone_is_told_although_the_answer_was_kept(engine: Counting) -> None:
    with client(engine) as asking:
        assert asking.post("/sparql", data=QUERY).status_code == 200
        engine.gone = True
        assert asking.post("/sparql", data=QUERY).status_code == 502


def test_errors_and_what_is_too_large_are_not_kept(engine: Counting) -> None:
    with client(engine) as asking:
        engine.status = "bad"
        assert asking.post("/sparql", data=QUERY).status_code == 400
        engine.status = "ok"
        assert asking.post("/sparql", data=QUERY).status_code == 200
        engine.size = 1 << 20
        large = [asking.post("/sparql", data={"query": "ASK { }"}).content for _ in range(2)]
        assert large[0] != large[1]


def test_without_a_cache_nothing_is_kept(engine: Counting) -> None:
    with client(engine, cache=0) as asking:
        assert asking.post("/sparql", data=QUERY).content != asking.post("/sparql", data=QUERY).content


def test_each_way_of_asking_has_its_own_answer(engine: Counting) -> None:
    """The same bytes are another query, or none, under another type or in another place."""
    with client(engine) as asking:
        body = "query=SELECT+*+WHERE+%7B+%3Fs+%3Fp+%3Fo+%7D"
        form = {"content-type": "application/x-www-form-urlencoded"}
        for _ in range(2):
            assert asking.post("/sparql", content=body, headers=form).status_code == 200
            assert asking.post("/sparql", content=body, headers={"content-type": "text/plain"}).status_code == 415
            assert asking.post(f"/sparql?{body}", content=body, headers=form).status_code == 400
            assert asking.get("/sparql", params=[*QUERY.items(), *QUERY.items()]).status_code == 400
