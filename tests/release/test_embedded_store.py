"""The embedded store: it evaluates queries, and rejects updates and calls to other endpoints."""

import pytest

from tutela import namespaces
from tutela.errors import ForbiddenQueryError, QueryError, UsageError
from tutela.sparql.embedded import EmbeddedStore


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <a:a> <a:b> <a:c> }",
        "PREFIX a: <http://a#> # one\nBASE <http://b> DELETE WHERE { ?s ?p ?o }",
        "DROP ALL", "LOAD <http://example.org/>", "WITH <a:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)  # fmt: skip
def test_updates_are_rejected(store: EmbeddedStore, text: str) -> None:
    with pytest.raises(ForbiddenQueryError, match="Updates are not allowed"):
        store.query(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * WHERE { service silent <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * WHERE { ?s ?p '#' . SERVICE ?s { ?s ?p ?o } }",
        'SELECT * WHERE { ?s ?p """ \\""" """ . SERVICE ?s { ?s ?p ?o } }',
        "SELECT * WHERE { <http://a#b> ?p ?o . SERVICE ?o { ?s ?p ?o } }",
        "SELECT * WHERE { ?s ?p 'it\\'s' .SERVICE<http://127.0.0.1:9/>{ ?s ?p ?o } }",
        # The parser needs no spaces around keywords, and a number sign in a name does not start a comment.
        "SELECT * WHERE { ?s ?p true.SERVICE<http://127.0.0.1:9/>{ ?s ?p ?o } }",
        "SELECT * WHERE { ?s ?p 1SERVICE<http://127.0.0.1:9/>{ ?s ?p ?o } }",
        "SELECT * WHERE { ?s ?p trueSERVICE<http://127.0.0.1:9/>{ ?s ?p ?o } }",
        "SELECT * WHERE { {}SERVICESILENT<http://127.0.0.1:9/>{ ?s ?p ?o } }",
        "PREFIX a: <http://a/> SELECT * WHERE { ?s ?p a:.SERVICE a:b { ?s ?p ?o } }",
        "PREFIX a: <http://a/> SELECT * WHERE { {} SERVICEa:b { ?s ?p ?o } }",
        "PREFIX a: <http://a/> SELECT * WHERE { {?s ?p a:b\\#c } SERVICE a:b { ?s ?p ?o } }",
        "PREFIX a: <http://a/> SELECT * WHERE { {?s ?p a:b\\'c } SERVICE a:b { ?s ?p a:d\\'e } }",
        "SELECT * WHERE { ?s ?p 'x'@en .SERVICE<http://127.0.0.1:9/>{ ?s ?p ?o } }",
    ],
)
def test_service_is_rejected(store: EmbeddedStore, text: str) -> None:
    with pytest.raises(ForbiddenQueryError, match="SERVICE is not allowed"):
        store.query(text)


@pytest.mark.parametrize(
    "text",
    [
        "PREFIX a: <http://example.org/> SELECT * WHERE { ?service a:insert-service 'SERVICE <x> { INSERT' } # SERVICE <x>",
        "SELECT * WHERE { ?s <http://example.org/SERVICE> ?o }",
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> ASK { ?s a sd:Service }",
        "# DELETE\nASK { ?s ?p 'INSERT' }",
    ],
)
def test_keywords_in_strings_iris_and_comments_are_allowed(store: EmbeddedStore, text: str) -> None:
    store.query(text).serialize("json")


def test_an_invalid_query_is_an_error_with_the_message_of_the_parser(store: EmbeddedStore) -> None:
    with pytest.raises(QueryError, match="not well formed: line 1, column "):
        store.query("SELECT WHERE")


def test_the_default_graph_is_the_merge_without_duplicates(store: EmbeddedStore) -> None:
    merged = next(store.query("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }").rows())[0]
    distinct = next(
        store.query("SELECT (COUNT(*) AS ?n) WHERE { SELECT DISTINCT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } } }").rows()
    )[0]
    assert merged == distinct


def test_named_graphs_have_the_right_content(store: EmbeddedStore) -> None:
    graph_names = {row[0] for row in store.query("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }").rows()}
    assert graph_names <= {f"{namespaces.GRAPH}{name}" for name in namespaces.GRAPHS}
    rated = "ASK { ?a <https://w3id.org/tutela/ontology#rating> ?r }"
    assert store.query(rated, default_graphs=[f"{namespaces.GRAPH}derived"]).boolean
    assert not store.query(rated, default_graphs=[f"{namespaces.GRAPH}review"]).boolean


META = f"{namespaces.GRAPH}meta"


def expand(text: str) -> str:
    return text.replace("[n]", "(COUNT(*) AS ?n)").replace("[meta]", f"<{META}>")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT [n] WHERE { GRAPH [meta] { ?s ?p ?o } }",
        "SELECT [n] WHERE {{}graph[meta]{ ?s ?p ?o } }",
        "SELECT [n] WHERE { VALUES ?g { [meta] } GRAPH?g{ ?s ?p ?o } }",
        "SELECT [n] WHERE { GRAPH # a comment\n [meta] { ?s ?p ?o } }",
        "SELECT [n] WHERE { \\u0047RAPH [meta] { ?s ?p ?o } }",
        "PREFIX g: <https://w3id.org/tutela/graph/> SELECT [n] WHERE { GRAPH g:meta { ?s ?p ?o } }",
        "PREFIX g: <https://w3id.org/tutela/graph/> SELECT [n] WHERE { {}GRAPHg:meta { ?s ?p ?o } }",
        "PREFIX : <https://w3id.org/tutela/graph/> SELECT [n] WHERE { GRAPH :meta { ?s ?p ?o } }",
        "SELECT [n] FROM [meta] WHERE { ?s ?p ?o }",
        "SELECT [n]FROM[meta]{ ?s ?p ?o }",
        "SELECT [n] from # a comment\n [meta] WHERE { ?s ?p ?o }",
        "PREFIX g: <https://w3id.org/tutela/graph/> SELECT [n] FROM g:meta WHERE { ?s ?p ?o }",
        "PREFIX : <https://w3id.org/tutela/graph/> SELECT [n] FROM:meta WHERE { ?s ?p ?o }",
        "SELECT [n] FROM NAMED [meta] WHERE { GRAPH ?g { ?s ?p ?o } }",
        "SELECT [n] FROMNAMED[meta] {GRAPH?g{ ?s ?p ?o }}",
    ],
)
def test_a_query_can_name_graphs_in_any_syntax(store: EmbeddedStore, text: str) -> None:
    meta = next(store.query(expand("SELECT [n] WHERE { ?s ?p ?o }"), default_graphs=[META]).rows())
    try:
        assert next(store.query(expand(text)).rows()) == meta
    except QueryError as error:
        # The parser rejects some of these queries, which is also correct.
        assert "\\u" in text and "not well formed" in str(error)


def test_ask_and_construct_can_name_graphs(store: EmbeddedStore) -> None:
    assert store.query(expand("ASKFROM[meta]{ ?s a <https://w3id.org/tutela/ontology#Source> }")).boolean
    assert not store.query(expand("ASKFROM[meta]{ ?s a <https://w3id.org/tutela/ontology#Observation> }")).boolean
    result = store.query(expand("CONSTRUCT FROM [meta] WHERE { ?s a <https://w3id.org/tutela/ontology#Observation> }"))
    assert list(result.triples()) == []


def test_graph_keywords_in_comments_and_strings_have_no_effect(store: EmbeddedStore) -> None:
    plain = "SELECT ?from ?graph WHERE { ?from a ?graph } ORDER BY ?from ?graph LIMIT 50"
    with_keywords = "# from: GRAPH <x> {\n" + plain.replace("WHERE {", "WHERE { FILTER('GRAPH <x> FROM <y>' != STR(?graph))")
    assert store.query(with_keywords).serialize("csv") == store.query(plain).serialize("csv")


def test_a_graph_result_is_reproducible_and_errors_name_the_formats(store: EmbeddedStore) -> None:
    text = "DESCRIBE <https://w3id.org/tutela/id/jurisdiction/ALB>"
    assert store.query(text).serialize("turtle") == store.query(text).serialize("turtle")
    with pytest.raises(UsageError, match="Unknown format 'csv' for triples; choose one of turtle"):
        store.query(text).serialize("csv")
    with pytest.raises(UsageError, match="Unknown format 'turtle' for rows"):
        store.query("SELECT * WHERE { ?s ?p ?o } LIMIT 1").serialize("turtle")
    with pytest.raises(UsageError, match="Unknown format 'turtle' for a boolean; choose one of json, xml, csv, tsv"):
        store.query("ASK { ?s ?p ?o }").serialize("turtle")
    assert store.query("ASK { ?s ?p ?o }").serialize("csv") == b"true"
