"""Prepared stores: created once, reused, rebuilt if damaged, and limited in number."""

import os
from pathlib import Path

import pytest

from tutela.errors import TutelaError
from tutela.release import Release
from tutela.release.prepared import open_prepared
from tutela.sparql import EmbeddedStore


def make_release(folder: Path, text: str = "<a:a> <a:b> <a:c> <a:g> .\n") -> Release:
    folder.mkdir(exist_ok=True)
    (folder / "tutela.nq").write_text(text, encoding="utf-8")
    return Release(folder, {"version": "0"})


def objects(store: EmbeddedStore) -> list[str]:
    return [str(row[0]) for row in store.query("SELECT ?o WHERE { ?s ?p ?o }").rows()]


def stores(cache: Path) -> list[Path]:
    return sorted((cache / "stores").iterdir())


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return make_release(tmp_path / "release")


def test_a_store_is_created_once_and_reused(release: Release, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert objects(open_prepared(release, cache)) == ["a:c"]
    [path] = stores(cache)
    monkeypatch.setattr("tutela.release.prepared._prepare", lambda release, folder: pytest.fail("it was created again"))
    assert objects(open_prepared(release, cache)) == ["a:c"]
    assert stores(cache) == [path]


def test_another_release_has_another_store(release: Release, cache: Path, tmp_path: Path) -> None:
    open_prepared(release, cache)
    assert objects(open_prepared(make_release(tmp_path / "other", "<a:a> <a:b> <a:d> .\n"), cache)) == ["a:d"]
    assert len(stores(cache)) == 2


def test_a_damaged_store_is_rebuilt(release: Release, cache: Path) -> None:
    open_prepared(release, cache)
    [path] = stores(cache)
    for file in path.iterdir():
        file.unlink()
    assert objects(open_prepared(release, cache)) == ["a:c"]
    assert stores(cache) == [path]
    assert list(path.iterdir())


def test_without_a_writable_cache_the_release_is_loaded_into_memory(release: Release, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    assert objects(open_prepared(release, tmp_path / "file")) == ["a:c"]
    assert (tmp_path / "file").read_text(encoding="utf-8") == "not a folder"


def test_invalid_n_quads_are_an_error_and_leave_nothing_behind(cache: Path, tmp_path: Path) -> None:
    invalid = make_release(tmp_path / "invalid", "<a:a> <a:b> .\n")
    with pytest.raises(TutelaError, match="not valid N-Quads"):
        open_prepared(invalid, cache)
    assert stores(cache) == []


def test_a_missing_file_is_an_error(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(TutelaError, match="cannot be read"):
        open_prepared(Release(tmp_path / "missing", {}), cache)


def test_the_four_most_recently_used_stores_are_kept(cache: Path, tmp_path: Path) -> None:
    releases = [make_release(tmp_path / str(number), f"<a:a> <a:b> <a:{number}> .\n") for number in range(5)]
    created: list[Path] = []
    for number, release in enumerate(releases[:4]):
        open_prepared(release, cache)
        [path] = set(stores(cache)) - set(created)
        os.utime(path, (number, number))  # as if it had been used long ago
        created.append(path)
    open_prepared(releases[0], cache)
    open_prepared(releases[4], cache)
    assert len(stores(cache)) == 4
    assert set(created) - set(stores(cache)) == {created[1]}
