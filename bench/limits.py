"""Time small queries while runaway queries are being stopped, against the same queries in calm, in one run."""

import asyncio
import statistics
import sys
import time
from pathlib import Path

from tutela import paths
from tutela.engine import LimitError, Limits
from tutela.pool import Pool
from tutela.release import open_release

FORMS = {"solutions": "json", "boolean": "json", "graph": "turtle"}


async def timed(pool: Pool, query: str, count: int) -> list[float]:
    """Return the seconds that each of so many answers took, one after the other."""
    times = []
    for _ in range(count):
        begun = time.perf_counter()
        await pool.answer(query, FORMS)
        times.append(time.perf_counter() - begun)
        await asyncio.sleep(0.005)
    return times


async def runaway(pool: Pool, query: str) -> None:
    """Ask a query that will not end, until it is stopped."""
    try:
        await pool.answer(query, FORMS)
    except LimitError:
        return


async def main(folder: Path) -> None:
    """Print the 50th and 95th percentile of small queries, calm and beside runaways, and their ratio."""
    queries = {path.stem: path.read_text(encoding="utf-8") for path in sorted((paths.ROOT / "bench" / "queries").glob("*.rq"))}
    small = queries.pop("small")
    pool = Pool(open_release(folder), Limits(seconds=5))
    await pool.start()
    calm = await timed(pool, small, 300)
    runaways = [asyncio.create_task(runaway(pool, query)) for query in queries.values()]
    await asyncio.sleep(0.5)
    beside = await timed(pool, small, 300)
    await asyncio.gather(*runaways)
    await pool.stop()
    for name, times in (("calm", calm), ("beside runaways", beside)):
        cuts = statistics.quantiles(times, n=100)
        print(f"{name:16} p50 {cuts[49] * 1000:6.2f} ms  p95 {cuts[94] * 1000:6.2f} ms")
    print(f"ratio of p95: {statistics.quantiles(beside, n=100)[94] / statistics.quantiles(calm, n=100)[94]:.2f}")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else paths.default_release()))
