"""The embedded engine: Oxigraph, in the memory of this process."""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from tutela import names
from tutela.errors import TutelaError
from tutela.store import graphs
from tutela.store.answer import Answer, QueryError
from tutela.store.refusal import refuse

_PART = 20_000


class EmbeddedStore:
    """A release in memory.

    Args:
        quads: what it holds.
        services: addresses that ``SERVICE`` may name.
        default: the triples of the default graph; if None, it is the merge of the named ones.

    """

    version = ""  # it holds one release and never another

    def __init__(
        self, quads: Iterable[ox.Quad], services: Collection[str] = (), default: Iterable[ox.Triple] | None = None
    ) -> None:
        self.services = services
        self._store = ox.Store()
        # Most queries name no graph. They are answered a third quicker where the named ones are not in the way.
        self._default = ox.Store()
        rest = iter(quads)
        # Part by part, so that the whole is never there twice, once as objects of Python.
        while part := list(islice(rest, _PART)):
            self._store.bulk_extend(part)
            if default is None:
                self._merge(part)
        self._merge(default or ())

    def _merge(self, triples: Iterable[ox.Quad | ox.Triple]) -> None:
        merged = [ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples]
        self._store.bulk_extend(merged)
        self._default.bulk_extend(merged)

    @classmethod
    def open(cls, nquads: Path, services: Collection[str] = ()) -> "EmbeddedStore":
        """Load a release's dump.

        Raises:
            TutelaError: the file is missing or is not N-Quads.

        """
        try:
            return cls(ox.parse(path=str(nquads), format=ox.RdfFormat.N_QUADS), services)
        except (OSError, SyntaxError) as error:
            raise TutelaError(f"{nquads}: not readable as N-Quads ({error}). Run `tutela build` again.") from error

    def query(self, text: str, *, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()) -> Answer:
        """Answer a query; see `Store.query`."""
        refuse(text, self.services)
        chosen = bool(default_graphs or named_graphs)
        store = self._store if chosen or graphs.may_name(text) else self._default
        try:
            return Answer(
                store.query(
                    text,
                    base_iri=names.BASE,
                    default_graph=[ox.NamedNode(iri) for iri in default_graphs] if chosen else None,
                    named_graphs=[ox.NamedNode(iri) for iri in named_graphs] if chosen else None,
                )
            )
        except SyntaxError as error:
            raise QueryError(f"The query is not well formed: {error}") from error
        except (OSError, RuntimeError, ValueError) as error:
            raise QueryError(f"The query cannot be evaluated: {error}") from error
