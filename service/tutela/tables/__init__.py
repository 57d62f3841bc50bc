"""The tables in ``data/``: reading, checking against their metadata, and writing in canonical form."""

from tutela.tables.csv_file import Row, read_rows
from tutela.tables.files import load, validate
from tutela.tables.table import Table

__all__ = ["Row", "Table", "load", "read_rows", "validate"]
