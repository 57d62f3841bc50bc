"""Media types and content negotiation (RFC 9110, section 12.5.1)."""

from collections.abc import Mapping
from functools import lru_cache

import mimeparse
from fastapi import Request

from tutela.errors import InvalidParameterError, NotAcceptableError

# In each table the last media type is the default.
SOLUTION_TYPES = {
    "text/tab-separated-values": "tsv",  # SPARQL 1.1 Query Results CSV and TSV Formats, section 6
    "text/csv": "csv",
    "application/xml": "xml",  # what browsers and older clients request
    "application/sparql-results+xml": "xml",  # SPARQL Query Results XML Format, section 6
    "application/json": "json",
    "application/sparql-results+json": "json",  # SPARQL 1.1 Query Results JSON Format, section 6
}
BOOLEAN_TYPES = {media: name for media, name in SOLUTION_TYPES.items() if name in ("xml", "json")}
GRAPH_TYPES = {
    "application/xml": "rdfxml",
    "application/rdf+xml": "rdfxml",  # RDF 1.1 XML Syntax, appendix A
    "application/json": "jsonld",
    "application/ld+json": "jsonld",  # JSON-LD 1.1, appendix C
    "text/plain": "ntriples",  # RDF 1.1 N-Triples, section 5: what clients of RDF 1.0 request
    "application/n-triples": "ntriples",
    "text/turtle": "turtle",  # RDF 1.1 Turtle, appendix B
}
PAGE_TYPES = {"text/html": "html", "application/json": "json"}


def best_match(types: Mapping[str, str], accept: str | None) -> tuple[str, str] | None:
    """Return the media type and format that match an Accept header best, or None."""
    media = _best_match(tuple(types), accept or "*/*")
    return (media, types[media]) if media else None


@lru_cache(maxsize=512)
def _best_match(types: tuple[str, ...], accept: str) -> str:
    try:
        return str(mimeparse.best_match(list(types), accept))
    except mimeparse.MimeTypeParseException:
        return ""


def negotiate(request: Request, types: Mapping[str, str]) -> tuple[str, str]:
    """Return the media type and format for a request.

    Raises:
        NotAcceptableError: the client accepts none of them.

    """
    found = best_match(types, request.headers.get("accept"))
    if found is None:
        raise not_acceptable(types)
    return found


def negotiate_or_named(request: Request, types: Mapping[str, str]) -> tuple[str, str]:
    """Return the media type and format for a request; the parameter ``format`` takes precedence over Accept.

    Raises:
        InvalidParameterError: ``format`` is unknown, or given more than once.
        NotAcceptableError: the client accepts none of them.

    """
    names = request.query_params.getlist("format")
    if len(names) > 1:
        raise InvalidParameterError(f"The parameter 'format' is given {len(names)} times; expected once.")
    if not names:
        return negotiate(request, types)
    found = by_name(types, names[0])
    if found is None:
        known = ", ".join(dict.fromkeys(reversed(list(types.values()))))
        raise InvalidParameterError(f"format: {names[0]!r}; expected one of {known}.")
    return found


def by_name(types: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """Return the media type of a format by its name (json, csv, turtle and so on) or media type, or None."""
    if name in types:
        return name, types[name]
    return next(((media, known) for media, known in reversed(list(types.items())) if known == name), None)


def not_acceptable(types: Mapping[str, str]) -> NotAcceptableError:
    """Return the error that names the available media types, the default first."""
    return NotAcceptableError(list(reversed(list(types))))


def prefers_html(request: Request) -> bool:
    """Return whether a client prefers a page, as browsers do, to plain text and to every format for programs."""
    accept = request.headers.get("accept")
    # Of equally acceptable types, the last is the best match.
    over_text = best_match({"text/html": "html", "text/plain": "text"}, accept)
    over_data = best_match({**GRAPH_TYPES, **SOLUTION_TYPES, "text/html": "html"}, accept)
    return all(found is not None and found[1] == "html" for found in (over_text, over_data))


def with_charset(media: str) -> str:
    """Return a media type with its charset parameter, if it has one."""
    return media + ("" if media.endswith(("json", "n-triples")) else "; charset=utf-8")
