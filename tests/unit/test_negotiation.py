"""Content negotiation."""

import pytest

from tutela.web.http.negotiation import (
    BOOLEAN_TYPES,
    GRAPH_TYPES,
    SOLUTION_TYPES,
    best_match,
    by_name,
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
