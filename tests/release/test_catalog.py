"""The catalogue: parameter values are checked against the graph, and an error suggests the nearest value."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tutela import paths
from tutela.catalog.catalog import Catalog
from tutela.errors import TutelaError, UsageError
from tutela.sparql.embedded import EmbeddedStore
from tutela.tables import read_rows


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        (
            "jurisdiction-crad",
            {},
            "There is no query 'jurisdiction-crad' in the catalogue; the nearest is jurisdiction-card",
        ),
        ("jurisdiction-card", {}, "needs the parameter jurisdiction .* such as jurisdiction=ALB"),
        ("jurisdiction-card", {"jurisdiction": "ALN"}, "there is no jurisdiction 'ALN'; the nearest is"),
        ("jurisdiction-card", {"jurisdiction": "Albanai"}, r"the nearest is ALB \(Albania\)"),
        ("jurisdiction-card", {"jurisdiction": "alb"}, r"the nearest is ALB \(Albania\)"),
        ("jurisdiction-card", {"country": "ALB"}, "has no parameter 'country'.*; it takes edition, jurisdiction"),
        ("criteria", {"edition": "10"}, "has no parameter 'edition'; it takes none"),
        ("jurisdictions-lacking", {"criterion": "simple possession"}, "the nearest is simple-possession"),
        ("jurisdictions-lacking", {"criterion": "zzz"}, "it is one of definition, isp-reporting"),
        (
            "parties-lacking",
            {"instrument": "lanzarot", "country": "ALB"},
            "has no parameter 'country'.* there is no instrument 'lanzarot'.* needs the parameter criterion",
        ),
        ("edition-totals", {"edition": "11"}, "there is no edition '11'; the nearest is"),
        ("edition-totals", {"edition": "10 } UNION { ?s ?p ?o"}, "there is no edition"),
    ],
)
def test_an_invalid_parameter_is_an_error_with_a_suggestion(
    catalog: Catalog, name: str, values: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        catalog.run(name, values)


def test_a_date_is_checked_and_typed(catalog: Catalog, tmp_path: Path, store: EmbeddedStore) -> None:
    (tmp_path / "later.rq").write_text(
        "#+ title: Which editions are later?\n#+ params:\n#+   as_of: {type: date, description: the day, example: '2023-09-30'}\n"
        "#+ evidence: [Edition]\n#+ columns: {edition: the edition}\nPREFIX tutela: <https://w3id.org/tutela/ontology#>\n"
        'SELECT ?edition WHERE { VALUES ?as_of { "2023-09-30"^^<http://www.w3.org/2001/XMLSchema#date> } '
        "?edition tutela:findingsAsOf ?day . FILTER(?day > ?as_of) } ORDER BY ?edition\n",
        encoding="utf-8",
    )
    catalog_of_one = Catalog(store, tmp_path)
    assert list(catalog_of_one.run("later", {"as_of": "2023-09-30"}).rows()) == []
    assert len(list(catalog_of_one.run("later", {"as_of": "2023-09-29"}).rows())) == 1
    for value in ("30.9.2023", "20230930", "2023-W39-6", "2023-09-30Z", "٢٠٢٣-٠٩-٣٠", "2023-02-30"):
        with pytest.raises(UsageError, match="is not a date; expected YYYY-MM-DD"):
            catalog_of_one.run("later", {"as_of": value})


def test_a_date_is_not_after_the_release_which_is_the_default(catalog: Catalog) -> None:
    released = catalog.release_date()
    [row] = read_rows(paths.table_files()["dataset"])
    assert released == row["issued"]
    default = catalog.run("bound-by", {"jurisdiction": "ALB"}).serialize("csv")
    for value in (released, "release-date"):
        assert catalog.run("bound-by", {"jurisdiction": "ALB", "as_of": value}).serialize("csv") == default
    tomorrow = date.fromisoformat(released) + timedelta(1)
    for value in (tomorrow.isoformat(), "9999-12-31"):
        with pytest.raises(
            UsageError, match=f"as_of: {value} is after the release of {released}; choose that date or an earlier"
        ):
            catalog.run("bound-by", {"jurisdiction": "ALB", "as_of": value})


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("", "expected '#\\+' lines with a title"),
        ("#+ title: [\n", "are not valid YAML"),
        ("#+ title: A?\n", "it describes no columns"),
        ("#+ title: A?\n#+ columns: {s: s}\n", "it does not list the classes of its evidence"),
        ("#+ title: A?\n#+ columns: {s: s}\n#+ evidence: ['x:Y']\n", "the prefix of 'x:Y' is none of"),
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
def test_a_query_file_with_invalid_metadata_is_an_error(tmp_path: Path, metadata: str, message: str) -> None:
    (tmp_path / "bad.rq").write_text(metadata + "SELECT ?s WHERE { ?s ?p ?o }\n", encoding="utf-8")
    with pytest.raises(TutelaError, match=message):
        Catalog.load(tmp_path)
