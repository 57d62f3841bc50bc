"""The catalogue: parameters are checked against the graph, and a wrong value gets the nearest right one."""

from pathlib import Path

import pytest

from tutela.catalog import Catalog
from tutela.errors import TutelaError, UsageError
from tutela.store import EmbeddedStore


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        (
            "jurisdiction-crad",
            {},
            "There is no question 'jurisdiction-crad' in the catalogue; the nearest is jurisdiction-card",
        ),
        ("jurisdiction-card", {}, "needs the parameter jurisdiction .* such as --param jurisdiction=ALB"),
        ("jurisdiction-card", {"jurisdiction": "ALN"}, "there is no jurisdiction 'ALN'; the nearest is"),
        ("jurisdiction-card", {"jurisdiction": "Albanai"}, r"the nearest is ALB \(Albania\)"),
        ("jurisdiction-card", {"jurisdiction": "alb"}, r"the nearest is ALB \(Albania\)"),
        ("jurisdiction-card", {"country": "ALB"}, "has no parameter 'country'.*; it takes jurisdiction"),
        ("criteria", {"edition": "10"}, "has no parameter 'edition'; it takes none"),
        ("jurisdictions-lacking", {"criterion": "simple possession"}, "the nearest is simple-possession"),
        ("jurisdictions-lacking", {"criterion": "zzz"}, "it is one of definition, isp-reporting"),
        ("edition-totals", {"edition": "11"}, "there is no edition '11'; the nearest is"),
        ("edition-totals", {"edition": "10 } UNION { ?s ?p ?o"}, "there is no edition"),
    ],
)
def test_a_wrong_call_is_told_what_is_right(catalog: Catalog, name: str, values: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        catalog.ask(name, values)


def test_a_date_is_checked_and_typed(catalog: Catalog, tmp_path: Path, store: EmbeddedStore) -> None:
    (tmp_path / "later.rq").write_text(
        "#+ title: Which editions are later?\n#+ params:\n#+   as_of: {type: date, description: the day, example: '2023-09-30'}\n"
        "#+ rests_on: [Edition]\n#+ columns: {edition: the edition}\nPREFIX tutela: <https://w3id.org/tutela/ontology#>\n"
        'SELECT ?edition WHERE { VALUES ?as_of { "2023-09-30"^^<http://www.w3.org/2001/XMLSchema#date> } '
        "?edition tutela:findingsAsOf ?day . FILTER(?day > ?as_of) } ORDER BY ?edition\n",
        encoding="utf-8",
    )
    later = Catalog(store, tmp_path)
    assert list(later.ask("later", {"as_of": "2023-09-30"}).rows()) == []
    assert len(list(later.ask("later", {"as_of": "2023-09-29"}).rows())) == 1
    with pytest.raises(UsageError, match=r"'30\.9\.2023' is not a day; expected YYYY-MM-DD"):
        later.ask("later", {"as_of": "30.9.2023"})


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("", "expected a head of '#\\+' lines with a title"),
        ("#+ title: [\n", "are not YAML"),
        ("#+ title: A?\n", "it describes no columns"),
        ("#+ title: A?\n#+ columns: {s: s}\n", "it does not say what its answer rests on"),
        ("#+ title: A?\n#+ columns: {s: s}\n#+ rests_on: ['x:Y']\n", "the prefix of 'x:Y' is none of"),
        (
            "#+ title: A?\n#+ columns: {s: s}\n#+ params: {x: {type: date}}\n",
            "needs a type, a description and an example",
        ),
        (
            "#+ title: A?\n#+ columns: {s: s}\n#+ params: {x: {type: date, description: d, example: e}}\n",
            "has no VALUES block",
        ),
    ],
)
def test_a_question_with_a_bad_head_is_refused(tmp_path: Path, head: str, message: str) -> None:
    (tmp_path / "bad.rq").write_text(head + "SELECT ?s WHERE { ?s ?p ?o }\n", encoding="utf-8")
    with pytest.raises(TutelaError, match=message):
        Catalog.listed(tmp_path)
