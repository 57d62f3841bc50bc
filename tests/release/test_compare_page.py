"""The compare page shows what the catalogue answers for each jurisdiction."""

import html
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.dataset.test_catalog_answers import rows
from tutela import release
from tutela.catalog.catalog import Catalog
from tutela.engine.worker_pool import WorkerPool
from tutela.web.app import create_app


@pytest.fixture(scope="module")
def client(built: release.Release) -> Iterator[TestClient]:
    with TestClient(create_app(WorkerPool(built), built)) as client:
        yield client


def cells(page: str) -> dict[str, list[str]]:
    """Return the cell texts of each row by the text of its header."""
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", html.unescape(page), re.DOTALL):
        head, *others = re.split(r"<td>", row)
        texts = [" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for cell in (head, *others)]
        found[texts[0].removesuffix(" differs")] = [*texts[1:], "differs" if texts[0].endswith(" differs") else "same"]
    return found


def test_findings_and_participation_equal_the_catalogue(client: TestClient, catalog: Catalog) -> None:
    codes = ("ALB", "BEL", "SMR")
    shown = cells(client.get("/compare?j=ALB&j=BEL&j=SMR").text)
    for row in rows(catalog, "criteria"):
        name = row["criterion_name"][0].upper() + row["criterion_name"][1:]
        met = [
            next(r["met"] for r in rows(catalog, "jurisdiction-card", jurisdiction=code) if r["criterion"] == row["criterion"])
            for code in codes
        ]
        assert [cell.partition(" note")[0] for cell in shown[name][:-1]] == [
            {"true": "Met", "false": "Not met"}[value] for value in met
        ]
        assert shown[name][-1] == ("differs" if len(set(met)) > 1 else "same")
    for code, number in zip(codes, range(3), strict=True):
        unmet = rows(catalog, "unmet-obligations", jurisdiction=code)
        for kind, head in (
            ("unmet obligation", "Obligations not met, according to the review"),
            ("point to examine", "Possible gaps (need legal review)"),
        ):
            count = sum(row["kind"] == kind for row in unmet)
            assert shown[head][number].partition(" ")[0] == (str(count) if count else "None")
    budapest = next(cells for head, cells in shown.items() if head.startswith("Budapest"))
    bound = [next(r for r in rows(catalog, "bound-by", jurisdiction=code) if r["instrument"] == "budapest") for code in codes]
    assert [cell.startswith("Bound since") for cell in budapest[:-1]] == [row["state"] == "bound" for row in bound]


def test_date_and_differences_filter(client: TestClient) -> None:
    before = cells(client.get("/compare?j=ALB&j=BEL&as_of=2005-01-01").text)
    assert next(row for head, row in before.items() if head.startswith("Lanzarote"))[0] != "Bound since"
    only = cells(client.get("/compare?j=ALB&j=BEL&differs=1").text)
    assert {
        row[-1] for head, row in only.items() if head != "Subject Albania Southern Europe Remove Belgium Western Europe Remove"
    } == {"differs"}
    assert len(only) < len(before)


def test_territory_has_only_the_findings_of_its_note(client: TestClient) -> None:
    shown = cells(client.get("/compare?j=HKG&j=TWN").text)
    assert shown["Reporting by internet service providers"][0] == "No finding"
    assert shown["Reporting by internet service providers"][1].startswith("Met note 267")


def test_fewer_than_two_jurisdictions_give_choices(client: TestClient) -> None:
    assert "j=ALB&amp;j=AND&amp;j=BIH" in client.get("/compare").text
    assert 'href="/compare?j=ALB&amp;j=ITA"' in client.get("/compare?j=alb&j=&j=ALB").text


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("j=XXX&j=ALB", "Unknown jurisdiction code &#39;XXX&#39;"),
        ("j=ALB&j=BEL&j=PHL&j=ARG&j=FRA&j=DEU", "six jurisdictions; at most five can be compared"),
        ("j=ALB&j=BEL&as_of=yesterday", "is not a date"),
        ("as_of=yesterday", "is not a date"),
    ],
)
def test_invalid_parameters_give_a_message(client: TestClient, asked: str, sentence: str) -> None:
    answer = client.get(f"/compare?{asked}", headers={"accept": "text/html"})
    assert (answer.status_code, sentence in answer.text) == (400, True)
