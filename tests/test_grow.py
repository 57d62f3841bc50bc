"""The release made larger for measurements: it repeats, and it is as consistent as the real one."""

import sys
from pathlib import Path

import pytest

from tutela import paths, release
from tutela.store import EmbeddedStore

COUNTS = {
    "jurisdictions": "SELECT (COUNT(*) AS ?n) WHERE { ?j a <https://w3id.org/tutela/ontology#Jurisdiction> }",
    "assessments": "SELECT (COUNT(*) AS ?n) WHERE { ?a a <https://w3id.org/tutela/ontology#Assessment> }",
    "bindings": "SELECT (COUNT(*) AS ?n) WHERE { ?b a <https://w3id.org/tutela/ontology#Binding> }",
}


@pytest.fixture
def grow(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(sys, "path", [str(paths.ROOT / "bench"), *sys.path])
    import grow  # type: ignore[import-not-found]  # noqa: PLC0415 - a program, no package

    return grow.grow


def counted(store: EmbeddedStore) -> dict[str, int]:
    return {name: int(str(next(iter(store.query(text).rows()))[0])) for name, text in COUNTS.items()}


def test_once_its_size_it_is_the_release(built: release.Release, tmp_path: Path, grow: object) -> None:
    assert callable(grow)
    grow(built.dump, tmp_path / "same.nq", 1, 1)
    same = (tmp_path / "same.nq").read_text(encoding="utf-8").splitlines()
    assert sorted(same) == sorted(built.dump.read_text(encoding="utf-8").splitlines())


def test_larger_it_repeats_and_breaks_no_check(
    built: release.Release, tmp_path: Path, store: EmbeddedStore, grow: object
) -> None:
    assert callable(grow)
    for name in ("one", "two"):
        assert grow(built.dump, tmp_path / name, 3, 2) > 3 * int(built.manifest["quads"])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    large, small = EmbeddedStore.open(tmp_path / "one"), counted(store)
    found = counted(large)
    assert found["jurisdictions"] == 3 * small["jurisdictions"]
    assert found["assessments"] > 5 * small["assessments"]
    assert found["bindings"] > 2 * small["bindings"]
    dangling = (paths.QUERIES / "checks" / "nothing-dangles.rq").read_text(encoding="utf-8")
    assert list(large.query(dangling).rows()) == []
