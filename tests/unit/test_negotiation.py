"""Content negotiation."""

import time

import pytest
from fastapi import Request

from tutela.web.http.negotiation import (
    BOOLEAN_TYPES,
    GRAPH_TYPES,
    SOLUTION_TYPES,
    accept_of,
    best_match,
    by_name,
    named_or_accepted,
    negotiate,
    not_acceptable,
    with_charset,
)

TYPES = {"text/csv": "csv", "application/json": "json", "application/sparql-results+json": "json"}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, ("application/sparql-results+json", "json")),
        ("", ("application/sparql-results+json", "json")),
        ("*/*", ("application/sparql-results+json", "json")),
        ("application/*", ("application/sparql-results+json", "json")),
        ("application/json", ("application/json", "json")),
        ("text/csv;q=0.5, application/json;q=0.9", ("application/json", "json")),
        ("image/png, text/*;q=0.1", ("text/csv", "csv")),
        ("image/png", None),
        ("text/csv;q=0", None),
        ("nonsense", None),
    ],
)
def test_best_match(accept: str | None, expected: tuple[str, str] | None) -> None:
    assert best_match(TYPES, accept) == expected


def test_a_format_is_found_by_its_name_or_media_type() -> None:
    assert by_name(TYPES, "json") == ("application/sparql-results+json", "json")
    assert by_name(TYPES, "application/json") == ("application/json", "json")
    assert by_name(TYPES, "csv") == ("text/csv", "csv")
    assert by_name(TYPES, "turtle") is None
    assert by_name(TYPES, "") is None


@pytest.mark.parametrize(
    ("types", "default"),
    [(SOLUTION_TYPES, "json"), (BOOLEAN_TYPES, "json"), (GRAPH_TYPES, "turtle")],
    ids=["rows", "boolean", "graph"],
)
def test_each_kind_of_result_has_its_default_format(types: dict[str, str], default: str) -> None:
    match = best_match(types, None)
    assert match
    assert match[1] == default
    assert by_name(types, default) == match


def test_an_error_names_the_default_first() -> None:
    assert str(not_acceptable(TYPES)) == (
        "Not acceptable. Available media types: application/sparql-results+json, application/json, text/csv."
    )


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/ld+json", "application/ld+json"),
        ("application/n-triples", "application/n-triples"),
    ],
)
def test_only_some_media_types_have_a_charset(media_type: str, expected: str) -> None:
    assert with_charset(media_type) == expected


# Of the last type: (Accept, media type for rows, media type for triples).
JSON, XML, CSV = "application/sparql-results+json", "application/sparql-results+xml", "text/csv"
TURTLE, RDF_XML, N_TRIPLES = "text/turtle", "application/rdf+xml", "application/n-triples"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
JENA_SELECT = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.9, text/tab-separated-values;q=0.7, text/csv;q=0.5, "
    "application/json;q=0.2, application/xml;q=0.2, */*;q=0.1"
)
JENA_GRAPH = (
    "text/turtle, application/n-triples;q=0.9, application/ld+json;q=0.8, application/rdf+xml;q=0.7, text/plain;q=0.5, "
    "application/n-quads;q=0.5, application/trig;q=0.5, */*;q=0.3"
)
RDF4J = (
    "application/x-binary-rdf-results-table;q=0.8, application/sparql-results+json;q=0.8, application/json;q=0.8, "
    "application/sparql-results+xml;q=0.8, application/xml;q=0.8, text/csv;q=0.8, text/tab-separated-values;q=0.8"
)
COMUNICA = (
    "application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7,text/turtle;q=0.6,application/n-quads,"
    "application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8"
)
SPARQLWRAPPER_N3 = "application/turtle,text/turtle,text/rdf+n3,application/n-triples,application/n3,text/n3"


@pytest.mark.parametrize(
    ("accept", "rows", "triples"),
    [
        (JAVA, JSON, TURTLE),
        (BROWSER, "application/xml", "application/xml"),
        (JENA_SELECT, JSON, "application/json"),
        (JENA_GRAPH, JSON, TURTLE),
        (RDF4J, JSON, "application/json"),
        (COMUNICA, JSON, "application/n-quads"),
        (SPARQLWRAPPER_N3, None, TURTLE),
        ("application/sparql-results+xml,application/rdf+xml,*/*", XML, RDF_XML),
        ("application/sparql-results+json,application/json,text/javascript,application/javascript", JSON, "application/json"),
        ("application/sparql-results+json,*/*;q=0.9", JSON, TURTLE),
        ("application/n-triples,*/*;q=0.9", JSON, N_TRIPLES),
        ("application/rdf+xml, application/xml, text/xml;q=0.9", "application/xml", RDF_XML),
        ("text/n3", None, "text/n3"),
        ("application/trig", None, "application/trig"),
        ("application/n-quads", None, "application/n-quads"),
        # case, spaces and empty elements
        ("Text/CSV", CSV, None),
        ("APPLICATION/SPARQL-RESULTS+XML ; Q=1", XML, None),
        (" ,, text/csv ,", CSV, None),
        (" , ", JSON, TURTLE),
        ("text/csv;q=0.1;", CSV, None),
        # malformed elements
        ("text csv, text/csv", CSV, None),
        ("/, ;q=1, text/, /csv, a/b/c, */csv, text/turtle", None, TURTLE),
        ("text/*csv, text/csv", CSV, None),
        ("*", JSON, TURTLE),
        ("text/csv;q=high, application/json;q=0.1", "application/json", "application/json"),
        ("text/csv;q=high", CSV, None),
        ("text/csv;q=-1, application/json", "application/json", "application/json"),
        ("text/csv;q=, application/json;q=.5", "application/json", "application/json"),
        ("text/csv;q=7, application/json;q=0.9", CSV, "application/json"),
        ("text/csv;q=1., application/json;q=0.9999", CSV, "application/json"),
        ("text/csv;q=0.5;q=1, application/json;q=0.6", "application/json", "application/json"),
        ("text/csv;q=nan, text/csv;q=inf", CSV, None),
        # quotation marks
        ('text/turtle;a="x, text/csv;q=1", text/csv;q=0.1', CSV, TURTLE),
        ('text/turtle;a="\\", text/csv", text/csv;q=0.1', CSV, TURTLE),
        ('text/turtle;a="x, text/csv', CSV, TURTLE),
        ('a/b;c="q=0;,", text/csv;x=";q=0"', CSV, None),
        # parameters
        ("text/turtle;charset=utf-8", None, TURTLE),
        ('text/turtle;charset="UTF-8"', None, TURTLE),
        ("text/turtle;charset=iso-8859-1", None, TURTLE),
        ("text/turtle;version=1.1;q=0.5, text/csv;header=present;q=0.4", CSV, TURTLE),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', None, "application/ld+json"),
        ("text/turtle;version=1.2;q=0, */*;q=0.1", JSON, TURTLE),
        ("text/csv;level=3, text/csv;q=0.3, text/tab-separated-values;q=0.5", "text/tab-separated-values", None),
        ("text/csv;charset=utf-8;q=0.2, text/csv;q=0.9, application/json;q=0.5", "application/json", "application/json"),
        # precedence and exclusion
        ("*/*, application/sparql-results+json;q=0, text/turtle;q=0", "application/json", N_TRIPLES),
        ("text/*;q=0.3, text/csv;q=0.1, */*;q=0.2", "text/tab-separated-values", TURTLE),
        ("text/*;q=0, */*", JSON, N_TRIPLES),
        ("application/*;q=0, text/csv;q=0, */*;q=0.1", "text/tab-separated-values", TURTLE),
        ("*/*;q=0", None, None),
        ("*/*;q=0, text/csv", CSV, None),
        ("text/*", CSV, TURTLE),
        ("text/html", None, None),
    ],
)  # fmt: skip
def test_what_clients_send(accept: str, rows: str | None, triples: str | None) -> None:
    found = [best_match(types, accept) for types in (SOLUTION_TYPES, GRAPH_TYPES)]
    assert [match and match[0] for match in found] == [rows, triples]


def test_the_lines_of_a_header_are_combined() -> None:
    lines = [(b"accept", b"image/png"), (b"accept", b'text/csv;a="'), (b"accept", b"text/turtle")]
    request = Request({"type": "http", "headers": lines})
    assert accept_of(request) == 'image/png, text/csv;a=", text/turtle'
    assert [negotiate(request, types)[0] for types in (SOLUTION_TYPES, GRAPH_TYPES)] == ["text/csv", "text/turtle"]
    assert accept_of(Request({"type": "http", "headers": []})) is None


@pytest.mark.parametrize("part", ["a/b;q=0.5,", '"', 'a/b;c="', '\\"', ";q=", "a/b;" + ";" * 50, "*,", ", " * 30, 'a/b;c="\\'])
def test_a_long_header_takes_little_time(part: str) -> None:
    accept = part * (60_000 // len(part)) + ",text/csv;q=0.1"
    start = time.monotonic()
    best_match(SOLUTION_TYPES, accept)
    assert time.monotonic() - start < 1


def test_the_last_of_many_elements_counts() -> None:
    assert best_match(SOLUTION_TYPES, "image/png," * 5000 + "text/csv") == ("text/csv", "csv")


@pytest.mark.parametrize(
    ("name", "rows", "triples"),
    [
        ("json", "json", "jsonld"), ("JSON", "json", "jsonld"), ("xml", "xml", "rdfxml"), ("csv", "csv", None), ("tsv", "tsv", None),
        ("ttl", None, "turtle"), ("Turtle", None, "turtle"), ("application/x-turtle", None, "turtle"), ("n3", None, "n3"),
        ("text/n3", None, "n3"), ("nt", None, "ntriples"), ("ntriples", None, "ntriples"), ("n-triples", None, "ntriples"),
        ("rdf", None, "rdfxml"), ("rdf+xml", None, "rdfxml"), ("rdf xml", None, "rdfxml"), ("rdf/xml", None, "rdfxml"),
        ("application/rdf xml", None, "rdfxml"), ("application/rdf+xml; charset=utf-8", None, "rdfxml"),
        ("jsonld", None, "jsonld"), ("json-ld", None, "jsonld"), ("ld json", None, "jsonld"), ("application/ld+json", None, "jsonld"),
        ("sparql-results+json", "json", None), ("sparql-results json", "json", None), ("srx", "xml", None),
        ("application/sparql-results+json", "json", None), ("Application/SPARQL-Results XML", "xml", None),
        ("text/csv;header=present", "csv", None), (" csv ", "csv", None), ("trig", None, "trig"), ("nq", None, "nquads"),
        ("n-quads", None, "nquads"), ("nonsense", None, None), ("", None, None), (";", None, None), ("csv,json", None, None),
    ],
)  # fmt: skip
def test_names_of_formats(name: str, rows: str | None, triples: str | None) -> None:
    found = [by_name(types, name) for types in (SOLUTION_TYPES, GRAPH_TYPES)]
    assert [match and match[1] for match in found] == [rows, triples]


def test_a_name_that_does_not_apply_is_ignored() -> None:
    assert named_or_accepted(SOLUTION_TYPES, ["turtle", "", "nonsense", "csv", "json"], "text/turtle") == ("text/csv", "csv")
    assert named_or_accepted(SOLUTION_TYPES, ["turtle"], "text/csv") == ("text/csv", "csv")
    assert named_or_accepted(SOLUTION_TYPES, ["turtle"], "text/turtle") is None
    assert named_or_accepted(SOLUTION_TYPES, [], None) == (JSON, "json")
