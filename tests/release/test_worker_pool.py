"""The worker pool: runaway queries are stopped at their limits, and small queries are still answered."""

import asyncio
import dataclasses
import os
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tutela import release
from tutela.engine.worker_pool import WorkerPool
from tutela.errors import (
    IncompleteResponseError,
    LimitError,
    MemoryLimitError,
    OverloadedError,
    QueryTimeoutError,
    ResultTooLargeError,
    TutelaError,
)
from tutela.release import bundle
from tutela.settings import QuerySettings
from tutela.sparql.embedded import EmbeddedStore

FORMATS = {"solutions": "json", "boolean": "json", "graph": "turtle"}
SMALL = "SELECT * WHERE { ?s a ?t } LIMIT 3"
CARTESIAN = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SORT = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f } ORDER BY ?a ?d ?f"
PATH = "SELECT (COUNT(*) AS ?n) WHERE { ?a (!<x:y>)* ?c }"
FLOOD = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }"


def run(built: release.Release, settings: QuerySettings, work: Callable[[WorkerPool], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        pool = WorkerPool(built, settings)
        await pool.start()
        try:
            return await work(pool)
        finally:
            await pool.stop()

    return asyncio.run(main())


_LIMIT_NAMES = {
    QueryTimeoutError: "time", MemoryLimitError: "memory", ResultTooLargeError: "size", OverloadedError: "busy",
}  # fmt: skip


def limit_name(error: BaseException) -> str:
    """Return the name of the limit that stopped a query; an incomplete response has it as its cause."""
    return _LIMIT_NAMES[type(error.__cause__ if isinstance(error, IncompleteResponseError) else error)]  # type: ignore[index]


async def outcome(pool: WorkerPool, query: str) -> str:
    """Run a query; return "ok" or the name of the limit that stopped it."""
    try:
        await (await pool.query(query, FORMATS)).read()
    except LimitError as error:
        return limit_name(error)
    return "ok"


@pytest.mark.parametrize("query", [CARTESIAN, PATH])
def test_a_query_is_stopped_at_its_timeout_and_its_worker_is_replaced(built: release.Release, query: str) -> None:
    async def work(pool: WorkerPool) -> tuple[str, float, list[int]]:
        start = time.monotonic()
        result = await outcome(pool, query)
        duration = time.monotonic() - start
        return result, duration, [worker.pid for worker in pool._workers]

    result, duration, workers = run(built, QuerySettings(timeout_s=1.0, fast_workers=2), work)
    assert result == "time"
    assert duration < 3
    assert len(workers) == 2


def test_memory_and_response_size_are_limited(built: release.Release) -> None:
    async def work(pool: WorkerPool) -> list[str]:
        return [await outcome(pool, SORT), await outcome(pool, FLOOD), await outcome(pool, SMALL)]

    memory, size, small = run(built, QuerySettings(timeout_s=60, memory_bytes=160 << 20, max_response_bytes=1 << 20), work)
    assert (memory, size, small) == ("memory", "size", "ok")


def test_small_queries_are_answered_during_runaway_queries(built: release.Release) -> None:
    async def work(pool: WorkerPool) -> tuple[list[str], list[float]]:
        runaways = [asyncio.create_task(outcome(pool, query)) for query in (CARTESIAN, PATH, CARTESIAN, CARTESIAN, SORT, PATH)]
        await asyncio.sleep(1)
        latencies = []
        for _ in range(50):
            start = time.monotonic()
            assert await outcome(pool, SMALL) == "ok"
            latencies.append(time.monotonic() - start)
        return [await task for task in runaways], latencies

    results, latencies = run(built, QuerySettings(timeout_s=4, slow_workers=3, queue_size=1), work)
    assert sorted(latencies)[25] < 0.5
    assert "busy" in results
    assert set(results) <= {"busy", "time", "memory"}


def test_a_long_query_waits_for_the_slow_lane_and_is_answered(built: release.Release) -> None:
    """Two runaway queries occupy the slow lane until their timeout; three long queries are answered after them."""
    met = "<https://w3id.org/tutela/ontology#met>"
    long = f"SELECT (COUNT(*) AS ?n) WHERE {{ ?a {met} ?v . ?b {met} ?w FILTER(STR(?a) < STR(?b)) }}"

    async def work(pool: WorkerPool) -> list[str]:
        runaways = [asyncio.create_task(outcome(pool, query)) for query in (CARTESIAN, PATH)]
        await asyncio.sleep(1)
        pool.limits = dataclasses.replace(pool.limits, timeout_s=60)
        longs = [asyncio.create_task(outcome(pool, f"#{number}\n{long}")) for number in range(3)]
        return [*[await task for task in runaways], *[await task for task in longs]]

    assert run(built, QuerySettings(timeout_s=3, slow_workers=2, queue_size=8), work) == ["time", "time", "ok", "ok", "ok"]


def test_a_query_that_spent_its_time_waiting_is_told_to_try_again(built: release.Release) -> None:
    async def work(pool: WorkerPool) -> list[str]:
        first = asyncio.create_task(outcome(pool, CARTESIAN))
        await asyncio.sleep(0.4)  # its timeout leaves the second query 0.4 s of the slow lane
        return [await outcome(pool, f"#\n{CARTESIAN}"), await first]

    assert run(built, QuerySettings(timeout_s=5, slow_workers=1, queue_size=2), work) == ["busy", "time"]


def test_cancelling_a_query_replaces_its_worker(built: release.Release) -> None:
    async def work(pool: WorkerPool) -> set[int]:
        task = asyncio.create_task(pool.query(CARTESIAN, FORMATS))
        await asyncio.sleep(0.6)
        before = {worker.pid for worker in pool._workers}
        task.cancel()
        await asyncio.sleep(0.6)
        assert await outcome(pool, SMALL) == "ok"
        return before - {worker.pid for worker in pool._workers}

    replaced = run(built, QuerySettings(timeout_s=30, fast_workers=2), work)
    assert len(replaced) == 1


def test_no_process_is_left_after_stop(built: release.Release) -> None:
    async def work(pool: WorkerPool) -> list[int]:
        return [worker.pid for worker in pool._workers]

    for pid in run(built, QuerySettings(fast_workers=2), work):
        for _ in range(50):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.05)
        else:
            pytest.fail(f"process {pid} is still there")


def test_a_release_that_cannot_be_loaded_is_an_error(
    built: release.Release, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async def start() -> None:
        (tmp_path / bundle.NQUADS).write_text("not quads", encoding="utf-8")
        pool = WorkerPool(release.Release(tmp_path, built.manifest))
        try:
            await pool.start()
        finally:
            await pool.stop()

    with pytest.raises(TutelaError, match="The release cannot be loaded: the fork server has exited with status 1"):
        asyncio.run(start())


def test_a_large_response_is_streamed_completely(built: release.Release) -> None:
    query = "SELECT * WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o"

    async def work(pool: WorkerPool) -> tuple[int, bytes]:
        response = await pool.query(query, {"solutions": "tsv"})
        assert response.rest is not None
        chunks = [chunk async for chunk in response.rest]
        return len(chunks), response.body + b"".join(chunks)

    chunks, body = run(built, QuerySettings(), work)
    assert chunks > 5
    assert body == EmbeddedStore.open(built.nquads).query(query).serialize("tsv")


def test_an_incomplete_response_is_an_error(built: release.Release) -> None:
    async def work(pool: WorkerPool) -> str:
        response = await pool.query(FLOOD, FORMATS)
        assert (response.rest is None) is False
        with pytest.raises(LimitError) as caught:
            await response.read()
        assert await outcome(pool, SMALL) == "ok"
        return limit_name(caught.value)

    assert run(built, QuerySettings(max_response_bytes=4 << 20), work) == "size"
    assert run(built, QuerySettings(timeout_s=1.5, max_response_bytes=1 << 40, memory_bytes=1 << 40), work) == "time"


def test_closing_a_response_replaces_its_worker(built: release.Release) -> None:
    async def work(pool: WorkerPool) -> bool:
        response = await pool.query(FLOOD, FORMATS)
        assert response.rest is not None
        before = {worker.pid for worker in pool._workers}
        await anext(response.rest)
        await response.rest.aclose()  # type: ignore[attr-defined]
        await asyncio.sleep(1)
        return bool(before - {worker.pid for worker in pool._workers})

    assert run(built, QuerySettings(max_response_bytes=1 << 40), work)


def test_the_memory_of_all_buffered_responses_is_limited(built: release.Release) -> None:
    async def work(pool: WorkerPool) -> tuple[str, int]:
        everything = "SELECT * WHERE { ?s ?p ?o } LIMIT 60000"
        first = await pool.query(everything, FORMATS)
        await asyncio.sleep(2)
        assert first.rest is not None
        second = await pool.query(f"#\n{everything}", FORMATS)
        await asyncio.sleep(2)
        with pytest.raises(LimitError) as caught:
            await second.read()
        size = len(await first.read())
        # Reading a response frees its buffer.
        assert len(await (await pool.query(f"##\n{everything}", FORMATS)).read()) == size
        await asyncio.sleep(0.3)
        return limit_name(caught.value), len(pool._workers)

    assert run(built, QuerySettings(max_buffered_bytes=16 << 20, fast_workers=2), work) == ("busy", 2)


def test_waiting_for_a_service_endpoint_does_not_block_other_queries(built: release.Release) -> None:
    """The endpoint accepts connections and never responds."""

    async def work(url: str) -> float:
        pool = WorkerPool(built, QuerySettings(timeout_s=6, fast_workers=2), services=[url])
        await pool.start()
        try:
            query = f"SELECT * WHERE {{ SERVICE <{url}> {{ ?s ?p ?o }} }}"
            waiting = [asyncio.create_task(outcome(pool, f"#{number}\n{query}")) for number in range(3)]
            start = time.monotonic()
            assert await outcome(pool, SMALL) == "ok"
            duration = time.monotonic() - start
            assert await asyncio.gather(*waiting) == ["time"] * 3
            return duration
        finally:
            await pool.stop()

    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert asyncio.run(work(f"http://127.0.0.1:{silent.getsockname()[1]}/sparql")) < 4
