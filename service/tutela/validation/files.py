"""Validation of a user's files: RDF against the shapes, tables in place of the project's own against all checks of a build."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from rdflib import Graph, URIRef

from tutela import paths, tables
from tutela.errors import TutelaError, UsageError
from tutela.sparql import EmbeddedStore, rdf
from tutela.sparql.rdflib_graph import to_graph
from tutela.validation.report import shacl_report
from tutela.validation.result import NO_ROW, ValidationResult, conforms
from tutela.validation.shape_files import shapes_text
from tutela.validation.shapes import check_shapes
from tutela.validation.tables import validate_tables

_RDF_FORMATS = {
    ".ttl": "turtle",
    ".nt": "ntriples",
    ".nq": "nquads",
    ".trig": "trig",
    ".jsonld": "jsonld",
    ".rdf": "rdfxml",
}
_TABLE = ".csv"


def validate_files(files: Sequence[Path], report_format: str, context: EmbeddedStore | None = None) -> tuple[str, bool]:
    """Validate files.

    Args:
        files: RDF, validated together as one graph, and tables that have the names of the project's own.
        report_format: ``text``, ``json`` or ``turtle``.
        context: a store with resources that the RDF may refer to without describing them.

    Returns:
        The report, and whether it has no violation.

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
    results = _table_results(user_tables) if user_tables else []
    if documents:
        results = sorted([*results, *_rdf_results(documents, context)])
    return _report(results, report_format), conforms(results)


def _table_results(files: Sequence[Path]) -> list[ValidationResult]:
    """Validate the project's tables with the user's tables in place of those of the same name."""
    known = paths.table_files()
    unknown = [str(path) for path in files if path.stem not in known]
    if unknown:
        names = ", ".join(f"{name}.csv" for name in known)
        raise UsageError(f"{', '.join(unknown)}: no table of that name; expected one of {names}.")
    with TemporaryDirectory(prefix="tutela-") as name:
        folder = Path(name)
        shutil.copytree(paths.DATA, folder, dirs_exist_ok=True)
        copies = {path: folder / known[path.stem].parent.name / path.name for path in files}
        for path, copy in copies.items():
            try:
                shutil.copyfile(path, copy)
            except OSError as error:
                raise UsageError(f"{path}: cannot be read ({error}).") from error
        try:
            return validate_tables(tables.load(folder))[0]
        except TutelaError as error:
            message = str(error)
            for path, copy in copies.items():
                message = message.replace(str(copy), str(path))
            raise TutelaError(message) from error


def _rdf_results(files: Sequence[Path], context: EmbeddedStore | None) -> list[ValidationResult]:
    data = Graph()
    for path in files:
        try:
            data += to_graph(rdf.parse_triples(path.read_bytes(), _RDF_FORMATS[path.suffix]))
        except OSError as error:
            raise UsageError(f"{path}: cannot be read ({error}).") from error
        except TutelaError as error:
            raise TutelaError(f"{path}: {error}") from error
    shapes = Graph().parse(data=shapes_text(), format="turtle")
    focus = set(data.subjects())
    if context is not None:
        named = {str(node) for node in data.objects() if isinstance(node, URIRef)}
        data += to_graph(context.neighbourhood(named, without={str(node) for node in focus}))
    return check_shapes(data, shapes, focus)


def _report(results: list[ValidationResult], report_format: str) -> str:
    if report_format == "json":
        document = {"conforms": not results, "results": [asdict(result) for result in results]}
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if report_format == "turtle":
        report = shacl_report(results).serialize(format="nt", encoding="utf-8")
        return rdf.serialize(rdf.parse_triples(report, "ntriples"), "turtle").decode()
    if not results:
        return "Conforms: no shape is violated.\n"
    lines = []
    for result in results:
        where = "" if result.where == NO_ROW else f" ({result.where})"
        lines.append(f"{result.severity}: {result.resource}{where}\n")
        lines.append(f"  found:    {result.found}\n  expected: {result.expected}\n")
    return "".join(lines)
