"""Whether a query has the same result each time."""

import time

import pytest

from tutela import paths
from tutela.sparql.determinism import is_deterministic


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (NOW() AS ?x) {}", "SELECT (nOw ( ) AS ?x) {}", "SELECT (now\t\r\n()AS ?x){}", "SELECT (NOW#c\n() AS ?x) {}",
        "SELECT (NOW # () \n # c \r ( ) AS ?x) {}", "SELECT (RAND() AS ?x) {}", "SELECT (uuid() AS ?x) {}",
        "SELECT (StrUuid() AS ?x) {}", "SELECT (BNODE('a') AS ?x) {}", "SELECT (BNODE() AS ?x) {}",
        r"SELECT (\u004E\u004F\u0057() AS ?x) {}", r"SELECT (N\U0000004fW() AS ?x) {}", r"SELECT (NOW\u0028) AS ?x) {}",
        r"SELECT (NOW\u0023 c" "\n() AS ?x) {}", "SELECT (COUNT(DISTINCTNOW())AS ?x) {}", "ASK { FILTER(?y<NOW()||?z>1) }",
        "ASK { FILTER(1-NOW()>?x) }", "SELECT * { ?s ?p 'a' FILTER(?s != 'b' && rand () < 0.5) }",
        "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }", "SELECT * { service silent ?x { ?s ?p ?o } }",
        r"SELECT * { \u0053ERVICE <http://example.org/> { ?s ?p ?o } }",
        "CONSTRUCT { [] <a:p> ?o } WHERE { ?s ?p ?o }", "CONSTRUCT { _:b <a:p> ?o } WHERE { ?s ?p ?o }",
        "CONSTRUCT { ?s <a:p> (1 2) } WHERE { ?s ?p ?o }", "construct{?s ?p [ <a:q> 1 ]}{?s ?p ?o}",
        "CONSTRUCT WHERE { _:b <a:p> ?o }", "CONSTRUCT { <a:\\u007d> <a:p> '}', [] } WHERE {}",
        "CONSTRUCT { ?s ?p ?o {| <a:q> 1 |} } { ?s ?p ?o }", "CONSTRUCT { ?s ?p ?o {| <a:q> 1 |} . _:b ?p ?o } { ?s ?p ?o }",
        "CONSTRUCT { << ?s ?p ?o >> ?p ?o } { ?s ?p ?o }", "CONSTRUCT { ?s ?p ?o ~ } { ?s ?p ?o }",
        "PREFIX ex:<a:>CONSTRUCTFROMex:g WHERE { [] ?p ?o }",
        "PREFIX afn: <http://jena.apache.org/ARQ/function#> SELECT (afn:now() AS ?x) {}", "SELECT (bif:rnd(10) AS ?x) {}",
        "SELECT (<http://example.org/random>() AS ?x) {}", "PREFIX f: <a:> SELECT (f:x # c\n (1) AS ?x) {}",
        "PREFIX xsd: <a:> SELECT (xsd:x(1) AS ?x) {}", "SELECT (axsd:x(1) AS ?x) {}", "SELECT (:x(1) AS ?x) {}",
        "ASK { FILTER(?a<?b&&NOW()>?c) }", "ASK { FILTER(?a<'>' && RAND()>0 || ?b>'>') }",
        "ASK { ?s ?p true.BIND(UUID() AS ?u) }", "PREFIX p: <http://example.org/> ASK { SERVICEp:x {} }", "# \u2028\nSELECT (NOW() AS ?x) {}",
        "# ' \n SELECT (NOW() AS ?x) { # '\n }", "SELECT ('''a''' AS ?y) (NOW() AS ?x) ('''b''' AS ?z) {}",
    ],
)  # fmt: skip
def test_a_result_that_may_change_is_recognized(text: str) -> None:
    assert not is_deterministic(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?now { ?now ?rand 'uuid' }", "ASK { ?s <http://example.org/now> tutela:nowhere }", "ASK {} # right now",
        "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> ASK { FILTER(xsd:date('2020-01-01') > xsd:date(?x)) }",
        "SELECT * { ?s rdfs:label 'internet service providers' }", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p [] }",
        "SELECT ?now { ?now <http://example.org/rand> 'uuid()' } # NOW()", "SELECT ?ग्now { ?ग्now a <NOW> }",
        "PREFIX now: <http://example.org/> ASK { ?s now:rand ?o }", r'ASK { ?s ?p "\u0022 NOW() \u0022" }', "", "nonsense (",
        "CONSTRUCT WHERE { ?s a <a:b> }", "DESCRIBE <a:b>", "ASK { <a:construct> <a:p> 'construct' . [] ?p () }",
        "CONSTRUCT { ?s ?p ?o } { << ?s ?p ?o >> ?q [] {| <a:q> 1 |} }", "SELECT (MD5(STR(?s)) AS ?m) { ?s ?p ?o }",
    ],
)  # fmt: skip
def test_other_queries_are_deterministic(text: str) -> None:
    assert is_deterministic(text)


def test_the_queries_of_the_project_are_deterministic() -> None:
    """Pages are cached, whatever their queries are."""
    volatile = [
        path.name for path in sorted(paths.QUERIES.rglob("*.rq")) if not is_deterministic(path.read_text(encoding="utf-8"))
    ]
    assert volatile == []


@pytest.mark.parametrize(
    "part", ["NOW", "NOW#", "NOW ", "CONSTRUCT", "a", ":", "xsd:", '"', "'''", "<", "SERVICE", "\\u004E", "# "]
)
def test_the_time_grows_with_the_length_of_the_query_only(part: str) -> None:
    start = time.monotonic()
    is_deterministic(part * (500_000 // len(part)))
    assert time.monotonic() - start < 5
