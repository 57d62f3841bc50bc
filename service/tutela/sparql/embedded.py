"""The embedded engine: Oxigraph, in this process."""

from collections.abc import Collection, Iterable, Sequence, Set
from pathlib import Path

import pyoxigraph as ox

from tutela import namespaces
from tutela.errors import QueryError, TutelaError
from tutela.sparql import graph_names
from tutela.sparql.explain import ensure_encodable, not_well_formed
from tutela.sparql.lexer import normalize
from tutela.sparql.prefixes import declare_known
from tutela.sparql.rdf import Triples
from tutela.sparql.read_only import ensure_read_only
from tutela.sparql.result import QueryResult

# Oxigraph recurses for each part of a chain. Without stack it ends the process, so only another process can report this.
TOO_DEEP = (
    "The query is too long or nested too deeply for the engine, and was stopped; shorten chains of operators such as || or /, "
    "and of patterns. VALUES and IN take lists of any length."
)


class EmbeddedStore:
    """A release in an Oxigraph store.

    Args:
        store: the store.
        services: URLs that ``SERVICE`` may name.
        default_graph_is_union: whether the default graph is the union of the named graphs, as in every release.

    """

    version = ""  # one release for the life of the store

    def __init__(self, store: ox.Store, services: Collection[str] = (), *, default_graph_is_union: bool = True) -> None:
        self.services = services
        self._default_graph_is_union = default_graph_is_union
        self._store = store

    @classmethod
    def of_quads(cls, quads: Iterable[ox.Quad]) -> "EmbeddedStore":
        """Return a store in memory that holds these quads."""
        store = ox.Store()
        store.bulk_extend(quads)
        return cls(store)

    @classmethod
    def open(cls, nquads: Path, services: Collection[str] = ()) -> "EmbeddedStore":
        """Load the N-Quads file of a release into memory.

        Raises:
            TutelaError: the file is missing or is not N-Quads.

        """
        store = ox.Store()
        try:
            store.bulk_load(path=str(nquads), format=ox.RdfFormat.N_QUADS)
        except (OSError, SyntaxError) as error:
            raise TutelaError(f"{nquads}: not readable as N-Quads ({error}). Run `tutela build` again.") from error
        return cls(store, services)

    def neighbourhood(self, iris: Set[str], without: Set[str]) -> Triples:
        """Return the statements about resources, and about the resources that these name in turn, sorted.

        Args:
            iris: IRIs of the resources.
            without: IRIs to leave out.

        """
        seen, wanted = set(without), set(iris)
        found: list[ox.Triple] = []
        for _ in range(2):
            new = [quad.triple for iri in wanted - seen for quad in self._store.quads_for_pattern(ox.NamedNode(iri), None, None)]
            found += new
            seen |= wanted
            wanted = {triple.object.value for triple in new if isinstance(triple.object, ox.NamedNode)}
        return sorted(found, key=str)

    def query(self, text: str, *, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()) -> QueryResult:
        """Evaluate a query; see `Store.query`."""
        ensure_encodable(text)
        written, text = text, declare_known(normalize(text))
        ensure_read_only(text, self.services)
        has_protocol_dataset = bool(default_graphs or named_graphs)
        has_dataset = has_protocol_dataset or graph_names.has_dataset(text)
        try:
            return QueryResult(
                self._store.query(
                    text,
                    base_iri=namespaces.BASE,
                    # This option would override FROM in the query.
                    use_default_graph_as_union=self._default_graph_is_union and not has_dataset,
                    default_graph=[ox.NamedNode(iri) for iri in default_graphs] if has_protocol_dataset else None,
                    named_graphs=[ox.NamedNode(iri) for iri in named_graphs] if has_protocol_dataset else None,
                )
            )
        except SyntaxError as error:
            raise not_well_formed(written) from error
        except (OSError, RuntimeError, ValueError) as error:
            raise QueryError(f"The query cannot be evaluated: {error}") from error
