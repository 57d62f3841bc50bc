"""Where table rows are, as validation results name them."""

from collections.abc import Iterable, Mapping

from tutela import namespaces, paths
from tutela.tables import Table
from tutela.validation.result import NO_ROW


def locate(iris: Iterable[str], tables: Mapping[str, Table]) -> str:
    """Return the location of table rows, sorted, such as ``data/review/notes.csv row 6``.

    Args:
        iris: IRIs of rows; others are ignored.
        tables: the tables that were validated, by name. They give the row numbers; a row that is not in them is named by
            its key, such as ``data/review/notes.csv, key 10, 252``.

    """
    rows = {row for iri in iris if (row := namespaces.parse_row_iri(iri))}
    located = sorted((table, _number(tables, table, key), key) for table, key in rows)
    texts = [
        f"{tables[table].location} row {number}" if number else paths.row_location(table, key) for table, number, key in located
    ]
    return "; ".join(texts) or NO_ROW


def _number(tables: Mapping[str, Table], table: str, key: tuple[str, ...]) -> int:
    return tables[table].row_numbers.get(key, 0) if table in tables else 0
