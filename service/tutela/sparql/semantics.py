"""Mistakes in a query that follows the grammar (SPARQL 1.1 Query, notes of section 19.8, and sections 18.2.1 and 11)."""

import re
from collections import Counter
from collections.abc import Iterator

import pyoxigraph as ox

from tutela import namespaces
from tutela.sparql import grammar
from tutela.sparql.grammar import Symbol
from tutela.sparql.lexer import Token, significant, unescape

_ESCAPE = re.compile(r"\\(?![tbnrf\"'\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})(?P<none>.?)|(?P<code>\\u.{4}|\\U.{8})|\\.", re.DOTALL)
_MAX_CHARACTERS = 50_000  # some checks take time that grows with the square of the length
_AGGREGATES = {"COUNT", "AGGREGATE", "GROUP_CONCAT"}
# The least and greatest number of arguments (section 17.4); any other function has one.
_ARITY = dict.fromkeys(grammar.functions(), (1, 1)) | {
    **dict.fromkeys(("RAND", "NOW", "UUID", "STRUUID"), (0, 0)), **dict.fromkeys(("CONCAT", "COALESCE"), (0, 1 << 20)),
    **dict.fromkeys(("LANGMATCHES", "CONTAINS", "STRSTARTS", "STRENDS", "STRBEFORE", "STRAFTER"), (2, 2)),
    **dict.fromkeys(("STRLANG", "STRDT", "SAMETERM"), (2, 2)), **dict.fromkeys(("IF", "STRLANGDIR", "TRIPLE"), (3, 3)),
    **dict.fromkeys(("REGEX", "SUBSTR"), (2, 3)), "REPLACE": (3, 4), "BNODE": (0, 1),
}  # fmt: skip
Mistake = tuple[int, str]


def find_mistake(text: str) -> Mistake | None:
    """Return the position of the first mistake and a description; None if none is found."""
    if len(text) > _MAX_CHARACTERS:
        return None
    symbols = grammar.symbols(text)
    checks = (
        _terms(text),
        _selects(symbols),
        _assignments(symbols),
        _values(symbols),
        _blank_nodes(symbols),
        _arguments(symbols),
    )
    return min((mistake for check in checks for mistake in check), default=None)


def _terms(text: str) -> Iterator[Mistake]:
    """Find escapes that do not exist, IRIs that are not valid, and characters that the engine does not accept."""
    for token in significant(text):
        if token.kind == "string":
            yield from _escapes(token)
        elif token.kind == "iri" and not _is_term(token.text):
            yield token.start, f"<{unescape(token.value)[:40]}> is not a valid IRI"
        elif token.kind == "language" and not _is_term(f"''{token.text}"):
            yield token.start, f"{token.text[:40]} is not a language tag; expected one such as @en or @pt-BR"
        elif token.kind in {"variable", "prefixed", "blank"}:
            large = next((character for character in token.text if ord(character) > 0xFFFF), None)
            if large:
                yield token.start, f"U+{ord(large):04X} in a name is not supported; use a character up to U+FFFD"


def _is_term(text: str) -> bool:
    try:
        list(ox.parse(f"<a:a> <a:b> {text} .", ox.RdfFormat.TURTLE, base_iri=namespaces.BASE))
    except SyntaxError:
        return False
    return True


def _escapes(token: Token) -> Iterator[Mistake]:
    for match in _ESCAPE.finditer(token.text):
        if match["none"] is not None:
            yield token.start + match.start(), f"\\{match['none']} is not an escape; write \\\\ for a backslash"
        elif match["code"] and unescape(match["code"]) == match["code"]:
            yield token.start + match.start(), f"{match['code']} is not a character"


def _selects(symbols: list[Symbol]) -> Iterator[Mistake]:
    """Find variables of SELECT that are named twice, or that are neither grouped nor aggregated."""
    for number, symbol in enumerate(symbols):
        if symbol.kind != "SELECT":
            continue
        clause = _until(symbols, number + 1, "{")
        named = [
            item for depth, item, before in _with_depth(clause) if item.kind == "VARIABLE" and (depth == 0 or before == "AS")
        ]
        counts = Counter(item.text[1:] for item in named)
        yield from ((item.start, f"{item.text} is named twice in SELECT") for item in named if counts[item.text[1:]] > 1)
        pattern = {item.text[1:] for item in _pattern(symbols, number) if item.kind == "VARIABLE"}
        yield from (
            (item.start, f"{item.text} is already a variable of the pattern; choose another name after AS")
            for _, item, before in _with_depth(clause)
            if before == "AS" and item.text[1:] in pattern
        )
        modifiers = _after_pattern(symbols, number)
        grouping = [item.kind for item in modifiers]
        is_grouped = "GROUP" in grouping
        if is_grouped and clause and clause[-1].kind in {"*", "WHERE"} and any(item.kind == "*" for item in clause[:2]):
            yield symbol.start, "SELECT * cannot be used with GROUP BY; name the variables"
        if is_grouped or any(item.kind in _AGGREGATES for item in [*clause, *modifiers]):
            group = modifiers[grouping.index("GROUP") :] if is_grouped else []
            groups = {
                item.text[1:]
                for item in _until(group, 0, "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")
                if item.kind == "VARIABLE"
            }
            yield from _not_grouped(clause, groups)


def _not_grouped(clause: list[Symbol], groups: set[str]) -> Iterator[Mistake]:
    aggregate_depth: int | None = None
    assigned: set[str] = set()
    for depth, item, before in _with_depth(clause):
        if aggregate_depth is not None and depth <= aggregate_depth and item.kind not in _AGGREGATES and item.kind != "(":
            aggregate_depth = None
        if item.kind in _AGGREGATES and aggregate_depth is None:
            aggregate_depth = depth
        elif item.kind == "VARIABLE" and before == "AS":
            assigned.add(item.text[1:])
        elif item.kind == "VARIABLE" and aggregate_depth is None and item.text[1:] not in groups | assigned:
            yield item.start, f"{item.text} is neither in GROUP BY nor in an aggregate such as COUNT or SAMPLE"


def _assignments(symbols: list[Symbol]) -> Iterator[Mistake]:
    """Find variables that are assigned although they already have a value (section 10.1)."""
    groups: list[set[str]] = []
    for number, symbol in enumerate(symbols):
        if symbol.kind == "{":
            groups.append(set())
        elif symbol.kind == "}" and groups:
            inner = groups.pop()
            if groups:
                groups[-1] |= inner
        elif symbol.kind == "VARIABLE" and groups:
            if symbols[number - 1].kind == "AS" and _is_bind(symbols, number) and symbol.text[1:] in groups[-1]:
                yield symbol.start, f"{symbol.text} already has a value where BIND assigns it; choose another name"
            groups[-1].add(symbol.text[1:])


def _is_bind(symbols: list[Symbol], number: int) -> bool:
    depth = 0
    for index in range(number, 0, -1):
        depth += (symbols[index].kind == ")") - (symbols[index].kind == "(")
        if depth < 0:
            return symbols[index - 1].kind == "BIND"
    return False


def _values(symbols: list[Symbol]) -> Iterator[Mistake]:
    """Find rows of VALUES that have more or fewer values than there are variables."""
    for number, symbol in enumerate(symbols):
        if symbol.kind != "VALUES" or symbols[number + 1].kind not in {"(", grammar.NIL}:
            continue
        names = sum(item.kind == "VARIABLE" for item in _until(symbols, number + 1, "{"))
        count, depth, row = 0, 0, symbol
        for item in _until(symbols, number + 2 + len(_until(symbols, number + 1, "{")), "}"):
            if item.kind == "(" and depth == 0:
                count, row = 0, item
            elif (item.kind == ")" and depth == 1) or item.kind == grammar.NIL:
                if (0 if item.kind == grammar.NIL else count) != names:
                    yield row.start, f"this row of VALUES has {_number(count, 'value')}; expected {names}, one for each variable"
            elif item.kind in {"IRI", "PREFIXED", "STRING", "INTEGER", "NUMBER", "true", "false", "UNDEF"}:
                count += 0 if depth > 1 else 1
            depth += (item.kind == "(") - (item.kind == ")")


def _blank_nodes(symbols: list[Symbol]) -> Iterator[Mistake]:
    """Find labels of blank nodes that are used in two groups (section 4.1.4)."""
    groups, number = [0], 0
    places: dict[str, int] = {}
    for symbol in symbols:
        if symbol.kind == "{":
            number += 1
            groups.append(number)
        elif symbol.kind == "}" and len(groups) > 1:
            groups.pop()
        elif symbol.kind == "BLANK" and places.setdefault(symbol.text, groups[-1]) != groups[-1]:
            yield symbol.start, f"the blank node {symbol.text} is used in two groups; use a variable instead"


def _arguments(symbols: list[Symbol]) -> Iterator[Mistake]:
    """Find functions with too few or too many arguments, and aggregates where none is allowed."""
    contexts = [""]  # for each open bracket, the keyword before it or around it
    for number, symbol in enumerate(symbols):
        if symbol.kind in {"FILTER", "BIND", "SELECT", "HAVING", "BY"}:
            contexts[-1] = symbol.kind
        elif symbol.kind in {"(", "{"}:
            contexts.append(contexts[-1] if symbol.kind == "(" else "")
        elif symbol.kind in {")", "}"} and len(contexts) > 1:
            contexts.pop()
        elif symbol.kind in _AGGREGATES and contexts[-1] in {"FILTER", "BIND"}:
            yield symbol.start, f"{symbol.text.upper()} is not allowed in {contexts[-1]}; use HAVING, or a SELECT in braces"
        elif symbol.kind == "FUNCTION":
            least, most = _ARITY[symbol.text.upper()]
            count = _count_arguments(symbols, number + 1)
            if not least <= count <= most:
                expected = str(least) if least == most else f"{least} to {most}"
                yield symbol.start, f"{symbol.text.upper()} has {_number(count, 'argument')}; expected {expected}"


def _count_arguments(symbols: list[Symbol], start: int) -> int:
    if symbols[start].kind == grammar.NIL:
        return 0
    depth, count = 0, 1
    for symbol in symbols[start:]:
        depth += (symbol.kind in {"(", "{"}) - (symbol.kind in {")", "}"})
        count += symbol.kind == "," and depth == 1
        if depth == 0:
            break
    return count


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _until(symbols: list[Symbol], start: int, *kinds: str) -> list[Symbol]:
    """Return the symbols from a place up to one of these kinds."""
    end = next((number for number in range(start, len(symbols)) if symbols[number].kind in kinds), len(symbols))
    return symbols[start:end]


def _pattern(symbols: list[Symbol], select: int) -> list[Symbol]:
    """Return the symbols of the pattern of a SELECT."""
    start = select + len(_until(symbols, select, "{"))
    depth = 0
    for number in range(start, len(symbols)):
        depth += (symbols[number].kind == "{") - (symbols[number].kind == "}")
        if depth == 0:
            return symbols[start:number]
    return []


def _after_pattern(symbols: list[Symbol], select: int) -> list[Symbol]:
    """Return the symbols after the pattern of a SELECT, up to the end of the SELECT."""
    depth, end = 0, len(symbols)
    first = None
    for number in range(select, len(symbols)):
        depth += (symbols[number].kind == "{") - (symbols[number].kind == "}")
        if first is None and depth == 0 and symbols[number].kind == "}":
            first = number + 1
        if depth < 0:
            end = number
            break
    return symbols[first:end] if first is not None else []


def _with_depth(symbols: list[Symbol]) -> Iterator[tuple[int, Symbol, str]]:
    """Yield symbols with the number of open parentheses, and the kind of the symbol before."""
    depth, before = 0, ""
    for symbol in symbols:
        if symbol.kind == ")":
            depth -= 1
        yield depth, symbol, before
        if symbol.kind == "(":
            depth += 1
        before = symbol.kind
