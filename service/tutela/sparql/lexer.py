r"""A lexer of queries: IRIs, strings, comments, variables, names, words and brackets (SPARQL 1.1 Query, section 19.8).

It splits a text as the engine's parser does, which differs from the specification in three points. The parser needs no space
between a keyword and its neighbours (``ASKFROM<g>``, ``trueSERVICE``). It decides by context whether ``<`` begins an IRI or is
an operator: ``?a<?b&&?c>?d`` is an IRI in a list, and two comparisons in a FILTER. It replaces codepoint escapes
(``\u0041``) in IRIs and strings only; `normalize` replaces the others before.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# Rules 164 to 168. Python's \w is another set: it lacks combining marks, and has characters such as the superscript two.
_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_EXTENDER = "\u00b7\u0300-\u036f\u203f-\u2040"
NAME_CHARACTERS = rf"{_BASE}_0-9{_EXTENDER}-"  # PN_CHARS, for a character class
VARIABLE_NAME = rf"[{_BASE}_0-9][{_BASE}_0-9{_EXTENDER}]*"
PREFIX_NAME = rf"[{_BASE}](?:[{NAME_CHARACTERS}.]*[{NAME_CHARACTERS}])?"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.!$&'()*+,;=/?#@%-]"
LOCAL_NAME = rf"(?:[{_BASE}_:0-9]|{_ESCAPED})(?:(?:[{NAME_CHARACTERS}.:]|{_ESCAPED})*(?:[{NAME_CHARACTERS}:]|{_ESCAPED}))?"
SPACE = r"[ \t\r\n]"  # WS; a non-breaking space is not white space

_CODEPOINT = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
IRI = rf"""<(?P<iri>(?:[^<>"{{}}|^`\\\x00-\x20]|{_CODEPOINT})*)>"""
_TOKEN = re.compile(
    rf"""(?P<space>{SPACE}+)"""
    r"""|(?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''"""
    r"""|"(?:[^"\\\n\r]|\\[^\n\r])+"|'(?:[^'\\\n\r]|\\[^\n\r])+'|""(?!")|''(?!'))"""
    r"""|(?P<comment>\#[^\n\r]*)"""
    r"""|(?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[A-Za-z]+)?)"""
    rf"""|(?P<variable>[?$](?P<name>{VARIABLE_NAME}))"""
    rf"""|(?P<blank>_:[{_BASE}_0-9](?:[{NAME_CHARACTERS}.]*[{NAME_CHARACTERS}])?)"""
    rf"""|(?P<prefixed>(?P<prefix>{PREFIX_NAME})?:(?P<local>{LOCAL_NAME})?)"""
    rf"""|(?P<word>{PREFIX_NAME})"""
    r"""|(?P<number>(?:[0-9]*\.[0-9]+|[0-9]+\.(?=[eE])|[0-9]+)(?:[eE][+-]?[0-9]+)?)"""
    r"""|(?P<close_triple>>>)"""
    rf"""|(?P<other>{_CODEPOINT}|\\.|.)""",
    re.DOTALL,
)
_IRI = re.compile(IRI)
_ESCAPE = re.compile(_CODEPOINT)
_BOOLEAN = re.compile("true|false", re.IGNORECASE | re.ASCII)
_BOOLEAN_WORD = re.compile(r"(?<![\w-])(?:true|false)(?![\w-])", re.IGNORECASE | re.ASCII)
_OPERANDS = frozenset(("string", "language", "variable", "blank", "prefixed", "number", "iri", "close_triple"))
_NOT_BEFORE_EXPRESSION = ("a", "true", "false")


@dataclass(slots=True)
class Token:
    """A part of a query.

    Args:
        kind: ``iri``, ``string``, ``comment``, ``language``, ``variable``, ``blank``, ``prefixed``, ``word``, ``number``,
            ``space``, ``open`` (a bracket), ``close``, ``open_triple``, ``close_triple`` or ``other``.
        text: the text.
        start: its position.
        prefix: of a prefixed name, the part before the colon.
        value: of an IRI, what is between the angle brackets; of a variable or prefixed name, the (local) name.

    """

    kind: str
    text: str
    start: int
    prefix: str = ""
    value: str = ""


@lru_cache(maxsize=1)  # the checks of one query read the same tokens
def tokens(text: str) -> tuple[Token, ...]:
    """Return all tokens of a query, in order; together they are the text."""
    return tuple(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    nesting: list[bool] = []  # for each open bracket, whether it contains an expression
    last, before_last = Token("open", "", 0), Token("open", "", 0)  # the last tokens that are neither space nor comments
    position, end = 0, len(text)
    while position < end:
        token = _next(text, position, is_operator=bool(nesting) and nesting[-1] and _is_operand(last))
        position += len(token.text)
        yield token
        if token.kind in ("space", "comment"):
            continue
        if token.kind == "open":
            nesting.append(token.text == "(" and _begins_expression(nesting, last, before_last))
        elif token.kind == "open_triple":
            nesting.append(False)
        elif token.kind in ("close", "close_triple") and nesting:
            nesting.pop()
        before_last, last = last, token


def _next(text: str, position: int, *, is_operator: bool) -> Token:
    if text[position] == "<" and not is_operator:
        if text.startswith("<<", position):
            return Token("open_triple", "<<", position)
        if match := _IRI.match(text, position):
            return Token("iri", match[0], position, value=match["iri"])
    match = _TOKEN.match(text, position)
    assert match is not None  # noqa: S101 - the last alternative is any character
    kind, found = str(match.lastgroup), match[0]
    if kind == "other":
        kind = "open" if found in "([{" else "close" if found in ")]}" else "other"
    return Token(kind, found, position, match["prefix"] or "", match["name"] or match["local"] or "")


def _is_operand(token: Token) -> bool:
    return token.kind in _OPERANDS or token.text == ")" or token.text.lower() in {"true", "false"}


def _begins_expression(nesting: list[bool], last: Token, before_last: Token) -> bool:
    """Return whether a parenthesis contains an expression; otherwise it contains a list, a path, or variables."""
    if last.kind == "open_triple":
        return False
    if not nesting or nesting[-1]:
        return True
    word = before_last if last.kind in ("iri", "prefixed") else last  # FILTER ex:function(?x)
    text = word.text.upper()
    if word.kind != "word" or text.endswith(("VALUES", "UNDEF")):
        return False
    return text.endswith("FILTER") if word is before_last else word.text not in _NOT_BEFORE_EXPRESSION


def significant(text: str) -> list[Token]:
    """Return the tokens of a query that are neither space nor comments."""
    return [token for token in tokens(text) if token.kind not in {"space", "comment"}]


def normalize(text: str) -> str:
    r"""Return a query as the engine reads it: the differences from the specification are removed.

    A byte order mark is removed. Codepoint escapes are replaced everywhere (SPARQL 1.1, section 19.2); the engine replaces
    those in IRIs and strings only. Booleans are in small letters; the specification allows any (section 19.8, note 1).
    """
    text = text.removeprefix("\ufeff")
    if "\\u" in text or "\\U" in text:
        text = "".join(unescape(token.text) if token.kind == "other" else token.text for token in tokens(text))
    if any(not boolean.islower() for boolean in _BOOLEAN.findall(text)):
        text = "".join(_BOOLEAN_WORD.sub(_lower, token.text) if token.kind == "word" else token.text for token in tokens(text))
    return text


def unescape(text: str) -> str:
    r"""Return a text with codepoint escapes such as ``\u0053`` replaced (SPARQL 1.1, section 19.2)."""
    return _ESCAPE.sub(_character, text)


def _lower(match: re.Match[str]) -> str:
    return match[0].lower()


def _character(escape: re.Match[str]) -> str:
    number = int(escape[0][2:], 16)
    is_character = number <= sys.maxunicode and not 0xD800 <= number <= 0xDFFF
    return chr(number) if is_character else escape[0]
