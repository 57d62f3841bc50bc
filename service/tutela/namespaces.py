"""IRIs that the code itself needs: the base of the project's IRIs, the named graphs and a few vocabularies.

Everything else is declared in ``ontology/``, ``queries/`` and ``shapes/``.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

BASE = "https://w3id.org/tutela/"
DATA = f"{BASE}data/"
GRAPH = f"{BASE}graph/"
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # of a release; it becomes part of graph names and entity tags
CHECK = f"{BASE}shapes#check-"
VALIDATION = f"{BASE}id/validation/"

XSD = "http://www.w3.org/2001/XMLSchema#"
SH = "http://www.w3.org/ns/shacl#"
PROV = "http://www.w3.org/ns/prov#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"

SCHEMA_ORG = "https://schema.org/"
ATOM = "http://www.w3.org/2005/Atom"

# Named graphs by origin. What follows by rule is in `derived` and nowhere else.
GRAPHS = (
    "review",
    "assessments",
    "treaties",
    "participation",
    "national-law",
    "national-readings",
    "vocabulary",
    "derived",
    "meta",
)

# Prefixes of the published files and the pages.
PREFIXES = {
    "bibo": "http://purl.org/ontology/bibo/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": PROV,
    "qb": "http://purl.org/linked-data/cube#",
    "rdf": RDF,
    "rdfs": RDFS,
    "sdmx-dimension": "http://purl.org/linked-data/sdmx/2009/dimension#",
    "sh": SH,
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "tutela": f"{BASE}ontology#",
    "vann": "http://purl.org/vocab/vann/",
    "xsd": XSD,
}

# Prefixes that a query may use without declaring them; its own declarations take precedence.
QUERY_PREFIXES = {
    **PREFIXES,
    "dc": "http://purl.org/dc/elements/1.1/",
    "fn": "http://www.w3.org/2005/xpath-functions#",
    "graph": GRAPH,
    "id": f"{BASE}id/",
    "schema": SCHEMA_ORG,
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sdmx-attribute": "http://purl.org/linked-data/sdmx/2009/attribute#",
    "sdmx-measure": "http://purl.org/linked-data/sdmx/2009/measure#",
    "spdx": "http://spdx.org/rdf/terms#",
    "time": "http://www.w3.org/2006/time#",
    "void": "http://rdfs.org/ns/void#",
    "wd": "http://www.wikidata.org/entity/",
    "wdt": "http://www.wikidata.org/prop/direct/",
}


_KEY = ".csv#key="


def row_iri(table: str, key: Iterable[str]) -> str:
    """Return the IRI of a row of a table, such as ``data/actions.csv#key=crc/ALB/1``.

    Each value is percent-encoded except for the unreserved characters of RFC 3986, section 2.3, as SPARQL's ENCODE_FOR_URI
    does it. So the IRI is a URI, and a slash only separates values. An empty value is an empty segment.

    Args:
        table: name of the table.
        key: the values of the columns of its primary key, in the order of its metadata.

    """
    return f"{DATA}{table}{_KEY}{'/'.join(quote(value, safe='') for value in key)}"


def parse_row_iri(iri: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the table and key of a row's IRI; None if the IRI does not identify a row."""
    table, separator, encoded = iri.removeprefix(DATA).partition(_KEY)
    key = tuple(unquote(value) for value in encoded.split("/"))
    # Only the form that `row_iri` gives: IRIs are equal only if their characters are (RDF 1.1 Concepts, section 3.2).
    return (table, key) if separator and row_iri(table, key) == iri else None


def column_iri(table: str, name: str) -> str:
    """Return the IRI of a column: the URL of the table, then the column's name (W3C csv2rdf, section 4.4)."""
    return f"{DATA}{table}.csv#{name}"


def strip_base(iri: str) -> str:
    """Return an IRI of the project without its base; any other IRI unchanged."""
    return iri.removeprefix(BASE)


def with_base(name: str) -> str:
    """Return the IRI that `strip_base` shortened."""
    return name if ":" in name else f"{BASE}{name}"
