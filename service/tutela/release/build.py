"""Build a release: tables to graph, validation, and the folder with all files."""

from pathlib import Path

from tutela import paths, tables
from tutela.errors import BuildFailedError
from tutela.release import bundle
from tutela.release.bundle import Release
from tutela.release.inputs import current_version
from tutela.sparql import rdf
from tutela.validation import ValidationResult, conforms
from tutela.validation.report import shacl_report
from tutela.validation.shape_files import shapes_text
from tutela.validation.tables import Progress, validate_tables


def build(out: Path, progress: Progress = lambda step: None) -> tuple[Release, list[ValidationResult]]:
    """Build a release into a folder.

    Args:
        out: the folder; an existing release is replaced, anything else is left unchanged.
        progress: called with the name of each step when it starts.

    Returns:
        The release, and the warnings.

    Raises:
        BuildFailedError: the tables or the graph break a rule.
        UsageError: the folder contains something else.
        TutelaError: a table or query cannot be read.

    """
    bundle.ensure_writable(out)
    progress("read the tables")
    loaded = tables.load(paths.DATA)
    results, quads = validate_tables(loaded, progress)
    if not conforms(results):
        raise BuildFailedError(results)
    triples = rdf.merge(quads)
    progress("write the release")
    report = shacl_report(results).serialize(format="nt", encoding="utf-8")
    files = {
        bundle.NQUADS: rdf.serialize(quads, "nquads"),
        "tutela.ttl": rdf.serialize(triples, "turtle"),
        "tutela.jsonld": rdf.serialize(quads, "jsonld"),
        "shapes.ttl": shapes_text().encode(),
        "validation.ttl": rdf.serialize(rdf.parse_triples(report, "ntriples"), "turtle"),
    }
    dataset = loaded["dataset"].rows[0]
    manifest = {
        "dataset": dataset["id"],
        "title": dataset["title"],
        "issued": dataset["issued"],
        "licence": dataset["licence"],
        "version": current_version(),
        "quads": len(quads),
        "triples": len(triples),
        "rows": {name: len(table.rows) for name, table in sorted(loaded.items())},
    }
    return bundle.write(out, files, manifest), results
