"""The beginning of a query: its form, its base, and the prefixes that it declares (SPARQL 1.1 Query, section 4.1)."""

import re
from dataclasses import dataclass, field

from tutela.sparql.lexer import Token, significant, unescape

# The engine needs no space between a keyword and a prefix: `PREFIXa:<http://a/>`.
_PREFIX = re.compile("PREFIX", re.IGNORECASE | re.ASCII)
_FORM = re.compile("SELECT|ASK|CONSTRUCT|DESCRIBE", re.IGNORECASE | re.ASCII)


@dataclass
class Prologue:
    """The beginning of a query, and the tokens that follow.

    Args:
        prefixes: the IRI of each declared prefix, as it is written.
        rest: the tokens after the declarations, without space and comments.

    """

    prefixes: dict[str, str] = field(default_factory=dict)
    rest: list[Token] = field(default_factory=list)

    @property
    def form(self) -> str:
        """``SELECT``, ``ASK``, ``CONSTRUCT`` or ``DESCRIBE``; empty if the text is not a query."""
        match = _FORM.match(self.rest[0].text) if self.rest and self.rest[0].kind in {"word", "prefixed"} else None
        return match[0].upper() if match else ""


def read(text: str) -> Prologue:
    """Read the beginning of a query; it need not be valid."""
    tokens, found, position = significant(text), Prologue(), 0
    while position < len(tokens):
        kinds, first = [token.kind for token in tokens[position : position + 3]], tokens[position]
        word = first.text.upper()
        if first.kind == "word" and (word, *kinds[1:2]) in {("BASE", "iri"), ("VERSION", "string")}:
            position += 2
        elif word == "PREFIX" and kinds[1:] == ["prefixed", "iri"]:
            found.prefixes[tokens[position + 1].prefix] = unescape(tokens[position + 2].value)
            position += 3
        elif kinds[:2] == ["prefixed", "iri"] and not first.value and _PREFIX.match(first.prefix):
            found.prefixes[_PREFIX.sub("", first.prefix, count=1)] = unescape(tokens[position + 1].value)
            position += 2
        else:
            break
    found.rest = tokens[position:]
    return found
