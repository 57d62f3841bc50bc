"""A release is opened only if every file is as it was written; otherwise the message names the file."""

import errno
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.release_files import QUAD, write_release
from tutela.cli import app
from tutela.errors import TutelaError
from tutela.release import Release, is_release, open_release
from tutela.release.bundle import CHECKSUMS, MANIFEST, NQUADS, diff
from tutela.release.publish import Target, publish


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return write_release(tmp_path / "release", QUAD + "<a:a> <a:b> <a:d> <a:g> .\n", other="data")


def reseal(folder: Path, manifest: Any = None) -> None:
    """Write checksums that fit the files, as if someone had wanted to hide a change."""
    if manifest is not None:
        (folder / MANIFEST).write_text(manifest if isinstance(manifest, str) else json.dumps(manifest), encoding="utf-8")
    names = sorted(path.name for path in folder.iterdir() if path.name != CHECKSUMS)
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / CHECKSUMS).write_text("".join(sums), encoding="utf-8")


def replace(path: Path, content: bytes | None) -> None:
    """Replace a file: None for nothing."""
    path.unlink()
    if content is not None:
        path.write_bytes(content)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def edited(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"a", b"b", 1))


def lengthened(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def removed(path: Path) -> None:
    path.unlink()


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def made_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def made_a_broken_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


@pytest.mark.parametrize("name", [NQUADS, MANIFEST, CHECKSUMS, "other.txt"])
@pytest.mark.parametrize(
    "damage", [truncated, emptied, edited, lengthened, removed, made_a_folder, made_a_pipe, made_a_broken_link]
)
def test_a_damaged_file_is_named(release: Release, name: str, damage: Callable[[Path], None]) -> None:
    damage(release.folder / name)
    assert is_release(release.folder)
    with pytest.raises(TutelaError, match=name) as caught:
        open_release(release.folder)
    assert "Run `tutela build` again" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [NQUADS, MANIFEST, CHECKSUMS])
def test_an_unreadable_file_is_named(release: Release, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str | Path, flags: int) -> int:
        if Path(path).name == name:
            raise PermissionError(errno.EACCES, "Permission denied")
        return system_open(path, flags)

    system_open = os.open
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(TutelaError, match=rf"release/{name}: cannot be read \(Permission denied\)"):
        open_release(release.folder)


def test_all_damaged_files_are_named(release: Release) -> None:
    removed(release.nquads)
    edited(release.folder / "other.txt")
    with pytest.raises(TutelaError, match=r"other\.txt: was changed .*; .*tutela\.nq: is missing"):
        open_release(release.folder)


INVALID_VALUES: list[tuple[str, Any]] = [
    ("version", None), ("version", 1), ("version", ""), ("version", "a/b"), ("version", "a b"), ("version", "../x"), ("version", "a>"),
    ("version", "\n"), ("version", ["0"]),
    ("quads", None), ("quads", "2"), ("quads", 2.0), ("quads", -1), ("quads", True), ("quads", [2]), ("quads", 1), ("quads", 3),
    ("issued", None), ("issued", 2026), ("title", ["x"]), ("triples", "x"),
    ("files", None), ("files", []), ("files", "x"), ("files", {}), ("files", {NQUADS: None}), ("files", {NQUADS: {}}),
    ("files", {NQUADS: {"bytes": "1", "sha256": 1}}), ("rows", None), ("rows", []), ("rows", {"notes": "many"}),
]  # fmt: skip
NOT_MANIFESTS = [
    "", "{}", "[]", "null", "1", '"text"', "{", "[" * 10_000, '{"version": "0"}', '{"files": {}}', "\N{REPLACEMENT CHARACTER}",
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_MANIFESTS, ids=lambda text: text[:20])
@pytest.mark.parametrize("sealed", [False, True])
def test_what_is_not_a_manifest_is_an_error(release: Release, text: str, sealed: bool) -> None:
    (release.folder / MANIFEST).write_text(text, encoding="utf-8")
    if sealed:
        reseal(release.folder)
    with pytest.raises(TutelaError, match=rf"release/{MANIFEST}: "):
        open_release(release.folder)


def test_a_manifest_that_is_not_utf8_is_an_error(release: Release) -> None:
    (release.folder / MANIFEST).write_bytes(b"\xff\xfe{\0}\0")
    reseal(release.folder)
    with pytest.raises(TutelaError, match=r"manifest\.json: is not JSON"):
        open_release(release.folder)


@pytest.mark.parametrize(("key", "value"), INVALID_VALUES)
def test_a_value_of_the_wrong_type_in_a_manifest_is_an_error(release: Release, key: str, value: Any) -> None:
    reseal(release.folder, {**release.manifest, key: value})
    with pytest.raises(TutelaError, match=rf"{MANIFEST}|{NQUADS}"):
        open_release(release.folder)


@pytest.mark.parametrize("key", ["version", "quads", "issued", "files"])
def test_a_missing_key_in_a_manifest_is_an_error(release: Release, key: str) -> None:
    reseal(release.folder, {name: value for name, value in release.manifest.items() if name != key})
    with pytest.raises(TutelaError, match=rf"manifest\.json: has no '{key}'"):
        open_release(release.folder)


def test_manifest_and_checksums_that_contradict_each_other_are_an_error(release: Release) -> None:
    edited(release.folder / "other.txt")
    reseal(release.folder)
    with pytest.raises(TutelaError, match=r"SHA256SUMS: has another SHA-256 of other\.txt"):
        open_release(release.folder)


def test_a_dataset_with_fewer_quads_than_the_manifest_says_is_an_error(release: Release) -> None:
    release.nquads.write_text(QUAD, encoding="utf-8")
    entry = {"bytes": len(QUAD), "sha256": hashlib.sha256(QUAD.encode()).hexdigest()}
    reseal(release.folder, {**release.manifest, "files": {**release.manifest["files"], NQUADS: entry}})
    with pytest.raises(TutelaError, match=r"tutela\.nq: has 1 quads; manifest\.json says 2"):
        open_release(release.folder)


def test_a_file_that_only_one_of_manifest_and_checksums_lists_is_an_error(release: Release) -> None:
    lines = (release.folder / CHECKSUMS).read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "other.txt" not in line]
    (release.folder / CHECKSUMS).write_text("".join(kept), encoding="utf-8")
    with pytest.raises(TutelaError, match=r"other\.txt is listed in manifest\.json and not in SHA256SUMS"):
        open_release(release.folder)
    (release.folder / "more.txt").write_text("more", encoding="utf-8")
    reseal(release.folder)
    with pytest.raises(TutelaError, match=r"more\.txt is listed in SHA256SUMS and not in manifest\.json"):
        open_release(release.folder)


@pytest.mark.parametrize(
    "line",
    [
        f"{'0' * 64}  ../x", f"{'0' * 64}  /etc/passwd", f"{'0' * 64}  a/../b", f"{'0' * 64}  ./tutela.nq", f"{'0' * 64}  a//b",
        f"{'0' * 64}  ", f"{'0' * 64} tutela.nq", f"{'0' * 63}  x", f"{'G' * 64}  x", "text", "", f"{'0' * 64}  {NQUADS}",
        f"{'0' * 64}  x\r", f"{'0' * 64}  x\0", f"{'0' * 64}  a\\b", f"{'0' * 64} *x",
    ],
)  # fmt: skip
def test_a_malformed_line_in_the_checksums_is_an_error(release: Release, line: str) -> None:
    with (release.folder / CHECKSUMS).open("a", encoding="utf-8", newline="") as file:
        file.write(f"{line}\n")
    with pytest.raises(TutelaError, match=r"SHA256SUMS: line 4 is not a SHA-256, two spaces and a new file name"):
        open_release(release.folder)


def test_checksums_that_are_not_utf8_are_an_error(release: Release) -> None:
    (release.folder / CHECKSUMS).write_bytes(b"\xff\n")
    with pytest.raises(TutelaError, match="SHA256SUMS: is not UTF-8"):
        open_release(release.folder)


def test_checksums_without_the_manifest_are_an_error(release: Release) -> None:
    lines = (release.folder / CHECKSUMS).read_text(encoding="utf-8").splitlines(keepends=True)
    (release.folder / CHECKSUMS).write_text("".join(line for line in lines if MANIFEST not in line), encoding="utf-8")
    with pytest.raises(TutelaError, match=r"SHA256SUMS: does not list manifest\.json"):
        open_release(release.folder)


@pytest.mark.parametrize("name", ["nowhere", "file", "n" * 250, "n" * 250 + "/below", "/"])
def test_a_folder_without_a_release_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(TutelaError, match="no release here; run `tutela build`"):
        open_release(tmp_path / name)


def test_a_damaged_release_is_neither_compared_nor_published(release: Release, tmp_path: Path) -> None:
    other = write_release(tmp_path / "other")
    assert [sign for sign, _ in diff(release, other)] == ["-"]
    release.nquads.write_text(QUAD, encoding="utf-8")
    with pytest.raises(TutelaError, match=r"tutela\.nq: was changed after it was written"):
        list(diff(release, other))
    target = Target("http://localhost:1/query", "http://localhost:1/update")  # would refuse the connection
    with pytest.raises(TutelaError, match=r"tutela\.nq: was changed after it was written"):
        publish(release, target)


@pytest.mark.parametrize(
    "command",
    [
        ["query", "criteria", "--release"],
        ["serve", "--port", "0", "--release"],
        ["mcp", "--release"],
        ["publish", "--endpoint", "http://localhost:1/query", "--release"],
        ["validate", "mine.ttl", "--release"],
        ["serve", "--endpoint", "http://localhost:1/query", "--release"],
    ],
    ids=" ".join,
)
def test_no_command_uses_a_damaged_release(release: Release, command: list[str]) -> None:
    truncated(release.nquads)
    with pytest.raises(TutelaError, match=r"tutela\.nq: has \d+ bytes instead of \d+") as caught:
        app([*command, str(release.folder)], standalone_mode=False)
    assert caught.value.exit_status == 1


def test_a_damaged_release_is_not_compared_by_the_command(release: Release, tmp_path: Path) -> None:
    other = write_release(tmp_path / "other")
    truncated(release.nquads)
    for pair in ((release, other), (other, release)):
        with pytest.raises(TutelaError, match=r"tutela\.nq: has \d+ bytes instead of \d+"):
            app(["diff", *(str(one.folder) for one in pair)], standalone_mode=False)


def test_only_a_line_feed_ends_a_statement(tmp_path: Path) -> None:
    quads = '<a:a> <a:b> "one\N{LINE SEPARATOR}two\x85three" <a:g> .\n'
    first, second = write_release(tmp_path / "first", quads), write_release(tmp_path / "second", QUAD)
    assert sorted(diff(first, second)) == [("+", QUAD.strip()), ("-", quads.removesuffix("\n"))]
