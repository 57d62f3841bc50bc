"""A dataset of layers, such as the output of one query, that can be replaced one by one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from tutela.namespaces import RDF, RDFS
from tutela.sparql.dataset_builder import DatasetBuilder
from tutela.sparql.rdf import triple_of


@dataclass(frozen=True)
class Change:
    """The triples that a dataset has gained and lost."""

    added: frozenset[ox.Triple]
    removed: frozenset[ox.Triple]

    @property
    def triples(self) -> frozenset[ox.Triple]:
        """All of them."""
        return self.added | self.removed


class LayeredDataset(DatasetBuilder):
    """A dataset that is made of layers; a statement of several layers stays until the last of them loses it."""

    def __init__(self) -> None:
        super().__init__()
        self._layers: dict[str, tuple[str, frozenset[ox.Triple]]] = {}
        self._counts: dict[ox.Quad, int] = {}  # in how many layers a quad is
        self._graphs: dict[ox.Triple, int] = {}  # in how many graphs a triple is

    def set_layer(self, name: str, graph: str, triples: Iterable[ox.Triple]) -> Change:
        """Replace a layer.

        Args:
            name: its name.
            graph: IRI of the named graph.
            triples: its statements from now on.

        """
        new = frozenset(triples)
        _, old = self._layers.get(name, (graph, frozenset()))
        self._layers[name] = (graph, new)
        node = ox.NamedNode(graph)
        added = {triple for triple in new - old if self._count(triple, node, 1) == 1}
        removed = {triple for triple in old - new if self._count(triple, node, -1) == 0}
        return Change(frozenset(self._write(added, node)), frozenset(self._erase(removed, node)))

    def layer_names(self) -> list[str]:
        """Return the names of the layers."""
        return list(self._layers)

    def triples(self) -> Collection[ox.Triple]:
        """Return the triples of all graphs, without duplicates."""
        return self._graphs.keys()

    def difference(self, quads: Iterable[ox.Quad]) -> set[ox.Triple]:
        """Return the triples that only this dataset or only the quads have, whatever their graph."""
        return {triple_of(quad) for quad in quads} ^ self._graphs.keys()

    def affected(self, triples: Iterable[ox.Triple]) -> set[str]:
        """Return the IRIs of the resources that triples are about, and of those that refer to them."""
        about = {triple.subject for triple in triples}
        referring = {triple.subject for node in about for triple in self._matching(None, None, node)}
        return {node.value for node in about | referring if isinstance(node, ox.NamedNode)}

    def neighbourhood(self, iris: Iterable[str]) -> set[ox.Triple]:
        """Return the statements about resources and about those that they refer to, and the hierarchy of classes."""
        about = {triple for iri in iris for triple in self._matching(ox.NamedNode(iri), None, None)}
        values = {triple.object for triple in about if isinstance(triple.object, ox.NamedNode)}
        further = {triple for node in values for triple in self._matching(node, None, None)}
        return about | further | set(self._matching(None, ox.NamedNode(f"{RDFS}subClassOf"), None))

    def values(self, iri: str, predicate: str) -> list[str]:
        """Return the IRIs that a resource has for a property, sorted."""
        found = self._matching(ox.NamedNode(iri), ox.NamedNode(predicate), None)
        return sorted(triple.object.value for triple in found if isinstance(triple.object, ox.NamedNode))

    def described(self, start: str) -> list[str]:
        """Return the IRIs of the resources that have a type and whose IRI is one segment longer than this text, sorted."""
        typed = {triple.subject for triple in self._matching(None, ox.NamedNode(f"{RDF}type"), None)}
        iris = (node.value for node in typed if isinstance(node, ox.NamedNode))
        return sorted(iri for iri in iris if iri.startswith(start) and "/" not in iri.removeprefix(start))

    def in_two_graphs(self) -> list[tuple[str, str]]:
        """Return the subject and the text of each triple in more than one graph, which the embedded engine returns twice."""
        return [(str(triple.subject).strip("<>"), str(triple)) for triple, count in self._graphs.items() if count > 1]

    def _matching(self, subject: ox.NamedNode | None, predicate: ox.NamedNode | None, value: object) -> list[ox.Triple]:
        """Return the triples of the union that have these terms; None is any."""
        found = self._store.quads_for_pattern(subject, predicate, value, ox.DefaultGraph())  # type: ignore[arg-type]
        return [quad.triple for quad in found]

    def _count(self, triple: ox.Triple, node: ox.NamedNode, change: int) -> int:
        quad = ox.Quad(triple.subject, triple.predicate, triple.object, node)
        count = self._counts.get(quad, 0) + change
        if count:
            self._counts[quad] = count
        else:
            del self._counts[quad]
        return count

    def _write(self, triples: Iterable[ox.Triple], node: ox.NamedNode) -> list[ox.Triple]:
        """Write triples of one graph; return those that are new in the union."""
        triples = list(triples)
        self._store.extend(ox.Quad(triple.subject, triple.predicate, triple.object, node) for triple in triples)
        new = []
        for triple in triples:
            self._graphs[triple] = self._graphs.get(triple, 0) + 1
            if self._graphs[triple] == 1:
                new.append(triple)
        self._store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in new)
        return new

    def _erase(self, triples: Iterable[ox.Triple], node: ox.NamedNode) -> list[ox.Triple]:
        """Remove triples from one graph; return those that the union has lost."""
        lost = []
        for triple in triples:
            self._store.remove(ox.Quad(triple.subject, triple.predicate, triple.object, node))
            self._graphs[triple] -= 1
            if not self._graphs[triple]:
                del self._graphs[triple]
                lost.append(triple)
                self._store.remove(ox.Quad(triple.subject, triple.predicate, triple.object))
        return lost
