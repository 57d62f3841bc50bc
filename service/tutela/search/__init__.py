"""The search: jurisdictions, instruments, articles, laws, notes and queries by name, code, citation or summary."""

from tutela.search.documents import KINDS
from tutela.search.index import Search, SearchResults
from tutela.search.query import Result

__all__ = ["KINDS", "Result", "Search", "SearchResults"]
