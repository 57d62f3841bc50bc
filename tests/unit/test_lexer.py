"""The lexer of queries: what is masked, and what remains."""

import pytest

from tutela.sparql.lexer import mask_literals, unescape


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("ASK { ?s ?p 'x' }", "ASK {     }"),
        ('ASK { $s ?p """a "quote" """ }', "ASK {     }"),
        ("ASK { <http://a#b> ?p ?o } # SERVICE", "ASK { <0>     }  "),
        ("SELECT * { ?s a:service ?o }", "SELECT * {   a:    }"),
        ("ASK{?s?p'x'@en-GB}", "ASK{    }"),
        (r"ASK { ?s ?p 'it\'s' }", "ASK {     }"),
        ("# first\nASK {}", " \nASK {}"),
    ],
)
def test_only_keywords_and_punctuation_remain(text: str, masked: str) -> None:
    assert mask_literals(text)[0].split() == masked.split()


def test_an_iri_is_replaced_by_its_index() -> None:
    masked, tokens = mask_literals("SELECT * { SERVICE <http://a/> { ?s <http://b/> 'c' } }")
    assert masked.split() == ["SELECT", "*", "{", "SERVICE", "<0>", "{", "<2>", "}", "}"]
    assert [token["iri"] for token in tokens] == ["http://a/", None, "http://b/", None]


def test_comparison_operators_are_not_iris() -> None:
    masked, tokens = mask_literals("ASK { FILTER(1 < 2 && 3 > 2) }")
    assert "<" in masked
    assert tokens == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\u0053ERVICE", "SERVICE"),
        (r"\U00000053ERVICE", "SERVICE"),
        (r"\u00e9", "é"),
        (r"\UFFFFFFFF", r"\UFFFFFFFF"),  # not a code point
        (r"\u00", r"\u00"),
        (r"'\n'", r"'\n'"),
    ],
)
def test_unescape(text: str, expected: str) -> None:
    assert unescape(text) == expected
