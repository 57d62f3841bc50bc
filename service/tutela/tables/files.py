"""The folder ``data/``: a folder for each graph, with a CSV file and its metadata file for each table.

``TABLE.csv-metadata.json`` is the default location of CSV metadata (W3C Model for Tabular Data and Metadata on the Web,
section 5.3), so other programs find it too. `table_group` combines all of them into one document.
"""

from itertools import chain
from pathlib import Path
from typing import Any

from tutela import paths
from tutela.errors import TutelaError
from tutela.tables.csv_file import Row, canonical, write_new
from tutela.tables.table import CellError, Table

SUFFIX = "-metadata.json"


def load(folder: Path) -> dict[str, Table]:
    """Read every table of a folder such as ``data/``, by its name.

    Raises:
        TutelaError: a table is missing, is not UTF-8, has other columns than its metadata, or has no metadata.
            The message names all of them.

    """
    tables: dict[str, Table] = {}
    errors: list[str] = []
    described = sorted(folder.glob(f"*/*.csv{SUFFIX}"), key=lambda path: path.name)
    for path in described:
        try:
            table = read_metadata(path)
            _ = table.rows
            tables[table.name] = table
        except TutelaError as error:
            errors.append(str(error))
    for path in paths.table_files(folder).values():
        if not metadata_file(path).is_file():
            errors.append(f"{path}: no metadata file {path.name}{SUFFIX} next to it; add it, or remove the table.")
    if errors:
        raise TutelaError("\n".join(errors))
    if not tables:
        raise TutelaError(f"{folder}: no tables found; expected files such as review/notes.csv with their metadata.")
    return tables


def read_metadata(path: Path) -> Table:
    """Read the metadata of one table.

    Raises:
        TutelaError: the file is not valid CSV metadata.

    """
    from csvw import Table as MetadataTable  # noqa: PLC0415 - takes 0.2 s to load, and a service only reads the files

    try:
        spec = MetadataTable.from_file(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TutelaError(f"{path}: not readable as CSV metadata ({error}).") from error
    return Table(path.with_name(path.name.removesuffix(SUFFIX)), spec)


def metadata_file(table: Path) -> Path:
    """Return the path of a table's metadata file."""
    return table.with_name(table.name + SUFFIX)


def validate(tables: dict[str, Table]) -> list[CellError]:
    """Return every error in the tables: cells, keys, then references between tables."""
    errors = chain.from_iterable(table.errors() for table in tables.values())
    references = chain.from_iterable(table.broken_references(tables) for table in tables.values())
    return [*errors, *references]


def replace_rows(path: Path, rows: list[Row]) -> None:
    """Write one table of ``data/`` in canonical form, with the column order and key of its metadata."""
    table = read_metadata(metadata_file(path))
    part = path.with_suffix(".csv.part")
    part.write_text(canonical(rows, table.column_names, table.key), encoding="utf-8")
    part.replace(path)


def write_tables(folder: Path, tables: dict[str, list[Row]]) -> list[Path]:
    """Write rows of tables of the project into another folder; see `write_new`."""
    files = paths.table_files()
    texts = {}
    for name, rows in tables.items():
        table = read_metadata(metadata_file(files[name]))
        texts[name] = canonical(rows, table.column_names, table.key)
    return write_new(folder, texts)


def public_metadata(document: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata of one table with the URLs of tables relative to ``/data/``."""
    schema = document["tableSchema"]
    if "foreignKeys" not in schema:
        return document
    keys = [
        {**key, "reference": {**key["reference"], "resource": Path(key["reference"]["resource"]).name}}
        for key in schema["foreignKeys"]
    ]
    return {**document, "tableSchema": {**schema, "foreignKeys": keys}}


def table_group(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the metadata of several tables as one document (W3C Metadata Vocabulary for Tabular Data, section 5.3)."""
    return {
        "@context": documents[0]["@context"],
        "dc:title": "The tables of Tutela",
        "dc:license": "https://creativecommons.org/licenses/by/4.0/",
        "tables": [{key: value for key, value in document.items() if key != "@context"} for document in documents],
    }
