"""Build a release: tables to graph, validation, and the folder with all files."""

from collections.abc import Collection, Mapping
from pathlib import Path

from tutela import tables
from tutela.errors import BuildFailedError, TutelaError
from tutela.graph.construct import OnOutput
from tutela.release import bundle
from tutela.release.bundle import Release
from tutela.sparql import rdf
from tutela.tables import Row, Table
from tutela.tables.published import last_published
from tutela.validation import ValidationResult, conforms
from tutela.validation.comparison import ensure_tables
from tutela.validation.inputs import Inputs, read_inputs
from tutela.validation.report import shacl_report
from tutela.validation.shape_files import shapes_text
from tutela.validation.tables import Progress, validate_tables, without_garbage_collection

_DATASET = "dataset"  # the table that describes the dataset itself


def build(
    out: Path,
    progress: Progress = lambda step: None,
    allow_loss: Collection[str] = (),
    inputs: Inputs | None = None,
    on_output: OnOutput = lambda query, triples: None,
) -> tuple[Release, list[ValidationResult]]:
    """Build a release into a folder. Every input is read once, so that a change during the build has no effect on it.

    Args:
        out: the folder; an existing release is replaced, anything else is left unchanged.
        progress: called with the name of each step when it starts.
        allow_loss: names of tables that are allowed to have fewer rows than in the last published release.
        inputs: what to build from; by default the inputs of the project.
        on_output: called with each build query and rule, and what it makes.

    Returns:
        The release, and the warnings.

    Raises:
        BuildFailedError: the tables or the graph break a rule.
        UsageError: the folder contains something else, another build into it is running, or there is no such table.
        TutelaError: a table, query or other input cannot be read.

    """
    with bundle.building(out) as place, without_garbage_collection():
        progress("read the tables")
        inputs = inputs or read_inputs()
        with inputs.unpacked(place / "inputs") as source:
            loaded = tables.load(source.data)
            dataset = _dataset(loaded)
            last = last_published()
            ensure_tables(allow_loss, loaded.keys() | (last.table_files.keys() if last else set()))
            results, quads = validate_tables(loaded, source, progress, 0, last, allow_loss, on_output)
            shapes = shapes_text(source.shapes).encode()
        if not conforms(results):
            raise BuildFailedError(inputs.as_read(results))
        triples = [rdf.triple_of(quad) for quad in quads]  # no triple is in two graphs
        progress("write the release")
        report = shacl_report(results).serialize(format="nt", encoding="utf-8")
        files = {
            bundle.NQUADS: rdf.serialize(quads, "nquads"),
            "tutela.ttl": rdf.serialize(triples, "turtle"),
            "tutela.jsonld": rdf.serialize(quads, "jsonld"),
            "shapes.ttl": shapes,
            "validation.ttl": rdf.serialize(rdf.parse_triples(report, "ntriples"), "turtle"),
            **{f"{bundle.SOURCE}/{name}": content for name, content in inputs.files.items()},
        }
        manifest = {
            "dataset": dataset["id"],
            "title": dataset["title"],
            "issued": dataset["issued"],
            "licence": dataset["licence"],
            "version": inputs.version,
            "quads": len(quads),
            "triples": len(triples),
            "rows": {name: len(table.rows) for name, table in sorted(loaded.items())},
        }
        return bundle.write_from(place, out, files, manifest), inputs.as_read(results)


def _dataset(loaded: Mapping[str, Table]) -> Row:
    """Return the row that describes the dataset.

    Raises:
        TutelaError: there is not exactly one.

    """
    if _DATASET not in loaded:
        raise TutelaError(f"There is no table {_DATASET}.csv; expected data/meta/{_DATASET}.csv with one row.")
    rows = loaded[_DATASET].rows
    missing = {"id", "title", "issued", "licence"} - set(loaded[_DATASET].column_names)
    if len(rows) != 1 or missing:
        columns = f" and the columns {', '.join(sorted(missing))}" if missing else ""
        raise TutelaError(
            f"{loaded[_DATASET].location}: has {len(rows)} rows; expected one, which describes the dataset{columns}."
        )
    return rows[0]
