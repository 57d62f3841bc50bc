"""A dataset in the making."""

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from tutela import names
from tutela.errors import TutelaError
from tutela.store.answer import Answer


class Workbench:
    """A dataset in the making: filled row by row and query by query, then written out."""

    def __init__(self) -> None:
        self._store = ox.Store()

    def add_row(self, subject: str, cells: Iterable[tuple[str, str, str]]) -> None:
        """Add a row to the default graph: for each cell its property, text and datatype (IRIs)."""
        node = ox.NamedNode(subject)
        self._store.extend(
            ox.Quad(node, ox.NamedNode(prop), ox.Literal(text, datatype=ox.NamedNode(datatype))) for prop, text, datatype in cells
        )

    def add_turtle(self, path: Path, graph: str) -> None:
        """Add a Turtle file to a graph and to the merge.

        Raises:
            TutelaError: it is not well formed.

        """
        try:
            triples = list(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE))
        except SyntaxError as error:
            raise TutelaError(f"{path}: not well-formed Turtle: {error}") from error
        self.add(((t.subject, t.predicate, t.object) for t in triples), graph)

    def add(self, triples: Iterable[Iterable[object]], graph: str) -> None:
        """Add triples to a graph and to the merge."""
        node = ox.NamedNode(graph)
        for triple in triples:
            subject, predicate, value = triple
            self._store.add(ox.Quad(subject, predicate, value, node))  # type: ignore[arg-type]
            self._store.add(ox.Quad(subject, predicate, value))  # type: ignore[arg-type]

    def query(self, path: Path) -> Answer:
        """Answer one of the project's own query files over the default graph.

        Raises:
            TutelaError: the file is not a well-formed query.

        """
        try:
            return Answer(self._store.query(path.read_text(encoding="utf-8"), base_iri=names.BASE))
        except SyntaxError as error:
            raise TutelaError(f"{path}: not well-formed SPARQL: {error}") from error

    def quads(self) -> list[ox.Quad]:
        """Return what stands in named graphs, sorted.

        Raises:
            TutelaError: a node is blank; the release needs an IRI for each.

        """
        quads = [quad for quad in self._store if isinstance(quad.graph_name, ox.NamedNode)]
        for quad in quads:
            if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode):
                raise TutelaError(f"{quad}: a blank node; give the resource an IRI, so that builds repeat to the byte.")
        return sorted(quads, key=str)
