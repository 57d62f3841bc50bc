"""Validate what a user brings: RDF against the shapes, and tables in the place of ours against all that a build checks."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from rdflib import Graph
from rdflib.exceptions import ParserError

from tutela import build, paths, store, tables, validate
from tutela.errors import TutelaError, UsageError
from tutela.problems import Problem
from tutela.release import Release

_FORMS = {
    ".ttl": "turtle",
    ".nt": "ntriples",
    ".nq": "nquads",
    ".trig": "trig",
    ".jsonld": "jsonld",
    ".rdf": "rdfxml",
}
_TABLE = ".csv"


def report_on(files: Sequence[Path], form: str, known: Release | None = None) -> tuple[str, bool]:
    """Validate files.

    Args:
        files: RDF by their endings, taken together as one graph; tables by the names that ours have.
        form: ``text``, ``json`` or ``turtle``.
        known: a release in which to look up what the RDF names and does not describe.

    Returns:
        The report, and whether nothing in it is a violation.

    Raises:
        UsageError: the form, or the ending of a file, is not known.
        TutelaError: a file is not well formed.

    """
    if form not in ("text", "json", "turtle"):
        raise UsageError(f"--format {form}: expected text, json or turtle.")
    for path in files:
        if path.suffix not in (*_FORMS, _TABLE):
            raise UsageError(f"{path}: expected a file that ends in {', '.join((*_FORMS, _TABLE))}.")
    brought = [path for path in files if path.suffix == _TABLE]
    problems = _in_tables(brought) if brought else []
    graphs = [path for path in files if path.suffix != _TABLE]
    if graphs:
        problems = sorted([*problems, *_in_graphs(graphs, known)])
    return _text(problems, form), validate.conforms(problems)


def _in_tables(files: Sequence[Path]) -> list[Problem]:
    """Return what is wrong with our tables once these stand in the place of those of their names."""
    known = sorted(path.name for path in paths.DATA.glob(f"*{_TABLE}"))
    with TemporaryDirectory(prefix="tutela-") as name:
        folder = Path(name)
        shutil.copytree(paths.DATA, folder, dirs_exist_ok=True)
        for path in files:
            if path.name not in known:
                raise UsageError(f"{path}: there is no table of that name; expected one of {', '.join(known)}.")
            try:
                shutil.copyfile(path, folder / path.name)
            except OSError as error:
                raise UsageError(f"{path}: cannot be read ({error}).") from error
        try:
            return build.check(tables.load(folder))[0]
        except TutelaError as error:
            message = str(error)
            for path in files:
                message = message.replace(str(folder / path.name), str(path))
            raise TutelaError(message) from error


def _in_graphs(files: Sequence[Path], known: Release | None) -> list[Problem]:
    data = Graph()
    for path in files:
        try:
            triples = store.triples_from(path.read_bytes(), _FORMS[path.suffix])
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
    focus = set(data.subjects())
    if known is not None:
        named = {str(node) for node in data.objects()}
        there = store.around(known.dump.read_bytes(), named, without={str(node) for node in focus})
        data.parse(data=store.dump(there, "ntriples"), format="nt")
    return validate.check_shapes(data, shapes, focus)


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
