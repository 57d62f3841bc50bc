"""What the tests share: one built release, and the report's text where it is at hand."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutela import paths, release
from tutela.build import build
from tutela.catalog import Catalog
from tutela.store import EmbeddedStore

SHARED = paths.ROOT.parent / "shared"


def lacking(what: str) -> None:
    """Skip with a reason; in CI, where everything is installed first, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}; in CI this must not be missing")
    pytest.skip(what)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> release.Release:
    """Return a release of the project's own data."""
    result, _ = build(tmp_path_factory.mktemp("built") / "release")
    return result


@pytest.fixture(scope="session")
def store(built: release.Release) -> EmbeddedStore:
    """Return a store over that release."""
    return EmbeddedStore.open(built.dump)


@pytest.fixture(scope="session")
def catalog(store: EmbeddedStore) -> Catalog:
    """Return the catalogue over that store."""
    return Catalog(store)


@pytest.fixture(scope="session")
def report() -> Path:
    """Return the plain text of the report, which lies beside the project and is no part of it."""
    found = sorted((SHARED / "sources").glob("000_*.txt"))
    if not found:
        lacking("the report's text is not at ../shared/sources")
    return found[0]


@pytest.fixture
def data_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a copy of data/ that builds read instead, to be spoilt."""
    copy = tmp_path / "data"
    copy.mkdir()
    for path in paths.DATA.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(paths, "DATA", copy)
    yield copy


@pytest.fixture(scope="session")
def served(built: release.Release) -> Iterator[tuple[str, int]]:
    """Return the address of a service of its own process over that release, and the number of the process."""
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
    """Return the address of that service."""
    return served[0]
