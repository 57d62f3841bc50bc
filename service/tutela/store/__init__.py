"""The SPARQL engines behind everything: one interface, and its implementations.

This package alone knows an engine: Oxigraph embedded in this process, or any that speaks SPARQL 1.1 over HTTP.
"""

from tutela.store.answer import SOLUTION_FORMATS, Answer, AnswerSizeError, EngineError, QueryError, QueryRefusedError, Store
from tutela.store.embedded import EmbeddedStore
from tutela.store.rdf import GRAPH_FORMATS, around, dump, merge, triples_from
from tutela.store.refusal import refuse
from tutela.store.remote import RemoteStore
from tutela.store.workbench import Workbench

__all__ = [
    "GRAPH_FORMATS",
    "SOLUTION_FORMATS",
    "Answer",
    "AnswerSizeError",
    "EmbeddedStore",
    "EngineError",
    "QueryError",
    "QueryRefusedError",
    "RemoteStore",
    "Store",
    "Workbench",
    "around",
    "dump",
    "merge",
    "refuse",
    "triples_from",
]
