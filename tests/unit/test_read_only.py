"""The read-only guard."""

import pytest

from tutela.errors import ForbiddenQueryError, QueryError
from tutela.settings import MAX_NESTING
from tutela.sparql.read_only import ensure_read_only, ensure_read_only_for_remote

ENDPOINT = "http://example.org/sparql"


@pytest.mark.parametrize(
    "text",
    [
        "ASK {}",
        "# a comment\nBASE <http://a/> PREFIX a: <http://a#> SELECT * WHERE { ?s a:insert 'DROP ALL' }",
        "ASK { ?s ?p 'SERVICE <http://a/>' }",
        "DESCRIBE <http://a/SERVICE>",
        "ASK { ?s ?ग्SERVICE ?a\u203fSERVICE }",
        "ASK { FILTER(?a<'>' || ?b>'SERVICE <http://a/> {}') }",
    ],
)
def test_queries_are_allowed(text: str) -> None:
    ensure_read_only(text)
    ensure_read_only_for_remote(text)


def test_an_escape_in_a_string_does_not_end_it() -> None:
    text = r'ASK { ?s ?p "\u0022 SERVICE <http://a/> {}" }'
    ensure_read_only(text)
    with pytest.raises(ForbiddenQueryError):  # some engines replace escapes first
        ensure_read_only_for_remote(text)


@pytest.mark.parametrize("text", ["DROP ALL", "insert data { <a:a> <a:b> <a:c> }", "PREFIX a: <a:> LOAD a:b", "# ASK\nCLEAR ALL"])
def test_updates_are_rejected(text: str) -> None:
    for guard in (ensure_read_only, ensure_read_only_for_remote):
        with pytest.raises(ForbiddenQueryError, match="Updates are not allowed"):
            guard(text)


def test_service_is_only_allowed_for_the_given_endpoints() -> None:
    query = f"ASK {{ SERVICE SILENT <{ENDPOINT}> {{ ?s ?p ?o }} }}"
    ensure_read_only(query, [ENDPOINT])
    with pytest.raises(ForbiddenQueryError, match="SERVICE is not allowed"):
        ensure_read_only(query)
    with pytest.raises(ForbiddenQueryError, match="SERVICE is only allowed for"):
        ensure_read_only(query, ["http://example.org/other"])
    with pytest.raises(ForbiddenQueryError, match="SERVICE is only allowed for"):
        ensure_read_only("ASK { VALUES ?e { <http://a/> } SERVICE ?e { ?s ?p ?o } }", [ENDPOINT])


@pytest.mark.parametrize(
    "text",
    [
        "ASK { FILTER(?a<'>' ) SERVICE <http://a/> {} FILTER(?a<'>') }",
        "ASK { FILTER(?a<?b#>'\n) SERVICE <http://a/> {} #'\n}",
        r"ASK { ?s <http://a/\u0041'> ?o . SERVICE <http://a/> {} #'" + "\n}",
        "ASK { ?s ?ग्'x' SERVICE <http://a/> {} }",
        "ASK { VALUES ?x { true }SERVICE <http://a/> {} }",
        "ASK { SERVICESILENT <http://a/> {} }",
        "PREFIX p: <http://a/> ASK { SERVICEp:x {} }",
    ],
)
def test_service_cannot_be_hidden(text: str) -> None:
    for guard in (ensure_read_only, ensure_read_only_for_remote):
        with pytest.raises(ForbiddenQueryError, match="SERVICE is not allowed"):
            guard(text)
        with pytest.raises(ForbiddenQueryError, match="SERVICE is only allowed for"):
            guard(text, [ENDPOINT])


def test_the_nesting_of_brackets_is_limited() -> None:
    def nested(depth: int) -> str:
        return f"ASK {{ FILTER{'(' * (depth - 1)}1{')' * (depth - 1)} }}"

    ensure_read_only(nested(MAX_NESTING))
    with pytest.raises(QueryError, match="nested too deeply"):
        ensure_read_only(nested(MAX_NESTING + 1))
    ensure_read_only("ASK { ?s ?p '" + "(" * (MAX_NESTING + 1) + "' }")


@pytest.mark.parametrize("text", [r"\u0044ROP ALL", r"ASK { \u0053ERVICE <http://a/> {} }"])
def test_keywords_with_escapes_do_not_reach_a_remote_engine(text: str) -> None:
    with pytest.raises(ForbiddenQueryError):
        ensure_read_only_for_remote(text)


@pytest.mark.parametrize("text", ["DEFINE get:soft 'replace' ASK {}", "EXPLAIN ASK {}", "", "nonsense"])
def test_statements_other_than_queries_do_not_reach_a_remote_engine(text: str) -> None:
    with pytest.raises(QueryError, match="expected SELECT, ASK, CONSTRUCT or DESCRIBE"):
        ensure_read_only_for_remote(text)
