"""Errors of queries over HTTP: the same sentences as elsewhere, and no worker is lost."""

import http.client
from urllib.parse import urlencode, urlsplit

import httpx2 as httpx
import pytest

_TRIPLE_TERM = "CONSTRUCT { <a:a> <a:b> <<(<a:a> <a:b> 1)>> } {}"
_CONTROL = r"SELECT ('\u0001' AS ?x) {}"


@pytest.mark.parametrize(
    ("text", "accept", "status", "message"),
    [
        (_TRIPLE_TERM, "application/ld+json", 406, "it contains a triple term. Use the format turtle or ntriples."),
        (_TRIPLE_TERM, "application/rdf+xml", 406, "it contains a triple term. Use the format turtle or ntriples."),
        (_TRIPLE_TERM, "text/turtle", 200, "<<("),
        ("CONSTRUCT { <a:a> <a:1> 1 } {}", "application/rdf+xml", 406, "Use the format turtle, ntriples or jsonld."),
        (r"CONSTRUCT { <a:a> <a:b> '\uFFFF' } {}", "application/rdf+xml", 406, "U+FFFF"),
        (_CONTROL, "application/sparql-results+xml", 406, "U+0001 (a control character)"),
        (_CONTROL, "application/sparql-results+json", 200, "\\u0001"),
        ("SELECT (COUNT(*) AS ?n) { ?s skos:prefLabel ?o }", "text/csv", 200, "n\r\n"),
        ("SELECT * { ?s skoz:prefLabel ?o }", "text/csv", 400, "line 1, column 15: the prefix skoz: is not declared"),
        ("SELECT *\n{ ?s\u00a0?p ?o }", "text/csv", 400, "line 2, column 5: found U+00A0 (no-break space)"),
        ("SELECT (<a:f>(?n) AS ?x) { VALUES ?n { 1 } }", "text/csv", 400, "The custom function <a:f> is not supported"),
    ],
)
def test_the_response_is_a_document_or_a_sentence(live: str, text: str, accept: str, status: int, message: str) -> None:
    response = httpx.post(f"{live}/sparql", data={"query": text}, headers={"accept": accept})
    assert (response.status_code, message in response.text) == (status, True), response.text[:300]


def test_a_variable_in_any_script_finds_the_same_rows(live: str) -> None:
    def count(variable: str) -> str:
        text = f"SELECT (COUNT(*) AS ?n) {{ GRAPH {variable} {{ ?s ?p ?o }} }} # FROM"
        return httpx.post(f"{live}/sparql", data={"query": text}, headers={"accept": "text/csv"}).text

    names = ("?ग्राफ", "$ग्राफ", "?e\u0301", "?x·FROM", "?ग्FROM", "?\u0661", r"?\u0917\u094d")
    assert {count(name) for name in names} == {count("?g")}
    assert count("?g") != "n\r\n0\r\n"


def test_a_result_that_cannot_be_completed_ends_the_connection(live: str) -> None:
    text = r"SELECT * { { ?s ?p ?o BIND(1 AS ?n) } UNION { BIND('\u0001' AS ?s) BIND(2 AS ?n) } } ORDER BY ?n"
    address = urlsplit(live)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
    headers = {"accept": "application/sparql-results+xml", "content-type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/sparql", urlencode({"query": text}), headers)
    response = connection.getresponse()
    assert response.status == 200
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        response.read()
    connection.close()
