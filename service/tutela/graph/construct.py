"""Tables to graph: rows are lifted to RDF, queries construct the graph from them, and rules derive what follows."""

from collections.abc import Callable

from tutela import namespaces
from tutela.errors import TutelaError
from tutela.paths import Source
from tutela.sparql import query_file
from tutela.sparql.dataset_builder import DatasetBuilder
from tutela.sparql.query_file import QueryFile
from tutela.sparql.rdf import Triples
from tutela.tables import Table

OnOutput = Callable[[QueryFile, Triples], None]


def lift(tables: dict[str, Table]) -> DatasetBuilder:
    """Turn each row into a resource with a property for each non-empty cell (W3C csv2rdf, minimal mode)."""
    builder = DatasetBuilder()
    for name, table in tables.items():
        columns = {
            reader.name: (namespaces.column_iri(name, reader.name), namespaces.XSD + reader.datatype_name)
            for reader in table.readers
        }
        builder.add_rows(columns, ((namespaces.row_iri(name, table.key_of(row)), row) for row in table.rows))
    return builder


def construct(
    tables: dict[str, Table], source: Source | None = None, on_output: OnOutput = lambda query, triples: None
) -> DatasetBuilder:
    """Construct each named graph from the lifted tables; the vocabulary comes from ``ontology/``.

    Args:
        tables: the tables, by name.
        source: where the ontology and the queries are; by default the project's own.
        on_output: called with each query and what it makes.

    Raises:
        TutelaError: a query cannot be read, or its folder is not named after a graph.

    """
    source = source or Source.of_project()
    lifted = lift(tables)
    builder = DatasetBuilder()
    for path in sorted(source.ontology.glob("**/*.ttl")):
        builder.add_turtle(path, f"{namespaces.GRAPH}vocabulary")
    for query in query_file.read_all(source.queries / "build"):
        if query.folder not in namespaces.GRAPHS:
            raise TutelaError(f"{query.path}: the folder is {query.folder!r}; expected one of {', '.join(namespaces.GRAPHS)}.")
        triples = list(lifted.query(query.path).triples())
        on_output(query, triples)
        builder.add(triples, f"{namespaces.GRAPH}{query.folder}")
    return builder


def derive(builder: DatasetBuilder, source: Source | None = None, on_output: OnOutput = lambda query, triples: None) -> None:
    """Run the rules in the order of their file names; a rule sees what earlier ones added. Their graph is `derived`.

    Args:
        builder: the dataset.
        source: where the rules are; by default the project's own.
        on_output: called with each rule and what it makes.

    """
    for query in query_file.read_all((source or Source.of_project()).queries / "derive"):
        triples = list(builder.query(query.path).triples())
        on_output(query, triples)
        builder.add(triples, f"{namespaces.GRAPH}derived")
