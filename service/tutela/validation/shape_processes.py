"""Shapes checked in several processes: pySHACL takes most of the time of a build, and uses one processor.

The processes are forked, so they share the graph. Without fork, or with one processor, the shapes are checked in this process.
"""

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection

from rdflib import Graph, Namespace
from rdflib.term import Node

from tutela import namespaces
from tutela.errors import TutelaError
from tutela.tables import Table
from tutela.validation.result import ValidationResult
from tutela.validation.shapes import check_shapes, instances

_SH = Namespace(namespaces.SH)
Results = Callable[[], list[ValidationResult]]


@contextmanager
def checking_shapes(data: Graph, shapes: Graph, tables: Mapping[str, Table], processes: int = 0) -> Iterator[Results]:
    """Check a graph against shapes while the body of the ``with`` statement runs.

    Args:
        data: the graph.
        shapes: node shapes with target classes.
        tables: the tables that the graph was made from, by name.
        processes: number of processes; 0 for one for each processor.

    Yields:
        A function that waits for the results and returns them; it raises TutelaError like `check_shapes`.

    """
    count = processes or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    if count == 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield lambda: check_shapes(data, shapes, tables=tables)
        return
    context = multiprocessing.get_context("fork")
    started = []
    for part in _parts(data, shapes, count):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_check, args=(theirs, data, part, tables), daemon=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the thread of the progress display holds no lock
            process.start()
        theirs.close()
        started.append((process, ours))
    try:
        yield lambda: sorted(result for _, connection in started for result in _receive(connection))
    finally:
        for process, connection in started:
            connection.close()
            process.terminate()
            process.join()


def _parts(data: Graph, shapes: Graph, count: int) -> list[Graph]:
    """Return the shapes in parts that take about the same time; each has all shapes, and the targets of some."""
    work: dict[Node, int] = {}
    for shape in set(shapes.subjects(_SH.targetClass)):
        targets = sum(len(instances(data, kind)) for kind in shapes.objects(shape, _SH.targetClass))
        work[shape] = targets * len(set(shapes.objects(shape, _SH.property)))
    groups: list[set[Node]] = [set() for _ in range(min(count, len(work)))]
    for shape in sorted(work, key=lambda one: (-work[one], str(one))):
        min(groups, key=lambda group: sum(work[one] for one in group)).add(shape)
    parts = []
    for group in groups:
        part = Graph()
        part += (triple for triple in shapes if triple[1] != _SH.targetClass or triple[0] in group)
        parts.append(part)
    return parts


def _check(connection: Connection, data: Graph, shapes: Graph, tables: Mapping[str, Table]) -> None:
    try:
        connection.send(check_shapes(data, shapes, tables=tables))
    except TutelaError as error:
        connection.send(str(error))


def _receive(connection: Connection) -> list[ValidationResult]:
    try:
        received = connection.recv()
    except EOFError as error:
        raise TutelaError("A process that checks shapes has ended early; there may be too little memory. Try again.") from error
    if isinstance(received, str):
        raise TutelaError(received)
    return list(received)
