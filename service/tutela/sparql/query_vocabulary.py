"""Which statements a query can depend on, so that it need not be evaluated again when others change.

The test is by names and errs on the safe side: a word of the query, other than in its head and a variable, is enough.
"""

import re
from collections.abc import Iterable, Set
from typing import Any

from tutela.namespaces import RDF

_WORD = re.compile(r"(?<![\w?$-])[\w-]+")  # a variable is no name, whatever it is called
# Two terms of which the second is a variable in the place of a predicate; heads of clauses have lists of variables, too.
_HEADS = re.compile(
    r"\bSELECT\b.*?(?=\bWHERE\b|\{)|\bVALUES\s*\([^)]*\)|\b(?:GROUP|ORDER)\s+BY\b[^\n]*|\bCONSTRUCT\s*\{.*?\}\s*(?=WHERE)",
    re.IGNORECASE | re.DOTALL,
)
_VARIABLE_PREDICATE = re.compile(r"[?$]\w+\s+[?$]\w+|[{;.]\s*(?:<[^<>\s]*>|\w*:[\w-]+|\[\s*\])\s+[?$]\w+\s+[^\s;,.})\]]")
_NEGATED_PATH = re.compile(r"!\s*(?:\^|<|\(\s*[<^]|\(?\s*\w*:|a\b)")
_VARIABLE_CLASS = re.compile(r"\ba\s+[?$]|\brdf:type\b")
_TYPE = f"{RDF}type"


class QueryVocabulary:
    """The names in a query, and whether it reads statements whatever their predicate.

    Args:
        text: the query.

    """

    def __init__(self, text: str) -> None:
        lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
        body = _HEADS.sub(" ", lines)
        self._words = set(_WORD.findall(body))
        self.reads_any_predicate = bool(_VARIABLE_PREDICATE.search(body) or _NEGATED_PATH.search(body))
        self.reads_any_class = bool(_VARIABLE_CLASS.search(body))

    def reads(self, names: Set[str]) -> bool:
        """Return whether the answer can depend on statements with these names, as `statement_names` returns them."""
        if not names:
            return False
        return self.reads_any_predicate or any(self._reads(name) for name in names)

    def _reads(self, name: str) -> bool:
        kind, _, word = name.rpartition(" ")
        return word in self._words or (bool(kind) and self.reads_any_class)


def statement_names(statements: Iterable[Any]) -> set[str]:
    """Return the local names of the predicates of triples or quads; of their types, ``a`` and the local name of the class."""
    pairs = {
        (statement.predicate.value, statement.object.value if statement.predicate.value == _TYPE else "")
        for statement in statements
    }
    return {f"a {_local(value)}" if predicate == _TYPE else _local(predicate) for predicate, value in pairs}


def _local(iri: str) -> str:
    return re.split(r"[#/]", iri)[-1]
