"""File names for responses that a browser may save."""

import pytest

from tutela.web.http.content_disposition import content_disposition


@pytest.mark.parametrize(
    ("parts", "format_name", "expected"),
    [
        (["parties-lacking", "lanzarote", "definition"], "csv", 'attachment; filename="parties-lacking-lanzarote-definition.csv"'),
        (["bound-by", "ALB", "2020-01-01"], "tsv", 'attachment; filename="bound-by-ALB-2020-01-01.tsv"'),
        (["chain", "art_18.16"], "json", 'inline; filename="chain-art_18.16.json"'),
        (["result"], "turtle", 'inline; filename="result.ttl"'),
        (["a", "", "b"], "xml", 'inline; filename="a-b.xml"'),
        (['x"; filename="y', "../..\\z", "a\r\nb"], "csv", 'attachment; filename="x-filename-y-z-a-b.csv"'),
        (["...", "?"], "csv", 'attachment; filename="result.csv"'),
        (["Côte d'Ivoire"], "csv", "attachment; filename=\"Cote-d-Ivoire.csv\"; filename*=UTF-8''C%C3%B4te-d-Ivoire.csv"),
        (["日本"], "csv", "attachment; filename=\"RiBen.csv\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.csv"),
        (["\ud800", "a"], "csv", 'attachment; filename="a.csv"'),
    ],
)  # fmt: skip
def test_a_file_name_has_safe_characters_only(parts: list[str], format_name: str, expected: str) -> None:
    assert content_disposition(parts, format_name) == expected


def test_a_file_name_is_not_too_long() -> None:
    assert len(content_disposition(["a" * 10_000], "csv")) < 200
