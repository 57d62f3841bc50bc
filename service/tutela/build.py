"""Build a release: tables are lifted, queries construct and derive the graph, and it is validated."""

from collections.abc import Callable, Iterator
from pathlib import Path

from rdflib import Graph

import tutela.tables as tables_module
from tutela import header, names, paths, release, store, validate
from tutela.errors import TutelaError
from tutela.problems import Problem
from tutela.tables import Table

Step = Callable[[str], None]


class BuildFailedError(TutelaError):
    """The data do not pass; `problems` says why, row by row."""

    def __init__(self, problems: list[Problem]) -> None:
        count = sum(problem.severity == "Violation" for problem in problems)
        rules = "1 violation" if count == 1 else f"{count} violations"
        super().__init__(f"The build failed with {rules}; the last release, if there is one, is as it was.")
        self.problems = problems


def build(out: Path, step: Step = lambda name: None) -> tuple[release.Release, list[Problem]]:
    """Build a release into a folder.

    Args:
        out: the folder; a release that is there is replaced, anything else is left alone.
        step: called with the name of each step as it begins.

    Returns:
        The release, and the warnings that did not keep it from being written.

    Raises:
        BuildFailedError: the tables or the graph break a rule.
        UsageError: the folder holds something else.
        TutelaError: a table or query cannot be read.

    """
    release.check_place(out)
    step("read the tables")
    tables = tables_module.load(paths.DATA)
    problems, bench = check(tables, step)
    if not validate.conforms(problems):
        raise BuildFailedError(problems)
    quads = bench.quads()
    triples = store.merge(quads)
    step("write the release")
    report = validate.report(problems).serialize(format="nt", encoding="utf-8")
    files = {
        release.DUMP: store.dump(quads, "nquads"),
        "tutela.ttl": store.dump(triples, "turtle"),
        "tutela.jsonld": store.dump(quads, "jsonld"),
        "shapes.ttl": validate.shapes_text().encode(),
        "validation.ttl": store.dump(store.triples_from(report, "ntriples"), "turtle"),
    }
    dataset = tables["dataset"].rows[0]
    manifest = {
        "dataset": dataset["id"],
        "title": dataset["title"],
        "issued": dataset["issued"],
        "licence": dataset["licence"],
        "version": current_version(),
        "quads": len(quads),
        "triples": len(triples),
        "rows": {name: len(table.rows) for name, table in tables.items()},
    }
    return release.write(out, files, manifest), problems


def check(tables: dict[str, Table], step: Step = lambda name: None) -> tuple[list[Problem], store.Workbench]:
    """Make the graph of tables and validate it.

    Returns:
        Everything that breaks a rule, and the graph; that is empty if the tables themselves break one.

    Raises:
        TutelaError: a query cannot be read.

    """
    problems = tables_module.problems(tables)
    if problems:
        return problems, store.Workbench()
    step("construct the graph")
    bench = construct(tables)
    step("derive what follows")
    derive(bench)
    step("validate against the shapes")
    data = Graph().parse(data=store.dump(store.merge(bench.quads()), "ntriples"), format="nt")
    shapes = Graph().parse(data=validate.shapes_text(), format="turtle")
    problems = validate.check_shapes(data, shapes)
    step("run the checks")
    return sorted([*problems, *validate.check_queries(bench)]), bench


def current_version() -> str:
    """Return the version that a release built now would have."""
    return release.version_of(_inputs())


def construct(tables: dict[str, Table]) -> store.Workbench:
    """Lift the tables and construct each graph from them; the vocabulary comes from ``ontology/``."""
    lifted = lift(tables)
    bench = store.Workbench()
    for path in sorted(paths.ONTOLOGY.glob("**/*.ttl")):
        bench.add_turtle(path, f"{names.GRAPH}vocabulary")
    for query in header.read_all(paths.QUERIES / "build"):
        bench.add(lifted.query(query.path).triples(), _graph(query))
    return bench


def lift(tables: dict[str, Table]) -> store.Workbench:
    """Turn every row into a resource with a property a column (W3C csv2rdf, minimal mode)."""
    bench = store.Workbench()
    for name, table in tables.items():
        for number, cells in table.typed():
            triples = ((names.column(name, c.column), c.text, names.XSD + c.datatype) for c in cells)
            bench.add_row(names.row(name, number), triples)
    return bench


def derive(bench: store.Workbench) -> None:
    """Add what follows, rule by rule in the order of their file names; a rule sees what those before it added."""
    for query in header.read_all(paths.QUERIES / "derive"):
        bench.add(list(bench.query(query.path).triples()), _graph(query))


def _graph(query: header.QueryFile) -> str:
    graph = query.head.get("graph")
    if graph not in names.GRAPHS:
        raise TutelaError(f"{query.path}: graph {graph!r}; expected one of {', '.join(names.GRAPHS)}.")
    return f"{names.GRAPH}{graph}"


def _inputs() -> Iterator[tuple[str, Path]]:
    folders = (
        (paths.DATA, ("*.csv", tables_module.METADATA)),
        (paths.ONTOLOGY, ("**/*.ttl",)),
        (paths.QUERIES, ("build/*.rq", "derive/*.rq")),
        (paths.SHAPES, ("*.ttl",)),
    )
    for folder, patterns in folders:
        for pattern in patterns:
            for path in folder.glob(pattern):
                yield f"{folder.name}/{path.relative_to(folder).as_posix()}", path
