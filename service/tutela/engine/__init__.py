"""Engines: they evaluate queries within limits, in worker processes or in a remote SPARQL engine."""

from tutela.engine.base import Engine, EngineHealth, QueryResponse, ReleaseInfo
from tutela.engine.blocking import BlockingStore
from tutela.engine.worker_pool import WorkerPool

__all__ = ["BlockingStore", "Engine", "EngineHealth", "QueryResponse", "ReleaseInfo", "WorkerPool"]
