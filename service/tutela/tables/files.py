"""The folder ``data/``: a folder for each graph, with a CSV file and its metadata file for each table.

``TABLE.csv-metadata.json`` is the default location of CSV metadata (W3C Model for Tabular Data and Metadata on the Web,
section 5.3), so other programs find it too. `table_group` combines all of them into one document.
"""

import warnings
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from tutela import paths
from tutela.errors import TutelaError
from tutela.paths import METADATA_SUFFIX
from tutela.tables.csv_file import Row, canonical, write_new
from tutela.tables.table import CellError, Table


def load(folder: Path) -> dict[str, Table]:
    """Read every table of a folder such as ``data/``, by its name.

    Raises:
        TutelaError: a table is missing, is not UTF-8, has other columns than its metadata, has no metadata, or refers to a
            table or column that does not exist. The message names all of them.

    """
    tables: dict[str, Table] = {}
    errors: list[str] = []
    described = sorted(folder.glob(f"*/*.csv{METADATA_SUFFIX}"), key=lambda path: path.name)
    for path in described:
        try:
            table = read_metadata(path)
            _ = table.rows
            if table.name in tables:
                errors.append(
                    f"{table.path}: there is another table of this name, {tables[table.name].path}; rename one of them."
                )
            tables[table.name] = table
        except TutelaError as error:
            errors.append(str(error))
    for path in paths.table_files(folder).values():
        if not metadata_file(path).is_file():
            errors.append(f"{path}: no metadata file {path.name}{METADATA_SUFFIX} next to it; add it, or remove the table.")
    if not errors:
        errors = [error for table in tables.values() for error in unknown_references(table, tables)]
    if errors:
        raise TutelaError("\n".join(errors))
    if not tables:
        raise TutelaError(f"{folder}: no tables found; expected files such as review/notes.csv with their metadata.")
    return tables


def described_tables(folder: Path) -> list[Table]:
    """Return the tables of a folder by their metadata, sorted by name; their rows are not read yet.

    Raises:
        TutelaError: a metadata file is not valid. The message names all of them.

    """
    tables, errors = [], []
    for path in sorted(folder.glob(f"*/*.csv{METADATA_SUFFIX}"), key=lambda path: path.name):
        try:
            tables.append(read_metadata(path))
        except TutelaError as error:
            errors.append(str(error))
    if errors:
        raise TutelaError("\n".join(errors))
    return tables


def unknown_references(table: Table, tables: dict[str, Table]) -> Iterator[str]:
    """Yield an error for each reference in a table's metadata to a table or column that does not exist."""
    file = metadata_file(table.path)
    for columns, target, target_columns in [(table.key, table.name, []), *table.foreign_keys]:
        if target not in tables:
            yield f"{file}: refers to the table {target}, which does not exist; add the table, or remove the reference."
            continue
        for owner, names in ((table, columns), (tables[target], target_columns)):
            for name in names:
                if name not in owner.column_names:
                    yield f"{file}: names the column {name} of the table {owner.name}, which has no such column."


def read_metadata(path: Path) -> Table:
    """Read the metadata of one table.

    Raises:
        TutelaError: the file is not valid CSV metadata.

    """
    from csvw import Table as MetadataTable  # noqa: PLC0415 - takes 0.2 s to load, and a service only reads the files

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # the library only warns of what it then ignores
            spec = MetadataTable.from_file(path)
        return Table(path.with_name(path.name.removesuffix(METADATA_SUFFIX)), spec)
    # The library assumes that a document is well formed, and fails in many ways if it is not.
    except (OSError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, Warning) as error:
        raise TutelaError(f"{path}: not readable as CSV metadata ({error}).") from error


def metadata_file(table: Path) -> Path:
    """Return the path of a table's metadata file."""
    return table.with_name(table.name + METADATA_SUFFIX)


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
