"""Validate RDF files that a user brings."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rdflib import Graph
from rdflib.exceptions import ParserError

from tutela import store, validate
from tutela.errors import TutelaError, UsageError
from tutela.problems import Problem

_FORMS = {
    ".ttl": "turtle",
    ".nt": "ntriples",
    ".nq": "nquads",
    ".trig": "trig",
    ".jsonld": "jsonld",
    ".rdf": "rdfxml",
}


def report_on(files: Sequence[Path], form: str) -> tuple[str, bool]:
    """Validate files, taken together as one graph, against the shapes.

    Args:
        files: RDF by their endings.
        form: ``text``, ``json`` or ``turtle``.

    Returns:
        The report, and whether nothing in it is a violation.

    Raises:
        UsageError: the form, or the ending of a file, is not known.
        TutelaError: a file is not well formed.

    """
    if form not in ("text", "json", "turtle"):
        raise UsageError(f"--format {form}: expected text, json or turtle.")
    data = Graph()
    for path in files:
        kind = _FORMS.get(path.suffix)
        if kind is None:
            raise UsageError(f"{path}: expected a file that ends in {', '.join(_FORMS)}.")
        try:
            triples = store.triples_from(path.read_bytes(), kind)
        except OSError as error:
            raise UsageError(f"{path}: cannot be read ({error}).") from error
        except TutelaError as error:
            raise TutelaError(f"{path}: {error}") from error
        try:
            data.parse(data=store.dump(triples, "ntriples"), format="nt")
        except ParserError as error:
            # What RDF 1.2 adds (triple terms, directions) the reference SHACL engine does not read.
            raise TutelaError(f"{path}: not RDF 1.1, and cannot be validated ({error}).") from error
    shapes = Graph().parse(data=validate.shapes_text(), format="turtle")
    problems = validate.check_shapes(data, shapes)
    return _text(problems, form), validate.conforms(problems)


def _text(problems: list[Problem], form: str) -> str:
    if form == "json":
        document = {"conforms": not problems, "results": [asdict(problem) for problem in problems]}
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if form == "turtle":
        report = validate.report(problems).serialize(format="nt", encoding="utf-8")
        return store.dump(store.triples_from(report, "ntriples"), "turtle").decode()
    if not problems:
        return "Conforms: nothing breaks a shape.\n"
    lines = []
    for problem in problems:
        where = "" if problem.where == "no row" else f" ({problem.where})"
        lines.append(f"{problem.severity}: {problem.resource}{where}\n")
        lines.append(f"  found:    {problem.found}\n  expected: {problem.expected}\n")
    return "".join(lines)
