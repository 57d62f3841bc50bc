"""Remote engines: publishing a release, and the catalogue and the service over it."""

import csv
import io
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests import EXPECTED_ANSWERS
from tests.conftest import skip_or_fail
from tests.dataset.test_catalog_answers import answer_csv, cases
from tests.engines import ENGINES, Engine, MissingError
from tests.release_files import write_release
from tutela import namespaces, release
from tutela.catalog.catalog import Catalog
from tutela.engine.remote import RemoteEngine
from tutela.errors import ForbiddenQueryError, TutelaError
from tutela.release.publish import Target, publish
from tutela.settings import QuerySettings
from tutela.sparql.query_file import page_query
from tutela.sparql.remote import RemoteStore
from tutela.web.app import create_app

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module", params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    try:
        with ENGINES[request.param]() as running:
            os.environ.update(running.environment)
            yield running
            for name in running.environment:
                del os.environ[name]
    except MissingError as error:
        skip_or_fail(str(error))


@pytest.fixture(scope="module")
def empty(engine: Engine) -> Target:
    """Return the engine without a release."""
    return Target(engine.query, engine.update)


@pytest.fixture(scope="module")
def target(empty: Target, built: release.Release) -> Target:
    """Return the engine with the release."""
    assert publish(built, empty)
    return empty


def reduced_release(built: release.Release, folder: Path, version: str, step: int) -> release.Release:
    """Return a release with every n-th statement of the built one, and its description."""
    lines = built.nquads.read_text(encoding="utf-8").splitlines(keepends=True)
    meta = f"<{namespaces.GRAPH}meta> .\n"
    kept = [line for number, line in enumerate(lines) if number % step == 0 or line.endswith(meta)]
    return write_release(folder / version, "".join(kept), version)


@pytest.mark.parametrize("interrupted_at", ["clear", "load", "count", "set"])
def test_clients_see_only_complete_releases_if_publishing_is_interrupted(
    empty: Target, built: release.Release, tmp_path: Path, interrupted_at: str
) -> None:
    first, second = (
        reduced_release(built, tmp_path, f"a-{interrupted_at}", 800),
        reduced_release(built, tmp_path, f"b-{interrupted_at}", 500),
    )
    store = RemoteStore(empty.query, timeout_s=60, version_ttl_s=0)

    def interrupt(step: str) -> None:
        if step.startswith(interrupted_at):
            raise KeyboardInterrupt

    assert publish(first, empty)
    with pytest.raises(KeyboardInterrupt):
        publish(second, empty, interrupt)
    assert (store.version, count_quads(store)) == (first.version, count_lines(first))
    assert publish(second, empty)
    assert (store.version, count_quads(store)) == (second.version, count_lines(second))
    assert not publish(second, empty)


def count_quads(store: RemoteStore) -> int:
    return sum(1 for _ in store.query("SELECT ?g ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } }").rows())


def count_lines(reduced: release.Release) -> int:
    return len(reduced.nquads.read_text(encoding="utf-8").splitlines())


def test_old_releases_are_removed_except_the_previous_one(empty: Target, built: release.Release, tmp_path: Path) -> None:
    for version in ("one", "two", "three"):
        publish(reduced_release(built, tmp_path, version, 5000), empty)
    assert set(empty.select("versions")) == {f"{namespaces.GRAPH}two", f"{namespaces.GRAPH}three"}
    store = RemoteStore(empty.query, timeout_s=60, version_ttl_s=0)
    assert store.version == "three"


@pytest.fixture(scope="module")
def remote_catalog(target: Target) -> Catalog:
    return Catalog(RemoteStore(target.query, timeout_s=60))


@contextmanager
def service(target: Target, built: release.Release, timeout_s: float) -> Iterator[TestClient]:
    """Return a client of the service over the engine."""
    engine = RemoteEngine(RemoteStore(target.query, timeout_s=timeout_s, version_ttl_s=0), QuerySettings(timeout_s=timeout_s))
    with TestClient(create_app(engine, built), follow_redirects=False) as client:
        yield client


@pytest.fixture
def client(target: Target, built: release.Release) -> Iterator[TestClient]:
    with service(target, built, 20) as client:
        yield client


@pytest.fixture
def impatient_client(target: Target, built: release.Release) -> Iterator[TestClient]:
    with service(target, built, 2) as client:
        yield client


def rows_of(text: str) -> list[list[list[str]]]:
    """Return rows with the members of each cell sorted, because GROUP_CONCAT has no order (SPARQL 1.1, section 18.5.1.7)."""
    return [[sorted(cell.split("; ")) for cell in row] for row in csv.reader(io.StringIO(text))]


@pytest.mark.parametrize("case", cases())
def test_the_answer_is_the_expected_one(remote_catalog: Catalog, case: str) -> None:
    assert rows_of(answer_csv(remote_catalog, case)) == rows_of((EXPECTED_ANSWERS / f"{case}.csv").read_text(encoding="utf-8"))


def test_the_search_query_returns_the_same_rows(remote_catalog: Catalog, catalog: Catalog) -> None:
    text = page_query("search").text
    assert remote_catalog.store.query(text).serialize("csv") == catalog.store.query(text).serialize("csv")


def test_publishing_again_changes_nothing(target: Target, built: release.Release) -> None:
    assert not publish(built, target)


def test_graph_names_do_not_contain_the_version(remote_catalog: Catalog) -> None:
    graphs = remote_catalog.store.query("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g")
    assert [row[0] for row in graphs.rows()] == sorted(f"{namespaces.GRAPH}{name}" for name in namespaces.GRAPHS)
    template = "SELECT (COUNT(*) AS ?n) {dataset} WHERE {{ {before} ?s ?p ?o {after} }}"
    meta = f"<{namespaces.GRAPH}meta>"
    prefixed = "PREFIX g: <https://w3id.org/tutela/graph/>\n"
    based = "BASE <https://w3id.org/tutela/graph/>\n"
    queries = [
        template.format(dataset="", before=f"GRAPH {meta} {{", after="}"),
        prefixed + template.format(dataset="", before="GRAPH g:meta {", after="}"),
        based + template.format(dataset="", before="GRAPH <meta> {", after="}"),
        template.format(dataset="", before=f"VALUES ?g {{ {meta} }} GRAPH ?g {{", after="}"),
        template.format(dataset=f"FROM {meta}", before="", after=""),
        prefixed + template.format(dataset="FROM NAMED g:meta", before="GRAPH ?g {", after="}"),
    ]
    counts = [next(iter(remote_catalog.store.query(query).rows()))[0] for query in queries]
    by_protocol = remote_catalog.store.query(
        template.format(dataset="", before="", after=""), default_graphs=[f"{namespaces.GRAPH}meta"]
    )
    assert {*counts, next(iter(by_protocol.rows()))[0]} == {counts[0]}
    assert int(str(counts[0])) > 500


def test_rejected_queries_do_not_reach_the_engine(remote_catalog: Catalog) -> None:
    for text in ("DROP ALL", "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"):
        with pytest.raises(ForbiddenQueryError):
            remote_catalog.store.query(text)


def test_the_service_responds_with_data_of_the_engine(client: TestClient, built: release.Release) -> None:
    health = client.get("/health")
    age_s = health.json()["age_s"]
    assert 0 <= age_s < 60
    assert health.json() == {"status": "ok", "version": built.version, "quads": built.manifest["quads"], "age_s": age_s}
    first = client.get("/queries/sufficient-short-of-another?edition=10&format=csv")
    expected = (EXPECTED_ANSWERS / "sufficient-short-of-another.csv").read_text(encoding="utf-8")
    assert first.text.replace("\r\n", "\n") == expected
    second = client.get(
        "/queries/sufficient-short-of-another?edition=10&format=csv", headers={"if-none-match": first.headers["etag"]}
    )
    assert second.status_code == 304
    assert client.get("/doc/jurisdiction/ALB.ttl").status_code == 200
    assert "Albania" in client.get("/doc/jurisdiction/ALB").text
    assert client.get("/download/manifest.json").status_code == 200
    assert client.get("/").status_code == 200
    assert client.get("/sparql", params={"query": "SELECT nonsense"}).status_code == 400


def test_the_service_recovers_from_an_engine_that_hangs(impatient_client: TestClient, engine: Engine) -> None:
    client = impatient_client
    ask = {"query": "ASK { ?s ?p 'hangs' }"}
    engine.pause()
    try:
        start = time.monotonic()
        response = client.get("/sparql", params=ask)
        assert (response.status_code, time.monotonic() - start < 8) == (504, True), response.text
        assert "did not respond within 2 seconds" in response.text
        end = time.monotonic() + 5  # the service asks the engine again after a while
        while client.get("/health").status_code != 503:
            assert time.monotonic() < end, "/health does not say that the engine hangs"
            time.sleep(0.1)
        assert client.get("/doc/jurisdiction/ALB").status_code == 504
    finally:
        engine.resume()
    again = client.get("/sparql", params=ask)
    assert (again.status_code, again.json()["boolean"]) == (200, False), again.text
    assert client.get("/health").json()["status"] == "ok"


def test_the_service_recovers_from_an_engine_that_is_down(built: release.Release, tmp_path: Path) -> None:
    from tests.engines import free_port, oxigraph  # noqa: PLC0415

    port = free_port()
    url = f"http://127.0.0.1:{port}/query"
    engine = RemoteEngine(RemoteStore(url, timeout_s=5, version_ttl_s=0))
    with TestClient(create_app(engine, None), follow_redirects=False) as client:
        for path in ("/sparql?query=ASK%7B%7D", "/doc/jurisdiction/ALB", "/queries/criteria?format=csv", "/"):
            response = client.get(path)
            assert (response.status_code, response.headers["content-type"]) == (502, "text/plain; charset=utf-8"), path
            assert f"127.0.0.1:{port} cannot be reached" in response.text
        assert "cannot be reached" in client.get("/health").json()["status"]
        with oxigraph(port) as running:
            assert "holds no release of Tutela" in client.get("/sparql?query=ASK%7B%7D").text
            publish(reduced_release(built, tmp_path, "small", 80), Target(running.query, running.update))
            wait_for(lambda: client.get("/health").json().get("version") == "small")
            assert client.get("/queries/criteria?format=csv").status_code == 200
            assert "does not have the files of the release" in client.get("/download/manifest.json").text
        wait_for(lambda: client.get("/health").status_code == 503)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until the service has checked the engine."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("engine", ["virtuoso"], indirect=True)
def test_wrong_credentials_are_an_error(engine: Engine, built: release.Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTELA_ENDPOINT_PASSWORD", "wrong")
    with pytest.raises(TutelaError, match="TUTELA_ENDPOINT_USER"):
        publish(release.Release(built.folder, {**built.manifest, "version": "other"}), Target(engine.query, engine.update))
    monkeypatch.undo()
    Target(engine.query, engine.update)


def test_the_commands_publish_and_serve(engine: Engine, target: Target, built: release.Release) -> None:
    command = [sys.executable, "-m", "tutela", "publish", "--endpoint", engine.query, "--update", engine.update]
    done = subprocess.run([*command, "--release", str(built.folder)], capture_output=True, text=True, check=False)
    assert (done.returncode, "was already the current release" in done.stderr) == (0, True), done.stderr
    command = [sys.executable, "-m", "tutela", "serve", "--endpoint", engine.query, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert f"Serving from {engine.query}" in line
        url = line.split(" at ")[1].split()[0]
        with urllib.request.urlopen(f"{url}health", timeout=30) as response:  # noqa: S310 - a local URL
            assert json.load(response)["version"] == built.version
    finally:
        process.terminate()
        assert process.wait(20) is not None
        process.stdout.close()  # type: ignore[union-attr]
