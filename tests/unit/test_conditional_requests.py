"""Validators, conditional requests, compression and caching of every kind of URL, with an engine that answers nothing in particular."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from tests.release_files import write_versioned_release
from tests.unit.test_response_cache import CountingEngine, open_client
from tutela import paths
from tutela.web.assets import fingerprint
from tutela.web.http.caching import STARTED, http_date

# With a body that is large enough to be compressed, and without the engine's answer in it.
FILES = ("/static/tutela.css", "/data/notes.csv", "/data/tables.json", "/data/notes.csv-metadata.json")
SMALL = ("/robots.txt", "/favicon.ico")
SPARQL = "/sparql?query=" + quote("SELECT * { ?s ?p ?o }")
BEFORE, AFTER = "Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"


@pytest.fixture(scope="module")
def engine() -> CountingEngine:
    return CountingEngine()


@pytest.fixture(scope="module")
def client(engine: CountingEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    release = write_versioned_release(tmp_path_factory.mktemp("files") / "release", engine.version, lines=500)
    with open_client(engine, release=release) as client:
        yield client


@pytest.mark.parametrize("path", [*FILES, *SMALL, SPARQL])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_every_response_can_be_revalidated(client: TestClient, path: str, coding: str) -> None:
    client.headers["accept-encoding"] = coding
    first, head = client.get(path), client.head(path)
    assert (first.status_code, head.status_code, head.content) == (200, 200, b"")
    assert dict(first.headers) == dict(head.headers)
    assert first.headers["cache-control"] == "public, no-cache"
    assert "Accept-Encoding" in first.headers["vary"]
    assert first.headers["last-modified"] >= "A"
    etag, modified = first.headers["etag"], first.headers["last-modified"]
    for headers in (
        {"if-none-match": etag}, {"if-none-match": f"W/{etag}"}, {"if-none-match": f'"x", {etag}'}, {"if-none-match": "*"},
        {"if-modified-since": modified}, {"if-modified-since": AFTER}, {"if-none-match": etag, "if-modified-since": BEFORE},
        {"if-match": etag, "if-none-match": etag},
    ):  # fmt: skip
        for method in ("GET", "HEAD"):
            again = client.request(method, path, headers=headers)
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag), headers
            assert "content-encoding" not in again.headers
            assert again.headers["cache-control"] == first.headers["cache-control"]
    for headers in (
        {"if-none-match": '"x"'}, {"if-modified-since": BEFORE}, {"if-none-match": '"x"', "if-modified-since": AFTER},
        {"if-match": etag}, {"if-match": "*"}, {"if-unmodified-since": AFTER}, {"if-modified-since": "nonsense"},
    ):  # fmt: skip
        again = client.get(path, headers=headers)
        assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, etag), headers
    for headers in ({"if-match": '"x"'}, {"if-match": f"W/{etag}"}, {"if-unmodified-since": BEFORE}):
        again = client.get(path, headers=headers)
        assert (again.status_code, "is not met" in again.text, "etag" in again.headers) == (412, True, False), headers


@pytest.mark.parametrize("path", [*FILES, SPARQL])
def test_each_coding_has_its_own_etag(client: TestClient, path: str) -> None:
    plain, compressed = (client.get(path, headers={"accept-encoding": coding}) for coding in ("identity", "gzip"))
    assert (plain.headers.get("content-encoding"), compressed.headers.get("content-encoding")) == (None, "gzip")
    assert len(plain.content) == len(compressed.content) > int(compressed.headers["content-length"])
    assert plain.headers["etag"] != compressed.headers["etag"]
    for coding, other in (("gzip", plain), ("identity", compressed)):
        again = client.get(path, headers={"accept-encoding": coding, "if-none-match": other.headers["etag"]})
        assert (again.status_code, again.headers.get("content-encoding", "identity")) == (200, coding)
    for coding, own in (("identity", plain), ("gzip", compressed), ("gzip, br;q=0.9", compressed)):
        both = f"{plain.headers['etag']}, {compressed.headers['etag']}"
        again = client.get(path, headers={"accept-encoding": coding, "if-none-match": both})
        assert (again.status_code, again.headers["etag"]) == (304, own.headers["etag"])


@pytest.mark.parametrize("path", [*FILES, *SMALL, SPARQL])
def test_compression_respects_the_client(client: TestClient, path: str) -> None:
    for header in ("gzip;q=0", "gzip;q=0, *", "br", "", "identity, gzip;q=0.5"):
        response = client.get(path, headers={"accept-encoding": header})
        assert (response.status_code, "content-encoding" in response.headers) == (200, False), header
    for header in ("identity;q=0, gzip", "*;q=0, gzip", "identity;q=0, *"):
        response = client.get(path, headers={"accept-encoding": header})
        assert (response.status_code, response.headers.get("content-encoding")) == (200, "gzip"), header
    for header in ("identity;q=0", "*;q=0", "br, identity;q=0"):
        response = client.get(path, headers={"accept-encoding": header})
        assert (response.status_code, response.headers.get("content-encoding")) == (406, None), header
        assert "Available content codings: gzip, identity" in response.text


@pytest.mark.parametrize("path", ["/nothing", "/static/nothing.css", "/data/nothing.csv", "/queries/x", "/id/x"])
def test_errors_have_no_validators_and_are_not_stored(client: TestClient, path: str) -> None:
    for method in ("GET", "HEAD"):
        for headers in ({}, {"if-none-match": "*"}, {"if-modified-since": AFTER}, {"if-match": '"x"'}):
            response = client.request(method, path, headers=headers)
            assert 400 <= response.status_code < 600
            assert response.status_code not in (304, 412)
            assert response.headers["cache-control"] == "no-store"
            assert not {"etag", "last-modified"} & set(response.headers)


def test_health_is_not_stored(client: TestClient) -> None:
    response = client.get("/health", headers={"if-none-match": "*", "if-modified-since": AFTER})
    assert (response.status_code, response.headers["cache-control"], "etag" in response.headers) == (200, "no-store", False)


def test_post_never_gets_304(client: TestClient) -> None:
    query = {"query": "SELECT * { ?s ?p ?o }"}
    etag = client.post("/sparql", data=query).headers["etag"]
    for headers in ({"if-none-match": etag}, {"if-none-match": "*"}, {"if-modified-since": AFTER}):
        assert client.post("/sparql", data=query, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (NOW() AS ?x) {}",
        "SELECT (nOw # c\n( ) AS ?x) {}",
        r"SELECT (\u004E\u004F\u0057() AS ?x) {}",
        "SELECT (struuid() AS ?x){}",
    ],
)
def test_a_result_that_may_change_is_not_cached(client: TestClient, engine: CountingEngine, query: str) -> None:
    path = f"/sparql?query={quote(query)}"
    etag = client.get(SPARQL).headers["etag"]
    for headers in ({}, {}, {"if-none-match": "*"}, {"if-none-match": etag}, {"if-modified-since": AFTER}, {"if-match": '"x"'}):
        before = engine.query_count
        response = client.get(path, headers=headers)
        assert (response.status_code, response.headers["cache-control"], engine.query_count) == (200, "no-store", before + 1)
        assert not {"etag", "last-modified"} & set(response.headers)
    bodies = [client.post("/sparql", data={"query": query}).content for _ in range(2)]
    assert bodies[0] != bodies[1]


def test_ranges_of_a_file(client: TestClient) -> None:
    full = client.get("/data/notes.csv", headers={"accept-encoding": "identity"})
    etag, modified, path = full.headers["etag"], full.headers["last-modified"], "/data/notes.csv"
    for coding in ("identity", "gzip"):
        for headers in ({}, {"if-range": etag}, {"if-range": modified}, {"if-match": etag}, {"if-none-match": '"x"'}):
            part = client.get(path, headers={"range": "bytes=10-19", "accept-encoding": coding, **headers})
            assert (part.status_code, part.content, part.headers["etag"]) == (206, full.content[10:20], etag), headers
            assert part.headers["content-range"] == f"bytes 10-19/{len(full.content)}"
            assert "content-encoding" not in part.headers
        for headers in ({"if-range": '"x"'}, {"if-range": f"W/{etag}"}, {"if-range": BEFORE}):
            whole = client.get(path, headers={"range": "bytes=10-19", "accept-encoding": coding, **headers})
            assert (whole.status_code, whole.content) == (200, full.content), headers
        statuses = [
            client.get(path, headers={"range": "bytes=10-19", "accept-encoding": coding, **headers}).status_code
            for headers in (
                {"if-none-match": etag},
                {"if-match": '"x"'},
                {"if-modified-since": modified},
                {"if-unmodified-since": BEFORE},
            )
        ]
        assert statuses == [304, 412, 304, 412]
    assert client.head(path, headers={"range": "bytes=10-19"}).status_code == 200
    assert client.get(path, headers={"range": "bytes=-5"}).content == full.content[-5:]
    for outside in (f"bytes={len(full.content)}-", "bytes=-0", "bytes=999999-, 999998-"):
        refused = client.get(path, headers={"range": outside})
        assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{len(full.content)}")
        assert (refused.headers["cache-control"], "etag" in refused.headers) == ("no-store", False)
        assert refused.text == f"The file has {len(full.content)} bytes; the range begins after its end.\n"
        assert client.get(path, headers={"range": outside, "if-range": '"x"'}).content == full.content
    # One range that can be sent is enough.
    for mixed in ("bytes=2-5,999999-", "bytes=999999-, 2-5", "bytes=-0,2-5"):
        part = client.get(path, headers={"range": mixed})
        assert (part.status_code, part.content) == (206, full.content[2:6]), mixed
    for invalid in ("items=0-5", "bytes", "bytes=", "bytes=5-2", "bytes=a-b", "bytes=1-2-3", "bytes=" + "9" * 5000 + "-", "x"):
        assert client.get(path, headers={"range": invalid}).status_code == 200, invalid


def test_a_range_is_not_answered_from_the_cache_and_leaves_it_alone(client: TestClient) -> None:
    whole = client.get(SPARQL)
    assert client.get(SPARQL, headers={"range": "bytes=0-1"}).status_code == 200
    assert client.get(SPARQL).content == whole.content


def test_a_cached_response_depends_on_everything_in_the_request(client: TestClient, engine: CountingEngine) -> None:
    path = "/sparql?query=" + quote("SELECT ?only { ?here ?p ?o }")
    requests = [
        {"headers": {"accept": accept, "host": host, "accept-encoding": coding}}
        for accept in ("text/csv", "application/json")
        for host in ("a.example", "b.example")
        for coding in ("identity", "gzip", "identity;q=0, gzip")
    ]
    before = engine.query_count
    first = [client.get(path, **request) for request in requests]  # type: ignore[arg-type]
    assert engine.query_count == before + len(requests)
    second = [client.get(path, **request) for request in requests]  # type: ignore[arg-type]
    assert engine.query_count == before + len(requests)
    assert [one.content for one in first] == [one.content for one in second]
    assert [dict(one.headers) for one in first] == [dict(one.headers) for one in second]
    assert len({one.content for one in first}) == len(requests)


def test_head_does_not_fill_the_cache(engine: CountingEngine) -> None:
    with open_client(engine) as client:
        path = "/sparql?query=" + quote("SELECT ?head { ?s ?p ?o }")
        head = client.head(path)
        get = client.get(path)
        assert (head.content, len(get.content)) == (b"", engine.size)
        assert dict(client.head(path).headers) == dict(get.headers)


def test_responses_name_what_they_depend_on(client: TestClient) -> None:
    """A response to another origin has one more header, so a cache must not mix them up."""
    for headers in ({}, {"origin": "https://example.org"}):
        vary = client.get(SPARQL, headers=headers).headers["vary"]
        assert [name.strip() for name in vary.split(",")] == ["Accept", "Accept-Encoding", "Origin"]


def test_a_cached_response_depends_on_scheme_root_path_and_method(engine: CountingEngine) -> None:
    path = "/sparql?query=" + quote("SELECT ?scheme { ?s ?p ?o }")
    with open_client(engine) as client:
        other = {"base_url": "https://testserver"}, {"root_path": "/law"}
        clients = [client, *(TestClient(client.app, **options) for options in other)]  # type: ignore[arg-type]
        addresses = [path, path, f"/law{path}"]
        first = [one.get(address) for one, address in zip(clients, addresses, strict=True)]
        assert len({response.content for response in first}) == len({response.headers["etag"] for response in first}) == 3
        posted = client.post("/sparql", data={"query": "SELECT ?scheme { ?s ?p ?o }"})
        assert posted.content not in [response.content for response in first]
        assert client.get(path).content == first[0].content


def test_a_fingerprint_of_another_file_is_not_kept_forever(client: TestClient) -> None:
    path = paths.STATIC / "tutela.css"
    for query, is_immutable in ((f"v={fingerprint(path)}", True), ("v=0123456789ab", False), ("v=", False), ("", False)):
        response = client.get("/static/tutela.css", params=query)
        assert ("immutable" in response.headers["cache-control"]) is is_immutable, query


def test_not_modified_has_the_dependencies_of_the_response_once(client: TestClient) -> None:
    headers = {"accept-encoding": "gzip, identity;q=0"}
    first = client.get("/data/notes.csv", headers=headers)
    again = client.get("/data/notes.csv", headers={**headers, "if-none-match": first.headers["etag"]})
    assert (again.status_code, again.headers["vary"]) == (304, first.headers["vary"])
    assert "content-security-policy" not in again.headers  # the client keeps that of the response


def test_an_unexpected_error_has_the_headers_of_every_response(engine: CountingEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("the secret")

    with open_client(engine) as client:
        monkeypatch.setattr(engine, "query", fail)
        program = TestClient(client.app, raise_server_exceptions=False)
        response = program.get("/sparql?query=ASK%7B%7D", headers={"origin": "https://other.example"})
        assert (response.status_code, "secret" in response.text) == (500, False)
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["content-security-policy"]
        assert (response.headers["x-content-type-options"], response.headers["cache-control"]) == ("nosniff", "no-store")
        with pytest.raises(RuntimeError):  # the server logs it
            client.get("/sparql?query=ASK%7B%7D")


# The last test: dates of the releases in quick succession are ahead of the clock for some seconds.
def test_last_modified_changes_with_the_release(client: TestClient, engine: CountingEngine) -> None:
    first = client.get(SPARQL).headers["last-modified"]
    assert first == http_date(STARTED)
    try:
        engine.version = "two"
        second = client.get(SPARQL, headers={"if-modified-since": first})
        assert (second.status_code, second.headers["last-modified"] != first) == (200, True)
        assert client.get(SPARQL, headers={"if-modified-since": second.headers["last-modified"]}).status_code == 304
    finally:
        engine.version = "one"
    # The return to an earlier release is a change too.
    third = client.get(SPARQL, headers={"if-modified-since": second.headers["last-modified"]})
    assert third.status_code == 200
