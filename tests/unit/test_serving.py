"""One release for each request, and the switch to the next one."""

import asyncio
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.release_files import write_versioned_release
from tutela.engine.base import EngineHealth, QueryResponse, ReleaseInfo
from tutela.errors import TutelaError
from tutela.release import open_release
from tutela.release.snapshot import Snapshot
from tutela.release.watched_folder import WatchedFolder
from tutela.settings import ServerSettings, Settings
from tutela.web.app import create_app
from tutela.web.serving import ReleaseLoader

CHECK_S = 0.02
SOURCES = ("/download/tutela.nq", "/download/manifest.json", "/download/source/data/review/notes.csv", "/data/notes.csv",
           "/data/notes.csv-metadata.json", "/data/tables.json", "/shapes.ttl", "/health", "/sparql?query=ASK%7B%7D")  # fmt: skip


class VersionEngine:
    """An engine whose answer is the version of its release. It can be told to wait."""

    def __init__(self, files: Snapshot) -> None:
        self.files, self.is_stopped = files, False
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def start(self) -> None:
        """Fail if the version says so."""
        if self.files.version == "refused":
            raise TutelaError("The engine does not start.")
        if self.files.version == "faulty":
            raise KeyError("a fault of the program")

    async def stop(self) -> None:
        """Remember it."""
        self.is_stopped = True

    def health(self) -> EngineHealth:
        """Return the version."""
        return EngineHealth("", ReleaseInfo(self.files.version, "2026-01-01", 1))

    def forget_release(self) -> None:
        """Do nothing."""

    async def current_release(self) -> ReleaseInfo:
        """Return the version."""
        return ReleaseInfo(self.files.version, "2026-01-01", 1, self.files.digest)

    async def query(
        self, text: str, formats: Mapping[str, str], default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> QueryResponse:
        """Respond with the version, when it may."""
        await self.may_answer.wait()
        assert not self.is_stopped
        return QueryResponse("boolean", self.files.version.encode())


class Service:
    """An application over a folder, and the engines that it has started."""

    def __init__(self, folder: Path, check_s: float = CHECK_S) -> None:
        self.engines: list[VersionEngine] = []
        loader = ReleaseLoader(WatchedFolder(folder), self.create_engine)
        files = WatchedFolder(folder).open()
        settings = Settings(server=ServerSettings(reload_check_s=check_s))
        self.app = create_app(self.create_engine(files), files, settings, loader)
        self.client = TestClient(self.app)

    def create_engine(self, files: Snapshot) -> VersionEngine:
        """Return an engine, and remember it."""
        self.engines.append(VersionEngine(files))
        return self.engines[-1]

    @property
    def version(self) -> str:
        """Return the version that the service reports."""
        return str(self.client.get("/health").json()["version"])

    def reload(self) -> None:
        """Request a reload, as SIGHUP does."""
        self.app.state.serving.request_reload()

    def wait_for(self, version: str) -> None:
        """Wait until a version is served."""
        wait_until(lambda: self.version == version)


def wait_until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.01)


@contextmanager
def serving(folder: Path, check_s: float = CHECK_S) -> Iterator[Service]:
    service = Service(folder, check_s)
    with service.client:
        yield service


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_versioned_release(tmp_path / "release", "one")
    return tmp_path / "release"


def bodies(service: Service) -> dict[str, bytes]:
    found = {path: service.client.get(path) for path in SOURCES}
    assert {path: response.status_code for path, response in found.items() if response.status_code != 200} == {}
    return {path: response.content for path, response in found.items()}


def edit_in_place(folder: Path) -> None:
    for path in folder.rglob("*.*"):
        path.write_bytes(path.read_bytes().replace(b"one", b"two"))


def truncate_in_place(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            os.truncate(path, path.stat().st_size // 2)


def remove(folder: Path) -> None:
    shutil.rmtree(folder)


def make_unreadable(folder: Path) -> None:
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.unlink()
        path.mkdir()


@pytest.mark.parametrize("damage", [edit_in_place, truncate_in_place, remove, make_unreadable])
def test_what_happens_to_the_folder_changes_no_response(
    folder: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    with serving(folder) as service:
        before = bodies(service)
        assert all(b"one" in body for body in before.values())
        damage(folder)
        time.sleep(5 * CHECK_S)
        assert bodies(service) == before
        assert (
            service.client.get("/download/tutela.nq", headers={"range": "bytes=0-9"}).content
            == before["/download/tutela.nq"][:10]
        )
        assert service.client.head("/download/tutela.nq").headers["content-length"] == str(len(before["/download/tutela.nq"]))
    assert len(service.engines) == 1
    assert len([record for record in caplog.records if record.name == "tutela.web.serving"]) <= 1


def test_another_release_in_the_folder_is_served(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with serving(folder) as service:
        etag = service.client.get("/sparql?query=ASK%7B%7D").headers["etag"]
        write_versioned_release(folder, "two")
        service.wait_for("two")
        assert all(b"two" in body for body in bodies(service).values())
        assert service.client.get("/sparql?query=ASK%7B%7D", headers={"if-none-match": etag}).status_code == 200
        wait_until(lambda: service.engines[0].is_stopped)
    assert [record.message for record in caplog.records if record.name == "tutela.web.serving"] == [
        "Release two replaces release one."
    ]


def test_a_symbolic_link_can_be_switched(tmp_path: Path) -> None:
    write_versioned_release(tmp_path / "release-1", "one")
    write_versioned_release(tmp_path / "release-2", "two")
    current, new = tmp_path / "current", tmp_path / "new"
    current.symlink_to("release-1")
    with serving(current) as service:
        assert service.version == "one"
        new.symlink_to("release-2")
        new.replace(current)
        service.wait_for("two")


def test_the_same_version_with_other_content_is_another_release(folder: Path) -> None:
    """A new version of the program may build other files from the same inputs."""
    with serving(folder) as service:
        etag = service.client.get("/sparql?query=ASK%7B%7D").headers["etag"]
        write_versioned_release(folder, "one", lines=30)
        wait_until(lambda: len(service.engines) == 2)
        wait_until(lambda: service.client.get("/sparql?query=ASK%7B%7D").headers["etag"] != etag)
        assert service.client.get("/download/tutela.nq").text.count("\n") == 31


def test_a_broken_release_is_rejected_once_and_tried_again_when_it_changes(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def messages() -> list[str]:
        return [record.message for record in caplog.records if record.name == "tutela.web.serving"]

    with serving(folder) as service:
        new = write_versioned_release(folder.parent / "new", "two").folder
        complete = (new / "tutela.nq").read_bytes()
        (new / "tutela.nq").write_bytes(complete[:-5])
        folder.rename(folder.parent / "old")
        new.rename(folder)
        wait_until(lambda: bool(messages()))
        time.sleep(10 * CHECK_S)
        assert len(messages()) == 1
        assert "tutela.nq" in messages()[0]
        assert "release one stays the current one" in messages()[0]
        assert service.version == "one"
        (folder / "tutela.nq").write_bytes(complete)
        service.wait_for("two")
        for path in folder.rglob("*.*"):
            path.touch()
        time.sleep(10 * CHECK_S)
    assert len(service.engines) == 2


def test_a_release_that_is_replaced_while_it_is_read_is_not_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Another process may remove a folder and put the next release there, at any moment of a check."""
    replaced = threading.Event()
    read = WatchedFolder.open

    def read_between_removal_and_replacement(self: WatchedFolder) -> Snapshot:
        if not replaced.is_set():
            shutil.rmtree(folder)
            try:
                return read(self)
            finally:
                write_versioned_release(folder, "two")
                replaced.set()
        return read(self)

    with caplog.at_level(logging.INFO, "tutela.web.serving"), serving(folder) as service:
        monkeypatch.setattr(WatchedFolder, "open", read_between_removal_and_replacement)
        write_versioned_release(folder, "one", lines=30)
        service.wait_for("two")
    assert [record.message for record in caplog.records if record.name == "tutela.web.serving"] == [
        "Release two replaces release one."
    ]


@pytest.mark.parametrize("version", ["refused", "faulty"])
def test_a_release_that_the_engine_cannot_load_is_rejected(folder: Path, version: str, caplog: pytest.LogCaptureFixture) -> None:
    with serving(folder) as service:
        write_versioned_release(folder, version)
        wait_until(lambda: "was not loaded" in caplog.text)
        assert service.version == "one"
        assert [engine.is_stopped for engine in service.engines] == [False, True]
        write_versioned_release(folder, "three")
        service.wait_for("three")


def test_a_request_keeps_its_release_until_its_end(folder: Path) -> None:
    with serving(folder) as service:
        first = service.engines[0]
        assert service.client.portal is not None
        service.client.portal.call(first.may_answer.clear)
        responses: list[bytes] = []
        thread = threading.Thread(target=lambda: responses.append(service.client.get("/sparql?query=ASK%7B%7D").content))
        thread.start()
        wait_until(lambda: service.app.state.serving._served.users > 0)
        write_versioned_release(folder, "two")
        service.wait_for("two")
        time.sleep(5 * CHECK_S)
        assert not first.is_stopped
        service.client.portal.call(first.may_answer.set)
        thread.join()
        assert responses == [b"one"]
        wait_until(lambda: first.is_stopped)


def test_an_old_release_is_stopped_after_some_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutela.web.serving._STOP_AFTER_S", 0.1)
    with serving(folder) as service, service.app.state.serving.use():
        write_versioned_release(folder, "two")
        service.wait_for("two")
        wait_until(lambda: service.engines[0].is_stopped)


def test_no_request_fails_or_mixes_releases_while_releases_change(folder: Path) -> None:
    is_done = threading.Event()
    seen: set[str] = set()
    wrong: list[object] = []

    def ask(service: Service) -> None:
        while not is_done.is_set():
            answer = service.client.get("/sparql?query=ASK%7B%7D")
            dump = service.client.get("/download/tutela.nq")
            if {answer.status_code, dump.status_code} != {200} or dump.text.count(dump.text.split('"')[1]) != 21:
                wrong.append((answer, dump))
            seen.add(answer.text)

    with serving(folder) as service:
        threads = [threading.Thread(target=ask, args=(service,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(5):
            write_versioned_release(folder, f"v{number}")
            service.reload()
            service.wait_for(f"v{number}")
        is_done.set()
        for thread in threads:
            thread.join()
        wait_until(lambda: [engine.is_stopped for engine in service.engines] == [True] * 5 + [False])
    assert wrong == []
    assert len(seen) > 1


def test_reloads_on_request(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Several requests at once are one; one that changes nothing says so; a broken release is tried on each."""
    caplog.set_level(logging.INFO)

    def count(text: str) -> int:
        return sum(text in record.message for record in caplog.records)

    service = Service(folder, check_s=0)
    service.reload()  # before the application has started
    with service.client:
        wait_until(lambda: count("is the current one already") == 1)
        write_versioned_release(folder, "two")
        time.sleep(5 * CHECK_S)
        assert service.version == "one"
        for _ in range(50):
            service.reload()
        service.wait_for("two")
        wait_until(lambda: service.engines[0].is_stopped)
        assert len(service.engines) == 2
        for attempt in (1, 2):
            shutil.rmtree(folder, ignore_errors=True)
            service.reload()
            wait_until(lambda attempt=attempt: count("was not loaded") == attempt)  # type: ignore[misc]
        assert service.version == "two"
    service.reload()  # after it has stopped
    assert all(engine.is_stopped for engine in service.engines)


def test_a_snapshot_is_freed_with_its_last_reference(folder: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    snapshot = Snapshot.of(open_release(folder))
    assert len(os.listdir("/proc/self/fd")) == before + 6  # noqa: PTH208
    assert snapshot.tables == {"notes": "source/data/review/notes.csv"}
    del snapshot
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_file_that_changes_while_it_is_copied_is_an_error(folder: Path) -> None:
    opened = open_release(folder)
    for name in ("tutela.nq", "manifest.json", "SHA256SUMS", "source/data/review/notes.csv"):
        original = (folder / name).read_bytes()
        (folder / name).write_bytes(original.replace(b"o", b"0") + b" ")
        with pytest.raises(TutelaError, match=name):
            Snapshot.of(opened)
        (folder / name).unlink()
        with pytest.raises(TutelaError, match=name):
            Snapshot.of(opened)
        (folder / name).write_bytes(original)
    Snapshot.of(opened)
