"""JSON-LD as people write it: short names and numbers, with the context in the document, so that nothing need be fetched."""

import json
from collections.abc import Mapping
from typing import Any

from pyld import jsonld

from tutela import header, names, paths
from tutela.store import Store, dump
from tutela.web.description import Triples

# Compaction takes some ten milliseconds a thousand statements; whole graphs stay in expanded form.
_MOST = 3000


def context_of(store: Store) -> dict[str, Any]:
    """Return the context: the prefixes, and each term of the ontology by its own name (JSON-LD 1.1, section 3.1)."""
    found = store.query(header.read(paths.QUERIES / "pages" / "context.rq").text)
    terms = {str(name): {"@id": term, "@type": kind} if kind else term for name, term, kind in found.rows()}
    return {**names.PREFIXES, "id": "@id", "type": "@type", **terms}


def compact(triples: Triples, context: Mapping[str, Any]) -> bytes:
    """Return triples as a document in compacted form (JSON-LD 1.1, section 5.2) that holds its context."""
    expanded = dump(triples, "jsonld")
    if len(triples) > _MOST:
        return expanded
    nodes = json.loads(expanded)
    for node in nodes:
        # The engine writes the types of a node like any other property.
        if types := node.pop(f"{names.RDF}type", None):
            node["@type"] = [kind["@id"] for kind in types]
    document = jsonld.compact(nodes, {"@context": dict(context)}, {"graph": True})
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
