"""A corrected finding: what the review printed stays visible, in the answer of a query, on the page and in the provenance."""

import re
import shutil

import pytest
from fastapi.testclient import TestClient

from tests.unit.test_comparison import CORRECTION, edit, met, put
from tutela import paths
from tutela.catalog import Catalog
from tutela.engine.worker_pool import WorkerPool
from tutela.namespaces import BASE
from tutela.release import Release
from tutela.release.build import build
from tutela.sparql import EmbeddedStore
from tutela.web.app import create_app

SECOND = CORRECTION | {"item": "2", "was": "true", "now": "false", "date": "2026-11-26", "reason": "article 9 was repealed."}


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Return a release with one corrected finding of Jordan, and one of Albania that was corrected twice."""
    folder = tmp_path_factory.mktemp("corrected")
    shutil.copytree(paths.DATA, folder / "data")
    put(folder / "data", "observations", met("JOR"), "met", "true")
    twice = [one | {"key": "10/ALB/isp-reporting"} for one in (CORRECTION, SECOND)]
    put(folder / "data", "place_observations", {"jurisdiction": "HKG", "criterion": "definition"}, "met", "false")
    territory = SECOND | {"table": "place_observations", "key": "10/HKG/definition", "item": "1"}
    edit(folder / "data", "corrections", lambda rows: [CORRECTION, *twice, territory])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "DATA", folder / "data")
        return build(folder / "release")[0]


def test_the_answer_has_what_the_review_printed(corrected: Release) -> None:
    catalog = Catalog(EmbeddedStore.open(corrected.nquads))
    values = {"jurisdiction": "JOR", "criterion": "simple-possession"}
    [row] = catalog.run("finding", values).records()
    assert (row["met"], row["printed"], row["corrected_on"]) == ("true", "false", "2026-11-25")
    assert (row["corrected_by"], row["reason"]) == ("Tutela editors", "article 9 punishes it.")
    [row] = catalog.run("finding", {"jurisdiction": "ALB", "criterion": "isp-reporting"}).records()
    assert (row["met"], row["printed"], row["reason"]) == ("false", "false", "article 9 was repealed.")
    [row] = catalog.run("finding", {"jurisdiction": "HKG", "criterion": "definition"}).records()
    assert (row["met"], row["printed"], row["reason"]) == ("false", "true", "article 9 was repealed.")


def test_all_corrections_are_listed_with_their_reason_and_source(corrected: Release) -> None:
    catalog = Catalog(EmbeddedStore.open(corrected.nquads))
    found = list(catalog.run("corrections", {}).records())
    cells = [(row["date"], row["table"], row["key"], row["item"], row["was"], row["now"]) for row in found]
    assert cells == [
        ("2026-11-26", "observations", "10/ALB/isp-reporting", "2", "true", "false"),
        ("2026-11-26", "place_observations", "10/HKG/definition", "1", "true", "false"),
        ("2026-11-25", "observations", "10/ALB/isp-reporting", "1", "false", "true"),
        ("2026-11-25", "observations", "10/JOR/simple-possession", "1", "false", "true"),
    ]
    assert {(row["column"], row["corrected_by"], row["source_iri"]) for row in found} == {
        ("met", "Tutela editors", f"{BASE}id/source/tutela")
    }
    assert found[-1]["reason"] == "article 9 punishes it."
    assert found[-1]["resource"] == f"{BASE}id/observation/10/JOR/simple-possession"


def test_totals_are_counted_and_those_of_the_report_stay(corrected: Release) -> None:
    store = EmbeddedStore.open(corrected.nquads)
    text = """SELECT ?basis ?value WHERE {
      ?total tutela:edition <id/edition/10> ; tutela:measure <id/measure/met-simple-possession> ;
        tutela:basis/skos:notation ?basis ; tutela:value ?value } ORDER BY ?basis"""
    found = {row["basis"]: row["value"] for row in store.query(text).records()}
    assert found == {"counted": "157", "counted-as-transcribed": "156", "transcribed": "156"}


def test_the_provenance_has_the_state_that_was_replaced(corrected: Release) -> None:
    store = EmbeddedStore.open(corrected.nquads)
    text = """SELECT ?value ?correction WHERE { <id/observation/10/JOR/simple-possession> prov:wasRevisionOf ?before .
      ?before prov:value ?value ; prov:wasInvalidatedBy ?correction }"""
    correction = f"{BASE}id/correction/observations/10/JOR/simple-possession/met/1"
    assert list(store.query(text).records()) == [{"value": "false", "correction": correction}]


def test_the_page_shows_what_the_review_printed(corrected: Release) -> None:
    with TestClient(create_app(WorkerPool(corrected), corrected)) as client:
        text = " ".join(re.sub("<[^>]*>", "", client.get("/jurisdictions/JOR").text).split())
        expected = "Review: no. Corrected to yes on 25 November 2026 because article 9 punishes it. Source: Readings and counts"
        assert expected in text
        record = client.get("/doc/correction/observations/10/JOR/simple-possession/met/1", headers={"Accept": "text/html"})
        assert "article 9 punishes it." in record.text
        before = client.get("/doc/correction/observations/10/JOR/simple-possession/met/1/before", headers={"Accept": "text/html"})
        assert before.status_code == 200
        assert "Corrected to" not in client.get("/jurisdictions/BEL").text
        changes = " ".join(re.sub("<[^>]*>", " ", client.get("/changes").text).split())
        assert (
            "25 November 2026 observations, row 10/JOR/simple-possession , column met: false to true , because article 9"
            in changes
        )
