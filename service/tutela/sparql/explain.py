"""Why a text is not a query: one sentence with the place, what was found, and what was expected.

The engine's parser reports neither the place nor the reason. These functions are called only after it rejected a text.
"""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from tutela.errors import QueryError
from tutela.namespaces import QUERY_PREFIXES
from tutela.sparql import grammar, semantics
from tutela.sparql.characters import named
from tutela.sparql.grammar import Departure, Symbol
from tutela.sparql.lexer import normalize, significant
from tutela.sparql.prefixes import undeclared

_FORMS = "SELECT, ASK, CONSTRUCT or DESCRIBE"
_SHOWN = 40  # characters of a text in a message
_MAX_EXPECTED = 8
# How kinds of symbols are called in messages. A group replaces its members where all of them are expected.
_GROUPS: tuple[tuple[set[str], str, set[str]], ...] = (
    ({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}, "SELECT, ASK, CONSTRUCT, DESCRIBE, PREFIX, BASE", {"PREFIX", "BASE", "VERSION"}),
    ({"FUNCTION", "AGGREGATE", "COUNT", "GROUP_CONCAT", "BOUND", "VARIABLE", "STRING", "INTEGER", "(", "IRI"}, "an expression",
     {"PREFIXED", "EXISTS", "NOT", "NUMBER", "true", "false", "!", "+", "-", "<<"}),
    ({"FUNCTION", "COUNT", "BOUND"}, "a function", {"AGGREGATE", "GROUP_CONCAT", "EXISTS", "NOT"}),
    ({"=", "!=", "<", "<=", "&&", "||"}, "an operator", {">", ">=", "IN", "NOT", "+", "-", "*", "/"}),
    ({"=", "!=", "<"}, "an operator", {">", ">=", "<=", "IN", "NOT", "+", "-", "*", "/", "||", "&&"}),
    ({"STRING", "INTEGER", "BLANK", "IRI"}, "a term",
     {"PREFIXED", "NUMBER", "true", "false", "+", "-", "ANON", "NIL", "<<", "[", "("}),
    ({"STRING", "INTEGER"}, "a literal", {"NUMBER", "true", "false", "+", "-"}),
    ({"IRI", "PREFIXED"}, "an IRI or prefixed name", set()),
    ({"INTEGER", "NUMBER"}, "a number", set()),
    ({"BIND", "FILTER", "OPTIONAL"}, "a pattern such as OPTIONAL or FILTER", {"GRAPH", "MINUS", "SERVICE", "VALUES", "LATERAL"}),
    ({"a", "^", "!"}, "a property path", set()),
)  # fmt: skip
_NAMES = {
    "IRI": "an IRI in angle brackets", "PREFIXED": "a prefix with a colon", "STRING": "a string", "VARIABLE": "a variable",
    "INTEGER": "a whole number", "LANGUAGE": "a language tag", "BLANK": "a blank node", "ANON": "[]", "NIL": "()",
    "FUNCTION": "a function", "AGGREGATE": "an aggregate", "END": "the end of the query",
}  # fmt: skip
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_AFTER_PATTERN = frozenset(("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"))
_OTHER_LANGUAGES = {
    "AND": "&& combines conditions", "OR": "|| combines conditions", "LIKE": "CONTAINS or REGEX compares a part of a text",
    "NULL": "BOUND tells whether a variable has a value", "JOIN": "patterns in braces are joined",
}  # fmt: skip
_CLOSING = {opening: closing for closing, opening in _BRACKETS.items()}
# The ASCII character that is meant by a character that word processors or keyboards produce instead.
_MEANT = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"), "\u2264": "<=", "\u2265": ">=", "\u2260": "!=", "\u00d7": "*",
    "\u2039": "<", "\u203a": ">", "\u2329": "<", "\u232a": ">", "\u27e8": "<", "\u27e9": ">", "\u3008": "<", "\u3009": ">",
    "\u2026": "...", "\u3001": ",", "\u3002": ".",
}  # fmt: skip


def not_well_formed(text: str, engine: str = "") -> QueryError:
    """Return the error for a text that an engine rejected.

    Args:
        text: the text, as its author wrote it.
        engine: what a remote engine said about it.

    """
    found = explain(text)
    if found:
        return QueryError(f"The query is not well formed: {found}")
    if engine:
        return QueryError(f"The engine rejects the query: {engine}")
    return QueryError(
        "The query is not well formed: it breaks a rule of SPARQL that no message describes. "
        "Remove parts of it until it works; the part removed last has the mistake."
    )


def ensure_encodable(text: str) -> None:
    """Raise an error if a text has no UTF-8 encoding, because it contains half of a surrogate pair.

    Raises:
        QueryError: it contains one.

    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        where = f"{place(text, error.start)}: found {named(text[error.start])}"
        raise QueryError(f"The query is not well formed: {where}, which is not a character.") from error


def explain(text: str) -> str | None:
    """Return why a text is not a query, in one sentence with the place; None if this is not known.

    Args:
        text: the text, as its author wrote it.

    """
    text = normalize(text)
    if not significant(text):
        return f"the query is empty; expected {_FORMS}."
    departure = grammar.find_departure(text)
    names = [token for token in undeclared(text) if token.prefix not in QUERY_PREFIXES]
    is_in_prologue = departure is not None and any(symbol.kind == "PREFIX" for symbol in departure.before[-2:])
    if names and not is_in_prologue and (departure is None or names[0].start < departure.symbol.start):
        is_url = text.startswith("://", names[0].start + len(names[0].prefix))
        reason = "an IRI is written in angle brackets: <...>" if is_url else _undeclared(names[0].prefix)
        return f"{place(text, names[0].start)}: {reason}."
    if departure is not None:
        return f"{place(text, departure.symbol.start)}: {_reason(text, departure)}."
    found = semantics.find_mistake(text)
    return f"{place(text, found[0])}: {found[1]}." if found else None


def place(text: str, position: int) -> str:
    """Return a position in a text as line and column, both from 1. Columns count characters."""
    before = text[:position].replace("\r\n", "\n").replace("\r", "\n")
    return f"line {before.count(chr(10)) + 1}, column {len(before) - (before.rfind(chr(10)) + 1) + 1}"


def _undeclared(prefix: str) -> str:
    near = get_close_matches(prefix, QUERY_PREFIXES, n=1, cutoff=0.5)
    hint = f"; the nearest known prefix is {near[0]}: for <{QUERY_PREFIXES[near[0]]}>" if near else ""
    return f"the prefix {prefix}: is not declared; add PREFIX {prefix}: <...> before the query{hint}"


def _reason(text: str, departure: Departure) -> str:
    symbol = departure.symbol
    return (
        _character(text, symbol)
        or _string(text, symbol)
        or _iri(text, departure)
        or _bracket(text, departure)
        or _habit(departure)
        or f"expected {_expected(departure)}, found {_found(symbol)}"
    )


def _character(text: str, symbol: Symbol) -> str:
    """Explain a character that looks like another or like none."""
    strange = next((c for c in symbol.text if unicodedata.category(c) in {"Cf", "Zs", "Cc", "Zl", "Zp"} and c != " "), None)
    if strange:
        if strange == "\ufeff":
            return f"found {named(strange)}, a byte order mark, which is allowed only once, at the beginning; remove it"
        is_space = unicodedata.category(strange) in {"Zs", "Zl", "Zp"}
        advice = "which is not white space in SPARQL; use a space" if is_space else "which is not allowed here; remove it"
        return f"found {named(strange)}, {advice}"
    if symbol.text in {"?", "$"} and not (after := text[symbol.start + 1 : symbol.start + 2]).isascii():
        return f"the name of a variable cannot begin with {named(after)}"
    if symbol.kind not in {symbol.text, grammar.UNKNOWN} or symbol.text.isascii():
        return ""
    plain = unicodedata.normalize("NFKC", symbol.text)
    meant = _MEANT.get(symbol.text) or (plain if plain.isascii() and plain != symbol.text else "")
    return f"found {named(symbol.text[0])}" + (f"; use {meant} instead" if meant else ", which is not allowed outside strings")


def _string(text: str, symbol: Symbol) -> str:
    """Explain a string that is not closed."""
    if symbol.text not in {'"', "'"}:
        return ""
    if text.startswith(symbol.text * 3, symbol.start):
        return f"the string that begins here is not closed; expected {symbol.text * 3} at its end"
    quotes = symbol.text * 3
    return (
        f"the string that begins here is not closed on its line; expected {symbol.text} at its end. "
        f"A text of several lines is written between {quotes} and {quotes}"
    )


def _iri(text: str, departure: Departure) -> str:
    """Explain an IRI that is not closed or has a character that is not allowed (SPARQL 1.1, rule 139)."""
    symbol = departure.symbol
    if symbol.text != "<" or "IRI" not in departure.expected:
        return ""
    line = text[symbol.start + 1 :].splitlines()[0] if text[symbol.start + 1 :] else ""
    iri, closed, _ = line.partition(">")
    wrong = next((c for c in iri if c in ' "{}|^`\\<' or ord(c) <= 32), None)
    if not closed or wrong is None:
        return "the IRI that begins here is not closed; expected > at its end"
    return f"the IRI <{_short(iri)}> contains {named(wrong)}, which is not allowed in an IRI"


def _bracket(text: str, departure: Departure) -> str:
    """Explain a bracket that is not closed, or that closes nothing."""
    symbol, opened = departure.symbol, _open_brackets(departure.before)
    last = opened[-1] if opened else None
    if last is None:
        opening = _BRACKETS.get(symbol.kind)
        return f"“{symbol.text}” closes nothing; remove it, or add “{opening}” before" if opening else ""
    if symbol.kind != grammar.END and _BRACKETS.get(symbol.kind, last.kind) == last.kind:
        return ""
    closing, opened_at = _CLOSING[last.kind], f"“{last.text}” at {place(text, last.start)} is not closed"
    if closing in departure.expected:
        return f"expected “{closing}”, because {opened_at}; found {_found(symbol)}"
    return f"expected {_expected(departure)}; {opened_at}; found {_found(symbol)}"


def _open_brackets(symbols: Iterable[Symbol]) -> list[Symbol]:
    opened: list[Symbol] = []
    for one in symbols:
        if one.kind in _CLOSING:
            opened.append(one)
        elif one.kind in _BRACKETS and opened:
            opened.pop()
    return opened


def _habit(departure: Departure) -> str:
    """Explain what is written differently in other languages, and misspelt words."""
    symbol, before = departure.symbol, departure.before
    last, word = before[-1].kind if before else "", symbol.text.upper()
    is_unknown, in_select = symbol.kind == grammar.UNKNOWN, _in_select(before)
    near = get_close_matches(word, sorted(_words(departure.expected)), n=1, cutoff=0.6) if is_unknown else []
    habits = (
        (last == symbol.kind == "=", "two terms are compared with =, not =="),
        (last == "<" and symbol.kind == ">", "two terms are compared with !=, not <>"),
        (word in _AFTER_PATTERN and any(one.kind == "{" for one in _open_brackets(before)),
         f"{word} is written after the closing “}}” of the pattern"),
        (is_unknown and word in _OTHER_LANGUAGES, f"SPARQL has no {word}; {_OTHER_LANGUAGES.get(word)}"),
        (is_unknown and last == "FROM", f"FROM takes the IRI of a graph, not the name of a table; found {_found(symbol)}"),
        (in_select and symbol.kind == ",", "the variables of SELECT are separated by spaces, not commas"),
        (in_select and symbol.kind in {"COUNT", "AGGREGATE", "GROUP_CONCAT", "FUNCTION"},
         f"an expression in SELECT is written in parentheses with a name: ({symbol.text}(...) AS ?name)"),
        (near, f"expected {_expected(departure)}, found {_found(symbol)}; the nearest word is {''.join(near)}"),
    )  # fmt: skip
    return next((reason for applies, reason in habits if applies), "")


def _in_select(before: Iterable[Symbol]) -> bool:
    """Return whether symbols end within the variables of SELECT."""
    depth = 0
    for symbol in reversed(list(before)):
        depth += (symbol.kind == ")") - (symbol.kind == "(")
        if depth < 0 or (depth == 0 and symbol.kind in {"{", "}", "FROM", "WHERE"}):
            return False
        if symbol.kind == "SELECT":
            return True
    return False


def _words(expected: Iterable[str]) -> set[str]:
    words = {kind for kind in expected if kind.isalpha() and kind not in _NAMES}
    if "FUNCTION" in expected:
        words |= grammar.functions() | {"BOUND", "COUNT"}
    if "AGGREGATE" in expected:
        words |= grammar.aggregates()
    return words


def _expected(departure: Departure) -> str:
    rest, names = set(departure.expected), []
    for required, name, others in _GROUPS:
        if required <= rest:
            names.append(name)
            rest -= required | others
    names += [_NAMES[kind] for kind in _NAMES if kind in rest]
    names += sorted(kind for kind in rest - _NAMES.keys() if kind.isalpha())
    names += sorted(f"“{kind}”" for kind in rest - _NAMES.keys() if not kind.isalpha())
    shown = names[:_MAX_EXPECTED]
    if len(names) > len(shown):
        return f"{', '.join(shown)} or another symbol"
    return f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else shown[0]


def _found(symbol: Symbol) -> str:
    return "the end of the text" if symbol.kind == grammar.END else f"“{_short(symbol.text)}”"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
