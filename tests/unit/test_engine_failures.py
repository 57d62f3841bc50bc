"""Engines whose processes are killed or stopped, and remote engines that hang: nothing waits for them for long."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.release_files import MARKER, write_versioned_release
from tutela.engine import BlockingStore, fork_server_process
from tutela.engine.one_release import one_release
from tutela.engine.remote import RemoteEngine
from tutela.engine.worker_pool import WorkerPool
from tutela.errors import EngineUnavailableError, LimitError
from tutela.release import Release
from tutela.release.snapshot import Snapshot
from tutela.settings import EndpointSettings, QuerySettings
from tutela.sparql import EmbeddedStore, QueryResult
from tutela.sparql.remote import RemoteStore
from tutela.web.app import create_app

FORMATS = {"solutions": "csv"}
RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
LIMITS = QuerySettings(timeout_s=5, fast_workers=2)


@pytest.fixture
def small(tmp_path: Path) -> Release:
    return write_versioned_release(tmp_path / "release", "small", lines=200)


def run(release: Release | Snapshot, work: Callable[[WorkerPool], Awaitable[None]], limits: QuerySettings = LIMITS) -> None:
    async def main() -> None:
        pool = WorkerPool(release, limits)
        await pool.start()
        try:
            await work(pool)
        finally:
            await pool.stop()

    asyncio.run(main())


def fork_server_pid(pool: WorkerPool) -> int:
    process = pool._fork_server._process
    assert process is not None
    return process._popen.pid


async def answer(pool: WorkerPool) -> str:
    return (await (await pool.query(MARKER, FORMATS)).read()).decode().split()[1]


async def until_ready(pool: WorkerPool, *, is_ready: bool = True) -> None:
    async with asyncio.timeout(10):
        while bool(pool.health().error) is is_ready:
            await asyncio.sleep(0.01)


def test_a_killed_fork_server_is_started_again_from_the_same_files(small: Release, caplog: pytest.LogCaptureFixture) -> None:
    snapshot = Snapshot.of(small)

    async def work(pool: WorkerPool) -> None:
        running = asyncio.create_task(pool.query(RUNAWAY, FORMATS))
        await asyncio.sleep(0.4)  # it is in the slow lane now, and another worker was forked
        (small.folder / "tutela.nq").write_text("damaged", encoding="utf-8")
        killed = fork_server_pid(pool)
        os.kill(killed, signal.SIGKILL)
        await until_ready(pool, is_ready=False)
        assert "fork server" in pool.health().error
        assert await answer(pool) == "small"  # by a worker that still runs
        await until_ready(pool)
        assert fork_server_pid(pool) != killed
        assert not running.done()
        for worker in list(pool._workers):  # all new workers are from the new fork server
            os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(LimitError):
            await running
        assert [await answer(pool) for _ in range(4)] == ["small"] * 4
        with pytest.raises(ChildProcessError):
            os.waitpid(killed, os.WNOHANG)  # it is no zombie

    run(snapshot, work)
    assert [record.message for record in caplog.records] == ["The fork server was killed by SIGKILL; starting it again."]


def test_everything_killed_at_once_is_started_again(small: Release) -> None:
    async def work(pool: WorkerPool) -> None:
        for _ in range(2):
            for pid in [fork_server_pid(pool), *(worker.pid for worker in pool._workers)]:
                os.kill(pid, signal.SIGKILL)
            assert await asyncio.gather(*(answer(pool) for _ in range(10))) == ["small"] * 10
            await until_ready(pool)
        assert len(pool._workers) == 2

    run(small, work, QuerySettings(timeout_s=30, fast_workers=2))


def test_idle_workers_that_are_killed_are_replaced_before_a_query_needs_them(small: Release) -> None:
    async def work(pool: WorkerPool) -> None:
        killed = {worker.pid for worker in pool._workers}
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(10):
            while len({worker.pid for worker in pool._workers} - killed) < 2 or pool.health().error:
                await asyncio.sleep(0.01)
        assert len(pool._workers) == 2
        assert await answer(pool) == "small"

    run(small, work)


def test_a_stopped_fork_server_is_replaced(small: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork_server_process, "_FORK_TIMEOUT_S", 0.2)

    async def work(pool: WorkerPool) -> None:
        os.kill(fork_server_pid(pool), signal.SIGSTOP)
        for worker in list(pool._workers):
            os.kill(worker.pid, signal.SIGKILL)
        assert await answer(pool) == "small"

    run(small, work)


def test_queries_do_not_wait_for_ever_without_workers(small: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """The release cannot be loaded again, so the fork server exits whenever it is started."""

    async def work(pool: WorkerPool) -> None:
        (small.folder / "tutela.nq").write_text("damaged", encoding="utf-8")
        for pid in [fork_server_pid(pool), *(worker.pid for worker in pool._workers)]:
            os.kill(pid, signal.SIGKILL)
        start = time.monotonic()
        with pytest.raises(EngineUnavailableError) as caught:
            await answer(pool)
        assert time.monotonic() - start < 3
        assert (caught.value.http_status, caught.value.retry_after_s) == (503, 5)
        assert pool.health().release is None

    run(small, work, QuerySettings(timeout_s=0.5, fast_workers=2))


def test_queries_fail_when_their_pool_is_stopped(small: Release) -> None:
    async def work(pool: WorkerPool) -> None:
        tasks = [asyncio.create_task(pool.query(RUNAWAY, FORMATS)) for _ in range(3)]
        await asyncio.sleep(0.4)
        await pool.stop()
        for task in tasks:
            with pytest.raises(EngineUnavailableError):
                await task
        for worker in pool._workers:
            pytest.fail(f"worker {worker.pid} was not discarded")

    run(small, work)


@pytest.fixture
def silent() -> Iterator[str]:
    """Return the URL of an engine that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/query"


def get_quickly(client: TestClient, path: str) -> Any:
    start = time.monotonic()
    response = client.get(path)
    assert time.monotonic() - start < 0.5, path  # a few milliseconds, unless the machine is busy
    return response


def test_health_is_answered_at_once_while_the_remote_engine_hangs(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutela.engine.remote._START_TIMEOUT_S", 0.05)
    limits = QuerySettings(timeout_s=2, fast_workers=1, slow_workers=1)
    engine = RemoteEngine(RemoteStore(silent, timeout_s=2), limits, EndpointSettings(check_timeout_s=1))
    with TestClient(create_app(engine, None)) as client:
        for path in ("/health", "/health/ready"):
            response = get_quickly(client, path)
            assert (response.status_code, response.headers["retry-after"]) == (503, "5")
            assert response.json()["status"] == "The engine has not responded yet."
        assert get_quickly(client, "/health/live").json() == {"status": "ok"}
        deadline = time.monotonic() + 5
        while "did not respond within 1 seconds" not in get_quickly(client, "/health").json()["status"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert get_quickly(client, "/health").json()["age_s"] < 2
        assert get_quickly(client, "/health").headers["cache-control"] == "no-store"


def test_simultaneous_requests_share_one_reading_of_the_version(silent: str) -> None:
    """Otherwise they would occupy all threads of the engine, and wait for each other."""

    async def work() -> float:
        engine = RemoteEngine(RemoteStore(silent, timeout_s=0.5), QuerySettings(fast_workers=1, slow_workers=1, timeout_s=0.5))
        start = time.monotonic()
        results = await asyncio.gather(*(engine.current_release() for _ in range(50)), return_exceptions=True)
        assert {type(result).__name__ for result in results} == {"EngineTimeoutError"}
        await engine.stop()
        return time.monotonic() - start

    assert asyncio.run(work()) < 2


class SwitchingStore(RemoteStore):
    """A store whose engine records the version that a test sets, and answers with the version that is asked for."""

    current = "one"

    def read_version(self, timeout_s: float) -> str:
        """Return the current version."""
        return self.current

    @property
    def version(self) -> str:
        """Return the current version."""
        return self.current

    def query_release(
        self, version: str, text: str, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> QueryResult:
        """Return a release date and a number, which contains the version."""
        store = EmbeddedStore.of_quads([])
        return store.query(f'SELECT ("2026-01-01" AS ?issued) ({ {"one": 1, "two": 2}[version or self.version] } AS ?quads) {{}}')


def test_a_request_uses_one_release_of_a_remote_engine() -> None:
    store = SwitchingStore("http://127.0.0.1:9/")

    async def work() -> list[tuple[str, str]]:
        engine = RemoteEngine(store)
        blocking = BlockingStore(engine)
        blocking.use_running_loop()

        async def versions() -> tuple[str, str]:
            rows = await asyncio.to_thread(lambda: [*blocking.query("ASK {}").rows()])
            return await asyncio.to_thread(lambda: blocking.version), str(rows[0][1])

        found = []
        with one_release():
            found.append(await versions())
            store.current = "two"
            found.append(await asyncio.create_task(versions()))
        found.append(await versions())
        await engine.stop()
        return found

    assert asyncio.run(work()) == [("one", "1"), ("one", "1"), ("two", "2")]
