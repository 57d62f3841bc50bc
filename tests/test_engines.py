"""The catalogue in front of engines other than our own, into which a release was published."""

import csv
import io
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.conftest import lacking
from tests.engines import ENGINES, Engine, MissingError
from tests.test_questions import EXPECTED, answer_to, cases
from tutela import names, paths, release
from tutela.catalog import Catalog
from tutela.elsewhere import Elsewhere
from tutela.engine import Limits
from tutela.errors import TutelaError
from tutela.publish import Target, publish
from tutela.store import QueryRefusedError, RemoteStore
from tutela.web.app import create


@pytest.fixture(scope="module", params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    try:
        with ENGINES[request.param]() as running:
            os.environ.update(running.environment)
            yield running
            for name in running.environment:
                del os.environ[name]
    except MissingError as error:
        lacking(str(error))


@pytest.fixture(scope="module")
def empty(engine: Engine) -> Target:
    """Return the engine as it is when nothing was published there."""
    return Target(engine.query, engine.update)


@pytest.fixture(scope="module")
def target(empty: Target, built: release.Release) -> Target:
    """Return the engine, the release being in it."""
    assert publish(built, empty)
    return empty


def small(built: release.Release, folder: Path, version: str, step: int) -> release.Release:
    """Return a release that has one statement in so many of the built one."""
    (folder / version).mkdir()
    lines = built.dump.read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / version / release.DUMP).write_text("".join(lines[::step]), encoding="utf-8")
    return release.Release(folder / version, {**built.manifest, "version": version})


@pytest.mark.parametrize("interrupted_at", ["clear", "fill", "count", "point"])
def test_readers_see_whole_releases_only_whenever_publishing_is_interrupted(
    empty: Target, built: release.Release, tmp_path: Path, interrupted_at: str
) -> None:
    first, second = small(built, tmp_path, f"a-{interrupted_at}", 80), small(built, tmp_path, f"b-{interrupted_at}", 50)
    store = RemoteStore(empty.query, seconds=60, fresh=0)

    def interrupt(step: str) -> None:
        if step.startswith(interrupted_at):
            raise KeyboardInterrupt

    assert publish(first, empty)
    with pytest.raises(KeyboardInterrupt):
        publish(second, empty, interrupt)
    assert (store.version, size(store)) == (first.version, size_of(first))
    assert publish(second, empty)
    assert (store.version, size(store)) == (second.version, size_of(second))
    assert not publish(second, empty)


def size(store: RemoteStore) -> int:
    return sum(1 for _ in store.query("SELECT ?g ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } }").rows())


def size_of(small: release.Release) -> int:
    return len(small.dump.read_text(encoding="utf-8").splitlines())


def test_older_releases_are_taken_away_and_the_last_one_stays(empty: Target, built: release.Release, tmp_path: Path) -> None:
    for version in ("one", "two", "three"):
        publish(small(built, tmp_path, version, 5000), empty)
    assert set(empty.ask("versions")) == {f"{names.GRAPH}two", f"{names.GRAPH}three"}
    everything = RemoteStore(empty.query, seconds=60, fresh=0)
    assert everything.version == "three"


@pytest.fixture(scope="module")
def far(target: Target) -> Catalog:
    return Catalog(RemoteStore(target.query, seconds=60))


@pytest.fixture
def service(target: Target, built: release.Release) -> Iterator[TestClient]:
    """Return the service in front of the engine, impatient."""
    engine = Elsewhere(RemoteStore(target.query, seconds=2, fresh=0), Limits(seconds=2))
    with TestClient(create(engine, built), follow_redirects=False) as client:
        yield client


def rows_of(text: str) -> list[list[list[str]]]:
    """Return rows; the members of a cell sorted, for GROUP_CONCAT promises no order (SPARQL 1.1 Query, section 18.5.1.7)."""
    return [[sorted(cell.split("; ")) for cell in row] for row in csv.reader(io.StringIO(text))]


@pytest.mark.parametrize("case", cases())
def test_the_answer_is_the_expected_one(far: Catalog, case: str) -> None:
    assert rows_of(answer_to(far, case)) == rows_of((EXPECTED / f"{case}.csv").read_text(encoding="utf-8"))


def test_the_search_finds_the_same(far: Catalog, catalog: Catalog) -> None:
    text = (paths.QUERIES / "pages" / "search.rq").read_text(encoding="utf-8")
    assert far.store.query(text).serialize("csv") == catalog.store.query(text).serialize("csv")


def test_publishing_again_changes_nothing(target: Target, built: release.Release) -> None:
    assert not publish(built, target)


def test_graphs_have_the_names_of_every_release(far: Catalog) -> None:
    graphs = far.store.query("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g")
    assert [row[0] for row in graphs.rows()] == sorted(f"{names.GRAPH}{name}" for name in names.GRAPHS)
    counted = "SELECT (COUNT(*) AS ?n) {dataset} WHERE {{ {before} ?s ?p ?o {after} }}"
    meta = f"<{names.GRAPH}meta>"
    prefixed = "PREFIX g: <https://w3id.org/tutela/graph/>\n"
    based = "BASE <https://w3id.org/tutela/graph/>\n"
    ways = [
        counted.format(dataset="", before=f"GRAPH {meta} {{", after="}"),
        prefixed + counted.format(dataset="", before="GRAPH g:meta {", after="}"),
        based + counted.format(dataset="", before="GRAPH <meta> {", after="}"),
        counted.format(dataset="", before=f"VALUES ?g {{ {meta} }} GRAPH ?g {{", after="}"),
        counted.format(dataset=f"FROM {meta}", before="", after=""),
        prefixed + counted.format(dataset="FROM NAMED g:meta", before="GRAPH ?g {", after="}"),
    ]
    counts = [next(iter(far.store.query(way).rows()))[0] for way in ways]
    by_protocol = far.store.query(counted.format(dataset="", before="", after=""), default_graphs=[f"{names.GRAPH}meta"])
    assert {*counts, next(iter(by_protocol.rows()))[0]} == {counts[0]}
    assert int(str(counts[0])) > 500


def test_what_is_refused_does_not_reach_the_engine(far: Catalog) -> None:
    for text in ("DROP ALL", "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"):
        with pytest.raises(QueryRefusedError):
            far.store.query(text)


def test_the_service_answers_from_the_engine(service: TestClient, built: release.Release) -> None:
    health = service.get("/health")
    assert health.json() == {"status": "ok", "version": built.version, "quads": built.manifest["quads"]}
    question = service.get("/queries/sufficient-short-of-another?edition=10&format=csv")
    expected = (EXPECTED / "sufficient-short-of-another.csv").read_text(encoding="utf-8")
    assert question.text.replace("\r\n", "\n") == expected
    again = service.get(
        "/queries/sufficient-short-of-another?edition=10&format=csv", headers={"if-none-match": question.headers["etag"]}
    )
    assert again.status_code == 304
    assert service.get("/doc/jurisdiction/ALB.ttl").status_code == 200
    assert "Albania" in service.get("/doc/jurisdiction/ALB").text
    assert service.get("/download/manifest.json").status_code == 200
    assert service.get("/").status_code == 200
    assert service.get("/sparql", params={"query": "SELECT nonsense"}).status_code == 400


def test_an_engine_that_hangs_is_told_and_the_service_recovers_by_itself(service: TestClient, engine: Engine) -> None:
    ask = {"query": "ASK { ?s ?p 'hangs' }"}
    engine.pause()
    try:
        begun = time.monotonic()
        answer = service.get("/sparql", params=ask)
        assert (answer.status_code, time.monotonic() - begun < 8) == (504, True), answer.text
        assert "did not answer within 2 seconds" in answer.text
        assert service.get("/health").status_code == 503
        assert service.get("/doc/jurisdiction/ALB").status_code == 504
    finally:
        engine.resume()
    assert service.get("/sparql", params=ask).status_code == 200
    assert service.get("/health").json()["status"] == "ok"


def test_an_engine_that_is_down_is_told_and_the_service_recovers_by_itself(built: release.Release) -> None:
    from tests.engines import free_port, oxigraph  # noqa: PLC0415

    port = free_port()
    address = f"http://127.0.0.1:{port}/query"
    engine = Elsewhere(RemoteStore(address, seconds=5, fresh=0))
    with TestClient(create(engine, None), follow_redirects=False) as client:
        for path in ("/sparql?query=ASK%7B%7D", "/doc/jurisdiction/ALB", "/queries/criteria?format=csv", "/"):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (502, "text/plain; charset=utf-8"), path
            assert f"127.0.0.1:{port} cannot be reached" in answer.text
        assert "cannot be reached" in client.get("/health").json()["status"]
        with oxigraph(port) as running:
            assert "holds no release of Tutela" in client.get("/sparql?query=ASK%7B%7D").text
            publish(built, Target(running.query, running.update))
            assert client.get("/health").json()["version"] == built.version
            assert client.get("/queries/criteria?format=csv").status_code == 200
            assert "not at this copy" in client.get("/download/manifest.json").text
        assert client.get("/health").status_code == 503


@pytest.mark.parametrize("engine", ["virtuoso"], indirect=True)
def test_credentials_that_are_wrong_are_told(engine: Engine, built: release.Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTELA_ENDPOINT_PASSWORD", "wrong")
    with pytest.raises(TutelaError, match="TUTELA_ENDPOINT_USER"):
        publish(release.Release(built.folder, {**built.manifest, "version": "other"}), Target(engine.query, engine.update))
    monkeypatch.undo()
    Target(engine.query, engine.update)


def test_the_commands(engine: Engine, target: Target, built: release.Release) -> None:
    command = [sys.executable, "-m", "tutela", "publish", "--endpoint", engine.query, "--update", engine.update]
    done = subprocess.run([*command, "--release", str(built.folder)], capture_output=True, text=True, check=False)
    assert (done.returncode, "was already what readers" in done.stderr) == (0, True), done.stderr
    command = [sys.executable, "-m", "tutela", "serve", "--endpoint", engine.query, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert f"Serving from {engine.query}" in line
        address = line.split(" at ")[1].split()[0]
        with urllib.request.urlopen(f"{address}health", timeout=30) as answer:  # noqa: S310 - our own address
            assert json.load(answer)["version"] == built.version
    finally:
        process.terminate()
        assert process.wait(20) is not None
        process.stdout.close()  # type: ignore[union-attr]
