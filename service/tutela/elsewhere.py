"""An engine elsewhere as the one that answers, any SPARQL 1.1 endpoint into which releases were published."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from tutela import paths
from tutela.engine import Holding, LimitError, Limits, Reply
from tutela.store import AnswerSizeError, EngineError, QueryError, QueryRefusedError, RemoteStore


class Elsewhere:
    """An `Engine` that passes queries on.

    Args:
        store: the endpoint.
        limits: what a query may use; as many queries are passed on at once as there are workers of both lanes, times four,
            since it is not this machine that works.

    """

    def __init__(self, store: RemoteStore, limits: Limits | None = None) -> None:
        self.store = store
        self.limits = limits or Limits()
        self.room = 4 * (self.limits.fast + self.limits.slow)
        self._busy = 0
        self._threads = ThreadPoolExecutor(self.room + 1, "engine")
        self._holding: Holding | None = None

    async def start(self) -> None:
        """Do nothing: that the engine is down now does not mean that it stays so."""

    async def stop(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def holding(self) -> Holding:
        """Return what the engine says is the present release."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._held)

    async def answer(
        self, query: str, forms: Mapping[str, str], default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> Reply:
        """Answer a query; see `Engine.answer`."""
        if self._busy >= self.room:
            raise LimitError("busy", "Too many queries are being answered; try again in a while.")
        self._busy += 1
        args = (query, forms, default_graphs, named_graphs)
        work = asyncio.get_running_loop().run_in_executor(self._threads, self._answer, *args)
        work.add_done_callback(self._free)
        # A client may go away; the thread is busy until the engine has answered, all the same.
        return await asyncio.shield(work)

    def _free(self, _: "asyncio.Future[Reply]") -> None:
        self._busy -= 1

    def _held(self) -> Holding:
        version = self.store.version
        if self._holding is None or self._holding.version != version:
            text = (paths.QUERIES / "pages" / "holding.rq").read_text(encoding="utf-8")
            rows = list(self.store.query(text).rows())
            if not rows:
                raise EngineError(f"{self.store.endpoint} holds no whole release; put one there with `tutela publish`.")
            self._holding = Holding(version, str(rows[0][0]), int(str(rows[0][1])))
        return self._holding

    def _answer(self, query: str, forms: Mapping[str, str], default_graphs: Sequence[str], named_graphs: Sequence[str]) -> Reply:
        try:
            answer = self.store.query(query, default_graphs=default_graphs, named_graphs=named_graphs)
            form = forms.get(answer.kind)
            if form is None:
                return Reply("unacceptable", answer.kind, "", b"")
            return Reply("ok", answer.kind, "", answer.serialize(form))
        except QueryRefusedError as error:
            return Reply("refused", "", str(error), b"")
        except QueryError as error:
            return Reply("bad", "", str(error), b"")
        except AnswerSizeError as error:
            raise LimitError("size", str(error)) from error
        except EngineError as error:
            if error.late:
                raise LimitError("time", str(error)) from error
            raise
