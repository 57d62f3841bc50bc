"""A release is replaced completely or not at all, and nothing else is ever removed."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.release_files import QUAD, write_release, write_versioned_release
from tutela import paths
from tutela.errors import TutelaError, UsageError
from tutela.release import bundle, is_release, open_release, workspace


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("swap", ["exchange", "rename"])
@pytest.mark.parametrize("interruption", ["kill", "fail"])
def test_an_interrupted_write_leaves_a_complete_release(tmp_path: Path, interruption: str, swap: str) -> None:
    command = [sys.executable, "-m", "tests.interrupted_writes", str(tmp_path / "release"), interruption, swap]
    done = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 20


def test_a_link_to_a_release_stays_a_link(tmp_path: Path) -> None:
    write_release(tmp_path / "one")
    (tmp_path / "current").symlink_to("one")
    for out in ("current", "current/"):
        assert write_release(Path(f"{tmp_path}/{out}"), version=f"v{len(out)}").folder == tmp_path / "current"
    assert (tmp_path / "current").readlink() == Path("one")
    assert open_release(tmp_path / "one").version == "v8"
    assert names(tmp_path) == ["current", "one"]


def test_a_link_to_nothing_is_followed(tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("releases/one")
    assert write_release(tmp_path / "current").version == "0"
    assert (tmp_path / "current").is_symlink()
    assert open_release(tmp_path / "releases" / "one").version == "0"


def test_a_link_to_itself_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("current")
    for use in (write_release, open_release):
        with pytest.raises(UsageError, match="current: the symbolic link refers to itself"):
            use(tmp_path / "current")


def test_a_link_to_someone_elses_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "current").symlink_to("mine")
    with pytest.raises(UsageError, match=r"something other than a release: thesis\.txt"):
        write_release(tmp_path / "current")
    assert names(tmp_path / "mine") == ["thesis.txt"]


@pytest.mark.parametrize(
    "name",
    ["notes.txt", ".git/config", "source/notes.txt", "source/data/review/notes.xlsx", "source/data/notes.csv", "source/queries/x.rq",
     "source/data/review/.notes.csv.swp", "tutela.nq.orig", "deep/er/tutela.nq"],
)  # fmt: skip
@pytest.mark.parametrize("damaged", [False, True])
def test_files_of_someone_else_in_a_release_are_kept(tmp_path: Path, name: str, damaged: bool) -> None:
    folder = write_release(tmp_path / "release").folder
    if damaged:
        (folder / bundle.CHECKSUMS).write_text("", encoding="utf-8")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=f"contains something other than a release: {name}"):
        write_release(folder, version="new")
    assert (folder / name).read_text(encoding="utf-8") == "mine"
    assert names(tmp_path) == ["release"]


def test_some_files_of_someone_else_are_named(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=r"0\.txt, 1\.txt, 2\.txt and more\. Move it away, or name an empty or new folder"):
        write_release(tmp_path)
    assert len(names(tmp_path)) == 5


@pytest.mark.parametrize("name", [bundle.MANIFEST, bundle.CHECKSUMS, "shapes.ttl"])
def test_a_file_with_a_common_name_does_not_make_a_release(tmp_path: Path, name: str) -> None:
    """A web application has a manifest.json too, and SHA256SUMS lists the downloads of many projects."""
    (tmp_path / "image.iso").write_text("mine", encoding="utf-8")
    (tmp_path / name).write_text(f"{'0' * 64}  image.iso\n", encoding="utf-8")
    with pytest.raises(UsageError, match="contains something other than a release"):
        write_release(tmp_path)
    (tmp_path / "image.iso").unlink()
    with pytest.raises(UsageError, match="contains something other than a release"):
        write_release(tmp_path)


def test_a_linked_folder_in_a_release_is_kept(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "release").folder
    (tmp_path / "mine").mkdir()
    (folder / "source").symlink_to(tmp_path / "mine")
    with pytest.raises(UsageError, match="contains something other than a release: source"):
        write_release(folder)


@pytest.mark.parametrize("name", [bundle.MANIFEST, bundle.CHECKSUMS, bundle.NQUADS])
@pytest.mark.parametrize("content", [None, b"", b"\xff"])
def test_a_damaged_release_can_be_replaced(tmp_path: Path, name: str, content: bytes | None) -> None:
    folder = write_release(tmp_path / "release").folder
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    assert write_release(folder, version="new") == open_release(folder)


def test_a_file_in_the_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "release").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="release is not a folder"):
        write_release(tmp_path / "release")
    with pytest.raises(UsageError, match="cannot be written"):
        write_release(tmp_path / "release" / "below")


def test_a_link_in_the_place_of_the_workspace_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine", encoding="utf-8")
    (tmp_path / ".release.build").symlink_to("mine")
    with pytest.raises(UsageError, match=r"cannot be written \(a symbolic link is in the place"):
        write_release(tmp_path / "release")
    assert names(tmp_path / "mine") == ["thesis.txt"]


def test_files_of_someone_else_in_the_place_of_the_workspace_are_kept(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "release").folder
    (tmp_path / ".release.build").mkdir()
    (tmp_path / ".release.build" / "thesis.txt").write_text("mine", encoding="utf-8")
    assert open_release(folder).version == "0"
    with pytest.raises(UsageError, match=r"\.release\.build is needed for a build and contains something else: thesis\.txt"):
        write_release(folder, version="new")
    assert open_release(folder).version == "0"
    assert names(tmp_path / ".release.build") == ["thesis.txt"]


def test_the_root_folder_cannot_be_a_release() -> None:
    with pytest.raises(UsageError, match="/ cannot be the folder of a release"):
        workspace.workspace_of(Path("/"))


@pytest.mark.parametrize("is_damaged", [False, True])
def test_an_input_that_no_build_wrote_is_kept(tmp_path: Path, is_damaged: bool) -> None:
    """In a damaged release it cannot be told from one that a build wrote."""
    folder = write_versioned_release(tmp_path / "release", "v0").folder
    mine = folder / "source" / "data" / "review" / "mine.csv"
    mine.write_text("id\n1\n", encoding="utf-8")
    if is_damaged:
        (folder / bundle.CHECKSUMS).write_text("", encoding="utf-8")
        assert write_versioned_release(folder, "v1").version == "v1"
        return
    with pytest.raises(UsageError, match=r"contains something other than a release: source/data/review/mine\.csv"):
        write_versioned_release(folder, "v1")
    assert mine.read_text(encoding="utf-8") == "id\n1\n"


def test_a_second_build_into_the_same_folder_is_refused_at_once(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "release").folder
    (tmp_path / "link").symlink_to("release")
    with bundle.building(folder) as place:
        (place / "new").mkdir()
        for out in (folder, tmp_path / "link"):
            start = time.monotonic()
            with pytest.raises(UsageError, match="another build of this release is running"):
                write_release(out, version="second")
            assert time.monotonic() - start < 2
        assert open_release(folder).version == "0"
        assert (place / "new").is_dir()  # opening a release removes nothing of a build that runs
        write_release(tmp_path / "other")
    assert write_release(folder, version="second").version == "second"
    assert names(tmp_path) == ["link", "other", "release"]


def test_of_builds_at_the_same_time_at_least_one_succeeds(tmp_path: Path) -> None:
    outcomes: list[str] = []

    def build(version: str) -> None:
        try:
            outcomes.append(write_release(tmp_path / "release", version=version).version)
        except UsageError as error:
            assert "another build" in str(error)

    threads = [threading.Thread(target=build, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert open_release(tmp_path / "release").version in outcomes
    assert names(tmp_path) == ["release"]


def test_a_build_that_was_killed_does_not_block_the_next(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "release").folder
    code = (
        "import sys, time, pathlib; from tutela.release import bundle\n"
        "with bundle.building(pathlib.Path(sys.argv[1])) as place:\n"
        "    (place / 'new').mkdir(); print('ready', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, folder], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        with pytest.raises(UsageError, match="another build"):
            write_release(folder)
        os.kill(process.pid, signal.SIGKILL)
    assert names(tmp_path) == [".release.build", "release"]
    assert open_release(folder).version == "0"
    assert names(tmp_path) == ["release"]


def test_the_last_release_is_restored_if_a_build_was_killed_between_its_two_renames(tmp_path: Path) -> None:
    for use in (is_release, open_release, write_release):
        folder = write_release(tmp_path / "release").folder
        (tmp_path / ".release.build").mkdir()
        folder.rename(tmp_path / ".release.build" / "old")
        if use is open_release:
            folder.mkdir()  # by a script that creates missing folders
        use(folder)
        assert open_release(folder).version == "0"
        assert names(tmp_path) == ["release"]


def test_the_last_release_is_kept_if_it_cannot_be_restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_release(tmp_path / "release").folder
    (tmp_path / ".release.build").mkdir()
    folder.rename(tmp_path / ".release.build" / "old")

    def fail(self: Path, target: Path) -> Path:
        raise OSError("read-only")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fail)
        with pytest.raises(TutelaError, match="no release here"):
            open_release(folder)
    assert open_release(folder).version == "0"


def test_a_file_that_appears_during_a_build_is_kept(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "release").folder
    with pytest.raises(UsageError, match=r"notes\.txt"), bundle.building(folder) as place:
        (folder / "notes.txt").write_text("mine", encoding="utf-8")
        bundle.write_from(place, folder, {bundle.NQUADS: QUAD.encode()}, {"version": "new", "issued": "", "quads": 1})
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_full_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_release(tmp_path / "release").folder

    def fail(path: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundle, "replace_folder", fail)
    with pytest.raises(UsageError, match=r"cannot be written \(No space left on device\)\. The last release is unchanged"):
        write_release(folder, version="new")
    assert open_release(folder).version == "0"
    assert names(tmp_path) == ["release"]


def test_folders_are_exchanged_at_once(tmp_path: Path) -> None:
    if not workspace._exchange(write_release(tmp_path / "one").folder, write_release(tmp_path / "two", version="2").folder):
        pytest.skip("this system cannot exchange folders")
    assert (open_release(tmp_path / "one").version, open_release(tmp_path / "two").version) == ("2", "0")
