"""The W3C test suite for SPARQL 1.1 Query, run with the embedded engine.

A result is serialized as in a response and parsed again. Known differences are listed with their causes; a test fails if the
engine differs from the suite in another case, or no longer differs in a listed one.
"""

from collections.abc import Collection

import pytest
from rdflib.term import Node

from tests.conformance.w3c import EVALUATED, POSITIVE, SUITE, SYNTAX, Case, disagreement, entries, is_well_formed
from tests.conftest import SHARED, skip_or_fail
from tutela import paths

EVALUATION = ("aggregates", "bind", "bindings", "cast", "construct", "csv-tsv-res", "exists", "functions", "grouping", "json-res", "negation",
              "project-expression", "property-path", "subquery")  # fmt: skip
_ZERO = "a path of length zero connects a term with itself only if the graph contains the term"
_LANGUAGE = "GROUP_CONCAT keeps a language tag that all values share, as in drafts of SPARQL 1.2"
KNOWN_DIFFERENCES = {
    "agg-empty-group-count-graph": "a sub-select within GRAPH ?g is evaluated once over all graphs",
    "agg-groupconcat-04": _LANGUAGE,
    "agg-groupconcat-06": _LANGUAGE,
    "graph": "GRAPH ?g around VALUES leaves ?g unbound",
    "bnode01": "BNODE with the same argument returns the same node in all rows",
    "graph-minus": "the variable of GRAPH counts as shared between both sides of MINUS",
    "tsv03": "types derived from xsd:integer become xsd:integer",
    "zero_or_more_set_end": _ZERO,
    "zero_or_more_set_start": _ZERO,
    "zero_or_one_set_end": _ZERO,
    "zero_or_one_set_start": _ZERO,
}


def cases(types: Collection[Node]) -> list[Case]:
    if not SUITE.is_dir():
        return []
    return [case for folder in (*EVALUATION, "syntax-query") for case in entries(SUITE / folder) if case.type in types]


@pytest.mark.parametrize("case", cases(EVALUATED), ids=lambda c: str(c.name))
def test_evaluation(case: Case) -> None:
    difference = disagreement(case)
    assert bool(difference) == (case.name in KNOWN_DIFFERENCES), (
        difference or "the engine agrees with the suite now; remove the case from the list"
    )


@pytest.mark.parametrize("case", cases(SYNTAX), ids=lambda c: str(c.name))
def test_syntax(case: Case) -> None:
    assert is_well_formed(case) == (case.type in POSITIVE)


@pytest.mark.slow
def test_the_documentation_has_the_number_of_passed_tests() -> None:
    if not SUITE.is_dir():
        skip_or_fail(f"the W3C suites are not at {SHARED.name}/suites")
    evaluated = cases(EVALUATED)
    passed = sum(not disagreement(case) for case in evaluated)
    assert passed == len(evaluated) - len(KNOWN_DIFFERENCES)
    text = " ".join((paths.ROOT / "docs" / "conformance.md").read_text(encoding="utf-8").split())
    assert f"{passed} of {len(evaluated)} evaluation tests" in text
    syntax = cases(SYNTAX)
    assert f"{len(syntax)} of {len(syntax)} syntax tests" in text
