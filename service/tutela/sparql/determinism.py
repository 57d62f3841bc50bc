"""Whether a query has the same result whenever it is evaluated over the same release."""

import re

from tutela.sparql.lexer import normalize, tokens

# SPARQL 1.1, sections 17.4.2 (BNODE, UUID, STRUUID), 17.4.4 (RAND) and 17.4.5 (NOW); SERVICE reads other data. A blank node's
# label differs in each result, so BNODE counts too.
_CHANGING = re.compile("NOW|RAND|UUID|BNODE|SERVICE", re.IGNORECASE | re.ASCII)


def is_deterministic(text: str) -> bool:
    """Return whether the result of a query depends on nothing but the release.

    The engine needs no space around keywords (``trueNOW()``, ``SERVICEp:x``), so they are searched within words.

    Args:
        text: SPARQL 1.1 Query; it need not be valid.

    """
    text = normalize(text)
    if not _CHANGING.search(text):  # most queries, without the cost of the lexer
        return True
    return not any(
        _CHANGING.search(token.text) if token.kind == "word" else "SERVICE" in token.prefix.upper() for token in tokens(text)
    )
