"""“Cite this page” at the foot of each page."""

import html
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tutela.engine.worker_pool import WorkerPool
from tutela.release import Release
from tutela.web import templating
from tutela.web.app import create_app

TEXTS = re.compile(r'<pre class="copied"[^>]*>(.*?)</pre>', re.DOTALL)


@pytest.fixture(scope="module")
def client(built: Release) -> Iterator[TestClient]:
    with TestClient(create_app(WorkerPool(built), built), headers={"accept": "text/html"}) as client:
        yield client


def citations(client: TestClient, path: str) -> list[str]:
    return [html.unescape(text) for text in TEXTS.findall(client.get(path).text)]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "The law"),
        ("/jurisdictions/CIV", "Ivoire"),
        ("/compare?j=KEN&j=ALB", "Compare Kenya and Albania"),
        ("/queries", "Queries"),
        ("/queries/parties?instrument=lanzarote", "Which jurisdictions are parties to an instrument"),
        ("/doc/observation/10/ALB/definition", "ALB, definition, edition 10: yes"),
        ("/ontology", "Tutela"),
        ("/about", "About the data"),
    ],
)
def test_a_page_has_its_citation_in_three_forms(client: TestClient, built: Release, path: str, title: str) -> None:
    sentence, bibtex, ris = citations(client, path)
    assert sentence.startswith("Tutela project, “")
    assert f"release {built.version} of 26 November 2026, http://testserver{path} (accessed DATE)." in sentence
    if "Ivoire" not in title:
        assert title in sentence
        assert title in ris
    assert f"url          = {{http://testserver{path}}}" in bibtex


def test_a_published_release_is_cited_by_its_name_and_address(
    client: TestClient, built: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templating, "published_name", lambda version: "0.3" if version == built.version else "")
    sentence = citations(client, "/instruments/budapest?as_of=2020-01-01")[0]
    assert "release 0.3 of 26 November 2026, http://testserver/v/0.3/instruments/budapest?as_of=2020-01-01" in sentence


def test_an_error_page_has_none(client: TestClient) -> None:
    assert not citations(client, "/jurisdictions/XXX")
