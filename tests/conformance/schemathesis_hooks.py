"""Values that a JSON schema cannot describe: SPARQL queries, and documents to validate. See schemathesis.toml."""

from datetime import date

import schemathesis
from hypothesis import strategies as st

from tutela import paths

_QUERIES = [
    "ASK {}",
    "ASK { ?s ?p 'no such words' }",
    "SELECT ?s WHERE { ?s a <ontology#Edition> } ORDER BY ?s",
    "PREFIX tutela: <ontology#> SELECT (COUNT(*) AS ?n) WHERE { ?s tutela:met ?o }",
    "CONSTRUCT WHERE { <id/edition/10> ?p ?o }",
    "DESCRIBE <id/jurisdiction/ALB>",
    *(path.read_text(encoding="utf-8") for path in sorted((paths.QUERIES / "catalog").glob("*/*.rq"))[:10]),
]
_RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
_DOCUMENTS = {
    "text/turtle": ["", "<a:a> <a:b> 'c'@en .", "@prefix a: <a:> . a:a a [ a a:b ] ."],
    "application/trig": ["", "<a:g> { <a:a> <a:b> 1 }"],
    "application/n-triples": ["", '<a:a> <a:b> "c" .\n'],
    "application/n-quads": ["", '<a:a> <a:b> "c" <a:g> .\n'],
    "application/ld+json": ["{}", "[]", '{"@id": "a:a", "a:b": [1, "c"]}'],
    "application/rdf+xml": [f"<rdf:RDF {_RDF}/>", f'<rdf:RDF {_RDF}><rdf:Description rdf:about="a:a"/></rdf:RDF>'],
    "text/csv": ["", "a,b\n1,2\n"],
}

# The comment makes each query unique, so that its response is not in the cache.
# A date after the release is rejected.
schemathesis.openapi.format("date", st.dates(max_value=date(2023, 9, 30)).map(date.isoformat))
_queries = st.builds("{}\n# {}".format, st.sampled_from(_QUERIES), st.integers())
schemathesis.openapi.format("sparql", _queries)
for _media_type, _examples in _DOCUMENTS.items():
    schemathesis.openapi.media_type(_media_type, st.sampled_from(_examples).map(str.encode))


@schemathesis.serializer("application/sparql-query")
def query_body(context: schemathesis.SerializationContext, value: object) -> bytes:
    """Send a query as the body."""
    return str(value).encode()
