"""Everything that a build checks: the tables, then the graph made from them."""

import gc
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tutela import tables as table_files
from tutela.graph import construct, derive
from tutela.graph.construct import OnOutput
from tutela.paths import Source
from tutela.sparql import rdf
from tutela.sparql.rdf import Quads
from tutela.sparql.rdflib_graph import to_graph
from tutela.tables import Table
from tutela.tables.published import PublishedRelease
from tutela.tables.table import CellError
from tutela.validation.checks import run_checks
from tutela.validation.comparison import compare_with_release
from tutela.validation.corrections import check_corrections
from tutela.validation.result import ValidationResult
from tutela.validation.shape_files import shape_triples
from tutela.validation.shape_processes import checking_shapes

Progress = Callable[[str], None]


def validate_tables(  # noqa: PLR0913, PLR0917 - each argument has a default
    tables: dict[str, Table],
    source: Source | None = None,
    progress: Progress = lambda step: None,
    processes: int = 1,
    last_release: PublishedRelease | None = None,
    allow_loss: Collection[str] = (),
    on_output: OnOutput = lambda query, triples: None,
) -> tuple[list[ValidationResult], Quads]:
    """Build the graph from tables and validate both.

    Args:
        tables: the tables, by name.
        source: where the ontology, the queries and the shapes are; by default the project's own.
        progress: called with the name of each step when it starts.
        processes: number of processes that check the shapes; 0 for one for each processor.
        last_release: the release to compare the tables with, if any.
        allow_loss: names of tables that are allowed to have fewer rows than in that release.
        on_output: called with each build query and rule, and what it makes.

    Returns:
        All results, and the quads of the graph; there are none if the tables themselves break their metadata.

    Raises:
        TutelaError: the ontology, a query or a shape cannot be read.

    """
    source = source or Source.of_project()
    errors = [_result(tables[error.table], error) for error in table_files.validate(tables)]
    if errors:
        return errors, []
    recorded = check_corrections(tables)
    if last_release:
        progress("compare with the last release")
        recorded += compare_with_release(tables, last_release, allow_loss)
    progress("construct the graph")
    builder = construct(tables, source, on_output)
    progress("derive")
    derive(builder, source, on_output)
    progress("validate against the shapes and run the checks")
    # The engine evaluates the checks in a thread without Python's lock. The thread has ended when processes are forked.
    with ThreadPoolExecutor(1) as thread:
        checks = thread.submit(run_checks, builder, tables, source.queries)
        quads = builder.quads()
        data = to_graph(map(rdf.triple_of, quads))  # no triple is in two graphs
        shapes = to_graph(shape_triples(source.shapes))
        found = checks.result()
    with checking_shapes(data, shapes, tables, processes) as results:
        return sorted([*recorded, *found, *results()]), quads


def _result(table: Table, error: CellError) -> ValidationResult:
    where = f"{table.location} row {error.row}"
    return ValidationResult("Violation", where, error.column, error.found, error.expected, value=error.value, advice=error.advice)


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Turn off the collector of reference cycles, which takes a seventh of the time: nearly all objects live to its end."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
