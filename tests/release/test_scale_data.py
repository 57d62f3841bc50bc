"""The larger release for measurements (bench/scale_data.py): it is reproducible, and as consistent as the real one."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tutela import paths, release
from tutela.sparql import EmbeddedStore, query_file

COUNTS = {
    "jurisdictions": "SELECT (COUNT(*) AS ?n) WHERE { ?j a <https://w3id.org/tutela/ontology#Jurisdiction> }",
    "assessments": "SELECT (COUNT(*) AS ?n) WHERE { ?a a <https://w3id.org/tutela/ontology#Assessment> }",
    "bindings": "SELECT (COUNT(*) AS ?n) WHERE { ?b a <https://w3id.org/tutela/ontology#BindingPeriod> }",
}
WriteScaled = Callable[[Path, Path, int, int], int]


@pytest.fixture
def write_scaled(monkeypatch: pytest.MonkeyPatch) -> WriteScaled:
    monkeypatch.setattr(sys, "path", [str(paths.ROOT / "bench"), *sys.path])
    import scale_data  # type: ignore[import-not-found]  # noqa: PLC0415 - a script, not in a package

    function: WriteScaled = scale_data.write_scaled
    return function


def count_resources(store: EmbeddedStore) -> dict[str, int]:
    return {name: int(str(next(iter(store.query(text).rows()))[0])) for name, text in COUNTS.items()}


def test_at_factor_one_it_equals_the_release(built: release.Release, tmp_path: Path, write_scaled: WriteScaled) -> None:
    write_scaled(built.nquads, tmp_path / "same.nq", 1, 1)
    same = (tmp_path / "same.nq").read_text(encoding="utf-8").splitlines()
    assert sorted(same) == sorted(built.nquads.read_text(encoding="utf-8").splitlines())


@pytest.mark.slow
def test_a_larger_one_is_reproducible_and_breaks_no_check(
    built: release.Release, tmp_path: Path, store: EmbeddedStore, write_scaled: WriteScaled
) -> None:
    for name in ("one", "two"):
        assert write_scaled(built.nquads, tmp_path / name, 3, 2) > 3 * int(built.manifest["quads"])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    large = EmbeddedStore.open(tmp_path / "one")
    small_counts, large_counts = count_resources(store), count_resources(large)
    assert large_counts["jurisdictions"] == 3 * small_counts["jurisdictions"]
    assert large_counts["assessments"] > 5 * small_counts["assessments"]
    assert large_counts["bindings"] > 2 * small_counts["bindings"]
    check = query_file.read(query_file.find(paths.QUERIES / "checks", "references-resolve"))
    assert list(large.query(check.text).rows()) == []
