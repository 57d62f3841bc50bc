"""Folding: text without case, accents and marks, in any script, so that a search can compare it."""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

# Letters that Arabic and Persian write in more than one way; the tatweel, which only lengthens a word, is removed.
_ARABIC = str.maketrans({"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None})
_ARABIC_ARTICLE = "ال"
_NOT_IN_WORDS = re.compile(r"[\W_]+")
# Scripts without spaces between words, where a word may begin anywhere.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@lru_cache(maxsize=1 << 14)
def fold(text: str) -> str:
    """Return a text as folded words, separated by single spaces.

    Case and marks are folded (Unicode NFKD without combining marks). Latin letters without a decomposition (ø, ł, ı) become
    the nearest letter of the alphabet; other scripts stay as they are. Punctuation separates words.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = (_fold_letter(letter) for letter in decomposed if unicodedata.category(letter) not in ("Mn", "Me", "Cf"))
    return _NOT_IN_WORDS.sub(" ", "".join(letters).translate(_ARABIC)).strip()


def _fold_letter(letter: str) -> str:
    if letter == "&":
        return " and "
    if letter.isascii():
        return letter
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    return anyascii(letter).lower() if unicodedata.name(letter, "").startswith("LATIN ") else letter


def words(folded: str) -> tuple[str, ...]:
    """Return the words of a folded text; a word with the Arabic article is included without it too."""
    found = folded.split()
    return (*found, *(bare for word in found if (bare := without_article(word)) != word))


def without_article(word: str) -> str:
    """Return a folded word without the Arabic article."""
    return word[len(_ARABIC_ARTICLE) :] if word.startswith(_ARABIC_ARTICLE) and len(word) > len(_ARABIC_ARTICLE) + 1 else word


def is_unspaced(word: str) -> bool:
    """Return whether a word is in a script without spaces between words."""
    return bool(_UNSPACED.search(word))
