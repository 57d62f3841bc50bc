"""Published releases under /v/NAME/: pages, API and SPARQL answer from the release, next to the current one."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from rdflib import DCTERMS, OWL, VOID, Graph, Namespace, URIRef

from tutela import paths
from tutela.engine.worker_pool import WorkerPool
from tutela.release import Release
from tutela.settings import ServerSettings, Settings
from tutela.tables.published import published_releases
from tutela.web.app import create_app

COUNT = "SELECT (COUNT(?law) AS ?count) WHERE { ?law a tutela:NationalProvisionMapping }"
DCAT = Namespace("http://www.w3.org/ns/dcat#")  # that of rdflib lacks terms of version 3
PAGES = (
    "/", "/jurisdictions", "/jurisdictions/ALB", "/jurisdictions/HKG", "/instruments", "/instruments/lanzarote", "/compare?j=ALB&j=BEL",
    "/gaps", "/map", "/topics", "/about", "/laws", "/criteria/definition", "/regions/150", "/notes/10/254", "/sources/icmec-10",
    "/recommendations/define-csam", "/glossary", "/changes", "/queries", "/queries/finding", "/doc/observation/10/ALB/definition",
    "/ontology", "/shapes", "/search?q=albania", "/sparql",
)  # fmt: skip


@pytest.fixture(scope="module")
def client(built: Release) -> Iterator[TestClient]:
    with TestClient(create_app(WorkerPool(built), built)) as client:
        yield client


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", ["0.1", "0.2"])
def test_every_page_of_a_published_release_answers(client: TestClient, name: str, page: str) -> None:
    response = client.get(f"/v/{name}{page}", headers={"Accept": "text/html"})
    assert response.status_code == 200
    date = {"0.1": "24 November 2026", "0.2": "26 November 2026"}[name]
    text = " ".join(re.sub("<[^>]*>", "", response.text).split())
    assert f"This is release {name} of {date}, as it was published. Go to the current release" in text
    links = set(re.findall(r'(?:href|src|action)="(/[^"]*)"', response.text))
    others = {"/", *(f"/v/{one.name}/" for one in published_releases())}
    assert {link for link in links if not link.startswith(f"/v/{name}/")} <= others
    assert page == "/" or not re.search('"archived"', client.get(page, headers={"Accept": "text/html"}).text)


def test_sparql_answers_from_the_release(client: TestClient) -> None:
    counts = {}
    for prefix in ("", "/v/0.1", "/v/0.2"):
        response = client.get(f"{prefix}/sparql", params={"query": COUNT, "format": "csv"})
        counts[prefix] = int(response.text.splitlines()[1])
    assert counts["/v/0.1"] == 0
    assert counts["/v/0.2"] == 1353
    assert counts[""] >= 1353


def test_files_and_answers_are_those_of_the_release(client: TestClient) -> None:
    first = published_releases()[0]
    manifest = client.get("/v/0.1/download/manifest.json").json()
    assert manifest["version"] == first.version
    assert len(client.get("/v/0.1/download/tutela.jsonld").content) == manifest["files"]["tutela.jsonld"]["bytes"]
    assert client.get("/v/0.1/data/notes.csv").content == first.inputs["data/review/notes.csv"]
    answer = client.get("/v/0.1/queries/finding", params={"jurisdiction": "JOR", "criterion": "definition", "format": "csv"})
    assert answer.text.splitlines()[0].startswith("jurisdiction,name,observation,met")
    redirect = client.get("/v/0.1/id/jurisdiction/ALB", headers={"Accept": "text/html"}, follow_redirects=False)
    assert redirect.headers["location"].endswith("/v/0.1/jurisdictions/ALB")


def test_releases_are_versions_of_the_dataset_in_its_description(client: TestClient, built: Release) -> None:
    """VoID and DCAT 3, section 11: a chain from the served release to the first, each with its files and its endpoint."""
    turtle = {"accept": "text/turtle"}
    graph = Graph().parse(data=client.get("/.well-known/void", headers=turtle).text, format="turtle")
    release, dataset = Namespace("https://w3id.org/tutela/id/release/"), URIRef("https://w3id.org/tutela/id/dataset/tutela")
    served = graph.value(dataset, DCAT.hasCurrentVersion)
    versions = {served, *(release[one.name] for one in published_releases())}
    assert set(graph.objects(dataset, DCAT.hasVersion)) == set(graph.objects(dataset, DCTERMS.hasVersion)) == versions
    for one in published_releases():
        name = release[one.name]
        assert str(graph.value(name, DCAT.version)) == one.name
        assert str(graph.value(name, DCTERMS.issued)) == one.date
        assert graph.value(name, DCAT.previousVersion) == (release[one.previous] if one.previous else None)
        assert graph.value(name, DCAT.landingPage) == URIRef(f"http://testserver/v/{one.name}/")
        assert graph.value(name, VOID.sparqlEndpoint) == URIRef(f"http://testserver/v/{one.name}/sparql")
    last = published_releases()[-1]
    expected = last.previous if last.version == built.version else last.name
    assert graph.value(served, DCAT.previousVersion) == release[expected]

    archived = Graph().parse(data=client.get("/v/0.2/.well-known/void", headers=turtle).text, format="turtle")
    served = archived.value(dataset, DCAT.hasCurrentVersion)
    assert (archived.value(served, OWL.sameAs), archived.value(served, DCAT.previousVersion)) == (release["0.2"], release["0.1"])
    assert archived.value(release["0.1"], DCAT.landingPage) == URIRef("http://testserver/v/0.1/")


def test_releases_are_servers_in_the_api_description(client: TestClient) -> None:
    for prefix in ("", "/v/0.1"):
        current, published = client.get(f"{prefix}/api").json()["servers"]
        assert current == {"url": f"http://testserver{prefix}"}
        assert published["url"] == "http://testserver/v/{release}"
        assert published["variables"]["release"]["enum"] == ["0.1", "0.2"]
        assert client.get(f"/v/{published['variables']['release']['default']}/queries/editions").status_code == 200


def test_headers_are_set_once(client: TestClient) -> None:
    response = client.get("/v/0.1/gaps", headers={"Origin": "https://example.org"})
    current = client.get("/gaps", headers={"Origin": "https://example.org"})
    assert response.headers.keys() == current.headers.keys()
    for name in ("content-security-policy", "access-control-allow-origin", "etag", "vary"):
        assert len(response.headers.get_list(name)) == len(current.headers.get_list(name)), name
    assert client.get("/v/0.1/gaps", headers={"If-None-Match": response.headers["etag"]}).status_code == 304


def test_an_unknown_release_is_not_found(client: TestClient) -> None:
    assert client.get("/v/9.9/").status_code == 404
    assert client.get("/v/").status_code == 404
    assert client.get("/v/0.1/none").status_code == 404
    assert client.get("/v/0.1").status_code == 200


def test_a_root_path_is_in_links_whether_the_proxy_removes_it_or_not(built: Release) -> None:
    settings = Settings(server=ServerSettings(root_path="/law", archived_releases=1))
    with TestClient(create_app(WorkerPool(built), built, settings)) as client:
        for name in ("0.1", "0.2", "0.1"):  # only one is served at a time
            for prefix in ("", "/law"):
                text = client.get(f"{prefix}/v/{name}/about").text
                assert f'href="/law/v/{name}/jurisdictions"' in text
                assert 'href="/law/">Go to the current release' in text


def test_published_releases_can_be_left_out(built: Release) -> None:
    settings = Settings(server=ServerSettings(archived_releases=0))
    with TestClient(create_app(WorkerPool(built), built, settings)) as client:
        assert client.get("/v/0.1/").status_code == 404


def test_a_damaged_archive_is_an_error_and_the_current_release_is_served_on(
    built: Release, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(paths, "RELEASES", tmp_path)
    (tmp_path / "index.json").write_text("{", encoding="utf-8")
    with TestClient(create_app(WorkerPool(built), built)) as client:
        response = client.get("/v/0.1/")
        assert (response.status_code, "index.json: not readable" in response.text) == (500, True)
        assert client.get("/about").status_code == 200
