"""The lexer of queries: its tokens, checked against the engine where the two could differ."""

import itertools

import pyoxigraph as ox
import pytest

from tutela.sparql.lexer import normalize, significant, tokens, unescape


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in significant(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ASK{?s?p'x'@en-GB}", "word open variable variable string language close"),
        ('ASK { $s ?p """a "quote" """ }', "word open variable variable string close"),
        ("ASK { <http://a#b> _:b.c 1.5e3 . } # SERVICE", "word open iri blank number other close"),
        (r"ASK { ?s a:service\/x 'it\'s' }", "word open variable prefixed string close"),
        ("# first\nASK {}", "word open close"),
        ("?ग्राफ", "variable"),
        ("?e\u0301\u00b7\u203f", "variable"),
        ("?\U00020000", "variable"),
        ("ग्राफ:क्ष.%41:b", "prefixed"),
        ("a.b-c:1", "prefixed"),
        ("<http://a/\\u0041\\U00000042>", "iri"),
        ("<< ?s ?p ?o ~ ?r >>", "open_triple variable variable variable other variable close_triple"),
        ('"a"@en--ltr', "string language"),
    ],
)
def test_kinds(text: str, expected: str) -> None:
    assert [kind for kind, _ in kinds(text)] == expected.split()


@pytest.mark.parametrize(
    "text", ["?\u00b2", "?\u00d7", "?\ue000", "?\u0301", "ASK\u00a0{}", "ASK\u3000{}", "ASK\x0b{}", "'a\nb'"]
)
def test_other_characters_are_tokens_of_their_own(text: str) -> None:
    assert "other" in [kind for kind, _ in kinds(text)]


@pytest.mark.parametrize(
    ("text", "iris"),
    [
        ("ASK { FILTER(1 < 2 && 3 > 2) }", []),
        ("ASK { FILTER(?a<?b&&?c>?d) }", []),
        ("ASK { ?s ?p (?a<?b&&?c>?d) }", ["<?b&&?c>"]),
        ("ASK { ?s<p>?o FILTER(?a<'>' && ?b>'>') }", ["<p>"]),
        ("ASK { ?s<p>?o FILTER ex:f(?a<?b&&?c>?d) }", ["<p>"]),
        ("ASK { FILTER(?a IN(<x>,<y>)||<f>(?a)<3||?b>3) }", ["<x>", "<y>", "<f>"]),
        ("ASK { FILTER(EXISTS{?s<p>?o}&&?a<?b||?c>?d) }", ["<p>"]),
        ("SELECT (1<2 AS ?x) { ?s a<c>;a(<d>) } ORDER BY (?a<?b) <f>(?c>?d)", ["<c>", "<d>", "<f>"]),
        ("ASK { VALUES (?a ?b) {(UNDEF<x>)(<y><z>)} }", ["<x>", "<y>", "<z>"]),
        ("ASK { ?s (<p>|^<q>)/!(<r>|^<s>) ?o }", ["<p>", "<q>", "<r>", "<s>"]),
        ("ASK { BIND(<<(?a<p>?b)>> AS ?t) }", ["<p>"]),
    ],
)
def test_an_angle_bracket_is_an_operator_only_after_an_operand_in_an_expression(text: str, iris: list[str]) -> None:
    assert [found for kind, found in kinds(text) if kind == "iri"] == iris


# Each character in each place: if the engine accepts the name, the lexer finds it whole.
@pytest.mark.parametrize(
    ("before", "after", "kind"), [("ASK { ?", " ?p ?o }", "variable"), ("PREFIX ", ": <http://a/> ASK {}", "prefixed")]
)
def test_names_have_the_characters_that_the_engine_accepts(before: str, after: str, kind: str) -> None:
    edges = (0x24, 0xB7, 0xC0, 0xD7, 0xF7, 0x300, 0x37E, 0x370, 0x2000, 0x200C, 0x203F, 0x2070, 0x2C00, 0x2FF0, 0x3001, 0xE000, 0xF900,
             0xFDD0, 0xFDF0, 0xFFFE, 0x94D, 0x661)  # fmt: skip
    store = ox.Store()
    for code, name in itertools.product({edge + step for edge in edges for step in (-1, 0, 1)}, ("{0}a", "a{0}", "a{0}b")):
        if chr(code) in "#<{(" or 0xD800 <= code <= 0xDFFF:
            continue
        text = f"{before}{name.format(chr(code))}{after}"
        try:
            store.query(text)
        except SyntaxError:
            continue
        found = next(token for token in significant(text) if token.kind == kind)
        assert found.text.strip("?:") == name.format(chr(code)), f"U+{code:04X}"


def test_tokens_cover_the_text() -> None:
    text = "PREFIX a: <http://a/> SELECT * { ?s a:b\\.c 'x\\'y' ; ? $ \\ \u00a0 \"open } # end"
    assert "".join(token.text for token in tokens(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\ufeffASK {}", "ASK {}"),
        (r"\u0041SK { ?\u0061 x:\U00000062 ?c }", "ASK { ?a x:b ?c }"),
        (r"ASK { <\u0061> ?p '\u0022' } # \u000A", r"ASK { <\u0061> ?p '\u0022' } # \u000A"),
        (r"ASK \uD800 {}", r"ASK \uD800 {}"),
        ("ASK { ?s ?True TRUE, 'FALSE', a:True, <False> }", "ASK { ?s ?True true, 'FALSE', a:True, <False> }"),
        ("SELECT (False AS ?f) { TRUE-x:a ?p True.}", "SELECT (false AS ?f) { TRUE-x:a ?p true.}"),
    ],
)
def test_normalize(text: str, expected: str) -> None:
    assert normalize(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\u0053ERVICE", "SERVICE"),
        (r"\U00000053ERVICE", "SERVICE"),
        (r"\u00e9", "é"),
        (r"\UFFFFFFFF", r"\UFFFFFFFF"),  # not a code point
        (r"\u00", r"\u00"),
        (r"'\n'", r"'\n'"),
    ],
)
def test_unescape(text: str, expected: str) -> None:
    assert unescape(text) == expected
