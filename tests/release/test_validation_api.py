"""Validation over HTTP: formats, error messages and limits."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from rdflib import Graph, Literal, Namespace, URIRef

from tests.conftest import TESTS
from tutela import namespaces, paths, release
from tutela.engine.worker_pool import WorkerPool
from tutela.settings import Settings, ValidationSettings
from tutela.web.api import validation
from tutela.web.app import create_app

SHAPES = TESTS / "shapes"
SH = Namespace(namespaces.SH)
TUTELA = Namespace(f"{namespaces.BASE}ontology#")
MAX_BODY = ValidationSettings().max_body_bytes
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


@pytest.fixture(scope="module")
def client(built: release.Release) -> Iterator[TestClient]:
    # Other tests run at the same time, and a process of high niceness would wait for them.
    settings = Settings(validation=ValidationSettings(timeout_s=120, table_timeout_s=300, niceness=0))
    with TestClient(create_app(WorkerPool(built), built, settings)) as client:
        yield client


def limited_client(built: release.Release, settings: ValidationSettings) -> TestClient:
    """Return a client of an application with other limits; its engine is not started, because a validation does not need it."""
    return TestClient(create_app(WorkerPool(built), built, Settings(validation=settings)))


@pytest.fixture
def recording_server() -> Iterator[tuple[str, list[str]]]:
    """Return the URL of a server, and the list of the paths that are requested from it."""
    requested_paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requested_paths.append(self.path)
            self.send_error(404)

        def log_message(self, *args: object) -> None:
            """Log nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", requested_paths
        server.shutdown()
        thread.join()


def post(client: TestClient, body: bytes | str, media_type: str = "text/turtle", accept: str = "application/json") -> Response:
    return client.post("/validate", content=body, headers={"content-type": media_type, "accept": accept})


def valid_data() -> str:
    return (SHAPES / "context.ttl").read_text() + (SHAPES / "Jurisdiction" / "valid.ttl").read_text()


def invalid_data() -> str:
    return (SHAPES / "context.ttl").read_text() + (SHAPES / "Jurisdiction" / "invalid.alpha3.two-letters.ttl").read_text()


@pytest.mark.parametrize(
    ("media_type", "rdf_format"),
    [
        ("text/turtle", "turtle"),
        ("application/trig", "turtle"),  # a Turtle document is a TriG document with one graph
        ("application/n-triples", "nt"),
        ("application/n-quads", "nt"),  # likewise
        ("application/rdf+xml", "xml"),
        ("application/ld+json; charset=utf-8", "json-ld"),
    ],
)
def test_valid_and_invalid_data_in_each_format(client: TestClient, media_type: str, rdf_format: str) -> None:
    graph = Graph().parse(data=valid_data(), format="turtle")
    if rdf_format == "turtle":
        assert post(client, graph.serialize(format=rdf_format), media_type).json()["conforms"] is True
    graph = Graph().parse(data=invalid_data(), format="turtle")
    response = post(client, graph.serialize(format=rdf_format), media_type)
    assert response.status_code == 200, response.text
    assert response.json()["conforms"] is False
    rules = {result["rule"].removeprefix(namespaces.BASE) for result in response.json()["results"]}
    assert rules == {"shapes#Jurisdiction-alpha3"}


def test_a_report_is_text_json_or_shacl(client: TestClient) -> None:
    text = post(client, invalid_data(), accept="*/*")
    assert (text.headers["content-type"], text.headers["vary"].split(",")[0]) == ("text/plain; charset=utf-8", "Accept")
    assert "Violation: id/jurisdiction/QZZ" in text.text
    turtle = post(client, invalid_data(), accept="text/turtle")
    assert turtle.headers["content-type"] == "text/turtle; charset=utf-8"
    report = Graph().parse(data=turtle.text, format="turtle")
    assert len(list(report.triples((None, None, None)))) > 3
    assert post(client, valid_data(), accept="text/plain").text.startswith("Conforms")
    assert post(client, "", accept="image/png").status_code == 406


@pytest.mark.parametrize(
    ("media_type", "body", "message"),
    [
        ("text/turtle", "<a:a> <a:b>", "not well-formed turtle: Parser error at line 1"),
        ("text/turtle", b"\xff\xfe\x00", "not well-formed turtle"),
        ("application/n-triples", "nonsense", "not well-formed ntriples"),
        ("application/rdf+xml", "<a>", "not well-formed rdfxml"),
        ("application/ld+json", "{", "not well-formed JSON"),
        ("application/ld+json", b"\xff", "not well-formed JSON"),
        ("application/ld+json", "[" * 100_000, "nested too deeply"),
        ("text/turtle", "<a:a> <a:b> <<( <a:a> <a:b> <a:c> )>> .", "cannot be validated"),
    ],
)
def test_data_that_are_not_well_formed_get_an_error_message(
    client: TestClient, media_type: str, body: str | bytes, message: str
) -> None:
    response = post(client, body, media_type)
    assert (response.status_code, response.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert message in response.text
    assert "/tmp" not in response.text  # noqa: S108
    assert "Traceback" not in response.text


def test_resources_of_the_release_need_not_be_included(client: TestClient, built: release.Release) -> None:
    quads = built.nquads.read_text(encoding="utf-8").splitlines()
    subject = f"<{namespaces.BASE}id/observation/10/ALB/definition> "
    statements = {line.rpartition(" <")[0] + " ." for line in quads if line.startswith(subject)}
    assert len(statements) > 5
    valid = post(client, "\n".join(sorted(statements)), "application/n-triples")
    assert valid.json() == {"conforms": True, "checked": {"resources": 1, "rows": 0}, "unknown": [], "results": []}
    # A resource in the body is validated without the statements of the release about it.
    invalid = post(
        client,
        "\n".join(sorted(statements)).replace("id/criterion/definition", "id/criterion/definitions"),
        "application/n-triples",
    )
    (result,) = invalid.json()["results"]
    assert (result["resource"], result["found"]) == (
        "id/observation/10/ALB/definition",
        "tutela:criterion: id/criterion/definitions",
    )


def test_rdf_that_no_shape_applies_to_does_not_conform(client: TestClient) -> None:
    unknown = "<https://example.org/a> a <https://w3id.org/tutela/ontology#Jurisdction> . <https://example.org/b> <a:b> 1 ."
    report = post(client, unknown).json()
    assert (report["conforms"], report["checked"]["resources"]) == (False, 0)
    assert [(one["severity"], one["resource"]) for one in report["results"]] == [
        ("Info", "https://example.org/a"),
        ("Info", "https://example.org/b"),
    ]
    assert report["unknown"][0]["advice"] == "The nearest type with a shape is https://w3id.org/tutela/ontology#Jurisdiction."
    assert "it has no type" in report["unknown"][1]["found"]
    text = post(client, unknown, accept="text/plain").text
    assert text.startswith("0 resources were checked; no shape applies to 2 more.\nUnknown: https://example.org/a: ")
    # Next to a resource that was checked, it is named and no result.
    report = post(client, f"{valid_data()}\n{unknown}").json()
    assert (report["conforms"], report["results"]) == (True, [])
    assert "https://example.org/a" in [one["resource"] for one in report["unknown"]]


def test_a_shacl_report_has_component_path_and_value(client: TestClient) -> None:
    body = f"{valid_data()}\n<https://example.org/a> <a:b> 1 ."
    invalid = body.replace('"QYY"', '"QY"')
    assert invalid != body
    graph = Graph().parse(data=post(client, invalid, accept="text/turtle").text, format="turtle")
    report = URIRef(f"{namespaces.VALIDATION}report")
    assert graph.value(report, SH.conforms) == Literal(False)
    assert URIRef("https://example.org/a") in set(graph.objects(report, TUTELA.unknownResource))
    assert int(str(graph.value(report, TUTELA.checkedResources))) > 1
    for result in graph.objects(report, SH.result):
        for required in (SH.focusNode, SH.sourceConstraintComponent, SH.resultSeverity, SH.sourceShape):
            assert len(list(graph.objects(result, required))) == 1, required
    [result] = graph.subjects(SH.value, Literal("QY"))
    assert graph.value(result, SH.sourceConstraintComponent) == SH.PatternConstraintComponent
    assert graph.value(result, SH.resultPath) is not None


@pytest.mark.slow
def test_the_largest_allowed_body_can_be_validated(client: TestClient, built: release.Release) -> None:
    body = (built.folder / "tutela.ttl").read_bytes()
    assert MAX_BODY * 0.7 < len(body) < MAX_BODY
    report = post(client, body).json()
    assert (report["conforms"], report["results"], report["checked"]["resources"] > 10_000) == (True, [], True)
    # Terms, schemes and intervals have no shapes.
    assert not [one for one in report["unknown"] if one["resource"].startswith("id/observation/")]


def post_table(client: TestClient, name: str, body: str) -> Response:
    return client.post(f"/validate?table={name}", content=body, headers={"content-type": "text/csv"})


@pytest.mark.slow
def test_a_table_is_validated_in_place_of_the_published_one(client: TestClient) -> None:
    published = (paths.table_files()["observations"]).read_text(encoding="utf-8")
    assert post_table(client, "observations", published).text == "Conforms: no shape is violated. 980 rows were checked.\n"
    row = next(line for line in published.splitlines() if ",ALB,definition," in line)
    number = published.splitlines().index(row) + 1
    assert (
        f"met (data/review/observations.csv row {number})"
        in post_table(client, "observations", published.replace(row, row.replace("true", "yes"))).text
    )
    # A valid cell that changes a total.
    wrong_total = post_table(client, "observations", published.replace(row, row.replace("true", "false")))
    assert "id/total/10/met-definition/transcribed (data/review/totals.csv row" in wrong_total.text
    extra_cell = post_table(client, "observations", published.replace(row, f"{row},x"))
    assert (extra_cell.status_code, extra_cell.text) == (
        400,
        f"The table row {number}: 7 cells; expected 6. Is a comma unquoted?\n",
    )
    assert "the columns are a, b; expected edition" in post_table(client, "observations", "a,b\n").text
    for query_string, media_type in (
        ("?table=no", "text/csv"),
        ("", "text/csv"),
        ("?table=notes&table=notes", "text/csv"),
        ("?table=notes", "text/turtle"),
    ):
        response = client.post(f"/validate{query_string}", content="", headers={"content-type": media_type})
        assert (response.status_code, "'table'" in response.text) == (422, True)


def test_other_media_types_and_encodings_are_rejected(client: TestClient) -> None:
    for media_type in ("text/html", "application/json", "text/turtle; charset=utf-16"):
        assert post(client, valid_data(), media_type).status_code == 415
    assert client.post("/validate", content=b"").status_code == 415
    compressed = client.post("/validate", content=b"", headers={"content-type": "text/turtle", "content-encoding": "gzip"})
    assert compressed.status_code == 415
    assert client.put("/validate").status_code == 405


def test_the_size_of_a_body_is_counted_whatever_its_content_length(client: TestClient) -> None:
    assert post(client, b"#" * (MAX_BODY + 1)).status_code == 413
    assert post(client, b"#" * MAX_BODY).status_code == 200

    def chunks() -> Iterator[bytes]:
        for _ in range(MAX_BODY // 100_000 + 1):
            yield b"#" * 100_000

    without_length = client.post("/validate", content=chunks(), headers={"content-type": "text/turtle"})
    assert without_length.status_code == 413
    wrong_length = client.post("/validate", content=chunks(), headers={"content-type": "text/turtle", "content-length": "5"})
    assert wrong_length.status_code == 413


@pytest.mark.parametrize(
    "document",
    [
        '{"@context": "URL", "@id": "a:b"}',
        '{"@context": ["URL"], "@id": "a:b"}',
        '{"@context": [{}, ["URL"]], "@id": "a:b"}',
        '{"@context": {"@vocab": "http://e/"}, "x": {"y": [{"@context": "URL"}]}}',
        '{"@context": {"x": {"@id": "http://e/x", "@context": "URL"}}, "x": {}}',
        '{"@context": {"@import": "URL"}}',
        '{"@context": "URL", "@context": {}}',
        '{"\\u0040context": "URL"}',
        '{"@context": "context.jsonld"}',
    ],
)
def test_no_remote_context_is_fetched(client: TestClient, recording_server: tuple[str, list[str]], document: str) -> None:
    url, requested_paths = recording_server
    response = post(client, document.replace("URL", url), "application/ld+json")
    assert response.status_code == 400
    assert "names the remote JSON-LD context" in response.text
    assert requested_paths == []


def test_an_embedded_context_is_used(client: TestClient) -> None:
    document = {"@context": {"@vocab": f"{namespaces.BASE}ontology#", "also": None}, "@id": "a:b", "@type": "Jurisdiction"}
    response = post(client, json.dumps(document), "application/ld+json")
    assert response.status_code == 200
    assert not response.json()["conforms"]


@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY x "harmless">',
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY x SYSTEM "URL">',
        '<!ENTITY % y SYSTEM "URL"> %y;',
        '<!ENTITY a "lol">'
        + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghij", "bcdefghijx", strict=True)),
    ],
)
def test_xml_entities_are_rejected(client: TestClient, recording_server: tuple[str, list[str]], entities: str) -> None:
    url, requested_paths = recording_server
    node = f'<rdf:RDF {RDF} xmlns:e="http://e/"><rdf:Description rdf:about="a:b"><e:p>&x;</e:p></rdf:Description></rdf:RDF>'
    response = post(client, f"<!DOCTYPE rdf:RDF [{entities.replace('URL', url)}]>{node}", "application/rdf+xml")
    assert response.status_code == 400
    assert "declares XML entities" in response.text
    assert "root:" not in response.text
    assert requested_paths == []


def test_an_external_document_type_is_not_fetched(client: TestClient, recording_server: tuple[str, list[str]]) -> None:
    url, requested_paths = recording_server
    post(client, f'<!DOCTYPE rdf:RDF SYSTEM "{url}x.dtd"><rdf:RDF {RDF}/>', "application/rdf+xml")
    assert requested_paths == []


def test_shapes_in_the_data_are_ignored_and_imports_are_not_followed(
    client: TestClient, recording_server: tuple[str, list[str]]
) -> None:
    url, requested_paths = recording_server
    shape = f"""
    @prefix sh: <{namespaces.SH}> .
    <a:ontology> a <http://www.w3.org/2002/07/owl#Ontology> ;
        <http://www.w3.org/2002/07/owl#imports> <{url}ontology> ; sh:shapesGraph <{url}shapes> ; sh:suggestedShapesGraph <{url}s> .
    <a:shape> a sh:NodeShape ; sh:targetNode <a:ontology> ; sh:property [ sh:path <a:missing> ; sh:minCount 1 ] ;
        sh:sparql [ sh:select "SELECT $this WHERE {{ SERVICE <{url}sparql> {{ $this ?p ?o }} }}" ] ;
        sh:js [ sh:jsLibrary [ sh:jsLibraryURL "{url}x.js" ] ] .
    """
    response = post(client, shape)
    assert (response.status_code, response.json()["checked"]["resources"]) == (200, 0)
    assert requested_paths == []


def test_a_validation_is_stopped_at_its_limits(
    client: TestClient, built: release.Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert post(limited_client(built, ValidationSettings(timeout_s=0.2)), valid_data()).status_code == 503
    with monkeypatch.context() as patch:
        # An XML bomb is not rejected here, so the process ends at its memory limit.
        patch.setattr(validation, "_ensure_self_contained", lambda body, suffix: None)
        bomb = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghix", strict=True))
        node = f'<rdf:RDF {RDF} xmlns:e="http://e/"><rdf:Description rdf:about="a:b"><e:p>&x;</e:p></rdf:Description></rdf:RDF>'
        body = f'<!DOCTYPE rdf:RDF [<!ENTITY a "{"lol" * 10}">{bomb}]>{node}'
        response = post(client, body, "application/rdf+xml")
    assert (response.status_code, response.headers["content-type"]) == (503, "text/plain; charset=utf-8")
    assert "was stopped; send less data at once" in response.text
    assert post(client, valid_data()).json()["conforms"]


def test_a_failure_of_the_validator_is_an_internal_error(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "_CHILD", "import there_is_no_such_module")
    response = post(client, valid_data())
    assert (response.status_code, "Internal error. The fault is in this service" in response.text) == (500, True)


def test_the_number_of_simultaneous_validations_is_limited(built: release.Release, monkeypatch: pytest.MonkeyPatch) -> None:
    client = limited_client(built, ValidationSettings(workers=1))
    started, done = threading.Event(), threading.Event()

    def wait(*_: object) -> str:
        started.set()
        done.wait(20)
        return "{}"

    monkeypatch.setattr(validation.Validator, "_validate", wait)
    first = threading.Thread(target=post, args=(client, valid_data()))
    first.start()
    started.wait(20)
    busy = post(client, valid_data())
    done.set()
    first.join()
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")
    assert post(client, valid_data()).status_code == 200
