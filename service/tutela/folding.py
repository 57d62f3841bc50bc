"""Texts as they are compared in a search: without case, accents and marks, in whatever script."""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

# Letters that Arabic, and Persian in its place, write in more than one way; the stroke that only lengthens a word is left out.
_ARABIC = str.maketrans({"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None})
_ARTICLE = "ال"
_NOT_IN_WORDS = re.compile(r"[\W_]+")
# Scripts that are written without spaces: a word may begin anywhere.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@lru_cache(maxsize=1 << 14)
def fold(text: str) -> str:
    """Return a text as words with a space between two.

    Case and marks are folded (Unicode, NFKD without combining marks); Latin letters that have no decomposition (ø, ł, ı)
    become the nearest of the alphabet, and other scripts stay as they are. Punctuation is as good as a space.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = (_letter(letter) for letter in plain if unicodedata.category(letter) not in ("Mn", "Me", "Cf"))
    return _NOT_IN_WORDS.sub(" ", "".join(kept).translate(_ARABIC)).strip()


def _letter(letter: str) -> str:
    if letter == "&":
        return " and "
    if letter.isascii():
        return letter
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    return anyascii(letter).lower() if unicodedata.name(letter, "").startswith("LATIN ") else letter


def words(folded: str) -> tuple[str, ...]:
    """Return the words of a folded text; one with the Arabic article counts without it too."""
    found = folded.split()
    bare = [word.removeprefix(_ARTICLE) for word in found if word.startswith(_ARTICLE) and len(word) > len(_ARTICLE) + 1]
    return (*found, *bare)


def unspaced(word: str) -> bool:
    """Return whether a word is of a script that is written without spaces."""
    return bool(_UNSPACED.search(word))
