"""The catalogue: queries that people ask, as files with typed parameters."""

from tutela.catalog.catalog import Catalog
from tutela.catalog.parameters import Parameter, ParameterValue
from tutela.catalog.query import CatalogQuery

__all__ = ["Catalog", "CatalogQuery", "Parameter", "ParameterValue"]
