"""Media types of answers, and the choice among them (RFC 9110, section 12.5.1)."""

from functools import lru_cache

import mimeparse

# In each table the last is what a client gets that has no preference.
SOLUTION_TYPES = {
    "text/tab-separated-values": "tsv",  # SPARQL 1.1 Query Results CSV and TSV Formats, section 6
    "text/csv": "csv",
    "application/xml": "xml",  # what browsers and older clients ask for
    "application/sparql-results+xml": "xml",  # SPARQL Query Results XML Format, section 6
    "application/json": "json",
    "application/sparql-results+json": "json",  # SPARQL 1.1 Query Results JSON Format, section 6
}
BOOLEAN_TYPES = {media: form for media, form in SOLUTION_TYPES.items() if form in ("xml", "json")}
GRAPH_TYPES = {
    "application/xml": "rdfxml",
    "application/rdf+xml": "rdfxml",  # RDF 1.1 XML Syntax, appendix A
    "application/json": "jsonld",
    "application/ld+json": "jsonld",  # JSON-LD 1.1, appendix C
    "text/plain": "ntriples",  # RDF 1.1 N-Triples, section 5: what clients of RDF 1.0 ask for
    "application/n-triples": "ntriples",
    "text/turtle": "turtle",  # RDF 1.1 Turtle, appendix B
}


def choose(types: dict[str, str], accept: str | None) -> tuple[str, str] | None:
    """Return the media type and format that suit an Accept header best, or None if none does."""
    media = _best(tuple(types), accept or "*/*")
    return (media, types[media]) if media else None


@lru_cache(maxsize=512)
def _best(types: tuple[str, ...], accept: str) -> str:
    try:
        return str(mimeparse.best_match(list(types), accept))
    except mimeparse.MimeTypeParseException:
        return ""


def named(types: dict[str, str], form: str) -> tuple[str, str] | None:
    """Return the media type of a format that is asked for by its name (json, csv, turtle and so on) or media type."""
    if form in types:
        return form, types[form]
    return next(((media, known) for media, known in reversed(types.items()) if known == form), None)
