"""Downloads: tables, named graphs, the files of the release, and the sitemap."""

import hashlib
import re
import xml.etree.ElementTree as ET

import pyoxigraph as ox
import pytest
from fastapi.testclient import TestClient

from tests.conftest import like
from tests.release.linked_data import request_raw
from tutela import namespaces, release
from tutela.sparql.embedded import EmbeddedStore

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def client(client: TestClient) -> TestClient:
    return like(client, follow_redirects=False)


def test_the_sitemap_lists_the_pages(client: TestClient) -> None:
    robots = client.get("/robots.txt")
    assert robots.headers["content-type"].startswith("text/plain")
    assert "Sitemap: http://testserver/sitemap.xml" in robots.text.splitlines()
    response = client.get("/sitemap.xml")
    assert response.headers["content-type"].startswith("application/xml")
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    pages = [str(location.text) for location in ET.fromstring(response.text).iter(f"{space}loc")]  # noqa: S314 - from the service
    assert len(pages) == len(set(pages)) > 300
    for part in (
        "",
        "gaps",
        "jurisdictions/ALB",
        "instruments/lanzarote",
        "criteria/definition",
        "notes/10/254",
        "regions/150",
        "sources/icmec-10",
    ):
        assert f"http://testserver/{part}" in pages
    for page in pages[::20]:
        assert client.head(page).status_code == 200


def test_programs_find_the_interfaces(client: TestClient) -> None:
    links = client.get("/").headers["link"]
    assert '</.well-known/api-catalog>; rel="api-catalog"' in links
    assert '</llms.txt>; rel="help"' in links
    catalog = client.get("/.well-known/api-catalog")
    assert catalog.headers["content-type"].startswith("application/linkset+json")
    (context,) = catalog.json()["linkset"]
    assert context["anchor"] == "http://testserver/"
    for relation in ("service-desc", "service-doc", "service-meta"):
        (link,) = context[relation]
        found = client.get(link["href"], headers={"accept": "text/html" if relation == "service-doc" else "*/*"})
        assert found.status_code == 200
        assert link["href"].removeprefix("http://testserver") in links
    guide = client.get("/llms.txt")
    assert guide.headers["content-type"].startswith("text/markdown")
    named = re.findall(r"\]\((http[^)]+)\)", guide.text)
    assert len(named) > 20
    for url in named:
        assert client.head(url).status_code in {200, 303}, url
    for name in ("changes-since", "parties", "instrument-provisions", "reservations"):
        (example,) = [url for url in named if f"/queries/{name}.json?" in url]
        assert client.get(example).json()["results"]["bindings"], example


def test_tables_and_their_metadata(client: TestClient, built: release.Release) -> None:
    response = client.get("/data/notes.csv")
    assert response.content == (built.folder / "source/data/review/notes.csv").read_bytes()
    assert response.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert response.headers["link"] == '</data/tables.json>; rel="describedby"; type="application/csvm+json"'
    metadata = client.get("/data/tables.json")
    assert metadata.headers["content-type"] == "application/csvm+json"
    for table in metadata.json()["tables"]:
        assert client.head(f"/data/{table['url']}").status_code == 200
    for path in ("/data/nothing.csv", "/data/../data/notes.csv", "/data/README.md"):
        assert request_raw(client.app, path)[0] == 404


@pytest.mark.parametrize("name", namespaces.GRAPHS)
def test_each_named_graph_can_be_downloaded(client: TestClient, store: EmbeddedStore, name: str) -> None:
    ((count,),) = store.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{namespaces.GRAPH}{name}> {{ ?s ?p ?o }} }}").rows()
    response = client.get(f"/graph/{name}", headers={"accept": "application/n-triples"})
    assert (response.headers["content-type"], response.headers["vary"].split(",")[0]) == ("application/n-triples", "Accept")
    assert len(response.text.splitlines()) == int(str(count)) > 0
    assert f'</graph/{name}.ttl>; rel="alternate"; type="text/turtle"' in response.headers["link"]
    assert client.get(f"/graph/{name}.ttl").headers["content-type"] == "text/turtle; charset=utf-8"


def test_browsers_get_a_page_of_a_graph(client: TestClient) -> None:
    page = client.get("/graph/meta", headers={"accept": BROWSER})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "The graph meta" in page.text
    assert 'href="/graph/meta.ttl"' in page.text


def test_an_unknown_graph_is_not_found(client: TestClient) -> None:
    for name in ("nothing", "meta.xml", "meta>", "../meta"):
        assert request_raw(client.app, f"/graph/{name}")[0] == 404


def test_downloads_are_identical_with_the_release(client: TestClient, built: release.Release) -> None:
    sums = client.get("/download/SHA256SUMS").text.splitlines()
    assert {line.partition("  ")[2] for line in sums} == {*built.manifest["files"], "manifest.json"}
    for line in sums:
        digest, _, name = line.partition("  ")
        assert hashlib.sha256(client.get(f"/download/{name}").content).hexdigest() == digest
    media_types = {
        "tutela.nq": "application/n-quads",
        "tutela.ttl": "text/turtle; charset=utf-8",
        "tutela.jsonld": "application/ld+json",
    }
    for name, media_type in media_types.items():
        head = client.head(f"/download/{name}")
        assert (head.headers["content-type"], head.headers["content-length"]) == (
            media_type,
            str(built.manifest["files"][name]["bytes"]),
        )
    assert client.get("/download/manifest.json").json() == built.manifest


def test_other_files_cannot_be_downloaded(client: TestClient, built: release.Release) -> None:
    (built.folder.parent / "secret").write_text("secret\n")
    for name in ("../secret", "/etc/passwd", "./tutela.nq", "x/../tutela.nq", "", "nothing", "tutela.nq\0", "tutela.nq/"):
        status, _, body = request_raw(client.app, f"/download/{name}")
        assert (status, b"secret\n" in body) == (404, False), name


def test_a_graph_has_its_name_in_formats_for_datasets(client: TestClient) -> None:
    name = "meta"
    triples = set(ox.parse(client.get(f"/graph/{name}.nt").content, ox.RdfFormat.N_TRIPLES))
    for suffix, rdf_format in (("nq", ox.RdfFormat.N_QUADS), ("trig", ox.RdfFormat.TRIG)):
        response = client.get(f"/graph/{name}.{suffix}")
        quads = list(ox.parse(response.content, rdf_format))
        assert {quad.graph_name for quad in quads} == {ox.NamedNode(f"{namespaces.GRAPH}{name}")}
        assert {ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads} == triples
        assert client.get(f"/graph/{name}", headers={"accept": rdf_format.media_type}).content == response.content
    document = client.get("/doc/edition/3", headers={"accept": "application/n-quads"})
    assert document.headers["content-type"] == "application/n-quads"
    assert {quad.graph_name for quad in ox.parse(document.content, ox.RdfFormat.N_QUADS)} == {ox.DefaultGraph()}


@pytest.mark.parametrize(
    "path",
    ["/", "/map", "/jurisdictions/ALB", "/queries", "/queries/criteria", "/queries/criteria.csv", "/search?q=alb", "/sparql",
     "/doc/edition/3", "/doc/edition/3.ttl", "/ontology.ttl", "/graph/meta.nq", "/context.jsonld", "/api", "/.well-known/void",
     "/sitemap.xml", "/download/tutela.nq", "/download/manifest.json", "/download/SHA256SUMS"],
)  # fmt: skip
def test_every_kind_of_response_can_be_revalidated(client: TestClient, path: str) -> None:
    for coding in ("gzip", "identity"):
        headers = {"accept-encoding": coding}
        first, head = client.get(path, headers=headers), client.head(path, headers=headers)
        assert (first.status_code, head.status_code, head.content) == (200, 200, b"")
        assert dict(first.headers) == dict(head.headers)
        etag, modified = first.headers["etag"], first.headers["last-modified"]
        for condition in ({"if-none-match": etag}, {"if-modified-since": modified}):
            again = client.get(path, headers={**headers, **condition})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert client.get(path, headers={**headers, "if-modified-since": "Sat, 01 Jan 2000 00:00:00 GMT"}).status_code == 200
        assert client.get(path, headers={**headers, "if-match": '"x"'}).status_code == 412


def test_a_page_that_is_not_modified_keeps_its_own_policy(client: TestClient) -> None:
    # A browser replaces headers of the stored page by those of the response 304, also after a restart of the service.
    url, headers = "/sparql?example=criteria", {"accept": "text/html"}
    etag = client.head(url, headers=headers).headers["etag"]
    for _ in range(2):  # not in the cache, then from the cache
        again = client.get(url, headers={**headers, "if-none-match": etag})
        policy = client.get(url, headers=headers).headers["content-security-policy"]
        assert (again.status_code, "sha256-" in policy) == (304, True)
        assert again.headers.get("content-security-policy", policy) == policy


def test_a_redirect_and_an_error_have_no_validators(client: TestClient) -> None:
    for path, status in (("/id/edition/3", 303), ("/id/edition/99", 404), ("/download/nothing", 404)):
        for headers in ({}, {"if-none-match": "*"}, {"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"}):
            response = client.get(path, headers=headers)
            assert (response.status_code, "etag" in response.headers, "last-modified" in response.headers) == (
                status,
                False,
                False,
            )


def test_a_download_can_be_resumed(client: TestClient, built: release.Release) -> None:
    content = built.nquads.read_bytes()
    head = client.head("/download/tutela.nq")
    resumed = client.get("/download/tutela.nq", headers={"range": "bytes=1000-", "if-range": head.headers["etag"]})
    assert (resumed.status_code, resumed.content) == (206, content[1000:])
    assert resumed.headers["content-range"] == f"bytes 1000-{len(content) - 1}/{len(content)}"
    changed = client.get("/download/tutela.nq", headers={"range": "bytes=0-9", "if-range": '"other"'})
    assert (changed.status_code, len(changed.content)) == (200, len(content))
    compressed = client.get("/download/shapes.ttl", headers={"accept-encoding": "gzip, identity;q=0"})
    assert (compressed.headers["content-encoding"], compressed.content) == ("gzip", (built.folder / "shapes.ttl").read_bytes())


def test_downloads_have_file_names(client: TestClient) -> None:
    names = {path: client.head(path).headers.get("content-disposition") for path in ("/data/notes.csv", "/download/tutela.nq")}
    assert names == {"/data/notes.csv": 'attachment; filename="notes.csv"', "/download/tutela.nq": 'inline; filename="tutela.nq"'}
