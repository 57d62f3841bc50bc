"""Where a text leaves the grammar of queries, which the engine's parser does not tell.

The grammar is in ``grammar.ebnf``. Each of its choices is decided by the next token (LL(1)), so the first token that fits no
choice is the error, and the choices are what was expected.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tutela.sparql.lexer import Token, significant

# Read when the module is loaded, because a worker process can open no file.
_SOURCE = Path(__file__).with_name("grammar.ebnf").read_text(encoding="utf-8")
_SYMBOL = re.compile(r"'[^']+'|\w+|[()|?*]")
END, NIL, ANON, UNKNOWN = "END", "NIL", "ANON", "UNKNOWN"
_OPERATORS = ("&&", "||", "!=", "<=", ">=", "^^")
_WORD = re.compile(r"\w+|.", re.DOTALL)


@dataclass(frozen=True)
class Symbol:
    """A token of a query as the grammar sees it: its kind or keyword, its text, and its position in the text."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True)
class Departure:
    """Where a query leaves the grammar: the symbol, those before it, and the kinds that were expected in its place."""

    symbol: Symbol
    before: Sequence[Symbol]
    expected: frozenset[str]


class _Node(NamedTuple):
    """A part of the grammar: a ``name`` or keyword, a sequence (``,``), a choice (``|``), or one of ``?`` and ``*``."""

    operator: str
    parts: "tuple[_Node | str, ...]"


def functions() -> frozenset[str]:
    """Return the names of the functions that take a list of expressions, in capitals."""
    return frozenset(_terminals("FunctionName"))


def aggregates() -> frozenset[str]:
    """Return the names of the aggregates that take one expression, in capitals."""
    return frozenset(_terminals("AggregateName"))


@cache
def _keywords() -> dict[str, str]:
    """Return the kind of each word that has a meaning in a query, by the word in capitals."""
    words = {word: word for rule in _rules().values() for word in _terminals(rule) if word.isidentifier() and word not in _KINDS}
    words |= dict.fromkeys(functions(), "FUNCTION") | dict.fromkeys(aggregates(), "AGGREGATE")
    return words | {"TRUE": "true", "FALSE": "false"}


_KINDS = {
    "IRI", "PREFIXED", "STRING", "VARIABLE", "INTEGER", "NUMBER", "LANGUAGE", "BLANK", "FUNCTION", "AGGREGATE", END, NIL, ANON,
}  # fmt: skip


def symbols(text: str) -> list[Symbol]:
    """Return the tokens of a query as symbols of the grammar, and the end of the text as the last."""
    found: list[Symbol] = []
    for token in significant(text):
        for symbol in _symbols(token):
            last = found[-1] if found else None
            joined = last.text + symbol.text if last and last.start + len(last.text) == symbol.start else ""
            if joined in (*_OPERATORS, "{|", "|}"):
                found[-1] = Symbol(joined, joined, found[-1].start)
            elif last and last.kind + symbol.kind in {"()", "[]"}:
                found[-1] = Symbol(NIL if symbol.kind == ")" else ANON, text[last.start : symbol.start + 1], last.start)
            else:
                found.append(symbol)
    return [*found, Symbol(END, "", len(text))]


def _symbols(token: Token) -> Iterable[Symbol]:
    if token.kind == "word":
        for match in _WORD.finditer(token.text):
            word = match[0]
            kind = word if word == "a" or not word.isidentifier() else _keywords().get(word.upper(), UNKNOWN)
            yield Symbol(kind, word, token.start + match.start())
    elif token.kind == "number":
        yield Symbol("INTEGER" if token.text.isdecimal() else "NUMBER", token.text, token.start)
    elif token.kind in {"open", "close", "other", "open_triple", "close_triple"}:
        yield Symbol(token.text, token.text, token.start)
    else:
        yield Symbol(token.kind.upper(), token.text, token.start)


def find_departure(text: str) -> Departure | None:
    """Return where a query leaves the grammar; None if it follows the grammar."""
    found = symbols(text)
    position, expected = 0, set[str]()
    stack: list[_Node | str] = ["Query"]
    while stack:
        node, kind = stack.pop(), found[position].kind
        first, may_be_empty = _first(node)
        if kind not in first:
            expected |= first
            if may_be_empty:
                continue
            return Departure(found[position], found[:position], frozenset(expected))
        if isinstance(node, str) and node not in _rules():
            position, expected = position + 1, set()
        elif isinstance(node, str):
            stack.append(_rules()[node])
        elif node.operator == "|":
            stack.append(next(part for part in node.parts if kind in _first(part)[0]))
        elif node.operator == "*":
            stack += [node, node.parts[0]]
        else:
            stack += reversed(node.parts)
    return None


@cache
def _rules() -> dict[str, _Node]:
    lines = [line.split(" ::= ") for line in _SOURCE.splitlines() if " ::= " in line]
    return {name: _parse(_SYMBOL.findall(body)) for name, body in lines}


def _parse(symbols: list[str]) -> _Node:
    """Parse the right side of a rule, or what is between two parentheses."""
    choices: list[list[_Node | str]] = [[]]
    while symbols and (symbol := symbols.pop(0)) != ")":
        if symbol == "|":
            choices.append([])
        elif symbol in {"?", "*"}:
            choices[-1].append(_Node(symbol, (choices[-1].pop(),)))
        else:
            choices[-1].append(_parse(symbols) if symbol == "(" else symbol.strip("'"))
    parts = [_Node(",", tuple(choice)) for choice in choices]
    return parts[0] if len(parts) == 1 else _Node("|", tuple(parts))


@cache
def _first(node: "_Node | str") -> tuple[frozenset[str], bool]:
    """Return the kinds of symbols with which a part of the grammar begins, and whether it may be empty."""
    if isinstance(node, str):
        rule = _rules().get(node)
        return (frozenset((node,)), False) if rule is None else _first(rule)
    if node.operator == ",":
        kinds: set[str] = set()
        for part in node.parts:
            first, may_be_empty = _first(part)
            kinds |= first
            if not may_be_empty:
                return frozenset(kinds), False
        return frozenset(kinds), True
    firsts = [_first(part) for part in node.parts]
    kinds = {kind for first, _ in firsts for kind in first}
    return frozenset(kinds), node.operator in "?*" or any(may_be_empty for _, may_be_empty in firsts)


def _terminals(node: "_Node | str") -> Iterable[str]:
    """Yield the kinds of symbols that a rule, or a part of it, names itself."""
    parts = (_rules()[node] if isinstance(node, str) else node).parts
    for part in parts:
        if isinstance(part, _Node):
            yield from _terminals(part)
        elif part not in _rules():
            yield part
