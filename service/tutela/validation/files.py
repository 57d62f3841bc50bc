"""Validation of a user's files: RDF against the shapes, tables in place of the project's own against all checks of a build."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rdflib import Graph, URIRef

from tutela import paths, tables
from tutela.errors import TutelaError, UsageError
from tutela.paths import Source
from tutela.sparql import EmbeddedStore, rdf
from tutela.sparql.rdflib_graph import to_graph
from tutela.tables.published import last_published
from tutela.validation.coverage import NO_SHAPE, Coverage, coverage
from tutela.validation.inputs import read_inputs
from tutela.validation.report import shacl_report
from tutela.validation.result import NO_ROW, ValidationResult, conforms
from tutela.validation.shape_files import shape_triples
from tutela.validation.shapes import check_shapes
from tutela.validation.tables import validate_tables, without_garbage_collection

_RDF_FORMATS = {
    ".ttl": "turtle",
    ".nt": "ntriples",
    ".nq": "nquads",
    ".trig": "trig",
    ".jsonld": "jsonld",
    ".rdf": "rdfxml",
}
_TABLE = ".csv"
_LISTED = 20  # unknown resources that a text names


def validate_files(
    files: Sequence[Path], report_format: str, context: EmbeddedStore | None = None, source: Source | None = None
) -> tuple[str, bool]:
    """Validate files.

    Args:
        files: RDF, validated together as one graph, and tables that have the names of the project's own.
        report_format: ``text``, ``json`` or ``turtle``.
        context: a store with resources that the RDF may refer to without describing them.
        source: the tables, ontology, queries and shapes to validate with; by default the project's own.

    Returns:
        The report, and whether it has no violation. RDF of which nothing could be validated does not pass.

    Raises:
        UsageError: the report format or a file name extension is unknown, or a file cannot be read.
        TutelaError: a file is not well formed.

    """
    if report_format not in ("text", "json", "turtle"):
        raise UsageError(f"--format {report_format}: expected text, json or turtle.")
    unknown = [str(path) for path in files if path.suffix not in (*_RDF_FORMATS, _TABLE)]
    if unknown:
        raise UsageError(f"{', '.join(unknown)}: expected a file name that ends in {', '.join((*_RDF_FORMATS, _TABLE))}.")
    user_tables = [path for path in files if path.suffix == _TABLE]
    documents = [path for path in files if path.suffix != _TABLE]
    source = source or Source.of_project()
    results, covered = [], Coverage()
    if user_tables:
        results = _table_results(user_tables, source)
        covered = replace(covered, rows=sum(map(_row_count, user_tables)))
    if documents:
        found, of_documents = _rdf_results(documents, context, source)
        results = sorted([*results, *found])
        covered = replace(of_documents, rows=covered.rows)
    return _report(results, covered, report_format), conforms(results) and not covered.is_empty


def _table_results(files: Sequence[Path], source: Source) -> list[ValidationResult]:
    """Validate the project's tables with the user's tables in place of those of the same name."""
    known = paths.table_files(source.data)
    if not known:
        raise TutelaError(f"{source.data}: no tables found; name a release that was built with its inputs.")
    unknown = [str(path) for path in files if path.stem not in known]
    if unknown:
        names = ", ".join(f"{name}.csv" for name in known)
        raise UsageError(f"{', '.join(unknown)}: no table of that name; expected one of {names}.")
    repeated = [str(path) for path in files if [one.stem for one in files].count(path.stem) > 1]
    if repeated:
        raise UsageError(f"{', '.join(repeated)}: the same table is named more than once.")
    inputs = read_inputs(source)
    replaced = {f"data/{known[path.stem].parent.name}/{path.name}": path for path in files}
    # The user's tables stay in their own order, so that messages name their rows.
    contents = {**inputs.files, **{name: _content(path) for name, path in replaced.items()}}
    row_numbers = {name: numbers for name, numbers in inputs.row_numbers.items() if name not in replaced}
    inputs = replace(inputs, files=contents, row_numbers=row_numbers)
    try:
        with (
            TemporaryDirectory(prefix="tutela-") as folder,
            inputs.unpacked(Path(folder)) as unpacked,
            without_garbage_collection(),
        ):
            last = last_published() if source == Source.of_project() else None
            return inputs.as_read(validate_tables(tables.load(unpacked.data), unpacked, last_release=last)[0])
    except TutelaError as error:
        message = str(error)
        for name, path in replaced.items():
            message = message.replace(str(source.data / name.removeprefix("data/")), str(path))
        raise TutelaError(message) from error
    except OSError as error:
        raise TutelaError(f"A temporary folder cannot be written ({error.strerror or error}).") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error}).") from error


def _row_count(path: Path) -> int:
    """Return the number of rows of a table that has been validated, without its heading."""
    return len(tables.read_rows(path))


def _rdf_results(files: Sequence[Path], context: EmbeddedStore | None, source: Source) -> tuple[list[ValidationResult], Coverage]:
    data = Graph()
    for path in files:
        try:
            data += to_graph(rdf.parse_triples(path.read_bytes(), _RDF_FORMATS[path.suffix]))
        except OSError as error:
            raise UsageError(f"{path}: cannot be read ({error}).") from error
        except TutelaError as error:
            raise TutelaError(f"{path}: {error}") from error
    shapes = to_graph(shape_triples(source.shapes))
    focus = set(data.subjects())
    if context is not None:
        named = {str(node) for node in data.objects() if isinstance(node, URIRef)}
        data += to_graph(context.neighbourhood(named, without={str(node) for node in focus}))
    covered = coverage(data, shapes, focus)
    # If no shape applies to anything, nothing is violated, but it does not conform either.
    unchecked = [] if covered.resources else covered.unknown
    return [*check_shapes(data, shapes, focus), *unchecked], covered


def _report(results: list[ValidationResult], covered: Coverage, report_format: str) -> str:
    if report_format == "json":
        document = {
            "conforms": not results and not covered.is_empty,
            "checked": {"resources": covered.resources, "rows": covered.rows},
            "unknown": [{"resource": one.resource, "found": one.found, "advice": one.advice} for one in covered.unknown],
            "results": [asdict(result) for result in results],
        }
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if report_format == "turtle":
        report = shacl_report(results, covered).serialize(format="nt", encoding="utf-8")
        return rdf.serialize(rdf.parse_triples(report, "ntriples"), "turtle").decode()
    more = f"and {len(covered.unknown) - _LISTED} more\n" if len(covered.unknown) > _LISTED else ""
    lines = [_as_text(result) for result in results if result.component != NO_SHAPE]
    lines += [
        f"Conforms: no shape is violated. {covered.sentence}\n"
        if not results and not covered.is_empty
        else f"{covered.sentence}\n"
    ]
    unknown = [f"Unknown: {one.resource}: {' '.join(filter(None, (f'{one.found}.', one.advice)))}\n" for one in covered.unknown]
    return "".join([*lines, *unknown[:_LISTED], more])


def _as_text(result: ValidationResult) -> str:
    where = "" if result.where == NO_ROW else f" ({result.where})"
    advice = f"  to do:    {result.advice}\n" if result.advice else ""
    return f"{result.severity}: {result.resource}{where}\n  found:    {result.found}\n  expected: {result.expected}\n{advice}"
