"""Messages about texts that are not queries: the place, what was found, and what was expected."""

import re
import time

import pyoxigraph as ox
import pytest

from tutela import paths
from tutela.errors import ForbiddenQueryError, QueryError
from tutela.sparql import grammar
from tutela.sparql.embedded import EmbeddedStore

STORE = EmbeddedStore(ox.Store())


def message(text: str) -> str:
    with pytest.raises(QueryError) as caught:
        STORE.query(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("", "", "the query is empty"),
        ("\ufeff \n# nothing\n", "", "the query is empty"),
        ("SELCT * {}", "line 1, column 1", "the nearest word is SELECT"),
        ("SELECT *\nWERE { ?s ?p ?o }", "line 2, column 1", "the nearest word is WHERE"),
        ("SELECT * {\r\n ?s ?p ?o\r\n FILTR(?o)\r\n}", "line 3, column 2", "the nearest word is FILTER"),
        ("SELECT * {} LIMT 3", "line 1, column 13", "the nearest word is LIMIT"),
        ("SELECT * { ?s ?p ?o", "line 1, column 20", "“{” at line 1, column 10 is not closed"),
        ("SELECT * { ?s ?p (?o }", "line 1, column 22", "“(” at line 1, column 18 is not closed"),
        ("SELECT * { FILTER(1 }", "line 1, column 21", "“(” at line 1, column 18 is not closed"),
        ("SELECT * { ?s ?p ?o } }", "line 1, column 23", "“}” closes nothing"),
        ("SELECT * { ?s ?p 'it }", "line 1, column 18", "the string that begins here is not closed"),
        ("SELECT * { ?s ?p \"a\nb\" }", "line 1, column 18", 'is not closed on its line; expected " at its end'),
        ('SELECT * { ?s ?p """a\n" }', "line 1, column 18", 'expected """ at its end'),
        ("SELECT * { ?s ?p 'a\\qb' }", "line 1, column 20", "\\q is not an escape"),
        ("SELECT * { ?s ?p '\\uD800' }", "line 1, column 19", "\\uD800 is not a character"),
        ("SELECT * { ?s <http://a ?o }", "line 1, column 15", "the IRI that begins here is not closed"),
        ("SELECT * { ?s <http://a b> ?o }", "line 1, column 15", "contains U+0020 (space), which is not allowed in an IRI"),
        ("SELECT * { ?s <http://a/%> ?o }", "line 1, column 15", "<http://a/%> is not a valid IRI"),
        ("PREFIX a <http://a/> ASK {}", "line 1, column 8", "expected a prefix with a colon, found “a”"),
        ("PREFIX a: http://a/ ASK {}", "line 1, column 11", "expected an IRI in angle brackets"),
        ("ASK { ?s skoz:broader ?o }", "line 1, column 10", "the prefix skoz: is not declared; add PREFIX skoz: <...>"),
        ("ASK { ?s skoz:broader ?o }", "", "the nearest known prefix is skos: for <http://www.w3.org/2004/02/skos/core#>"),
        ("ASK { ?s ?p '1'^^हिं:x }", "line 1, column 18", "the prefix हिं: is not declared"),
        ("ASK { ?s ?p http://a.example/b }", "line 1, column 13", "an IRI is written in angle brackets"),
        ("\ufeff\ufeffASK {}", "line 1, column 1", "U+FEFF (zero width no-break space), a byte order mark"),
        ("SELECT * FROM laws", "line 1, column 15", "FROM takes the IRI of a graph, not the name of a table"),
        ("SELECT ?a, ?b { ?a ?b ?c }", "line 1, column 10", "separated by spaces, not commas"),
        ("SELECT COUNT(?a) AS ?n { ?a ?b ?c }", "line 1, column 8", "(COUNT(...) AS ?name)"),
        ("SELECT (COUNT(?a)) { ?a ?b ?c }", "line 1, column 18", "AS"),
        ("ASK { FILTER(1 == 1) }", "line 1, column 17", "compared with =, not =="),
        ("ASK { FILTER(1 <> 1) }", "line 1, column 17", "compared with !=, not <>"),
        ("ASK { ?s ?p ?o AND ?s ?q ?r }", "line 1, column 16", "SPARQL has no AND; && combines conditions"),
        ("ASK { ?s ?p ?o FILTER(?o LIKE 'a') }", "line 1, column 26", "SPARQL has no LIKE"),
        ("SELECT * { ?s ?p ?o LIMIT 3 }", "line 1, column 21", "LIMIT is written after the closing “}”"),
        ("ASK { FILTER(LEN(?a) > 1) }", "line 1, column 14", "the nearest word is STRLEN"),
        ("ASK { FILTER(STRSTART(?a, 'b')) }", "line 1, column 14", "the nearest word is STRSTARTS"),
        ("ASK { FILTER(SUBSTR('a')) }", "line 1, column 14", "SUBSTR has 1 argument; expected 2 to 3"),
        ("ASK { FILTER(STR()) }", "line 1, column 14", "STR has 0 arguments; expected 1"),
        ("ASK { FILTER(COUNT(?a) > 1) }", "line 1, column 14", "COUNT is not allowed in FILTER"),
        ("SELECT (SUM(*) AS ?n) {}", "line 1, column 13", "expected an expression"),
        ("SELECT ?a (COUNT(?b) AS ?n) { ?a ?p ?b }", "line 1, column 8", "?a is neither in GROUP BY nor in an aggregate"),
        ("SELECT ?a { ?a ?p ?b } GROUP BY ?b", "line 1, column 8", "?a is neither in GROUP BY nor in an aggregate"),
        ("SELECT * { { SELECT ?ग (MAX(?b) AS ?m) { ?ग ?p ?b } GROUP BY ?p } }", "line 1, column 21", "?ग is neither in GROUP BY"),
        ("SELECT * { ?a ?p ?b } GROUP BY ?a", "line 1, column 1", "SELECT * cannot be used with GROUP BY"),
        ("SELECT (1 AS ?a) (2 AS ?a) {}", "line 1, column 14", "?a is named twice"),
        ("SELECT (?o AS ?s) { ?s ?p ?o }", "line 1, column 15", "?s is already a variable of the pattern"),
        ("SELECT ?a { ?a ?b ?c BIND(2 AS ?a) }", "line 1, column 32", "?a already has a value"),
        ("ASK { VALUES (?a ?b) { (1 2) (3) } }", "line 1, column 30", "this row of VALUES has 1 value; expected 2"),
        ("ASK { _:x ?p ?o { _:x ?p ?o } }", "line 1, column 19", "_:x is used in two groups"),
        ("SELECT * {} LIMIT -1", "line 1, column 19", "expected a whole number, found “-”"),
        ("ASK { ?s ?p ?o } ORDER ?s", "line 1, column 24", "expected BY"),
        ("ASK {\u00a0?s ?p ?o }", "line 1, column 6", "U+00A0 (no-break space), which is not white space in SPARQL"),
        ("ASK { ?s\u3000?p ?o }", "line 1, column 9", "U+3000 (ideographic space)"),
        ("ASK { ?s \u200b?p ?o }", "line 1, column 10", "U+200B (zero width space), which is not allowed here; remove it"),
        ("ASK \ufeff{ ?s ?p ?o }", "line 1, column 5", "U+FEFF (zero width no-break space)"),
        ("ASK { ?s ?p “x” }", "line 1, column 13", 'U+201C (left double quotation mark); use " instead'),
        ("ASK { ?s ?p ‘x’ }", "line 1, column 13", "U+2018 (left single quotation mark); use ' instead"),
        ("ASK { FILTER(?a – 1 > 2) }", "line 1, column 17", "U+2013 (en dash); use - instead"),
        ("ＳＥＬＥＣＴ * {}", "line 1, column 1", "use SELECT instead"),
        ("SELECT * ｛ ?s ?p ?o ｝", "line 1, column 10", "U+FF5B (fullwidth left curly bracket); use { instead"),
        ("ASK { ?\u0301a ?p ?o }", "line 1, column 7", "cannot begin with U+0301"),
        ("ASK { ?a\u00b2 ?p ?o }", "line 1, column 9", "U+00B2 (superscript two)"),
        ("ASK { ?\U00020000 ?p ?o }", "line 1, column 7", "U+20000 in a name is not supported"),
        ("ASK \x00{}", "line 1, column 5", "U+0000 (a control character)"),
        ("ASK { ?s ?p '\ud800' }", "line 1, column 14", "U+D800 (half of a surrogate pair)"),
        ("ASK {} ASK {}", "line 1, column 8", "expected the end of the query"),
    ],
)  # fmt: skip
def test_a_mistake_is_explained(text: str, place: str, expected: str) -> None:
    found = message(text)
    assert found.startswith(f"The query is not well formed: {place}")
    assert expected in found


@pytest.mark.parametrize("text", ["INSERT DATA { <a:a> <a:b> 1 }", "\ufeffdelete where { ?s ?p ?o }", r"\u0044ROP ALL"])
def test_an_update_is_forbidden(text: str) -> None:
    with pytest.raises(ForbiddenQueryError, match="Updates are not allowed"):
        STORE.query(text)


def test_an_unknown_function_is_named() -> None:
    assert message("SELECT (<http://a/f>(1) AS ?x) {}") == (
        "The query cannot be evaluated: The custom function <http://a/f> is not supported"
    )


def test_messages_have_nothing_of_the_parser() -> None:
    """Cut a query at every place, and leave out each character: whatever happens, a reader understands the message."""
    text = "PREFIX a: <a:> SELECT ?s (MAX(?n) AS ?m) { ?s a:p 'x'@en, 1.5 ; a ?c . FILTER(?n > 2 && EXISTS { [] a:q () }) } GROUP BY ?s"
    variants = [text[:end] for end in range(len(text))] + [text[:at] + text[at + 1 :] for at in range(len(text))]
    for variant in variants:
        try:
            STORE.query(variant)
        except QueryError as error:
            assert not re.search(r"\[_\]|error at|\\u\{|expected one of|no message describes", str(error)), variant
            assert len(str(error)) < 400


def test_the_grammar_accepts_all_queries_of_the_project() -> None:
    for path in paths.QUERIES.glob("**/*.rq"):
        assert grammar.find_departure(path.read_text(encoding="utf-8")) is None, path


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("ASK { ?s skos:broader ?o }", None),
        ("# comment: skos:x\nASK { ?s a tutela:Jurisdiction, void:Dataset ; id:x wd:Q42 }", None),
        ("PREFIX skos: <http://a/>\nSELECT (STR(skos:b) AS ?x) {}", "http://a/b"),
        ("PREFIXskos:<http://a/>SELECT(STR(skos:b)AS?x){}", "http://a/b"),
        ("BASE <http://b/> SELECT (STR(skos:b) AS ?x) (STR(<c>) AS ?y) {}", "http://www.w3.org/2004/02/skos/core#b"),
        ("SELECT (xsd:integer('1') AS ?x) {}", "1"),
        ("SELECT (STR(graph:meta) AS ?x) FROM graph:meta {}", "https://w3id.org/tutela/graph/meta"),
        ("SELECT ('skoz:x' AS ?x) {} # foo:bar", "skoz:x"),
        ("SELECT (STR(<http://a/skoz:x>) AS ?x) {}", "http://a/skoz:x"),
    ],
)
def test_known_prefixes_need_no_declaration(text: str, column: str | None) -> None:
    result = STORE.query(text)
    if column is not None:
        assert next(result.rows())[0] == column


def test_columns_count_from_the_text_as_it_was_written() -> None:
    assert "line 1, column 28" in message("ASK { ?s skos:broader ?o , }")


@pytest.mark.parametrize(
    "text", ["a" * 200_000, "ASK { FILTER(" + "COUNT(?a)+" * 4_000 + "1) }", "ASK { " + "<a" * 10_000, "'" * 99_999]
)
def test_a_long_text_takes_time_in_proportion(text: str) -> None:
    start = time.process_time()
    message(text)
    assert time.process_time() - start < 3
