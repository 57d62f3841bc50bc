"""Queries whose result changes from one evaluation to the next."""

import pytest

from tutela.sparql.determinism import is_deterministic


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (NOW() AS ?x) {}",
        "select (now () as ?x) {}",
        r"SELECT (\u004eow() AS ?x) {}",
        r"SELECT (R\U00000041ND() AS ?x) {}",
        "ASK { FILTER(1-NOW()>2) }",
        "ASK { FILTER(?a<?b&&NOW()>?c) }",
        "ASK { FILTER(?a<'>' && RAND()>0 || ?b>'>') }",
        "ASK { ?s ?p true.BIND(UUID() AS ?u) }",
        "ASK { FILTER(STRUUID() = 'a') }",
        "SELECT (BNODE() AS ?x) {}",
        "ASK { SERVICE <http://example.org/> {} }",
        "PREFIX p: <http://example.org/> ASK { SERVICEp:x {} }",
        "# \u2028\nSELECT (NOW() AS ?x) {}",
    ],
)
def test_changing(text: str) -> None:
    assert not is_deterministic(text)


@pytest.mark.parametrize(
    "text",
    [
        "ASK {}",
        "SELECT ?now { ?now <http://example.org/rand> 'uuid()' } # NOW()",
        "SELECT ?ग्now { ?ग्now a <NOW> }",
        "PREFIX now: <http://example.org/> ASK { ?s now:rand ?o }",
        r'ASK { ?s ?p "\u0022 NOW() \u0022" }',
        "",
        "nonsense (",
    ],
)
def test_deterministic(text: str) -> None:
    assert is_deterministic(text)
