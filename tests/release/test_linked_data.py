"""Linked data: every IRI can be dereferenced, as a page and as RDF."""

import csv
import io
import re
import xml.etree.ElementTree as ET

import pytest
from fastapi.testclient import TestClient
from rdflib import Literal, URIRef
from rdflib.namespace import FOAF, RDF, RDFS, SKOS

from tests.conftest import like, without_buttons
from tests.release.linked_data import RDFLIB_FORMATS, parse_response, request_raw
from tutela import namespaces, release
from tutela.sparql.embedded import EmbeddedStore
from tutela.web.linked_data import documents
from tutela.web.linked_data.documents import SUFFIXES
from tutela.web.page_urls import page_url

# rdflib's JSON-LD parser uses its own deprecated class.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ALBANIA = f"{namespaces.BASE}id/jurisdiction/ALB"


@pytest.fixture(scope="module")
def client(client: TestClient) -> TestClient:
    return like(client, follow_redirects=False)


@pytest.fixture(scope="module")
def subjects(built: release.Release) -> list[str]:
    """Return every IRI in this project's namespace that is a subject in the release."""
    iris = re.findall(rf"^<({namespaces.BASE}[^>]*)> ", built.nquads.read_text(encoding="utf-8"), re.MULTILINE)
    return sorted(set(iris))


def first_of_class(store: EmbeddedStore, class_name: str) -> tuple[str, str]:
    """Return the path and the label of the first resource of a class."""
    query = f"""PREFIX tutela: <{namespaces.BASE}ontology#> PREFIX rdfs: <{RDFS}>
        SELECT ?s ?l WHERE {{ ?s a tutela:{class_name} ; rdfs:label ?l FILTER(LANG(?l) IN ("en", "")) }} ORDER BY ?s LIMIT 1"""
    ((subject, label),) = store.query(query).rows()
    return str(subject).removeprefix(f"{namespaces.BASE}id/"), str(label)


@pytest.mark.parametrize(
    ("accept", "location"),
    [
        (None, "/jurisdictions/ALB"),
        (BROWSER, "/jurisdictions/ALB"),
        ("text/turtle", "/doc/jurisdiction/ALB.ttl"),
        ("application/ld+json", "/doc/jurisdiction/ALB.jsonld"),
        ("application/json", "/doc/jurisdiction/ALB.jsonld"),
        ("application/n-triples", "/doc/jurisdiction/ALB.nt"),
        ("application/rdf+xml", "/doc/jurisdiction/ALB.rdf"),
        ("text/html;q=0.4, text/turtle;q=0.8", "/doc/jurisdiction/ALB.ttl"),
    ],
)
def test_a_resource_redirects_to_its_page_or_to_its_document_in_the_requested_format(
    client: TestClient, accept: str | None, location: str
) -> None:
    for method in ("GET", "HEAD"):
        response = client.request(method, "/id/jurisdiction/ALB", headers={"accept": accept} if accept else {})
        assert (response.status_code, response.headers["location"]) == (303, location)
        assert "Accept" in response.headers["vary"]
        assert not response.content


def test_a_service_under_a_root_path_links_to_itself(client: TestClient) -> None:
    client_with_root_path = TestClient(client.app, follow_redirects=False, root_path="/law")
    assert client_with_root_path.get("/law/id/edition/3").headers["location"] == "/law/editions/3"
    page = client_with_root_path.get("/law/doc/edition/3")
    assert 'href="/law/pages.css?v=' in page.text
    assert '</law/doc/edition/3.ttl>; rel="alternate"' in page.headers["link"]


@pytest.mark.parametrize("suffix", sorted(RDFLIB_FORMATS))
def test_a_document_is_the_same_by_suffix_and_by_accept(client: TestClient, suffix: str) -> None:
    by_suffix = client.get(f"/doc/jurisdiction/ALB.{suffix}", headers={"accept": "image/png"})
    by_accept = client.get("/doc/jurisdiction/ALB", headers={"accept": SUFFIXES[suffix]})
    assert by_suffix.content == by_accept.content
    assert by_suffix.headers["content-type"] == by_accept.headers["content-type"]
    assert by_suffix.headers["content-type"].startswith(SUFFIXES[suffix])
    document = parse_response(by_suffix, suffix)
    assert set(document) == set(parse_response(client.get("/doc/jurisdiction/ALB.nt"), "nt"))
    # Its statements, the statements that refer to it, and the labels of both.
    assert (URIRef(ALBANIA), SKOS.notation, Literal("ALB")) in document
    observation = URIRef(f"{namespaces.BASE}id/observation/10/ALB/simple-possession")
    assert observation in set(document.subjects(None, URIRef(ALBANIA)))
    assert document.value(observation, RDFS.label)
    assert document.value(URIRef(f"{namespaces.BASE}id/standing/row"), SKOS.prefLabel)


def test_the_link_header_has_the_resource_the_formats_and_the_classes(client: TestClient) -> None:
    for path, accept in (("/doc/jurisdiction/ALB", BROWSER), ("/doc/jurisdiction/ALB.ttl", "*/*")):
        get, head = (client.request(method, path, headers={"accept": accept}) for method in ("GET", "HEAD"))
        assert (head.status_code, head.content) == (200, b"")
        assert {key: get.headers[key] for key in ("link", "vary", "content-type")} == {
            key: head.headers[key] for key in ("link", "vary", "content-type")
        }
        assert get.headers["vary"].startswith("Accept")
        links = get.headers["link"].split(", ")
        assert f'<{ALBANIA}>; rel="describes"' in links
        assert f'<{namespaces.BASE}ontology#Jurisdiction>; rel="type"' in links
        own = get.headers["content-type"].partition(";")[0]
        others = {
            f'</doc/jurisdiction/ALB.{suffix}>; rel="alternate"; type="{media_type}"'
            for suffix, media_type in SUFFIXES.items()
            if media_type != own
        }
        assert {link for link in links if "alternate" in link} == others


def test_a_truncated_document_has_a_remark(client: TestClient, store: EmbeddedStore) -> None:
    ((count,),) = store.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ ?s ?p <{namespaces.BASE}id/edition/10> }}").rows()
    statements = parse_response(client.get("/doc/edition/10.nt"), "nt")
    edition, document = URIRef(f"{namespaces.BASE}id/edition/10"), URIRef(f"{namespaces.BASE}doc/edition/10")
    assert len(list(statements.triples((None, None, edition)))) == 301  # including the one about the document itself
    assert (document, FOAF.primaryTopic, edition) in statements
    remark = str(statements.value(document, RDFS.comment))
    assert f"300 of {count} statements" in remark
    assert remark in without_buttons(client.get("/doc/edition/10.html").text)
    assert not list(parse_response(client.get("/doc/edition/3.nt"), "nt").subjects(RDFS.comment))


@pytest.mark.parametrize(
    "class_name", ["Jurisdiction", "Note", "Provision", "Observation", "UnmetObligation", "Instrument", "BindingPeriod"]
)
def test_browsers_get_a_page(client: TestClient, store: EmbeddedStore, class_name: str) -> None:
    path, label = first_of_class(store, class_name)
    response = client.get(f"/doc/{path}", headers={"accept": BROWSER})
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    text = response.text
    assert text.startswith("<!doctype html>")
    assert f"<h1>{label}</h1>" in text
    assert f"<code>{namespaces.BASE}id/{path}</code>" in text
    assert f'<a href="/ontology#{class_name}">' in text
    assert "Resources that link to it" in text
    assert f'href="/doc/{path}.ttl"' in text
    assert not re.findall(r'<script(?! src="/static/)', text), "an inline script"
    assert "style=" not in text  # the content security policy of the service forbids it
    # The internal links work; of hundreds, some are tried.
    targets = sorted(set(re.findall(r'href="(/(?:doc|ontology|data)[^"]*)"', text)))
    for target in targets[:: len(targets) // 40 + 1]:
        assert client.head(target).status_code == 200, target


def test_a_page_shows_dates_languages_and_rows(client: TestClient) -> None:
    lanzarote = client.get("/doc/instrument/lanzarote.html").text
    assert '<time datetime="2007-10-25">25 October 2007</time>' in lanzarote
    assert lanzarote.index('href="/doc/instrument/lanzarote/art_9"') < lanzarote.index('href="/doc/instrument/lanzarote/art_10"')
    albania = client.get("/doc/jurisdiction/ALB.html").text
    assert '<span lang="ar" dir="rtl">ألبانيا</span> <span class="language">ar</span>' in albania
    assert '<a href="/data/jurisdictions.csv#key=ALB">data/review/jurisdictions.csv, key ALB</a>' in albania
    article = client.get("/doc/instrument/lanzarote/art_10/par_1.html").text
    row = "data/treaties/provisions.csv, key lanzarote, art_10/par_1"
    assert f'<a href="/data/provisions.csv#key=lanzarote/art_10%2Fpar_1">{row}</a>' in article
    assert 'href="http://www.wikidata.org/entity/Q222">' in albania


def test_a_dot_belongs_to_the_path_unless_a_suffix_follows(client: TestClient, subjects: list[str]) -> None:
    path = "law/LBR/childrens-law-2011/art_18.16"
    assert f"{namespaces.BASE}id/{path}" in subjects
    assert client.get(f"/id/{path}", headers={"accept": "text/turtle"}).headers["location"] == f"/doc/{path}.ttl"
    for response in (client.get(f"/doc/{path}.ttl"), client.get(f"/doc/{path}", headers={"accept": "text/turtle"})):
        assert URIRef(f"{namespaces.BASE}id/{path}") in set(parse_response(response, "ttl").subjects())
    assert not [iri for iri in subjects if iri.endswith(tuple(f".{suffix}" for suffix in SUFFIXES))]


def test_every_iri_of_a_subject_can_be_dereferenced(client: TestClient, subjects: list[str]) -> None:
    resources = [iri for iri in subjects if iri.startswith(f"{namespaces.BASE}id/")]
    sample = resources[:: len(resources) // 200]
    assert len(sample) >= 200
    for iri in sample:
        first = client.get("/" + namespaces.strip_base(iri), headers={"accept": "application/n-triples"})
        assert first.status_code == 303, iri
        second = client.get(first.headers["location"])
        assert second.status_code == 200
        assert f"\n<{iri}> " in f"\n{second.text}"
    for iri in subjects:
        if not iri.startswith(f"{namespaces.BASE}id/"):
            path, _, anchor = ("/" + namespaces.strip_base(iri)).partition("#")
            page = client.get(path, headers={"accept": BROWSER})
            assert page.status_code == 200, iri
            assert not anchor or f' id="{anchor}"' in page.text, iri


@pytest.fixture(scope="module")
def mentioned(built: release.Release) -> list[str]:
    """Return every IRI in this project's namespace that occurs in the release."""
    return sorted(set(re.findall(rf"<({namespaces.BASE}[^>]*)>", built.nquads.read_text(encoding="utf-8"))))


def test_every_mentioned_resource_is_described(mentioned: list[str], subjects: list[str]) -> None:
    """Each resource is a subject, and its path cannot be mistaken for one with a suffix."""
    resources = [iri for iri in mentioned if iri.startswith(f"{namespaces.BASE}id/")]
    assert len(resources) > 5000
    assert set(resources) <= set(subjects)
    for iri in resources:
        path = iri.removeprefix(f"{namespaces.BASE}id/")
        assert documents._PATH.fullmatch(path), iri
        assert documents._split_suffix(path) == (path, ""), iri


@pytest.mark.slow
def test_each_kind_of_resource_is_available_in_each_format(
    client: TestClient, mentioned: list[str], built: release.Release
) -> None:
    """A kind is a combination of classes and the form of the IRI; the first resource of each is tested.

    All kinds share the code that writes a format, so the page of each is read, and two of the other formats in turn.
    """
    classes: dict[str, list[str]] = {}
    for iri, class_iri in re.findall(
        rf"^<({namespaces.BASE}id/[^>]*)> <{RDF.type}> <([^>]*)>", built.nquads.read_text(encoding="utf-8"), re.M
    ):
        classes.setdefault(iri, []).append(class_iri)
    kinds: dict[tuple[str, ...], list[str]] = {}
    for iri in mentioned:
        if iri.startswith(f"{namespaces.BASE}id/"):
            collection, *parts = iri.removeprefix(f"{namespaces.BASE}id/").split("/")
            shape = ["9" if part.isdigit() else "A" if part.isupper() else "_" if "_" in part else "a" for part in parts]
            kinds.setdefault((collection, *shape, *sorted(classes.get(iri, []))), []).append(iri)
    assert len(kinds) > 50
    read: set[str] = set()
    for number, iri in enumerate(sorted(iris[0] for iris in kinds.values())):
        path = iri.removeprefix(f"{namespaces.BASE}id/")
        sizes = set()
        formats = list(SUFFIXES.items())[:5]  # the others are written like Turtle and N-Triples
        chosen = {"html", "nt", ("ttl", "rdf", "jsonld")[number % 3]}
        for suffix, media_type in [one for one in formats if one[0] in chosen]:
            first = client.get(f"/id/{path}", headers={"accept": media_type})
            location = f"/doc/{path}" + ("" if suffix == "html" else f".{suffix}")
            found = page_url(iri) if suffix == "html" else location
            assert (first.status_code, first.headers["location"]) == (303, found)
            if suffix == "html" and (page_kind := found.split("/")[1]) not in read:
                read.add(page_kind)
                assert client.get(found, headers={"accept": media_type}).status_code == 200, found
            second = client.get(location, headers={"accept": media_type})
            assert (second.status_code, second.headers["content-type"].partition(";")[0]) == (200, media_type), location
            if suffix in ("nt", "ttl"):
                sizes.add(len(parse_response(second, suffix)))
            if suffix == "rdf":
                ET.fromstring(second.content)  # noqa: S314 - from the service
            if suffix == "jsonld":
                assert f'"{iri}"' in second.text
            if suffix == "html":
                assert f"<code>{iri}</code>" in second.text
        assert len(sizes) == 1, iri


def test_each_mentioned_row_table_graph_and_term_is_available(client: TestClient, mentioned: list[str]) -> None:
    others = [iri for iri in mentioned if not iri.startswith(f"{namespaces.BASE}id/")]
    fragments_of: dict[str, set[str]] = {}
    for iri in others:
        path, _, fragment = namespaces.strip_base(iri).partition("#")
        fragments_of.setdefault(path, set()).add(fragment)
    assert len(fragments_of["data/observations.csv"]) > 900
    for path, fragments in fragments_of.items():
        response = client.get(f"/{path}", headers={"accept": BROWSER}, follow_redirects=True)
        assert response.status_code == 200, path
        fragments.discard("")
        if path.endswith(".csv"):
            name = path.removeprefix("data/").removesuffix(".csv")
            key = client.get(f"/data/{name}.csv-metadata.json").json()["tableSchema"]["primaryKey"]
            rows = csv.DictReader(io.StringIO(response.text))
            iris = {namespaces.row_iri(name, (row[column] for column in key)) for row in rows}
            assert {f"{namespaces.BASE}{path}#{fragment}" for fragment in fragments} <= iris, path
        else:
            assert fragments <= set(re.findall(r' id="([^"]+)"', response.text)), path


def test_an_unknown_resource_is_not_found(client: TestClient) -> None:
    for path in (
        "/id/jurisdiction/XXX",
        "/doc/jurisdiction/XXX",
        "/doc/jurisdiction/XXX.ttl",
        "/id/jurisdiction/ALB.ttl",
        "/doc/",
    ):
        response = client.get(path)
        assert (response.status_code, response.headers["vary"].split(",")[0]) == (404, "Accept"), path
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert response.text.startswith(f"Unknown resource {namespaces.BASE}id/")
        page = client.get(path, headers={"accept": BROWSER})
        assert page.status_code == 404
        assert "<h1>Page not found</h1>" in page.text


def test_an_unavailable_format_is_not_acceptable(client: TestClient) -> None:
    for path in ("/id/jurisdiction/ALB", "/doc/jurisdiction/ALB", "/ontology", "/shapes", "/doc/scheme/criteria", "/graph/meta"):
        response = client.get(path, headers={"accept": "image/png"})
        assert (response.status_code, response.headers["vary"].split(",")[0]) == (406, "Accept")
        assert "text/turtle" in response.text


@pytest.mark.parametrize(
    "path",
    [
        "jurisdiction/ALB> } UNION { ?s ?p ?o } #",
        "edition/10>} {?s ?p ?o} VALUES ?x {<http:",
        "jurisdiction/ALB> <https://w3id.org/tutela/id/edition/10",
        "jurisdiction/ALB\nx",
        "jurisdiction/ALB\0",
        "jurisdiction/ALB\r\nLocation: http://example.org",
        'jurisdiction/"><script>alert(1)</script>',
        "../ontology",
        "jurisdiction/../jurisdiction/ALB",
        "../../etc/passwd",
        "/jurisdiction/ALB",
        "jurisdiction//ALB",
        "jurisdiction/./ALB",
        "jurisdiction/.ALB",
        "jurisdiction\\ALB",
        "jurisdiction/ＡＬＢ",
        "jurisdiction/ALB\u00a0",
        "jurisdiction/ALB%20",
        "jurisdiction/" + "A" * 4000,
    ],
)
def test_a_path_is_never_inserted_into_a_query(client: TestClient, path: str) -> None:
    for prefix in ("id", "doc"):
        for accept in ("text/turtle", BROWSER):
            status, headers, body = request_raw(client.app, f"/{prefix}/{path}", accept)
            assert status == 404, body[:200]
            assert b"location" not in headers
            assert b"<script>" not in body or headers[b"content-type"].startswith(b"text/plain")


@pytest.mark.parametrize("path", ["/id/jurisdiction/ALB", "/doc/jurisdiction/ALB", "/ontology", "/graph/review"])
def test_a_slash_at_the_end_of_a_path_is_removed(client: TestClient, path: str) -> None:
    for method in ("GET", "HEAD"):
        response = client.request(method, f"{path}/")
        assert (response.status_code, response.headers["location"], response.content) == (308, path, b"")
    assert request_raw(client.app, f"{path}//")[1][b"location"] == path.encode()


def test_a_line_feed_after_a_path_is_removed(client: TestClient) -> None:
    # The pattern of the router removes it.
    assert request_raw(client.app, "/id/jurisdiction/ALB\n", BROWSER)[1][b"location"] == b"/jurisdictions/ALB"


def test_json_ld_is_compacted_with_its_context(client: TestClient) -> None:
    document = client.get("/doc/observation/10/ALB/simple-possession.jsonld").json()
    assert document["@context"]["met"] == "https://w3id.org/tutela/ontology#met"
    (cell,) = [node for node in document["@graph"] if node["id"] == f"{namespaces.BASE}id/observation/10/ALB/simple-possession"]
    assert "qb:Observation" in cell["type"]
    assert cell["criterion"] == f"{namespaces.BASE}id/criterion/simple-possession"
    assert cell["met"] == {"type": "xsd:boolean", "@value": "true"}


@pytest.mark.parametrize("path", ["/doc/jurisdiction/ALB", "/doc/scheme/criteria", "/ontology", "/shapes", "/graph/meta"])
def test_a_document_is_revalidated_by_its_etag(client: TestClient, path: str) -> None:
    first = client.get(path, headers={"accept": "text/turtle"})
    second = client.get(path, headers={"accept": "text/turtle", "if-none-match": first.headers["etag"]})
    assert (second.status_code, second.content) == (304, b"")
    assert second.headers["etag"] == first.headers["etag"]
    other = client.get(path, headers={"accept": "text/html", "if-none-match": first.headers["etag"]})
    assert other.status_code == 200
