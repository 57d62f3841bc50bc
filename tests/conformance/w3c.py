"""The manifests of the W3C test suites."""

from collections.abc import Iterator
from typing import NamedTuple

from rdflib import Graph, Namespace
from rdflib.collection import Collection
from rdflib.term import Node

from tests.conftest import SHARED

SUITE = SHARED / "suites" / "sparql11"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")


class Case(NamedTuple):
    """One entry of a manifest."""

    graph: Graph
    entry: Node

    @property
    def name(self) -> str:
        """The local name of the test."""
        return str(self.entry).rpartition("#")[2]


def manifest(folder: str) -> Graph:
    return Graph().parse(SUITE / folder / "manifest.ttl", publicID=(SUITE / folder / "manifest.ttl").as_uri())


def entries(folder: str) -> Iterator[Case]:
    graph = manifest(folder)
    for entry_list in graph.objects(None, MF.entries):
        for entry in Collection(graph, entry_list):
            yield Case(graph, entry)
