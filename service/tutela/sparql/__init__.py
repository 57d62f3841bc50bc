"""Everything that knows RDF and SPARQL: one store interface, its implementations, query files and RDF documents.

`RemoteStore` is imported from its module, because its HTTP library takes 0.2 s to load.
"""

from tutela.sparql.embedded import EmbeddedStore
from tutela.sparql.query_file import QueryFile
from tutela.sparql.result import QueryResult
from tutela.sparql.store import Store

__all__ = ["EmbeddedStore", "QueryFile", "QueryResult", "Store"]
