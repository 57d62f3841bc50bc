"""The tables in ``data/``: reading, checking against their metadata, and writing in canonical form."""

from tutela.tables.csv_file import Row, read_rows
from tutela.tables.files import load, validate
from tutela.tables.table import Cell, Table

__all__ = ["Cell", "Row", "Table", "load", "read_rows", "validate"]
