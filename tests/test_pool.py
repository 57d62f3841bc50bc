"""The pool: runaway queries are stopped at their limits, and small ones go on being answered."""

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
from tutela.engine import LimitError, Limits
from tutela.errors import TutelaError
from tutela.pool import Pool
from tutela.store import EmbeddedStore

FORMS = {"solutions": "json", "boolean": "json", "graph": "turtle"}
SMALL = "SELECT * WHERE { ?s a ?t } LIMIT 3"
CARTESIAN = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SORT = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f } ORDER BY ?a ?d ?f"
PATH = "SELECT (COUNT(*) AS ?n) WHERE { ?a (!<x:y>)* ?c }"
FLOOD = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }"


def run(built: release.Release, limits: Limits, work: Callable[[Pool], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        pool = Pool(built, limits)
        await pool.start()
        try:
            return await work(pool)
        finally:
            await pool.stop()

    return asyncio.run(whole())


async def reason(pool: Pool, query: str) -> str:
    try:
        reply = await pool.answer(query, FORMS)
        await reply.whole()
        return reply.status
    except LimitError as error:
        return error.reason


@pytest.mark.parametrize("query", [CARTESIAN, PATH])
def test_a_query_is_stopped_at_its_deadline_and_its_processor_is_free(built: release.Release, query: str) -> None:
    async def work(pool: Pool) -> tuple[str, float, list[int]]:
        begun = time.monotonic()
        why = await reason(pool, query)
        took = time.monotonic() - begun
        return why, took, [worker.pid for worker in pool._all]

    why, took, workers = run(built, Limits(seconds=1.0, fast=2), work)
    assert why == "time"
    assert took < 3
    assert len(workers) == 2


def test_memory_and_the_size_of_answers_are_bounded(built: release.Release) -> None:
    async def work(pool: Pool) -> list[str]:
        return [await reason(pool, SORT), await reason(pool, FLOOD), await reason(pool, SMALL)]

    memory, size, small = run(built, Limits(seconds=60, memory=64 << 20, answer=1 << 20), work)
    assert (memory, size, small) == ("memory", "size", "ok")


def test_small_queries_are_answered_while_others_run_away(built: release.Release) -> None:
    async def work(pool: Pool) -> tuple[list[str], list[float]]:
        runaways = [asyncio.create_task(reason(pool, query)) for query in (CARTESIAN, PATH, CARTESIAN, CARTESIAN, SORT, PATH)]
        await asyncio.sleep(1)
        times = []
        for _ in range(50):
            begun = time.monotonic()
            assert (await pool.answer(SMALL, FORMS)).status == "ok"
            times.append(time.monotonic() - begun)
        return [await task for task in runaways], times

    whys, times = run(built, Limits(seconds=4, slow=3, waiting=1), work)
    assert sorted(times)[25] < 0.5
    assert "busy" in whys
    assert set(whys) <= {"busy", "time", "memory"}


def test_a_long_query_waits_for_a_place_and_is_answered(built: release.Release) -> None:
    """Two runaways take the slow lane for two seconds; what is merely long is answered after them."""
    met = "<https://w3id.org/tutela/ontology#met>"
    long = f"SELECT (COUNT(*) AS ?n) WHERE {{ ?a {met} ?v . ?b {met} ?w FILTER(STR(?a) < STR(?b)) }}"

    async def work(pool: Pool) -> list[str]:
        runaways = [asyncio.create_task(reason(pool, query)) for query in (CARTESIAN, PATH)]
        await asyncio.sleep(1)
        pool.limits = dataclasses.replace(pool.limits, seconds=60)
        longs = [asyncio.create_task(reason(pool, f"#{number}\n{long}")) for number in range(3)]
        return [*[await task for task in runaways], *[await task for task in longs]]

    assert run(built, Limits(seconds=3, slow=2, waiting=8), work) == ["time", "time", "ok", "ok", "ok"]


def test_a_client_that_leaves_frees_its_worker(built: release.Release) -> None:
    async def work(pool: Pool) -> set[int]:
        task = asyncio.create_task(pool.answer(CARTESIAN, FORMS))
        await asyncio.sleep(0.6)
        before = {worker.pid for worker in pool._all}
        task.cancel()
        await asyncio.sleep(0.6)
        assert (await pool.answer(SMALL, FORMS)).status == "ok"
        return before - {worker.pid for worker in pool._all}

    gone = run(built, Limits(seconds=30, fast=2), work)
    assert len(gone) == 1


def test_no_process_is_left_behind(built: release.Release) -> None:
    async def work(pool: Pool) -> list[int]:
        return [worker.pid for worker in pool._all]

    for pid in run(built, Limits(fast=2), work):
        for _ in range(50):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.05)
        else:
            pytest.fail(f"process {pid} is still there")


def test_a_release_that_cannot_be_loaded_is_told(
    built: release.Release, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async def start() -> None:
        (tmp_path / release.DUMP).write_text("not quads", encoding="utf-8")
        pool = Pool(release.Release(tmp_path, built.manifest))
        try:
            await pool.start()
        finally:
            await pool.stop()

    with pytest.raises(TutelaError, match="the release cannot be loaded"):
        asyncio.run(start())


def test_a_large_answer_comes_in_parts_and_is_whole(built: release.Release) -> None:
    query = "SELECT * WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o"

    async def work(pool: Pool) -> tuple[int, bytes]:
        reply = await pool.answer(query, {"solutions": "tsv"})
        assert reply.rest is not None
        parts = [part async for part in reply.rest]
        return len(parts), reply.body + b"".join(parts)

    parts, body = run(built, Limits(), work)
    assert parts > 5
    assert body == EmbeddedStore.open(built.dump).query(query).serialize("tsv")


def test_an_answer_that_breaks_off_is_an_error_and_not_a_shorter_answer(built: release.Release) -> None:
    async def work(pool: Pool) -> str:
        reply = await pool.answer(FLOOD, FORMS)
        assert (reply.status, reply.rest is None) == ("ok", False)
        with pytest.raises(LimitError) as caught:
            await reply.whole()
        assert (await pool.answer(SMALL, FORMS)).status == "ok"
        return caught.value.reason

    assert run(built, Limits(answer=4 << 20), work) == "size"
    assert run(built, Limits(seconds=1.5, answer=1 << 40, memory=1 << 40), work) == "time"


def test_who_stops_reading_frees_the_worker(built: release.Release) -> None:
    async def work(pool: Pool) -> bool:
        reply = await pool.answer(FLOOD, FORMS)
        assert reply.rest is not None
        before = {worker.pid for worker in pool._all}
        await anext(reply.rest)
        await reply.rest.aclose()  # type: ignore[attr-defined]
        await asyncio.sleep(1)
        return bool(before - {worker.pid for worker in pool._all})

    assert run(built, Limits(answer=1 << 40), work)


def test_slow_clients_together_take_no_more_memory_than_may(built: release.Release) -> None:
    async def work(pool: Pool) -> tuple[str, int]:
        everything = "SELECT * WHERE { ?s ?p ?o }"
        first = await pool.answer(everything, FORMS)
        await asyncio.sleep(2)
        assert first.rest is not None
        second = await pool.answer(f"#\n{everything}", FORMS)
        await asyncio.sleep(2)
        with pytest.raises(LimitError) as caught:
            await second.whole()
        size = len(await first.whole())
        # What is read is room again.
        assert len(await (await pool.answer(f"##\n{everything}", FORMS)).whole()) == size
        await asyncio.sleep(0.3)
        return caught.value.reason, len(pool._all)

    assert run(built, Limits(unread=16 << 20, fast=2), work) == ("busy", 2)


def test_who_waits_for_an_endpoint_elsewhere_holds_up_nobody(built: release.Release) -> None:
    """An endpoint that takes a call and says nothing."""

    async def work(address: str) -> float:
        pool = Pool(built, Limits(seconds=6, fast=2), services=[address])
        await pool.start()
        try:
            query = f"SELECT * WHERE {{ SERVICE <{address}> {{ ?s ?p ?o }} }}"
            waiting = [asyncio.create_task(reason(pool, f"#{number}\n{query}")) for number in range(3)]
            begun = time.monotonic()
            assert (await pool.answer(SMALL, FORMS)).status == "ok"
            took = time.monotonic() - begun
            assert await asyncio.gather(*waiting) == ["time"] * 3
            return took
        finally:
            await pool.stop()

    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert asyncio.run(work(f"http://127.0.0.1:{silent.getsockname()[1]}/sparql")) < 4
