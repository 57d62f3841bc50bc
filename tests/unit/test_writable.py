"""Results in every format: a document that can be read again, or a clear error."""

import csv
import io
import json
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from rdflib import Graph

from tutela.errors import UnwritableResultError
from tutela.sparql import rdf
from tutela.sparql.embedded import EmbeddedStore

CONTROL = [chr(code) for code in (*range(32), 0x7F, 0x85, 0x2028, 0xFFFD, 0xFFFE, 0xFFFF)]
NOT_XML = [c for c in CONTROL if (c < " " and c not in "\t\n\r") or c in "\ufffe\uffff"]


def store(value: object = None, predicate: str = "http://example.org/p") -> EmbeddedStore:
    node = ox.NamedNode("http://example.org/s")
    quads = [] if value is None else [ox.Quad(node, ox.NamedNode(predicate), value)]  # type: ignore[arg-type]
    return EmbeddedStore.of_quads(quads)


def select(value: object, format_name: str) -> bytes:
    return store(value).query("SELECT ?o { ?s ?p ?o }").serialize(format_name)


def construct(value: object, format_name: str, predicate: str = "http://example.org/p") -> bytes:
    return store(value, predicate).query("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }").serialize(format_name)


@pytest.mark.parametrize("character", CONTROL, ids=lambda c: f"U+{ord(c):04X}")
def test_control_characters(character: str) -> None:
    text = f"a{character}b"
    literal = ox.Literal(text)
    assert json.loads(select(literal, "json"))["results"]["bindings"][0]["o"]["value"] == text
    assert list(csv.reader(io.StringIO(select(literal, "csv").decode(), newline="")))[1] == [text]
    found = ox.parse_query_results(select(literal, "tsv"), ox.QueryResultsFormat.TSV)
    assert next(iter(found))[0] == literal  # type: ignore[arg-type]
    for format_name in ("turtle", "ntriples", "jsonld"):
        assert [quad.object for quad in ox.parse(construct(literal, format_name), rdf.GRAPH_FORMATS[format_name])] == [literal]
    if character in NOT_XML:
        for write, format_name, others in (
            (select, "xml", "json, csv or tsv"),
            (construct, "rdfxml", "turtle, ntriples or jsonld"),
        ):
            with pytest.raises(UnwritableResultError, match=rf"U\+{ord(character):04X}.*Use the format {others}\."):
                write(literal, format_name)
    else:
        assert ElementTree.fromstring(select(literal, "xml")).findtext(".//{*}literal") == text  # noqa: S314
        assert [str(o) for o in Graph().parse(data=construct(literal, "rdfxml"), format="xml").objects()] == [text]


@pytest.mark.parametrize("size", [4094, 4095, 8189, 8190, 8191, 65536])
def test_a_character_may_be_split_between_chunks(size: int) -> None:
    with pytest.raises(UnwritableResultError, match=r"U\+FFFF"):
        select(ox.Literal("x" * size + "\uffff"), "xml")


@pytest.mark.parametrize(
    "iri",
    ["http://example.org/1", "http://example.org/", "urn:1", "http://example.org/a%20", "http://example.org/f(x)", "http://example.org/·",
     "http://example.org/\U00020000", "http://www.w3.org/2000/xmlns/x", "http://www.w3.org/1999/02/22-rdf-syntax-ns#li",
     "http://www.w3.org/1999/02/22-rdf-syntax-ns#Description", "http://www.w3.org/1999/02/22-rdf-syntax-ns#bagID"],
)  # fmt: skip
def test_properties_that_rdf_xml_cannot_write(iri: str) -> None:
    with pytest.raises(
        UnwritableResultError, match=r"no element for the property .* Use the format turtle, ntriples or jsonld\."
    ):
        construct(ox.Literal("x"), "rdfxml", iri)
    for format_name in ("turtle", "ntriples", "jsonld"):
        found = ox.parse(construct(ox.Literal("x"), format_name, iri), rdf.GRAPH_FORMATS[format_name])
        assert [quad.predicate.value for quad in found] == [iri]


@pytest.mark.parametrize(
    "iri", ["http://example.org/é", "http://example.org/p?q=a&b", "urn:p", "http://example.org/xml", "urn:a:b"]
)
def test_properties_that_rdf_xml_can_write(iri: str) -> None:
    graph = Graph().parse(data=construct(ox.Literal("x"), "rdfxml", iri), format="xml")
    assert [str(predicate) for predicate in graph.predicates()] == [iri]


def test_triple_terms() -> None:
    inner = ox.Triple(ox.NamedNode("a:a"), ox.NamedNode("a:b"), ox.Literal("c"))
    for term in (inner, ox.Triple(ox.NamedNode("a:a"), ox.NamedNode("a:b"), inner)):
        for format_name in ("jsonld", "rdfxml"):
            with pytest.raises(UnwritableResultError, match=r"a triple term\. Use the format turtle or ntriples\."):
                construct(term, format_name)
        for format_name, rdf_format in (("turtle", ox.RdfFormat.TURTLE), ("ntriples", ox.RdfFormat.N_TRIPLES)):
            assert [quad.object for quad in ox.parse(construct(term, format_name), rdf_format)] == [term]
        for format_name, results_format in (("json", ox.QueryResultsFormat.JSON), ("xml", ox.QueryResultsFormat.XML)):
            results = ox.parse_query_results(select(term, format_name), results_format)
            assert next(iter(results))[0] == term  # type: ignore[arg-type]
    assert list(store(inner).query("SELECT ?o { ?s ?p ?o }").rows()) == [['<<( <a:a> <a:b> "c" )>>']]


def test_texts_with_a_direction() -> None:
    literal = ox.Literal("a", language="ar", direction=ox.BaseDirection.RTL)
    with pytest.raises(UnwritableResultError, match="a text with a direction"):
        construct(literal, "rdfxml")
    assert b'"@direction":"rtl"' in construct(literal, "jsonld")


@pytest.mark.parametrize("format_name", ["json", "xml", "csv", "tsv"])
@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {}",
        "SELECT * { ?s ?p ?o }",
        "SELECT ?ग्राफ ?e\u0301 { VALUES ?ग्राफ { 1 } }",
        "SELECT ?none { VALUES ?x { 1 2 } }",
    ],
)
def test_few_columns_rows_or_unusual_names(format_name: str, text: str) -> None:
    result = store().query(text)
    columns = result.columns
    written = result.serialize(format_name)
    if format_name == "csv":
        assert [name for name in written.decode().split("\r\n")[0].split(",") if name] == columns
        return
    formats = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML, "tsv": ox.QueryResultsFormat.TSV}
    found = ox.parse_query_results(written, formats[format_name])
    assert [variable.value for variable in found.variables] == columns  # type: ignore[union-attr]
