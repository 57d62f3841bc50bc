"""The SPARQL engine behind everything: one interface, and its embedded implementation (Oxigraph).

This module alone knows an engine.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox

from tutela import names
from tutela.errors import TutelaError, UsageError

SOLUTION_FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
GRAPH_FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
# What is not a keyword, in the grammar of SPARQL 1.1 (section 19.8). The engine's parser wants no space between
# keywords and their neighbours (`trueSERVICE`, `SERVICESILENT`), so what is left is searched without word borders;
# of a prefixed name only what follows the colon is taken away.
_LOCAL = r"(?:[\w:]|%[0-9A-Fa-f]{2}|\\.)"
_NOT_CODE = re.compile(
    r"""<[^<>"{}|^`\\\x00-\x20]*>"""  # IRIs first: a number sign in one starts no comment
    r"""|\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''"""
    r"""|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'|\#[^\n\r]*|\\."""
    rf"""|@[A-Za-z]+(?:-[A-Za-z0-9]+)*|[?$]\w+|:(?:{_LOCAL}(?:(?:{_LOCAL}|[.-])*(?:{_LOCAL}|-))?)?""",
    re.DOTALL,
)
_SERVICE = re.compile("SERVICE", re.IGNORECASE)
_PROLOGUE = re.compile(r"^\s*(?:(?:BASE|PREFIX\s+[^\s:<]*)\s*<>\s*)*", re.IGNORECASE)
_UPDATE = re.compile(r"(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b", re.IGNORECASE)


class QueryError(TutelaError):
    """A query that the engine does not accept, with its parser's message."""


class QueryRefusedError(QueryError):
    """A request that is well formed and not allowed: an update, or a call to another endpoint."""


class Answer:
    """What a query returned: rows, a truth value, or triples. It can be read once."""

    def __init__(self, raw: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples) -> None:
        self._raw = raw

    @property
    def is_graph(self) -> bool:
        """Whether this is the answer of CONSTRUCT or DESCRIBE."""
        return isinstance(self._raw, ox.QueryTriples)

    @property
    def is_boolean(self) -> bool:
        """Whether this is the answer of ASK."""
        return isinstance(self._raw, ox.QueryBoolean)

    @property
    def truth(self) -> bool:
        """The answer of ASK."""
        return bool(self._raw)

    @property
    def columns(self) -> list[str]:
        """The names of the columns of a SELECT, in its order."""
        assert isinstance(self._raw, ox.QuerySolutions)  # noqa: S101 - the caller asked is_graph and is_boolean
        return [variable.value for variable in self._raw.variables]

    def rows(self) -> Iterator[list[str | None]]:
        """Yield the rows of a SELECT: the text of each value, None where there is none."""
        assert isinstance(self._raw, ox.QuerySolutions)  # noqa: S101
        for solution in self._raw:
            yield [getattr(value, "value", None) for value in solution]

    def triples(self) -> Iterator[ox.Triple]:
        """Yield the triples of a CONSTRUCT or DESCRIBE."""
        assert isinstance(self._raw, ox.QueryTriples)  # noqa: S101
        yield from self._raw

    def serialize(self, form: str) -> bytes:
        """Return the answer in one of `SOLUTION_FORMATS`, or `GRAPH_FORMATS` for triples.

        Raises:
            UsageError: an answer of this kind has no such format.

        """
        buffer = io.BytesIO()
        self.write(form, buffer)
        return buffer.getvalue()

    def write(self, form: str, output: io.RawIOBase | io.BytesIO) -> None:
        """Write the answer to a binary stream; see `serialize`."""
        if isinstance(self._raw, ox.QueryTriples):
            if form not in GRAPH_FORMATS:
                raise UsageError(f"Triples have no format {form!r}; choose one of {', '.join(GRAPH_FORMATS)}.")
            # The order in which triples are found is no part of the answer: sorted, it repeats to the byte.
            triples = sorted(set(self._raw), key=str)
            ox.serialize(triples, output, GRAPH_FORMATS[form], prefixes=_used_prefixes(triples))  # type: ignore[arg-type]
            return
        allowed = [name for name in SOLUTION_FORMATS if not (self.is_boolean and name in ("csv", "tsv"))]
        if form not in allowed:
            kind = "A truth value has" if self.is_boolean else "Rows have"
            raise UsageError(f"{kind} no format {form!r}; choose one of {', '.join(allowed)}.")
        self._raw.serialize(output, SOLUTION_FORMATS[form])  # type: ignore[arg-type]


class Store(Protocol):
    """Something that answers SPARQL queries over a release."""

    def query(self, text: str, *, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()) -> Answer:
        """Answer a query.

        Args:
            text: SPARQL 1.1 Query.
            default_graphs: IRIs of graphs to merge as the default graph, if not the whole release.
            named_graphs: IRIs of graphs that GRAPH may name, if not all.

        Raises:
            QueryError: the query is not well formed or cannot be evaluated.
            QueryRefusedError: it is an update or calls another endpoint.

        """


def refuse(text: str) -> None:
    """Refuse what is not a query of the release alone.

    Raises:
        QueryRefusedError: for an update or `SERVICE`.

    """
    code = _NOT_CODE.sub(lambda match: "<>" if match[0].startswith("<") else " ", text)
    if _UPDATE.match(code, _PROLOGUE.match(code).end()):  # type: ignore[union-attr]
        raise QueryRefusedError("Updates are refused: this service only reads. Ask with SELECT, ASK, CONSTRUCT or DESCRIBE.")
    if _SERVICE.search(code):
        raise QueryRefusedError(
            "SERVICE is refused: this service calls no other endpoint. Query the other one from your side; "
            "if the word is the prefix of a name, choose another prefix."
        )


class EmbeddedStore:
    """A release in memory. The default graph is the merge of the named ones."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self._store = ox.Store()
        quads = list(quads)
        self._store.bulk_extend(quads)
        self._store.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in quads)

    @classmethod
    def open(cls, nquads: Path) -> "EmbeddedStore":
        """Load a release's dump.

        Raises:
            TutelaError: the file is missing or is not N-Quads.

        """
        try:
            return cls(ox.parse(path=str(nquads), format=ox.RdfFormat.N_QUADS))
        except (OSError, SyntaxError) as error:
            raise TutelaError(f"{nquads}: not readable as N-Quads ({error}). Run `tutela build` again.") from error

    def query(self, text: str, *, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()) -> Answer:
        """Answer a query; see `Store.query`."""
        refuse(text)
        chosen = bool(default_graphs or named_graphs)
        try:
            return Answer(
                self._store.query(
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


def merge(quads: Iterable[ox.Quad]) -> list[ox.Triple]:
    """Return the triples of all graphs, each once, sorted."""
    return sorted({ox.Triple(q.subject, q.predicate, q.object) for q in quads}, key=str)


def dump(statements: Sequence[ox.Quad] | Sequence[ox.Triple], form: str) -> bytes:
    """Return quads as ``nquads`` or ``jsonld``, triples as one of `GRAPH_FORMATS`, in the order given."""
    kind = ox.RdfFormat.N_QUADS if form == "nquads" else GRAPH_FORMATS[form]
    return _bytes(ox.serialize(statements, format=kind, prefixes=_used_prefixes(statements)))


def triples_from(data: bytes, form: str) -> list[ox.Triple]:
    """Parse Turtle, N-Triples, JSON-LD or RDF/XML; of datasets, the triples of all graphs.

    Raises:
        TutelaError: the data are not well formed.

    """
    kind = {**GRAPH_FORMATS, "nquads": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG}[form]
    try:
        return merge(ox.parse(data, format=kind, base_iri=names.BASE))
    except SyntaxError as error:
        raise TutelaError(f"not well-formed {form}: {error}") from error


def _bytes(data: bytes | None) -> bytes:
    # The engine's functions return None only where they are given a file to write to.
    return data or b""


def _used_prefixes(statements: Iterable[ox.Quad | ox.Triple]) -> dict[str, str]:
    # Only those in use, so that a small answer does not begin with twenty lines of prefixes.
    iris = set()
    for statement in statements:
        for term in statement:
            if isinstance(term, ox.NamedNode):
                iris.add(term.value)
            elif isinstance(term, ox.Literal):
                iris.add(term.datatype.value)
    return {prefix: iri for prefix, iri in names.PREFIXES.items() if any(used.startswith(iri) for used in iris)}
