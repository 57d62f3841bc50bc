"""The dataset while it is built: filled row by row and query by query, then written out."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox

from tutela import namespaces
from tutela.errors import TutelaError
from tutela.sparql.rdf import read_turtle
from tutela.sparql.result import QueryResult


class DatasetBuilder:
    """A dataset that is being built."""

    _default_graph_is_union = False  # the default graph has its own copy of all triples

    def __init__(self) -> None:
        self._store = ox.Store()

    def add_rows(self, columns: Mapping[str, tuple[str, str]], rows: Iterable[tuple[str, Mapping[str, str]]]) -> None:
        """Add rows of a table to the default graph. A cell that is empty is no statement.

        Args:
            columns: for each column, its property (IRI) and datatype (IRI).
            rows: for each row, its IRI and its cells by column.

        """
        nodes = {name: (ox.NamedNode(prop), ox.NamedNode(datatype)) for name, (prop, datatype) in columns.items()}
        self._store.bulk_extend(
            ox.Quad(node, nodes[name][0], ox.Literal(text, datatype=nodes[name][1]))
            for node, row in ((ox.NamedNode(iri), row) for iri, row in rows)
            for name, text in row.items()
            if text
        )

    def add_turtle(self, path: Path, graph: str) -> None:
        """Add a Turtle file to a named graph and to the union.

        Raises:
            TutelaError: the file is not well formed.

        """
        self.add(read_turtle(path), graph)

    def add(self, triples: Iterable[Iterable[object]], graph: str) -> None:
        """Add triples to a named graph and to the union."""
        node = ox.NamedNode(graph)
        self._store.extend(
            quad
            for subject, predicate, value in triples
            for quad in (ox.Quad(subject, predicate, value, node), ox.Quad(subject, predicate, value))  # type: ignore[arg-type]
        )

    def query(self, path: Path) -> QueryResult:
        """Evaluate one of the project's query files over the union.

        Raises:
            TutelaError: the file is not a well-formed query.

        """
        try:
            text = path.read_text(encoding="utf-8")
            is_union = self._default_graph_is_union
            return QueryResult(self._store.query(text, base_iri=namespaces.BASE, use_default_graph_as_union=is_union))
        except SyntaxError as error:
            raise TutelaError(f"{path}: not well-formed SPARQL: {error}") from error

    def quads(self) -> list[ox.Quad]:
        """Return the quads of the named graphs, sorted.

        Raises:
            TutelaError: a node is blank, or a triple is in two graphs. The embedded engine would return the latter twice,
                because its default graph is the union of the named graphs. The message names all of them.

        """
        quads = sorted((quad for quad in self._store if isinstance(quad.graph_name, ox.NamedNode)), key=str)
        errors = [
            f"{quad}: blank node; give the resource an IRI, so that builds are reproducible"
            for quad in quads
            if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode)
        ]
        graphs: dict[tuple[object, ...], object] = {}
        for quad in quads:
            first = graphs.setdefault((quad.subject, quad.predicate, quad.object), quad.graph_name)
            if first != quad.graph_name:
                errors.append(f"{quad}: also in the graph {first}; expected in one graph only")
        if errors:
            raise TutelaError("\n".join(errors))
        return quads
