"""The pages of the validation rules: one for each shapes file and one for each folder of checks."""

import html
import re

import pytest
from fastapi.testclient import TestClient
from rdflib import RDF, SH, Graph, URIRef

from tests.conftest import like, without_buttons
from tutela import paths
from tutela.sparql import query_file


@pytest.fixture(scope="module")
def client(client: TestClient) -> TestClient:
    return like(client, headers={"accept": "text/html"})


def text(client: TestClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.text
    assert len(response.content) < 150_000
    return html.unescape(without_buttons(response.text))


def test_every_rule_of_every_file_is_on_its_page_with_message_and_severity(client: TestClient) -> None:
    listed = text(client, "/shapes")
    for path in sorted(paths.SHAPES.glob("*.ttl")):
        assert f'href="/shapes/{path.stem}"' in listed
        page = text(client, f"/shapes/{path.stem}")
        graph = Graph().parse(path)
        for shape in graph.subjects(RDF.type, SH.PropertyShape):
            assert isinstance(shape, URIRef)
            part = page.partition(f'<div class="rule" id="{shape.fragment}">')[2].partition("</div>")[0]
            assert f"<p>{graph.value(shape, SH.message)}</p>" in part
            assert f"Severity: <code>sh:{str(graph.value(shape, SH.severity)).rpartition('#')[2]}</code>" in part


@pytest.mark.parametrize(
    ("path", "rule", "words"),
    [
        ("observation", "Observation-value", "<code>tutela:met</code>: exactly 1 value; of the datatype xsd:boolean."),
        ("concept", "Region-code", "exactly 1 value; matches the regular expression ^[0-9]{3}$."),
        ("concept", "Region-within", "at most 1 value; an existing tutela:Region."),
        ("concept", "In-forces-scheme", "one value is id/scheme/forces."),
        ("action", "TreatyAction-date", "at most 1 value; of the datatype xsd:date or of the datatype xsd:gYear."),
        ("national-law", "Citation-cites", "exactly 1 value; an existing tutela:NationalProvision or an existing tutela:NationalLaw."),
    ],
)  # fmt: skip
def test_constraints_are_in_words(client: TestClient, path: str, rule: str, words: str) -> None:
    part = text(client, f"/shapes/{path}").partition(f'<div class="rule" id="{rule}">')[2].partition("</div>")[0]
    assert words in part


def test_no_constraint_is_left_out(client: TestClient) -> None:
    """Every rule says something besides its property."""
    for path in sorted(paths.SHAPES.glob("*.ttl")):
        page = text(client, f"/shapes/{path.stem}")
        assert not re.search(r"</code>: \.", page), path.stem


def test_a_shape_names_its_class(client: TestClient) -> None:
    assert "Applies to every tutela:Observation." in text(client, "/shapes/observation")
    assert "Applies where another shape refers to it." in text(client, "/shapes/concept")


def test_every_check_is_on_a_page_with_its_query(client: TestClient) -> None:
    listed = text(client, "/shapes")
    for folder in sorted(path for path in (paths.QUERIES / "checks").iterdir() if path.is_dir()):
        assert f'href="/shapes/checks/{folder.name}"' in listed
        page = text(client, f"/shapes/checks/{folder.name}")
        for path in folder.glob("*.rq"):
            query = query_file.read(path)
            part = page.partition(f'id="check-{query.name}"')[2].partition("</section>")[0]
            assert query.title in part
            assert query_file.without_metadata(query.text).strip() in part


def test_an_unknown_file_gets_a_suggestion(client: TestClient) -> None:
    for path, near in (("/shapes/observaton", "observation"), ("/shapes/checks/treatys", "treaties")):
        response = client.get(path)
        assert response.status_code == 404
        assert f"the nearest is {near}" in response.text
