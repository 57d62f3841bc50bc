"""The names of the web that the code itself must know: our base address and a few vocabularies.

Everything else is said in ``ontology/``, ``queries/`` and ``shapes/``.
"""

BASE = "https://w3id.org/tutela/"
DATA = f"{BASE}data/"
GRAPH = f"{BASE}graph/"
CHECK = f"{BASE}shapes#check-"
VALIDATION = f"{BASE}id/validation/"

XSD = "http://www.w3.org/2001/XMLSchema#"
SH = "http://www.w3.org/ns/shacl#"
PROV = "http://www.w3.org/ns/prov#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

SCHEMA_ORG = "https://schema.org/"

# Where what is known comes from; what follows by rule stands in `derived` alone.
GRAPHS = ("review", "treaties", "participation", "national-law", "vocabulary", "derived", "meta")

# Prefixes that make the published files and the pages readable.
PREFIXES = {
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
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sdmx-dimension": "http://purl.org/linked-data/sdmx/2009/dimension#",
    "sh": SH,
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "tutela": f"{BASE}ontology#",
    "vann": "http://purl.org/vocab/vann/",
    "xsd": XSD,
}


def row(table: str, number: int) -> str:
    """Return the IRI of a row of a table, its heading being row 1 (RFC 7111, section 2.1)."""
    return f"{DATA}{table}.csv#row={number}"


def column(table: str, name: str) -> str:
    """Return the IRI of a column (W3C csv2rdf, section 4.4: the table's address, then its name)."""
    return f"{DATA}{table}.csv#{name}"


def where(row_iri: str) -> str:
    """Return the file and row that a row's IRI stands for, such as ``data/notes.csv row 4``."""
    table, _, number = row_iri.removeprefix(DATA).partition("#row=")
    return f"data/{table} row {number}"


def short(iri: str) -> str:
    """Return an IRI of ours without its base, any other as it is."""
    return iri.removeprefix(BASE)
