"""The store: queries are answered, updates and calls to elsewhere refused, and names in other places left alone."""

import pytest

from tutela import names
from tutela.errors import UsageError
from tutela.store import EmbeddedStore, QueryError, QueryRefusedError


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <a:a> <a:b> <a:c> }",
        "PREFIX a: <http://a#> # one\nBASE <http://b> DELETE WHERE { ?s ?p ?o }",
        "DROP ALL", "LOAD <http://example.org/>", "WITH <a:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)  # fmt: skip
def test_updates_are_refused(store: EmbeddedStore, text: str) -> None:
    with pytest.raises(QueryRefusedError, match="Updates are refused"):
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
        # The parser wants no space around its keywords, and a number sign in a name begins no comment.
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
def test_calls_to_other_endpoints_are_refused(store: EmbeddedStore, text: str) -> None:
    with pytest.raises(QueryRefusedError, match="SERVICE is refused"):
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
def test_the_words_may_stand_elsewhere(store: EmbeddedStore, text: str) -> None:
    store.query(text).serialize("json")


def test_a_bad_query_gets_the_parsers_message(store: EmbeddedStore) -> None:
    with pytest.raises(QueryError, match="not well formed: error at 1:"):
        store.query("SELECT WHERE")


def test_the_default_graph_is_the_merge_and_each_triple_counts_once(store: EmbeddedStore) -> None:
    merged = next(store.query("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }").rows())[0]
    distinct = next(
        store.query("SELECT (COUNT(*) AS ?n) WHERE { SELECT DISTINCT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } } }").rows()
    )[0]
    assert merged == distinct


def test_graphs_hold_what_their_name_says(store: EmbeddedStore) -> None:
    found = {row[0] for row in store.query("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }").rows()}
    assert found <= {f"{names.GRAPH}{name}" for name in names.GRAPHS}
    rated = "ASK { ?a <https://w3id.org/tutela/ontology#rating> ?r }"
    assert store.query(rated, default_graphs=[f"{names.GRAPH}derived"]).truth
    assert not store.query(rated, default_graphs=[f"{names.GRAPH}review"]).truth


META = f"{names.GRAPH}meta"


def written(text: str) -> str:
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
def test_a_query_finds_the_graphs_that_it_names_however_it_is_written(store: EmbeddedStore, text: str) -> None:
    meta = next(store.query(written("SELECT [n] WHERE { ?s ?p ?o }"), default_graphs=[META]).rows())
    try:
        assert next(store.query(written(text)).rows()) == meta
    except QueryError as error:
        # Some of this the parser does not take; then nothing is lost either.
        assert "\\u" in text and "not well formed" in str(error)


def test_ask_and_construct_find_the_graphs_that_they_name(store: EmbeddedStore) -> None:
    assert store.query(written("ASKFROM[meta]{ ?s a <https://w3id.org/tutela/ontology#Source> }")).truth
    assert not store.query(written("ASKFROM[meta]{ ?s a <https://w3id.org/tutela/ontology#Observation> }")).truth
    found = store.query(written("CONSTRUCT FROM [meta] WHERE { ?s a <https://w3id.org/tutela/ontology#Observation> }"))
    assert list(found.triples()) == []


def test_words_that_name_no_graph_change_nothing(store: EmbeddedStore) -> None:
    plain = "SELECT ?from ?graph WHERE { ?from a ?graph } ORDER BY ?from ?graph LIMIT 50"
    told = "# from: GRAPH <x> {\n" + plain.replace("WHERE {", "WHERE { FILTER('GRAPH <x> FROM <y>' != STR(?graph))")
    assert store.query(told).serialize("csv") == store.query(plain).serialize("csv")


def test_a_graph_answer_repeats_to_the_byte_and_names_its_formats(store: EmbeddedStore) -> None:
    text = "DESCRIBE <https://w3id.org/tutela/id/jurisdiction/ALB>"
    assert store.query(text).serialize("turtle") == store.query(text).serialize("turtle")
    with pytest.raises(UsageError, match="Triples have no format 'csv'; choose one of turtle"):
        store.query(text).serialize("csv")
    with pytest.raises(UsageError, match="Rows have no format 'turtle'"):
        store.query("SELECT * WHERE { ?s ?p ?o } LIMIT 1").serialize("turtle")
    with pytest.raises(UsageError, match="A truth value has no format 'csv'; choose one of json, xml"):
        store.query("ASK { ?s ?p ?o }").serialize("csv")
