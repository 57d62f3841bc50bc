"""Linked data: every address of ours answers, to people with a page and to programs with RDF."""

import asyncio
import csv
import hashlib
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import FOAF, OWL, RDF, RDFS, SKOS

from tutela import header, names, paths, release
from tutela.pool import Pool
from tutela.store import EmbeddedStore
from tutela.web import linked_data
from tutela.web.app import create
from tutela.web.linked_data import ENDINGS

# rdflib warns of itself when it reads JSON-LD.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
RDFLIB = {"ttl": "turtle", "jsonld": "json-ld", "nt": "nt", "rdf": "xml"}
ALBANIA = f"{names.BASE}id/jurisdiction/ALB"


@pytest.fixture(scope="module")
def client(built: release.Release) -> Iterator[TestClient]:
    with TestClient(create(Pool(built), built), follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def subjects(built: release.Release) -> list[str]:
    """Return every IRI of ours that the release says something of."""
    found = re.findall(rf"^<({names.BASE}[^>]*)> ", built.dump.read_text(encoding="utf-8"), re.MULTILINE)
    return sorted(set(found))


def one(store: EmbeddedStore, kind: str) -> tuple[str, str]:
    """Return the path and the label of the first resource of a class."""
    query = f"""PREFIX tutela: <{names.BASE}ontology#> PREFIX rdfs: <{RDFS}>
        SELECT ?s ?l WHERE {{ ?s a tutela:{kind} ; rdfs:label ?l FILTER(LANG(?l) IN ("en", "")) }} ORDER BY ?s LIMIT 1"""
    ((subject, label),) = store.query(query).rows()
    return str(subject).removeprefix(f"{names.BASE}id/"), str(label)


def graph(answer: Response, form: str) -> Graph:
    assert answer.status_code == 200, answer.text
    return Graph().parse(data=answer.content, format=RDFLIB[form])


def raw(app: Any, path: str, accept: str = "*/*") -> tuple[int, dict[bytes, bytes], bytes]:
    """Ask the application for a path as a server decodes it; a client would tidy it first."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "root_path": "",
    }
    scope |= {"path": path, "query_string": b"", "headers": [(b"host", b"x"), (b"accept", accept.encode())], "server": ("x", 80)}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize(
    ("accept", "location"),
    [
        (None, "/doc/jurisdiction/ALB"),
        (BROWSER, "/doc/jurisdiction/ALB"),
        ("text/turtle", "/doc/jurisdiction/ALB.ttl"),
        ("application/ld+json", "/doc/jurisdiction/ALB.jsonld"),
        ("application/json", "/doc/jurisdiction/ALB.jsonld"),
        ("application/n-triples", "/doc/jurisdiction/ALB.nt"),
        ("application/rdf+xml", "/doc/jurisdiction/ALB.rdf"),
        ("text/html;q=0.4, text/turtle;q=0.8", "/doc/jurisdiction/ALB.ttl"),
    ],
)
def test_a_thing_leads_to_its_document_in_the_format_asked_for(client: TestClient, accept: str | None, location: str) -> None:
    for method in ("GET", "HEAD"):
        answer = client.request(method, "/id/jurisdiction/ALB", headers={"accept": accept} if accept else {})
        assert (answer.status_code, answer.headers["location"]) == (303, location)
        assert "Accept" in answer.headers["vary"]
        assert not answer.content


def test_a_service_below_another_address_leads_to_itself(client: TestClient) -> None:
    below = TestClient(client.app, follow_redirects=False, root_path="/law")
    assert below.get("/law/id/edition/3").headers["location"] == "/law/doc/edition/3"
    page = below.get("/law/doc/edition/3")
    assert 'href="/law/static/tutela.css?v=' in page.text
    assert '</law/doc/edition/3.ttl>; rel="alternate"' in page.headers["link"]


@pytest.mark.parametrize("ending", sorted(RDFLIB))
def test_a_document_is_the_same_in_each_format_by_ending_and_by_accept(client: TestClient, ending: str) -> None:
    by_ending = client.get(f"/doc/jurisdiction/ALB.{ending}", headers={"accept": "image/png"})
    by_accept = client.get("/doc/jurisdiction/ALB", headers={"accept": ENDINGS[ending]})
    assert by_ending.content == by_accept.content
    assert by_ending.headers["content-type"] == by_accept.headers["content-type"]
    assert by_ending.headers["content-type"].startswith(ENDINGS[ending])
    found = graph(by_ending, ending)
    assert set(found) == set(graph(client.get("/doc/jurisdiction/ALB.nt"), "nt"))
    # What is said of it, what points at it, and the names of both.
    assert (URIRef(ALBANIA), SKOS.notation, Literal("ALB")) in found
    observation = URIRef(f"{names.BASE}id/observation/10/ALB/simple-possession")
    assert observation in set(found.subjects(None, URIRef(ALBANIA)))
    assert found.value(observation, RDFS.label)
    assert found.value(URIRef(f"{names.BASE}id/standing/row"), SKOS.prefLabel)


def test_the_head_tells_what_is_described_the_other_formats_and_the_types(client: TestClient) -> None:
    for path, accept in (("/doc/jurisdiction/ALB", BROWSER), ("/doc/jurisdiction/ALB.ttl", "*/*")):
        get, head = (client.request(method, path, headers={"accept": accept}) for method in ("GET", "HEAD"))
        assert (head.status_code, head.content) == (200, b"")
        assert {key: get.headers[key] for key in ("link", "vary", "content-type")} == {
            key: head.headers[key] for key in ("link", "vary", "content-type")
        }
        assert get.headers["vary"].startswith("Accept")
        links = get.headers["link"].split(", ")
        assert f'<{ALBANIA}>; rel="describes"' in links
        assert f'<{names.BASE}ontology#Jurisdiction>; rel="type"' in links
        own = get.headers["content-type"].partition(";")[0]
        others = {
            f'</doc/jurisdiction/ALB.{end}>; rel="alternate"; type="{media}"' for end, media in ENDINGS.items() if media != own
        }
        assert {link for link in links if "alternate" in link} == others


def test_what_is_cut_off_is_said(client: TestClient, store: EmbeddedStore) -> None:
    ((count,),) = store.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ ?s ?p <{names.BASE}id/edition/10> }}").rows()
    found = graph(client.get("/doc/edition/10.nt"), "nt")
    edition, document = URIRef(f"{names.BASE}id/edition/10"), URIRef(f"{names.BASE}doc/edition/10")
    assert len(list(found.triples((None, None, edition)))) == 301  # with the document's own
    assert (document, FOAF.primaryTopic, edition) in found
    remark = str(found.value(document, RDFS.comment))
    assert f"300 of {count} statements" in remark
    assert remark in client.get("/doc/edition/10.html").text
    assert not list(graph(client.get("/doc/edition/3.nt"), "nt").subjects(RDFS.comment))


@pytest.mark.parametrize("kind", ["Jurisdiction", "Note", "Provision", "Observation", "UnmetObligation", "Instrument", "Binding"])
def test_people_get_a_page(client: TestClient, store: EmbeddedStore, kind: str) -> None:
    path, label = one(store, kind)
    answer = client.get(f"/doc/{path}", headers={"accept": BROWSER})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    text = answer.text
    assert text.startswith("<!doctype html>")
    assert f"<h1>{label}</h1>" in text
    assert f"<code>{names.BASE}id/{path}</code>" in text
    assert f'<a href="/ontology#{kind}">' in text
    assert "What points at it" in text
    assert f'href="/doc/{path}.ttl"' in text
    assert not re.findall(r'<script(?! src="/static/)', text), "a script that is not a file of ours"
    assert "style=" not in text  # the service's policy allows none
    # Each link into this service leads somewhere.
    for target in set(re.findall(r'href="(/(?:doc|ontology|data)[^"]*)"', text)):
        assert client.head(target).status_code == 200, target


def test_a_page_shows_days_languages_and_rows(client: TestClient) -> None:
    lanzarote = client.get("/doc/instrument/lanzarote.html").text
    assert '<time datetime="2007-10-25">25 October 2007</time>' in lanzarote
    assert lanzarote.index('href="/doc/instrument/lanzarote/art_9"') < lanzarote.index('href="/doc/instrument/lanzarote/art_10"')
    albania = client.get("/doc/jurisdiction/ALB.html").text
    assert '<span lang="ar" dir="auto">ألبانيا</span> <span class="language">ar</span>' in albania
    assert re.search(r'<a href="/data/jurisdictions.csv#row=\d+">data/jurisdictions.csv row \d+</a>', albania)
    assert '<a href="http://www.wikidata.org/entity/Q222">' in albania


def test_dots_belong_to_the_address_unless_they_begin_a_format(client: TestClient, subjects: list[str]) -> None:
    path = "law/LBR/childrens-law-2011/art_18.16"
    assert f"{names.BASE}id/{path}" in subjects
    assert client.get(f"/id/{path}", headers={"accept": "text/turtle"}).headers["location"] == f"/doc/{path}.ttl"
    for answer in (client.get(f"/doc/{path}.ttl"), client.get(f"/doc/{path}", headers={"accept": "text/turtle"})):
        assert URIRef(f"{names.BASE}id/{path}") in set(graph(answer, "ttl").subjects())
    assert not [iri for iri in subjects if iri.endswith(tuple(f".{ending}" for ending in ENDINGS))]


def test_every_address_coined_answers(client: TestClient, subjects: list[str]) -> None:
    things = [iri for iri in subjects if iri.startswith(f"{names.BASE}id/")]
    sample = things[:: len(things) // 200]
    assert len(sample) >= 200
    for iri in sample:
        first = client.get("/" + names.short(iri), headers={"accept": "application/n-triples"})
        assert first.status_code == 303, iri
        second = client.get(first.headers["location"])
        assert second.status_code == 200
        assert f"\n<{iri}> " in f"\n{second.text}"
    for iri in subjects:
        if not iri.startswith(f"{names.BASE}id/"):
            address, _, anchor = ("/" + names.short(iri)).partition("#")
            page = client.get(address, headers={"accept": BROWSER})
            assert page.status_code == 200, iri
            assert not anchor or f' id="{anchor}"' in page.text, iri


@pytest.fixture(scope="module")
def named(built: release.Release) -> list[str]:
    """Return every IRI of ours that the release names, wherever."""
    return sorted(set(re.findall(rf"<({names.BASE}[^>]*)>", built.dump.read_text(encoding="utf-8"))))


def test_whatever_is_named_is_described(named: list[str], subjects: list[str]) -> None:
    """All of them, without asking: each thing has statements of its own, at an address that the service reads as it is meant."""
    things = [iri for iri in named if iri.startswith(f"{names.BASE}id/")]
    assert len(things) > 5000
    assert set(things) <= set(subjects)
    for iri in things:
        path = iri.removeprefix(f"{names.BASE}id/")
        assert linked_data._PATH.fullmatch(path), iri
        assert linked_data._split(path) == (path, ""), iri


def test_each_kind_of_thing_answers_in_each_format(client: TestClient, named: list[str], built: release.Release) -> None:
    """Kinds by class and by the build of the address, and the first and the last of each."""
    classes: dict[str, list[str]] = {}
    for iri, kind in re.findall(
        rf"^<({names.BASE}id/[^>]*)> <{RDF.type}> <([^>]*)>", built.dump.read_text(encoding="utf-8"), re.M
    ):
        classes.setdefault(iri, []).append(kind)
    kinds: dict[tuple[str, ...], list[str]] = {}
    for iri in named:
        if iri.startswith(f"{names.BASE}id/"):
            place, *parts = iri.removeprefix(f"{names.BASE}id/").split("/")
            shape = ["9" if part.isdigit() else "A" if part.isupper() else "_" if "_" in part else "a" for part in parts]
            kinds.setdefault((place, *shape, *sorted(classes.get(iri, []))), []).append(iri)
    assert len(kinds) > 50
    for iri in sorted({iri for same in kinds.values() for iri in (same[0], same[-1])}):
        path = iri.removeprefix(f"{names.BASE}id/")
        sizes = set()
        for ending, media in ENDINGS.items():
            first = client.get(f"/id/{path}", headers={"accept": media})
            location = f"/doc/{path}" + ("" if ending == "html" else f".{ending}")
            assert (first.status_code, first.headers["location"]) == (303, location)
            second = client.get(location, headers={"accept": media})
            assert (second.status_code, second.headers["content-type"].partition(";")[0]) == (200, media), location
            if ending in ("nt", "ttl"):
                sizes.add(len(graph(second, ending)))
            if ending == "rdf":
                ET.fromstring(second.content)  # noqa: S314 - our own
            if ending == "jsonld":
                assert f'"{iri}"' in second.text
            if ending == "html":
                assert f"<code>{iri}</code>" in second.text
        assert len(sizes) == 1, iri


def test_each_row_table_graph_and_term_that_is_named_is_there(client: TestClient, named: list[str]) -> None:
    others = [iri for iri in named if not iri.startswith(f"{names.BASE}id/")]
    anchors: dict[str, set[str]] = {}
    for iri in others:
        address, _, anchor = names.short(iri).partition("#")
        anchors.setdefault(address, set()).add(anchor)
    assert len(anchors["data/observations.csv"]) > 900
    for address, found in anchors.items():
        answer = client.get(f"/{address}", headers={"accept": BROWSER}, follow_redirects=True)
        assert answer.status_code == 200, address
        found.discard("")
        if address.endswith(".csv"):
            # RFC 7111, section 2.1: the row by its number, the head being the first.
            rows = len(list(csv.reader(io.StringIO(answer.text))))
            assert all(1 < int(anchor.removeprefix("row=")) <= rows for anchor in found), address
        else:
            assert found <= set(re.findall(r' id="([^"]+)"', answer.text)), address


def test_what_is_not_known_is_not_found(client: TestClient) -> None:
    for path in (
        "/id/jurisdiction/XXX",
        "/doc/jurisdiction/XXX",
        "/doc/jurisdiction/XXX.ttl",
        "/id/jurisdiction/ALB.ttl",
        "/doc/",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["vary"].split(",")[0]) == (404, "Accept"), path
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.text.startswith(f"Nothing is known of {names.BASE}id/")
        page = client.get(path, headers={"accept": BROWSER})
        assert page.status_code == 404
        assert "<h1>There is no such page</h1>" in page.text


def test_what_cannot_be_had_is_not_acceptable(client: TestClient) -> None:
    for path in ("/id/jurisdiction/ALB", "/doc/jurisdiction/ALB", "/ontology", "/shapes", "/doc/scheme/criteria", "/graph/meta"):
        answer = client.get(path, headers={"accept": "image/png"})
        assert (answer.status_code, answer.headers["vary"].split(",")[0]) == (406, "Accept")
        assert "text/turtle" in answer.text


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
        "jurisdiction/ALB/",
        "jurisdiction/./ALB",
        "jurisdiction/.ALB",
        "jurisdiction\\ALB",
        "jurisdiction/ＡＬＢ",
        "jurisdiction/ALB\u00a0",
        "jurisdiction/ALB%20",
        "jurisdiction/" + "A" * 4000,
    ],
)
def test_no_address_becomes_part_of_a_query(client: TestClient, path: str) -> None:
    for place in ("id", "doc"):
        for accept in ("text/turtle", BROWSER):
            status, headers, body = raw(client.app, f"/{place}/{path}", accept)
            assert status == 404, body[:200]
            assert b"location" not in headers
            assert b"<script>" not in body or headers[b"content-type"].startswith(b"text/plain")


def test_a_line_end_after_an_address_goes_no_further(client: TestClient) -> None:
    # The router's own pattern drops it.
    assert raw(client.app, "/id/jurisdiction/ALB\n", BROWSER)[1][b"location"] == b"/doc/jurisdiction/ALB"


def test_the_ontology_has_every_term_at_an_anchor(client: TestClient, built: release.Release) -> None:
    found = graph(client.get("/ontology", headers={"accept": "text/turtle"}), "ttl")
    source = Graph().parse(paths.ONTOLOGY / "tutela.ttl")
    assert set(source) <= set(found)
    terms = set(source.subjects(RDFS.isDefinedBy, URIRef(f"{names.BASE}ontology")))
    assert {str(subject) for subject in found.subjects()} == {*map(str, terms), f"{names.BASE}ontology"}
    answer = client.get("/ontology", headers={"accept": BROWSER})
    for term in terms:
        assert f'<article id="{str(term).partition("#")[2]}"' in answer.text
    assert "One published edition of the review." in answer.text
    assert f'<{names.BASE}ontology>; rel="describes"' in answer.headers["link"]
    assert client.get("/ontology.rdf").headers["content-type"].startswith("application/rdf+xml")
    assert client.get("/ontology.png").status_code == 404
    version = str(found.value(URIRef(f"{names.BASE}ontology"), OWL.versionIRI))
    assert client.get("/" + names.short(version)).headers["location"] == "/ontology"
    assert client.get("/ontology/9.9.9").status_code == 404


def test_the_shapes_have_every_shape_and_check_at_an_anchor(client: TestClient, built: release.Release) -> None:
    source = Graph().parse(built.folder / "shapes.ttl")
    for ending in RDFLIB:
        assert len(graph(client.get(f"/shapes.{ending}"), ending)) == len(source)
    page = client.get("/shapes", headers={"accept": BROWSER}).text
    named = {str(subject) for subject in source.subjects() if isinstance(subject, URIRef)}
    assert len(named) > 100
    for iri in named:
        assert f'<article id="{iri.removeprefix(f"{names.BASE}shapes#")}"' in page
    for check in header.read_all(paths.QUERIES / "checks"):
        assert f'<article id="{names.CHECK.partition("#")[2]}{check.name}"' in page
    assert "A finding is one value, true or false." in page


def test_each_scheme_lists_its_concepts_at_anchors(client: TestClient, subjects: list[str]) -> None:
    schemes = [iri for iri in subjects if iri.startswith(f"{names.BASE}id/scheme/")]
    assert len(schemes) > 20
    for iri in schemes:
        path = iri.removeprefix(f"{names.BASE}id/")
        found = graph(client.get(f"/doc/{path}.nt"), "nt")
        concepts = {str(concept) for concept in found.subjects(SKOS.inScheme, URIRef(iri))}
        assert all((URIRef(concept), RDF.type, SKOS.Concept) in found for concept in concepts)
        page = client.get(f"/doc/{path}", headers={"accept": BROWSER}).text
        anchors = re.findall(r'<article id="([^"]+)"', page)
        assert len(anchors) == len(set(anchors)) == len(concepts) > 0
        for concept in concepts:
            assert concept.rpartition("/")[2] in anchors
            assert f'<a href="/doc/{concept.removeprefix(f"{names.BASE}id/")}">' in page


def test_the_context_gives_names_to_the_terms(client: TestClient) -> None:
    answer = client.get("/context.jsonld")
    assert answer.headers["content-type"] == "application/ld+json"
    context = answer.json()["@context"]
    assert context["type"] == "@type"
    assert context["criterion"] == {"@id": f"{names.BASE}ontology#criterion", "@type": "@id"}
    vocabulary = Graph().parse(paths.ONTOLOGY / "tutela.ttl")
    for term in vocabulary.subjects(RDFS.isDefinedBy, None):
        name = str(term).partition("#")[2]
        assert name not in {*names.PREFIXES, "id", "type"}
        typed = (term, RDF.type, OWL.ObjectProperty) in vocabulary
        assert context[name] == ({"@id": str(term), "@type": "@id"} if typed else str(term))
    document = {
        "@context": context,
        "id": "http://example.org/x",
        "type": "Note",
        "criterion": "http://example.org/y",
        "rdfs:label": "z",
    }
    assert set(Graph().parse(data=json.dumps(document), format="json-ld")) == {
        (URIRef("http://example.org/x"), RDF.type, URIRef(f"{names.BASE}ontology#Note")),
        (URIRef("http://example.org/x"), URIRef(f"{names.BASE}ontology#criterion"), URIRef("http://example.org/y")),
        (URIRef("http://example.org/x"), RDFS.label, Literal("z")),
    }


def test_search_engines_find_the_pages(client: TestClient) -> None:
    robots = client.get("/robots.txt")
    assert robots.headers["content-type"].startswith("text/plain")
    assert "Sitemap: http://testserver/sitemap.xml" in robots.text.splitlines()
    answer = client.get("/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    pages = [str(place.text) for place in ET.fromstring(answer.text).iter(f"{space}loc")]  # noqa: S314 - our own
    assert len(pages) == len(set(pages)) > 300
    for part in ("", "gaps", "jurisdictions/ALB", "instruments/lanzarote", "doc/criterion/definition", "doc/note/10/254"):
        assert f"http://testserver/{part}" in pages
    for page in pages[::20]:
        assert client.head(page).status_code == 200


def test_tables_and_what_describes_them(client: TestClient) -> None:
    answer = client.get("/data/notes.csv")
    assert answer.content == (paths.DATA / "notes.csv").read_bytes()
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["link"] == '</data/tables.json>; rel="describedby"; type="application/csvm+json"'
    metadata = client.get("/data/tables.json")
    assert metadata.headers["content-type"] == "application/csvm+json"
    for table in metadata.json()["tables"]:
        assert client.head(f"/data/{table['url']}").status_code == 200
    for path in ("/data/nothing.csv", "/data/../data/notes.csv", "/data/README.md"):
        assert raw(client.app, path)[0] == 404


@pytest.mark.parametrize("name", names.GRAPHS)
def test_each_named_graph_can_be_had(client: TestClient, store: EmbeddedStore, name: str) -> None:
    ((count,),) = store.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{names.GRAPH}{name}> {{ ?s ?p ?o }} }}").rows()
    answer = client.get(f"/graph/{name}", headers={"accept": "application/n-triples"})
    assert (answer.headers["content-type"], answer.headers["vary"].split(",")[0]) == ("application/n-triples", "Accept")
    assert len(answer.text.splitlines()) == int(str(count)) > 0
    assert f'</graph/{name}.ttl>; rel="alternate"; type="text/turtle"' in answer.headers["link"]
    assert client.get(f"/graph/{name}.ttl").headers["content-type"] == "text/turtle; charset=utf-8"


def test_json_ld_is_short_and_holds_its_context(client: TestClient) -> None:
    document = client.get("/doc/observation/10/ALB/simple-possession.jsonld").json()
    assert document["@context"]["met"] == "https://w3id.org/tutela/ontology#met"
    (cell,) = [node for node in document["@graph"] if node["id"] == f"{names.BASE}id/observation/10/ALB/simple-possession"]
    assert "qb:Observation" in cell["type"]
    assert cell["criterion"] == f"{names.BASE}id/criterion/simple-possession"
    assert cell["met"] == {"type": "xsd:boolean", "@value": "true"}


def test_people_get_a_page_of_a_graph_and_no_file_to_save(client: TestClient) -> None:
    page = client.get("/graph/meta", headers={"accept": BROWSER})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "The graph meta" in page.text
    assert 'href="/graph/meta.ttl"' in page.text


@pytest.mark.parametrize("path", ["/doc/jurisdiction/ALB", "/doc/scheme/criteria", "/ontology", "/shapes", "/graph/meta"])
def test_a_document_that_a_client_has_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path, headers={"accept": "text/turtle"})
    again = client.get(path, headers={"accept": "text/turtle", "if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = client.get(path, headers={"accept": "text/html", "if-none-match": first.headers["etag"]})
    assert other.status_code == 200


def test_no_other_graph_can_be_had(client: TestClient) -> None:
    for name in ("nothing", "meta.xml", "meta>", "../meta"):
        assert raw(client.app, f"/graph/{name}")[0] == 404


def test_downloads_are_the_release_to_the_byte(client: TestClient, built: release.Release) -> None:
    sums = client.get("/download/SHA256SUMS").text.splitlines()
    assert {line.partition("  ")[2] for line in sums} == {*built.manifest["files"], "manifest.json"}
    for line in sums:
        digest, _, name = line.partition("  ")
        assert hashlib.sha256(client.get(f"/download/{name}").content).hexdigest() == digest
    media = {
        "tutela.nq": "application/n-quads",
        "tutela.ttl": "text/turtle; charset=utf-8",
        "tutela.jsonld": "application/ld+json",
    }
    for name, kind in media.items():
        head = client.head(f"/download/{name}")
        assert (head.headers["content-type"], head.headers["content-length"]) == (
            kind,
            str(built.manifest["files"][name]["bytes"]),
        )
    assert client.get("/download/manifest.json").json() == built.manifest


def test_nothing_else_can_be_downloaded(client: TestClient, built: release.Release) -> None:
    (built.folder.parent / "secret").write_text("secret\n")
    for name in ("../secret", "/etc/passwd", "./tutela.nq", "x/../tutela.nq", "", "nothing", "tutela.nq\0", "tutela.nq/"):
        status, _, body = raw(client.app, f"/download/{name}")
        assert (status, b"secret\n" in body) == (404, False), name
