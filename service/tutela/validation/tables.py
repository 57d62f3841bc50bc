"""Everything that a build checks: the tables, then the graph made from them."""

from collections.abc import Callable

from rdflib import Graph

from tutela import tables as table_files
from tutela.graph import construct, derive
from tutela.paths import table_location
from tutela.sparql import rdf
from tutela.sparql.rdf import Quads
from tutela.sparql.rdflib_graph import to_graph
from tutela.tables import Table
from tutela.validation.checks import run_checks
from tutela.validation.result import ValidationResult
from tutela.validation.shape_files import shapes_text
from tutela.validation.shapes import check_shapes

Progress = Callable[[str], None]


def validate_tables(tables: dict[str, Table], progress: Progress = lambda step: None) -> tuple[list[ValidationResult], Quads]:
    """Build the graph from tables and validate both.

    Args:
        tables: the tables, by name.
        progress: called with the name of each step when it starts.

    Returns:
        All results, and the quads of the graph; there are none if the tables themselves break their metadata.

    Raises:
        TutelaError: a query cannot be read.

    """
    errors = [
        ValidationResult("Violation", f"{table_location(error.table)} row {error.row}", error.column, error.found, error.expected)
        for error in table_files.validate(tables)
    ]
    if errors:
        return errors, []
    progress("construct the graph")
    builder = construct(tables)
    progress("derive")
    derive(builder)
    progress("validate against the shapes")
    quads = builder.quads()
    data = to_graph(rdf.merge(quads))
    shapes = Graph().parse(data=shapes_text(), format="turtle")
    results = check_shapes(data, shapes, tables=tables)
    progress("run the checks")
    return sorted([*results, *run_checks(builder, tables)]), quads
