"""Shared fixtures: a release of the project's own data, a service over it, and the text of the report where it is present."""

import fcntl
import gc
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tutela import paths
from tutela.catalog import Catalog
from tutela.engine.worker_pool import WorkerPool
from tutela.errors import TutelaError
from tutela.release import Release, current_version, open_release
from tutela.sparql import EmbeddedStore
from tutela.validation.input_files import version_of
from tutela.web.app import create_app

TESTS = Path(__file__).parent
SHARED = paths.ROOT.parent / "shared"
_RELEASES = paths.ROOT / ".test-release"
# The packages whose code affects what a build writes.
_BUILD_CODE = ("graph", "release", "sparql", "tables", "validation")


def skip_or_fail(reason: str) -> None:
    """Skip the test with a reason, or fail in CI, which installs everything first."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; this must not happen in CI")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def built() -> Release:
    """Return a release of the project's own data; an earlier one is reused if its inputs and code are the same."""
    code = version_of(
        {
            path.relative_to(paths.ROOT).as_posix(): path.read_bytes()
            for package in _BUILD_CODE
            for path in (paths.ROOT / "service" / "tutela" / package).glob("*.py")
        }
    )
    folder = _RELEASES / f"{current_version()}-{code}"
    _RELEASES.mkdir(exist_ok=True)
    with (_RELEASES / "lock").open("w") as lock:  # tests run in several processes
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return open_release(folder)
        except TutelaError:
            for old in _RELEASES.glob("*-*"):
                shutil.rmtree(old)
            from tutela.release.build import build  # noqa: PLC0415 - pySHACL takes long to load, and a release is often there

            return build(folder)[0]


@pytest.fixture(scope="session")
def store(built: Release) -> EmbeddedStore:
    """Return an embedded store with that release."""
    return EmbeddedStore.open(built.nquads)


@pytest.fixture(scope="session")
def catalog(store: EmbeddedStore) -> Catalog:
    """Return the catalogue over that store."""
    return Catalog(store)


@pytest.fixture(scope="session")
def report() -> Path:
    """Return the path of the report's plain text, which is not part of the project."""
    texts = sorted((SHARED / "sources").glob("000_*.txt"))
    if not texts:
        skip_or_fail("the report's text is not at ../shared/sources")
    return texts[0]


@pytest.fixture
def data_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of data/, which builds read instead, so that a test can change it. It is not compared with a release."""
    copy = tmp_path / "data"
    shutil.copytree(paths.DATA, copy)
    monkeypatch.setattr(paths, "DATA", copy)
    monkeypatch.setattr(paths, "RELEASES", tmp_path / "no-releases")
    return copy


@pytest.fixture(scope="session")
def client(built: Release) -> Iterator[TestClient]:
    """Return a client of a service over that release in this process. Tests that change the service start their own."""
    with TestClient(create_app(WorkerPool(built), built)) as client:
        yield client


def without_buttons(page: str) -> str:
    """Return a page with the terms that explain themselves as text."""
    return re.sub(r'<button type="button" class="explain"[^>]*>(.*?)</button>', r"\1", page)


def like(client: TestClient, **options: Any) -> TestClient:
    """Return a client of the same service with other options, such as headers or `follow_redirects`."""
    other = TestClient(client.app, **options)
    other.portal = client.portal  # the event loop in which the service has started
    return other


@pytest.fixture(scope="session")
def served(built: Release) -> Iterator[tuple[str, int]]:
    """Start a service in another process; return its URL and its process ID."""
    command = [sys.executable, "-m", "tutela", "serve", "--release", str(built.folder), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split(" at ")[1].split()[0].rstrip("/"), process.pid
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.fixture(scope="session")
def live(served: tuple[str, int]) -> str:
    """Return the URL of that service."""
    return served[0]


# The longest files, longest first. They start first, so that no process works alone in the end.
_LONG_FILES = (
    "release/test_remote_engines.py",
    "release/test_check.py",
    "release/test_validation_api.py",
    "release/test_publication.py",
    "release/test_linked_data.py",
    "release/test_build.py",
    "release/test_draft_edition.py",
    "dataset/test_workbook.py",
    "dataset/test_keep.py",
    "dataset/test_catalog_answers.py",
)


def pytest_collection_finish() -> None:
    """Let the collector of reference cycles leave out what stays until the end, and look less often: it takes a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first if tests run in several processes."""
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        return
    order = {TESTS / name: number for number, name in enumerate(_LONG_FILES)}
    items.sort(key=lambda item: order.get(item.path, len(order)))
