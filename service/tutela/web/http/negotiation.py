"""Media types and content negotiation (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from fastapi import Request

from tutela.errors import InvalidParameterError, NotAcceptableError
from tutela.web.http.header_fields import combined, elements

# In each table the last media type is the default.
SOLUTION_TYPES = {
    "text/tab-separated-values": "tsv",  # SPARQL 1.1 Query Results CSV and TSV Formats, section 6
    "text/csv": "csv",
    "application/xml": "xml",  # what browsers and older clients request
    "application/sparql-results+xml": "xml",  # SPARQL Query Results XML Format, section 6
    "application/json": "json",
    "application/sparql-results+json": "json",  # SPARQL 1.1 Query Results JSON Format, section 6
}
# No standard has a boolean as CSV or TSV. SPARQLWrapper and others request it, and other engines send the word too.
BOOLEAN_TYPES = SOLUTION_TYPES
GRAPH_TYPES = {
    "application/n-quads": "nquads",  # RDF 1.1 N-Quads, section 5
    "application/trig": "trig",  # RDF 1.1 TriG, section 5
    "text/n3": "n3",  # Notation3 (N3), W3C Team Submission; every Turtle document is one
    "application/xml": "rdfxml",
    "application/rdf+xml": "rdfxml",  # RDF 1.1 XML Syntax, appendix A
    "application/json": "jsonld",
    "application/ld+json": "jsonld",  # JSON-LD 1.1, appendix C
    "text/plain": "ntriples",  # RDF 1.1 N-Triples, section 5: what clients of RDF 1.0 request
    "application/n-triples": "ntriples",
    "text/turtle": "turtle",  # RDF 1.1 Turtle, appendix B
}
PAGE_TYPES = {"text/html": "html", "application/json": "json"}

# Names of formats that clients use. A name may stand for one format of rows and another one of triples.
_NAMES = {
    "csv": "csv",
    "tsv": "tsv tab",
    "json": "json sparql-results+json results+json sparql-json srj",
    "xml": "xml sparql-results+xml results+xml sparql-xml srx sparql",
    "turtle": "turtle ttl application/turtle application/x-turtle text/x-turtle x-turtle",
    "n3": "n3 rdf+n3 text/rdf+n3 application/n3 application/rdf+n3",
    "ntriples": "ntriples n-triples nt text/ntriples application/x-ntriples",
    "jsonld": "jsonld json-ld ld+json json application/x-json+ld",
    "rdfxml": "rdf rdfxml rdf+xml rdf-xml rdf/xml xml",
    "trig": "trig application/x-trig",
    "nquads": "nquads n-quads nq text/nquads text/x-nquads",
    "html": "html",
}
_CACHED_LENGTH = 1000  # characters of a header; longer ones are rare and would fill the cache
# How specific a media range is, from */* to a type with the charset of the response.
_ANY, _ANY_SUBTYPE, _OTHER_PARAMETERS, _TYPE, _TYPE_WITH_CHARSET = range(5)
_MEDIA_RANGE = re.compile(r"[!#$&^_.+0-9a-z-]+/(?:\*|[!#$&^_.+0-9a-z-]+)|\*/\*|\*")
_CHARSETS = ([("charset", "utf-8")], [("charset", "utf8")])

_Ranges = Mapping[str, tuple[int, float]]


def accept_of(request: Request) -> str | None:
    """Return the Accept header of a request, of all its lines together."""
    return combined(request.headers, "accept")


def best_match(types: Mapping[str, str], accept: str | None) -> tuple[str, str] | None:
    """Return the media type and format that match an Accept header best, or None.

    The weight of a media type is that of the most specific range that matches it. Of equal weights, the more specific range
    decides, then the order of `types`. A parameter of a media type is a wish: it excludes nothing.
    """
    ranges = _cached_ranges(accept) if accept and len(accept) <= _CACHED_LENGTH else _ranges(accept)
    best: tuple[float, int, int, str] | None = None
    for order, media in enumerate(types):
        group = media.partition("/")[0]
        found = ranges.get(media) or ranges.get(f"{group}/*") or ranges.get("*/*")
        if found and found[1] > 0 and (best is None or (found[1], found[0], order) > best[:3]):
            best = (found[1], found[0], order, media)
    return (best[3], types[best[3]]) if best else None


def _ranges(accept: str | None) -> _Ranges:
    """Return how specific each media range of a header is, and its weight."""
    ranges: dict[str, tuple[int, float]] = {}
    is_empty = True
    for name, parameters, weight in elements(accept or ""):
        is_empty = False
        if not _MEDIA_RANGE.fullmatch(name):
            continue
        media = "*/*" if name == "*" else name  # java.net.HttpURLConnection sends a single asterisk
        rank = _ANY if media == "*/*" else _ANY_SUBTYPE if media.endswith("/*") else _TYPE
        if rank == _TYPE and parameters:
            rank = _TYPE_WITH_CHARSET if parameters in _CHARSETS else _OTHER_PARAMETERS
            if rank == _OTHER_PARAMETERS and not weight:
                continue  # the client rejects a variant that is not offered
        ranges[media] = max(ranges.get(media, (rank, weight)), (rank, weight))
    return {"*/*": (_ANY, 1.0)} if is_empty else ranges


_cached_ranges = lru_cache(maxsize=512)(_ranges)


def negotiate(request: Request, types: Mapping[str, str]) -> tuple[str, str]:
    """Return the media type and format for a request.

    Raises:
        NotAcceptableError: the client accepts none of them.

    """
    found = best_match(types, accept_of(request))
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


def named_or_accepted(types: Mapping[str, str], names: Iterable[str], accept: str | None) -> tuple[str, str] | None:
    """Return the media type and format of the first name that applies, otherwise the best match of an Accept header, or None."""
    return next(filter(None, (by_name(types, name) for name in names)), None) or best_match(types, accept)


def by_name(types: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """Return the media type and format of a name (json, ttl, rdf+xml and so on) or media type, or None.

    Case and parameters do not matter, and a space stands for a plus sign that the client did not escape.
    """
    wanted = name.partition(";")[0].strip().lower().replace(" ", "+")
    if wanted in types:
        return wanted, types[wanted]
    formats = [known for known, names in _NAMES.items() if wanted in names.split()]
    return next(((media, known) for media, known in reversed(list(types.items())) if known in formats), None)


def not_acceptable(types: Mapping[str, str]) -> NotAcceptableError:
    """Return the error that names the available media types, the default first."""
    return NotAcceptableError(list(reversed(list(types))))


def prefers_html(request: Request) -> bool:
    """Return whether a client prefers a page, as browsers do, to plain text and to every format for programs."""
    accept = accept_of(request)
    # Of equally acceptable types, the last is the best match.
    over_text = best_match({"text/html": "html", "text/plain": "text"}, accept)
    over_data = best_match({**GRAPH_TYPES, **SOLUTION_TYPES, "text/html": "html"}, accept)
    return all(found is not None and found[1] == "html" for found in (over_text, over_data))


def with_charset(media: str) -> str:
    """Return a media type with its charset parameter, if it has one."""
    return media + ("" if media.endswith(("json", "n-triples", "n-quads")) else "; charset=utf-8")
