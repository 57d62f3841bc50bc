"""Whether a query has the same result whenever it is evaluated over the same release."""

import re
from collections.abc import Iterable
from itertools import pairwise

from tutela import namespaces
from tutela.sparql.lexer import Token, normalize, significant

# SPARQL 1.1, sections 17.4.2 (BNODE, UUID, STRUUID), 17.4.4 (RAND) and 17.4.5 (NOW); SERVICE reads other data. The engine needs
# no space around keywords (``trueNOW()``, ``SERVICEp:x``), so they are searched within words.
_CHANGING = re.compile("NOW|RAND|UUID|BNODE|SERVICE", re.IGNORECASE | re.ASCII)
_CONSTRUCT = re.compile("CONSTRUCT", re.IGNORECASE | re.ASCII)


def is_deterministic(text: str) -> bool:
    """Return whether a query certainly has the same result each time; if in doubt, it has not.

    Args:
        text: SPARQL 1.1 Query; it need not be valid.

    """
    found = significant(normalize(text))
    return not (any(map(_is_changing, found)) or _calls_extension(found) or _makes_blank_nodes(found))


def _is_changing(token: Token) -> bool:
    if token.kind == "word":
        return _CHANGING.search(token.text) is not None
    return token.kind == "prefixed" and "SERVICE" in token.prefix.upper()


def _calls_extension(tokens: list[Token]) -> bool:
    """Return whether a query may call a function of the engine's own. Its name is an IRI, as is that of a cast like xsd:date."""
    own_xsd = any(
        name.kind == "prefixed" and name.prefix == "xsd" and not name.value and iri.kind == "iri" and iri.value != namespaces.XSD
        for name, iri in pairwise(tokens)
    )
    return any(bracket.text == "(" and _is_extension(name, own_xsd) for name, bracket in pairwise(tokens))


def _is_extension(name: Token, own_xsd: bool) -> bool:
    if name.kind == "iri":
        return not name.value.startswith(namespaces.XSD)
    return name.kind == "prefixed" and (name.prefix != "xsd" or own_xsd)


def _makes_blank_nodes(tokens: Iterable[Token]) -> bool:
    """Return whether a CONSTRUCT template makes blank nodes, whose labels are new each time.

    They come from a label, brackets, a list, and a reifier without a name (SPARQL 1.2 Query, section 4.1.5).
    """
    is_construct, depth = False, 0
    last = Token("other", "", 0)
    for token in tokens:
        if not is_construct:
            is_construct = _CONSTRUCT.search(token.text if token.kind == "word" else token.prefix) is not None
        elif depth and (
            token.kind in ("blank", "open_triple") or token.text in ("[", "(", "~") or last.text + token.text == "{|"
        ):
            return True
        elif token.text in ("{", "}"):
            depth += 1 if token.text == "{" else -1
            if depth <= 0:  # the end of the template
                return False
        last = token
    return False
