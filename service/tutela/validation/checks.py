"""Checks: constraints that span the graph (totals, completeness, dates), as queries in ``queries/checks/``."""

from collections.abc import Collection, Mapping
from pathlib import Path

from tutela import namespaces, paths
from tutela.errors import TutelaError
from tutela.sparql import query_file
from tutela.sparql.dataset_builder import DatasetBuilder
from tutela.sparql.query_file import QueryFile
from tutela.tables import Table
from tutela.validation.location import locate
from tutela.validation.result import SEVERITIES, ValidationResult


def run_checks(
    builder: DatasetBuilder,
    tables: Mapping[str, Table],
    queries: Path = paths.QUERIES,
    names: Collection[str] | None = None,
) -> list[ValidationResult]:
    """Run checks over the union of the graphs; each row of an answer is a validation result.

    A check selects ``?resource ?found`` and, if its title does not say what is expected, ``?expected``. The table rows
    are looked up from the resource, unless the check selects ``?rows``, their IRIs separated by spaces, or ``?where``, a text.

    Args:
        builder: the dataset.
        tables: the tables that it was made from, by name; they give the numbers of the rows.
        queries: the folder ``queries/``; by default the project's own.
        names: names of the checks; by default all.

    Raises:
        TutelaError: a check cannot be read or has an unknown severity.

    """
    rows_of = _rows_by_resource(builder, query_file.find(queries / "pages", "rows"))
    results = []
    for check in query_file.read_all(queries / "checks"):
        if names is None or check.name in names:
            for record in builder.query(check.path).records():
                results.append(check_result(check, record, rows_of.get(record["resource"], []), tables))
    return sorted(results)


def check_result(
    check: QueryFile, record: Mapping[str, str], rows: Collection[str], tables: Mapping[str, Table]
) -> ValidationResult:
    """Return one row of the answer to a check as a validation result.

    Args:
        check: the check.
        record: the row.
        rows: the IRIs of the rows that the resource was derived from; the check can name others.
        tables: the tables, by name; they give the numbers of the rows.

    Raises:
        TutelaError: the check has an unknown severity.

    """
    severity = str(check.metadata.get("severity", "Violation"))
    if severity not in SEVERITIES:
        raise TutelaError(f"{check.path}: unknown severity {severity!r}; expected one of {', '.join(SEVERITIES)}.")
    where = record.get("where") or locate(record.get("rows", "").split() or rows, tables)
    expected = record.get("expected") or check.title
    resource = namespaces.strip_base(record["resource"])
    return ValidationResult(severity, where, resource, record["found"], expected, f"{namespaces.CHECK}{check.name}")


def _rows_by_resource(builder: DatasetBuilder, query: Path) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}
    for resource, row in builder.query(query).rows():
        rows.setdefault(str(resource), []).append(str(row))
    return rows
