"""Prepared stores: created once, reused, rebuilt if damaged, and limited in number."""

import os
import time
from pathlib import Path

import pytest

from tests.release_files import QUAD, write_release
from tutela.errors import TutelaError
from tutela.release import Release
from tutela.release.prepared import open_prepared
from tutela.sparql import EmbeddedStore


def objects(store: EmbeddedStore) -> list[str]:
    return [str(row[0]) for row in store.query("SELECT ?o WHERE { ?s ?p ?o }").rows()]


def stores(cache: Path) -> list[Path]:
    return sorted((cache / "stores").iterdir())


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return write_release(tmp_path / "release")


def test_a_store_is_created_once_and_reused(release: Release, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert objects(open_prepared(release, cache)) == ["a:c"]
    [path] = stores(cache)
    monkeypatch.setattr("tutela.release.prepared._prepare", lambda release, folder: pytest.fail("it was created again"))
    assert objects(open_prepared(release, cache)) == ["a:c"]
    assert stores(cache) == [path]


def test_another_release_has_another_store(release: Release, cache: Path, tmp_path: Path) -> None:
    open_prepared(release, cache)
    assert objects(open_prepared(write_release(tmp_path / "other", "<a:a> <a:b> <a:d> .\n"), cache)) == ["a:d"]
    assert len(stores(cache)) == 2


def truncated(content: bytes) -> bytes:
    return content[:-1]


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def test_damage_to_any_file_of_a_store_is_noticed(release: Release, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_prepared(release, cache)
    [path] = stores(cache)
    files = [file for file in path.iterdir() if not file.name.startswith("LOG") and file.stat().st_size]
    assert path / "CURRENT" in files
    assert [file for file in files if file.suffix == ".sst"]
    noticed: list[Path] = []

    def fail(release: Release, nquads: bytes, folder: Path) -> None:
        noticed.append(folder)
        raise OSError("no space left")

    monkeypatch.setattr("tutela.release.prepared._prepare", fail)
    for file in files:
        content = file.read_bytes()
        for damage in (truncated, flipped, None):
            if damage:
                file.write_bytes(damage(content))
            else:
                file.unlink()
            noticed.clear()
            assert objects(open_prepared(release, cache)) == ["a:c"]
            assert noticed == [path], (file.name, damage)
        file.write_bytes(content)
    noticed.clear()
    open_prepared(release, cache)
    assert not noticed


def test_a_store_of_another_release_in_the_place_of_a_store_is_not_used(release: Release, cache: Path, tmp_path: Path) -> None:
    open_prepared(release, cache)
    [path] = stores(cache)
    open_prepared(write_release(tmp_path / "other", "<a:a> <a:b> <a:d> <a:g> .\n"), cache)
    [other] = set(stores(cache)) - {path}
    for file in path.iterdir():
        file.unlink()
    for file in other.iterdir():
        if file.name != "SHA256SUMS":
            (path / file.name).write_bytes(file.read_bytes())
    assert objects(open_prepared(release, cache)) == ["a:c"]


def test_a_symbolic_link_in_the_place_of_a_store_is_replaced(release: Release, cache: Path, tmp_path: Path) -> None:
    open_prepared(release, cache)
    [path] = stores(cache)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert objects(open_prepared(release, cache)) == ["a:c"]
    assert not path.is_symlink()
    assert (tmp_path / "elsewhere" / "CURRENT").is_file()


def test_what_a_killed_process_left_is_removed_after_an_hour(release: Release, cache: Path) -> None:
    for name, age in ((".part-old", 4000), (".part-new", 0)):
        (cache / "stores" / name).mkdir(parents=True)
        os.utime(cache / "stores" / name, (time.time() - age,) * 2)
    open_prepared(release, cache)
    assert [path.name for path in stores(cache) if path.name.startswith(".")] == [".part-new"]


def test_without_a_writable_cache_the_release_is_loaded_into_memory(release: Release, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    assert objects(open_prepared(release, tmp_path / "file")) == ["a:c"]
    assert (tmp_path / "file").read_text(encoding="utf-8") == "not a folder"


def test_invalid_n_quads_are_an_error_and_leave_nothing_behind(cache: Path, tmp_path: Path) -> None:
    invalid = write_release(tmp_path / "invalid", "<a:a> <a:b> .\n")
    with pytest.raises(TutelaError, match="not valid N-Quads"):
        open_prepared(invalid, cache)
    assert stores(cache) == []


def test_a_repeated_quad_is_an_error(cache: Path, tmp_path: Path) -> None:
    repeated = write_release(tmp_path / "repeated", QUAD + QUAD)
    with pytest.raises(TutelaError, match=r"tutela\.nq: a quad is repeated"):
        open_prepared(repeated, cache)
    assert stores(cache) == []


def test_a_dataset_that_is_changed_after_the_release_was_opened_is_an_error(release: Release, cache: Path) -> None:
    release.nquads.write_text("<a:a> <a:b> <a:x> <a:g> .\n", encoding="utf-8")
    with pytest.raises(TutelaError, match=r"tutela\.nq: was changed after it was written"):
        open_prepared(release, cache)
    release.nquads.unlink()
    with pytest.raises(TutelaError, match=r"tutela\.nq: is missing"):
        open_prepared(release, cache)


def test_the_four_most_recently_used_stores_are_kept(cache: Path, tmp_path: Path) -> None:
    releases = [write_release(tmp_path / str(number), f"<a:a> <a:b> <a:{number}> .\n") for number in range(5)]
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
