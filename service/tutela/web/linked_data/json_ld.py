"""JSON-LD in compacted form, with its context in the document, so that clients need not fetch anything."""

import json
from collections.abc import Mapping
from typing import Any

from tutela import namespaces
from tutela.settings import MAX_COMPACTED_TRIPLES
from tutela.sparql import Store, rdf
from tutela.sparql.query_file import page_query
from tutela.sparql.rdf import Triples


def context_of(store: Store) -> dict[str, Any]:
    """Return the context: the prefixes, and each term of the ontology by its local name (JSON-LD 1.1, section 3.1)."""
    rows = store.query(page_query("context").text).rows()
    terms = {str(name): {"@id": term, "@type": kind} if kind else term for name, term, kind in rows}
    return {**namespaces.PREFIXES, "id": "@id", "type": "@type", **terms}


def compact(triples: Triples, context: Mapping[str, Any]) -> bytes:
    """Return triples as a compacted document (JSON-LD 1.1, section 5.2); a large document stays in expanded form."""
    from pyld import jsonld  # noqa: PLC0415 - takes 0.1 s to load

    expanded = rdf.serialize(triples, "jsonld")
    if len(triples) > MAX_COMPACTED_TRIPLES:
        return expanded
    nodes = json.loads(expanded)
    for node in nodes:
        # The engine writes rdf:type like any other property.
        if types := node.pop(f"{namespaces.RDF}type", None):
            node["@type"] = [one["@id"] for one in types]
    document = jsonld.compact(nodes, {"@context": dict(context)}, {"graph": True})
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
