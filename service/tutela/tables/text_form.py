"""What no cell may contain: characters that cannot be seen or were lost, markup, formulas, spaces around the text.

Spreadsheet programs and web pages leave all of these in a cell that looks right.
"""

import re
import unicodedata
from dataclasses import dataclass

_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|<!--|&(#[0-9]+|#x[0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]+);|_x[0-9A-F]{4}_")
_FORMULA = re.compile(r"[=@].|[+-]\s*[A-Za-z(]+\(")
_SPREADSHEET_ERRORS = frozenset(("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA"))
# Letters and marks that print nothing, besides the format characters (general category Cf).
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_JOINERS = frozenset("\u200c\u200d")
_VIRAMA = 9  # canonical combining class
_FORBIDDEN = frozenset(("Cc", "Cf", "Co", "Cs", "Zl", "Zp"))  # control, format, private use, surrogates, separators
_SPACES = frozenset(" \u3000")  # the ideographic space is part of Chinese and Japanese texts


@dataclass(frozen=True)
class Fault:
    """What is wrong with the form of a value.

    Args:
        found: the value, and what is wrong with it where that cannot be seen.
        expected: what would be right, in words.
        advice: what to do; a sentence.
        meant: the value that was most likely meant; empty if that is not clear.

    """

    found: str
    expected: str
    advice: str
    meant: str = ""


def text_fault(text: str) -> Fault | None:
    """Return what is wrong with a text, whatever its column, or None."""
    if not (text.isascii() and text.isprintable()) and (wrong := _character_fault(text)):
        return wrong
    if text.strip() != text:
        return Fault(f"{shown(text)} has a space at its beginning or end", "text without spaces around it", "Remove the spaces.")
    if markup := _MARKUP.search(text):
        found = f"{shown(text)} contains the markup {markup[0]}"
        return Fault(found, "plain text without markup", f"Write it without {markup[0]}.")
    if text in _SPREADSHEET_ERRORS or _FORMULA.match(text):
        found = f"{shown(text)} is a formula or an error of a spreadsheet"
        return Fault(found, "a value, as text", "Enter the value itself.")
    return None


def cleaned(text: str) -> str:
    """Return a text without what cannot be seen, in normalization form C, with plain spaces and none around it."""
    kept = (
        " " if unicodedata.category(one) in ("Zs", "Zl", "Zp") and one not in _SPACES else one
        for index, one in enumerate(text)
        if unicodedata.category(one) != "Cf" or not _is_forbidden(text, index)
    )
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def shown(text: str) -> str:
    """Return a text in quotes as messages print it: what cannot be seen is escaped."""
    escaped = (one if one.isprintable() and one not in _BLANK else f"\\u{ord(one):04x}" for one in text)
    return f"'{''.join(escaped)}'"


def _character_fault(text: str) -> Fault | None:
    for index, character in enumerate(text):
        if _is_forbidden(text, index):
            found = f"{shown(text)} contains U+{ord(character):04X}{_name(character)} as its character {index + 1}"
            expected = "text without control, invisible, replacement and text-direction characters"
            return Fault(found, expected, _advice(character))
    if not unicodedata.is_normalized("NFC", text):
        expected = "text in Unicode normalization form C (NFC)"
        return Fault(f"{shown(text)} is not in normalization form C", expected, "Save it in that form, which looks the same.")
    return None


def _is_forbidden(text: str, index: int) -> bool:
    character = text[index]
    if character in _JOINERS:
        return not _joins(text, index)
    category, code = unicodedata.category(character), ord(character)
    is_noncharacter = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    is_space = category == "Zs" and character not in _SPACES
    return category in _FORBIDDEN or is_space or is_noncharacter or character in _BLANK or character == "\ufffd"


def _joins(text: str, index: int) -> bool:
    """Return whether a zero-width joiner or non-joiner is between letters that need it.

    That is after a virama, as in Indic scripts, or between Arabic letters, as in Persian (RFC 5892, appendix A.1 and A.2).
    """
    before, after = text[:index], text[index + 1 : index + 2]
    if not before or not after:
        return False
    if unicodedata.combining(before[-1]) == _VIRAMA:
        return True
    letters = [one for one in before[-3:] if unicodedata.category(one) != "Mn"]  # without vowel signs
    return bool(letters) and unicodedata.bidirectional(letters[-1]) == unicodedata.bidirectional(after) == "AL"


def _name(character: str) -> str:
    name = unicodedata.name(character, "")
    return f" ({name.lower()})" if name else ""


def _advice(character: str) -> str:
    if character == "\ufffd":
        return "Enter the text again from its source; this character stands for one that was lost."
    return "Write a plain space instead." if unicodedata.category(character) in ("Zs", "Zl", "Zp") else "Remove it."
