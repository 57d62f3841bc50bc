"""The checks of queries against the engine: random queries whose parts are built to mislead a lexer."""

import random

import pyoxigraph as ox

from tutela.errors import ForbiddenQueryError
from tutela.sparql import grammar
from tutela.sparql.determinism import is_deterministic
from tutela.sparql.graph_names import has_dataset, rewrite
from tutela.sparql.lexer import normalize, tokens
from tutela.sparql.read_only import ensure_read_only

_PARTS = (
    "?s ?p ?o .",
    "FILTER(?a<'>'||?b>'x')",
    "FILTER(?a<?b&&?c>?d)",
    "FILTER(?a<?b#>'\n)",
    "FILTER(?a < <http://a/'> )",
    "FILTER <http://a/'>(?a<?b&&?c>'>')",
    "FILTER EXISTS { ?s <#'> ?o FILTER(1<2) }",
    "{ BIND('''it's \"'' FROM ''' AS ?v) }",
    "# ' \" FROM <x> SERVICE { (\n",
    '?s <http://a/#\'> "\\"SERVICE <http://b/> {" .',
    "?ग्FROM ?p 'FROM <http://a/>' .",
    "?e\u0301SERVICE ?x·NOW ?a\u203fFROM .",
    "{ SELECT ?x { ?x ?y <http://a/SERVICE> } }",
    "?s p:x p:a\\'b, p:FROM, from:x, p:%22 .",
    '?s ?p \'x\'@en--ltr, """\\"""" .',
    "VALUES (?q ?r) { (<http://a/'> \"'\") (UNDEF '\\u0022') }",
    "?s (<http://a/'>|^p:x)*/!(p:y|a) ?o .",
    '<< ?s <#\'> ?o >> p:q "\\u0022" .',
    "?s ?p ('a' <#'> 1 <?b&&?c> ) .",
    "?s ?p true.?s ?p 1 .",
    "OPTIONAL { ?s ?p [ p:x () ] } { ?a ?b ?c } UNION { ?a ?b ?c }",
)
_DATASETS = (
    "FROM <http://a/g>",
    "from named<http://a/g>",
    "FROM p:g",
    "FROM:g",
    r"\u0046ROM <http://a/g>",
    "FROM#\n<http://a/#'>",
)
_FORMS = ("ASK {0} {{ {1} }}", "SELECT * {0} {{ {1} }}", "SELECT (1<2 AS ?z) {0} WHERE {{ {1} }} ORDER BY (?a<?b) from:f(?c)",
          "DESCRIBE from:x p:FROM {0} {{ {1} }}", "CONSTRUCT {{ ?s from:p '{{' }} {0} {{ {1} }}")  # fmt: skip
_PROLOGUE = "PREFIX p: <http://a/> PREFIX from: <http://a/> PREFIX : <http://a/#FROM'> BASE <http://a/>\n"


def test_random_queries_are_read_as_the_engine_reads_them() -> None:
    chosen, store = random.Random(20), ox.Store()  # noqa: S311 - not for security
    for _ in range(600):
        dataset = chosen.choice(("", *_DATASETS))
        parts = chosen.choices(_PARTS, k=chosen.randint(1, 5))
        call, now = chosen.random() < 0.2, chosen.random() < 0.2
        parts += ["SERVICE SILENT <http://b/> {}"] * call + ["FILTER(NOW()>?t)"] * now
        chosen.shuffle(parts)
        text = normalize(_PROLOGUE + chosen.choice(_FORMS).format(dataset, " ".join(parts)))
        if not call:
            try:
                store.query(text)
            except RuntimeError as error:
                assert "custom function" in str(error)
        assert "".join(token.text for token in tokens(text)) == text
        assert has_dataset(text) == bool(dataset), text
        assert grammar.find_departure(text.replace("FROM:", "FROM :")) is None, text
        if call or now:  # without them it may still call a function of the engine's own
            assert not is_deterministic(text), text
        rewritten = rewrite(text, "v1")
        assert has_dataset(rewritten) == bool(dataset)
        try:
            ensure_read_only(text)
            assert not call, text
        except ForbiddenQueryError:
            assert call, text


def test_renaming_a_variable_changes_no_count() -> None:
    store = ox.Store()
    store.extend(
        ox.Quad(ox.NamedNode("a:s"), ox.NamedNode("a:p"), ox.Literal(number), ox.NamedNode(f"a:g{number % 3}"))
        for number in range(9)
    )
    for template in ("SELECT * {{ GRAPH {0} {{ ?s ?p ?o }} }}", "SELECT {0} FROM NAMED <a:g1> {{ GRAPH {0} {{ ?s ?p ?o }} }}",
                     "SELECT {0} FROM <a:g1> {{ {0} ?p ?o FILTER(?o<9&&?o>{0}||true) }}"):  # fmt: skip
        counts = set()
        for name in ("?g", "$g", "?ग्राफ", "?e\u0301", "?x·FROM", "?ग्FROM", "?\u0661", "?FROM", "?SERVICE", "?\u0645\u062f"):
            text = template.format(name)
            union = not has_dataset(text)
            found = store.query(text, use_default_graph_as_union=union)
            assert isinstance(found, ox.QuerySolutions)
            counts.add(len(list(found)))
        assert len(counts) == 1
