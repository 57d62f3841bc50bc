"""Datasets that change while they are checked, and what in them is near to what has changed."""

from collections.abc import Collection, Iterable
from itertools import combinations
from pathlib import Path

import pyoxigraph as ox

from tutela.errors import TutelaError
from tutela.namespaces import RDF, RDFS
from tutela.sparql.dataset_builder import DatasetBuilder


class UnionDataset(DatasetBuilder):
    """A dataset whose default graph is the union of its named graphs."""

    _default_graph_is_union = True  # writing each triple twice would take longer than what queries gain from it

    def affected(self, triples: Iterable[ox.Triple]) -> set[str]:
        """Return the IRIs of the resources that triples are about, and of those that refer to them."""
        about = {triple.subject for triple in triples}
        referring = {triple.subject for node in about for triple in self._matching(None, None, node)}
        return {node.value for node in about | referring if isinstance(node, ox.NamedNode)}

    def neighbourhood(self, iris: Iterable[str], predicates: Collection[str] | None = None) -> set[ox.Triple]:
        """Return the statements about resources and about those that they refer to, and the hierarchy of classes.

        Args:
            iris: IRIs of the resources.
            predicates: the properties (IRIs) of the resources that they refer to; None for all.

        """
        about = {triple for iri in iris for triple in self._matching(ox.NamedNode(iri), None, None)}
        values = {triple.object for triple in about if isinstance(triple.object, ox.NamedNode)}
        wanted = [None] if predicates is None else list(map(ox.NamedNode, predicates))
        further = {triple for node in values for predicate in wanted for triple in self._matching(node, predicate, None)}
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

    def triples(self) -> set[ox.Triple]:
        """Return the triples of all graphs, without duplicates."""
        return {quad.triple for quad in self._store}

    def in_two_graphs(self) -> list[tuple[str, str]]:
        """Return the subject and the text of each triple in more than one graph, which the embedded engine returns twice."""
        raise NotImplementedError

    def _matching(self, subject: ox.NamedNode | None, predicate: ox.NamedNode | None, value: object) -> list[ox.Triple]:
        """Return the triples of the union that have these terms; None is any."""
        return [quad.triple for quad in self._store.quads_for_pattern(subject, predicate, value)]  # type: ignore[arg-type]


class LayeredDataset(UnionDataset):
    """A dataset that is made of layers; a statement of several layers stays until the last of them loses it."""

    def __init__(self) -> None:
        super().__init__()
        self._layers: dict[str, frozenset[ox.Triple]] = {}
        # For each graph, in how many layers each of its triples is.
        self._counts: dict[str, dict[ox.Triple, int]] = {}

    def set_layer(self, name: str, graph: str, triples: Iterable[ox.Triple]) -> set[ox.Triple]:
        """Replace a layer.

        Args:
            name: its name.
            graph: IRI of the named graph; that of a layer stays the same.
            triples: its statements from now on.

        Returns:
            The triples that the graph has gained or lost.

        """
        new, old = frozenset(triples), self._layers.get(name, frozenset())
        self._layers[name] = new
        counts, node = self._counts.setdefault(graph, {}), ox.NamedNode(graph)
        gained = [triple for triple in new - old if triple not in counts]
        for triple in new - old:
            counts[triple] = counts.get(triple, 0) + 1
        self._store.extend(ox.Quad(triple.subject, triple.predicate, triple.object, node) for triple in gained)
        lost = []
        for triple in old - new:
            counts[triple] -= 1
            if not counts[triple]:
                del counts[triple]
                self._store.remove(ox.Quad(triple.subject, triple.predicate, triple.object, node))
                lost.append(triple)
        return {*gained, *lost}

    def layer(self, name: str) -> Collection[ox.Triple]:
        """Return the statements of a layer."""
        return self._layers[name]

    def layer_names(self) -> Collection[str]:
        """Return the names of the layers."""
        return self._layers.keys()

    def in_two_graphs(self) -> list[tuple[str, str]]:
        """Return the subject and the text of each triple in more than one graph, which the embedded engine returns twice."""
        graphs = [counts.keys() for counts in self._counts.values()]
        found = {triple for one, other in combinations(graphs, 2) for triple in one & other}
        return sorted((str(triple.subject).strip("<>"), str(triple)) for triple in found)


class LoadedDataset(UnionDataset):
    """The dataset of a release, with changes.

    Args:
        nquads: the file.

    Raises:
        TutelaError: the file is not N-Quads.

    """

    def __init__(self, nquads: Path) -> None:
        super().__init__()
        self._doubled: set[ox.Triple] = set()
        try:
            # Without validation of IRIs, which takes a quarter of the time: a build validated them.
            self._store.bulk_load(path=str(nquads), format=ox.RdfFormat.N_QUADS, lenient=True)
        except (OSError, SyntaxError) as error:
            raise TutelaError(f"{nquads}: not readable as N-Quads ({error}). Run `tutela build` again.") from error

    def change(self, graph: str, gained: Iterable[ox.Triple], lost: Iterable[ox.Triple]) -> None:
        """Add triples to a named graph, and remove others."""
        node = ox.NamedNode(graph)
        for triple in lost:
            self._store.remove(ox.Quad(triple.subject, triple.predicate, triple.object, node))
        for triple in gained:
            self._store.add(ox.Quad(triple.subject, triple.predicate, triple.object, node))
            if len(list(self._store.quads_for_pattern(triple.subject, triple.predicate, triple.object))) > 1:
                self._doubled.add(triple)

    def in_two_graphs(self) -> list[tuple[str, str]]:
        """Return the subject and the text of each triple in more than one graph; a release has none."""
        return sorted((str(triple.subject).strip("<>"), str(triple)) for triple in self._doubled)
