"""Folding of text for the search."""

import pytest

from tutela.search.text_folding import fold, is_unspaced, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Simple Possession", "simple possession"),
        ("CÔTE D’IVOIRE", "cote d ivoire"),
        ("São Tomé & Príncipe", "sao tome and principe"),
        ("Straße, Ærø", "strasse aero"),
        ("ﬁle", "file"),
        ("٣٤", "34"),
        ("中国", "中国"),
        ("Россия", "россия"),
        ("  _ - ", ""),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["Österreich", "İstanbul", "Ελλάς", "Ёлка", "الكُوَيْت", "Article 9(1)(e)"])
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_word_with_the_arabic_article_is_also_found_without_it() -> None:
    assert words(fold("الكويت")) == ("الكويت", "كويت")
    assert words(fold("ال")) == ("ال",)
    assert words("two words") == ("two", "words")


def test_scripts_without_spaces_are_detected() -> None:
    assert is_unspaced("中国")
    assert is_unspaced("ไทย")
    assert not is_unspaced("한국")
    assert not is_unspaced("albania")
