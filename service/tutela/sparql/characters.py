"""Names of characters for messages."""

import unicodedata

_KINDS = {"Cc": "a control character", "Co": "a private-use character", "Cs": "half of a surrogate pair", "Cn": "not a character"}


def named(character: str) -> str:
    """Return a character by its code point and Unicode name, such as U+00A0 (no-break space)."""
    name = unicodedata.name(character, "").lower() or _KINDS.get(unicodedata.category(character), "no name")
    return f"U+{ord(character):04X} ({name})"
