"""Whether a query has the same result each time it is evaluated over the same release."""

import re

from tutela import namespaces
from tutela.sparql.lexer import mask_literals, unescape

# Functions whose value is different each time (SPARQL 1.1, sections 17.4.2.9, 17.4.2.12, 17.4.2.13, 17.4.4.5 and 17.4.5.1).
# UUID is also the end of STRUUID. An engine may need no space before a keyword, so there is no word boundary. After the keyword
# follows a bracket, or a comment. The text is searched as it is, strings and IRIs included: a wrong "no" costs time only.
_VOLATILE = ("NOW", "RAND", "UUID", "BNODE")
_VOLATILE_CALL = re.compile(rf"(?:{'|'.join(_VOLATILE)})\s*[(#]")
# An engine may have functions of its own, such as a random number. Their names are IRIs, as are those of casts like xsd:date.
_EXTENSION = re.compile(r"(?:(?<![^\w.-]xsd):|<[0-9]+>)\s*\(", re.IGNORECASE)
_OTHER_XSD = re.compile(rf"xsd:\s*<(?!{re.escape(namespaces.XSD)}>)", re.IGNORECASE)
_SERVICE = re.compile("SERVICE", re.IGNORECASE)
_CONSTRUCT = re.compile("CONSTRUCT", re.IGNORECASE)


def is_deterministic(text: str) -> bool:
    """Return whether a query certainly has the same result each time; if in doubt, it has not.

    Args:
        text: SPARQL 1.1 Query.

    """
    return all(map(_is_deterministic, {text, unescape(text)}))


def _is_deterministic(text: str) -> bool:
    upper = text.upper()
    # The search for each word first takes a tenth of the time.
    if any(word in upper for word in _VOLATILE) and _VOLATILE_CALL.search(upper):
        return False
    if _OTHER_XSD.search(text):
        return False
    masked, _ = mask_literals(text)
    return not (_SERVICE.search(masked) or _EXTENSION.search(masked) or _has_blank_nodes_in_template(masked))


def _has_blank_nodes_in_template(masked: str) -> bool:
    """Return whether a CONSTRUCT template makes blank nodes, whose labels are new each time: a label, brackets or a list."""
    found = _CONSTRUCT.search(masked)
    return bool(found) and any(sign in masked[found.end() :].partition("}")[0] for sign in ("_:", "[", "("))  # type: ignore[union-attr]
