"""Places side by side: what is said of each is what the catalogue answers."""

import html
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.test_questions import rows
from tutela import release
from tutela.catalog import Catalog
from tutela.pool import Pool
from tutela.web.app import create


@pytest.fixture(scope="module")
def client(built: release.Release) -> Iterator[TestClient]:
    with TestClient(create(Pool(built), built)) as client:
        yield client


def cells(page: str) -> dict[str, list[str]]:
    """Return the texts of each row, by its first word or words."""
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", html.unescape(page), re.DOTALL):
        head, *others = re.split(r"<td>", row)
        texts = [" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for cell in (head, *others)]
        found[texts[0].removesuffix(" differs")] = [*texts[1:], "differs" if texts[0].endswith(" differs") else "same"]
    return found


def test_findings_and_standing_are_those_of_the_catalogue(client: TestClient, catalog: Catalog) -> None:
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
            ("unmet obligation", "Obligations not met in the review's findings"),
            ("point to examine", "Points to examine"),
        ):
            count = sum(row["kind"] == kind for row in unmet)
            assert shown[head][number].partition(" ")[0] == (str(count) if count else "None")
    budapest = next(cells for head, cells in shown.items() if head.startswith("Budapest"))
    bound = [next(r for r in rows(catalog, "bound-by", jurisdiction=code) if r["instrument"] == "budapest") for code in codes]
    assert [cell.startswith("Bound since") for cell in budapest[:-1]] == [row["state"] == "bound" for row in bound]


def test_the_day_counts_and_only_differences_are_kept(client: TestClient) -> None:
    before = cells(client.get("/compare?j=ALB&j=BEL&as_of=2005-01-01").text)
    assert next(row for head, row in before.items() if head.startswith("Lanzarote"))[0] != "Bound since"
    only = cells(client.get("/compare?j=ALB&j=BEL&differs=1").text)
    assert {
        row[-1] for head, row in only.items() if head != "Question Albania Southern Europe Remove Belgium Western Europe Remove"
    } == {"differs"}
    assert len(only) < len(before)


def test_a_place_without_a_row_is_silent_where_its_note_is(client: TestClient) -> None:
    shown = cells(client.get("/compare?j=HKG&j=TWN").text)
    assert shown["Reporting by internet service providers"][0] == "No finding"
    assert shown["Reporting by internet service providers"][1].startswith("Met note 267")


def test_with_one_or_none_there_are_choices(client: TestClient) -> None:
    assert "j=ALB&amp;j=AND&amp;j=BIH" in client.get("/compare").text
    assert 'href="/compare?j=ALB&amp;j=ITA"' in client.get("/compare?j=alb&j=&j=ALB").text


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("j=XXX&j=ALB", "no place with the code"),
        ("j=ALB&j=BEL&j=PHL&j=ARG&j=FRA&j=DEU", "At most five"),
        ("j=ALB&j=BEL&as_of=yesterday", "is not a day"),
        ("as_of=yesterday", "is not a day"),
    ],
)
def test_what_cannot_be_compared_is_told_in_a_sentence(client: TestClient, asked: str, sentence: str) -> None:
    answer = client.get(f"/compare?{asked}", headers={"accept": "text/html"})
    assert (answer.status_code, sentence in answer.text) == (400, True)
