"""The catalogue and validation over HTTP: formats, wrong calls, limits, and the description of the service."""

import csv
import io
import json
import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from rdflib import Graph

from tutela import names, paths, release
from tutela.catalog import Catalog
from tutela.pool import Pool
from tutela.web import validation
from tutela.web.app import create

SHAPES = Path(__file__).parent / "shapes"
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
LACKING = "/queries/jurisdictions-lacking"
POSSESSION = {"criterion": "simple-possession"}
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


@pytest.fixture(scope="module")
def client(built: release.Release) -> Iterator[TestClient]:
    with TestClient(create(Pool(built), built)) as client:
        yield client


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """Return the address of a server, and the list of the paths that it is asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", asked
        server.shutdown()
        thread.join()


def test_the_catalogue_is_listed_with_parameters_and_addresses(client: TestClient, catalog: Catalog) -> None:
    answer = client.get("/queries")
    assert (answer.headers["content-type"], answer.headers["vary"].split(",")[0]) == ("application/json", "accept")
    questions = {question["name"]: question for question in answer.json()["questions"]}
    assert list(questions) == list(catalog.questions)
    lacking = questions["jurisdictions-lacking"]
    assert lacking["address"] == LACKING
    assert lacking["parameters"][0]["type"] == "criterion"
    assert set(lacking["columns"]) >= {"jurisdiction", "name"}
    assert client.get(lacking["example"]).status_code == 200
    # In every question `format` is free for the format.
    assert not any(parameter["name"] == "format" for question in questions.values() for parameter in question["parameters"])


def test_every_question_answers_its_example_in_html_and_json(client: TestClient) -> None:
    for question in client.get("/queries").json()["questions"]:
        rows = client.get(question["example"]).json()["results"]["bindings"]
        page = client.get(question["example"], headers=BROWSER)
        assert page.status_code == 200, question["name"]
        assert f"<p>{len(rows)} row" in page.text


@pytest.mark.parametrize(
    ("accept", "form", "media"),
    [
        ("*/*", None, "application/sparql-results+json"),
        ("application/json", None, "application/json"),
        ("application/sparql-results+xml", None, "application/sparql-results+xml; charset=utf-8"),
        ("text/csv", None, "text/csv; charset=utf-8"),
        ("text/tab-separated-values", None, "text/tab-separated-values; charset=utf-8"),
        ("text/html", None, "text/html; charset=utf-8"),
        ("image/png", "json", "application/sparql-results+json"),
        ("text/html", "csv", "text/csv; charset=utf-8"),
        ("text/csv", "html", "text/html; charset=utf-8"),
        (None, "xml", "application/sparql-results+xml; charset=utf-8"),
        (None, "tsv", "text/tab-separated-values; charset=utf-8"),
    ],
)
def test_an_answer_comes_in_the_format_asked_for(client: TestClient, accept: str | None, form: str | None, media: str) -> None:
    params = {**POSSESSION, **({"format": form} if form else {})}
    answer = client.get(LACKING, params=params, headers={"accept": accept} if accept else {})
    assert (answer.status_code, answer.headers["content-type"], answer.headers["vary"].split(",")[0]) == (200, media, "accept")


def test_the_formats_agree(client: TestClient) -> None:
    texts = {form: client.get(LACKING, params={**POSSESSION, "format": form}).text for form in ("json", "csv", "tsv", "xml")}
    rows = json.loads(texts["json"])["results"]["bindings"]
    assert [row["name"] for row in csv.DictReader(io.StringIO(texts["csv"]))] == [row["name"]["value"] for row in rows]
    assert len(texts["tsv"].splitlines()) == len(rows) + 1
    assert len(list(ET.fromstring(texts["xml"]).iter("{http://www.w3.org/2005/sparql-results#}result"))) == len(rows)  # noqa: S314


def test_a_parameter_changes_the_answer_and_a_default_may_be_left_out(client: TestClient) -> None:
    albania = client.get("/queries/bound-by", params={"jurisdiction": "ALB"}).json()
    assert albania == client.get("/queries/bound-by", params={"jurisdiction": "ALB", "as_of": "2023-09-30"}).json()
    assert albania != client.get("/queries/bound-by", params={"jurisdiction": "ALB", "as_of": "1990-01-01"}).json()
    assert albania != client.get("/queries/bound-by", params={"jurisdiction": "BEL"}).json()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "needs the parameter criterion"),
        ({"criterion": "simple-posession"}, "the nearest is simple-possession"),
        ({"criterion": ""}, "there is no criterion ''"),
        ({**POSSESSION, "kriterion": "x"}, "has no parameter 'kriterion'; the nearest is criterion"),
        ({**POSSESSION, "edition": "ten"}, "there is no edition 'ten'"),
        ({**POSSESSION, "format": "pdf"}, "format: 'pdf'; expected one of json, xml, csv, tsv, html."),
        ({"criterion": "10 } UNION { ?s ?p ?o"}, "there is no criterion"),
        ({"criterion": "<https://w3id.org/tutela/id/criterion/simple-possession>"}, "there is no criterion"),
        ({**POSSESSION, "edition": "10 } UNION { ?s ?p ?o"}, "there is no edition"),
        ({**POSSESSION, "criterion } #": "x"}, "has no parameter"),
        ({"criterion": [*POSSESSION.values(), "x"]}, "'criterion' is given more than once"),
        ({**POSSESSION, "format": ["json", "csv"]}, "'format' is given 2 times"),
        ({"criterion": "a\x00b\r\nset-cookie: x"}, "there is no criterion"),
    ],
)
def test_a_wrong_parameter_is_told_in_a_sentence_and_nothing_else(
    client: TestClient, params: dict[str, str], message: str
) -> None:
    for headers in ({}, BROWSER):
        answer = client.get(LACKING, params=params, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "text/plain; charset=utf-8")
        assert message in answer.text
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("day", ["2023-02-30", '2023-09-30"^^xsd:date } UNION { ?s ?p ?o', "yesterday", "2023-09-30\n}", ""])
def test_a_wrong_day_is_refused(client: TestClient, day: str) -> None:
    answer = client.get("/queries/bound-by", params={"jurisdiction": "ALB", "as_of": day})
    assert answer.status_code == 422
    assert "is not a day; expected YYYY-MM-DD" in answer.text


def test_an_unknown_question_and_an_unacceptable_format_are_told(client: TestClient) -> None:
    missing = client.get("/queries/jurisdiction-lacking")
    assert missing.status_code == 404
    assert "the nearest is jurisdictions-lacking" in missing.text
    assert client.get("/queries/..%2f..%2fetc%2fpasswd").status_code == 404
    for path in ("/queries", f"{LACKING}?criterion=simple-possession"):
        refused = client.get(path, headers={"accept": "image/png"})
        assert (refused.status_code, refused.headers["vary"].split(",")[0]) == (406, "accept")
        assert "application/json" in refused.text
    assert client.post(LACKING).status_code == 405


@pytest.mark.parametrize(
    "path", ["/queries", "/queries?format=html", f"{LACKING}?criterion=simple-possession", "/api", "/queries/none"]
)
def test_head_answers_as_get_does(client: TestClient, path: str) -> None:
    get, head = client.get(path), client.head(path)
    assert (head.status_code, head.headers["content-type"], head.content) == (get.status_code, get.headers["content-type"], b"")


def test_the_pages_work_without_scripts(client: TestClient, catalog: Catalog) -> None:
    page = client.get("/queries", headers=BROWSER).text
    for name in catalog.questions:
        assert f'action="/queries/{name}" method="get">' in page
    answer = client.get(LACKING, params=POSSESSION, headers=BROWSER).text
    assert re.search(r'<a href="/jurisdictions/[A-Z]{3}">', answer)
    assert "VALUES ?criterion { &lt;https://w3id.org/tutela/id/criterion/simple-possession&gt; }" in answer
    for text in (page, answer):
        assert not re.findall(r'<script(?! src="/static/)', text), "a script that is not a file of ours"
        assert not re.search(r"\son\w+=|\sstyle=|javascript:", text)
        identifiers = re.findall(r'\sid="([^"]+)"', text)
        assert len(identifiers) == len(set(identifiers))
        assert all(label in identifiers for label in re.findall(r'<label for="([^"]+)"', text))


def post(client: TestClient, body: bytes | str, kind: str = "text/turtle", accept: str = "application/json") -> Response:
    return client.post("/validate", content=body, headers={"content-type": kind, "accept": accept})


def good() -> str:
    return (SHAPES / "context.ttl").read_text() + (SHAPES / "Jurisdiction" / "valid.ttl").read_text()


def bad() -> str:
    return (SHAPES / "context.ttl").read_text() + (SHAPES / "Jurisdiction" / "invalid.alpha3.two-letters.ttl").read_text()


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("text/turtle", "turtle"),
        ("application/trig", "turtle"),  # a Turtle document is a TriG document with one graph
        ("application/n-triples", "nt"),
        ("application/n-quads", "nt"),  # likewise
        ("application/rdf+xml", "xml"),
        ("application/ld+json; charset=utf-8", "json-ld"),
    ],
)
def test_data_that_conform_and_data_that_do_not_in_each_format(client: TestClient, kind: str, form: str) -> None:
    for text, conforms in ((good(), True), (bad(), False)):
        graph = Graph().parse(data=text, format="turtle")
        answer = post(client, graph.serialize(format=form), kind)
        assert answer.status_code == 200, answer.text
        assert answer.json()["conforms"] is conforms
    rules = {problem["rule"].removeprefix(names.BASE) for problem in answer.json()["results"]}
    assert rules == {"shapes#Jurisdiction-alpha3"}


def test_a_report_comes_as_text_json_or_shacl(client: TestClient) -> None:
    text = post(client, bad(), accept="*/*")
    assert (text.headers["content-type"], text.headers["vary"].split(",")[0]) == ("text/plain; charset=utf-8", "accept")
    assert "Violation: id/jurisdiction/QZZ" in text.text
    turtle = post(client, bad(), accept="text/turtle")
    assert turtle.headers["content-type"] == "text/turtle; charset=utf-8"
    report = Graph().parse(data=turtle.text, format="turtle")
    assert len(list(report.triples((None, None, None)))) > 3
    assert post(client, good(), accept="text/plain").text.startswith("Conforms")
    assert post(client, "", accept="image/png").status_code == 406


@pytest.mark.parametrize(
    ("kind", "body", "message"),
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
def test_what_is_not_well_formed_is_told_with_the_place(client: TestClient, kind: str, body: str | bytes, message: str) -> None:
    answer = post(client, body, kind)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert message in answer.text
    assert "/tmp" not in answer.text  # noqa: S108
    assert "Traceback" not in answer.text


def test_what_the_graph_knows_need_not_be_brought_along(client: TestClient, built: release.Release) -> None:
    quads = built.dump.read_text(encoding="utf-8").splitlines()
    about = f"<{names.BASE}id/observation/10/ALB/definition> "
    mine = {line.rpartition(" <")[0] + " ." for line in quads if line.startswith(about)}
    assert len(mine) > 5
    good = post(client, "\n".join(sorted(mine)), "application/n-triples")
    assert good.json() == {"conforms": True, "results": []}
    # What is described anew is judged by that alone, not by what the release says of it too.
    wrong = post(
        client, "\n".join(sorted(mine)).replace("id/criterion/definition", "id/criterion/definitions"), "application/n-triples"
    )
    (result,) = wrong.json()["results"]
    assert (result["resource"], result["found"]) == (
        "id/observation/10/ALB/definition",
        "tutela:criterion: id/criterion/definitions",
    )


def test_as_much_as_may_be_sent_can_be_validated(client: TestClient, built: release.Release) -> None:
    body = (built.folder / "tutela.ttl").read_bytes()
    assert validation.BODY_BOUND * 0.7 < len(body) < validation.BODY_BOUND
    assert post(client, body).json() == {"conforms": True, "results": []}


def table(client: TestClient, name: str, body: str) -> Response:
    return client.post(f"/validate?table={name}", content=body, headers={"content-type": "text/csv"})


def test_a_table_is_checked_in_the_place_of_ours(client: TestClient) -> None:
    ours = (paths.DATA / "observations.csv").read_text(encoding="utf-8")
    assert table(client, "observations", ours).text == "Conforms: nothing breaks a shape.\n"
    row = next(line for line in ours.splitlines() if ",ALB,definition," in line)
    number = ours.splitlines().index(row) + 1
    assert (
        f"met (data/observations.csv row {number})"
        in table(client, "observations", ours.replace(row, row.replace("true", "yes"))).text
    )
    # A cell that is well formed and moves a total.
    moved = table(client, "observations", ours.replace(row, row.replace("true", "false")))
    assert "id/total/10/met-definition/transcribed (data/totals.csv row" in moved.text
    torn = table(client, "observations", ours.replace(row, f"{row},x"))
    assert (torn.status_code, torn.text) == (400, f"The table row {number}: 7 cells; expected 6. Is a comma unquoted?\n")
    assert "the columns are a, b; expected edition" in table(client, "observations", "a,b\n").text
    for address, kind in (
        ("?table=no", "text/csv"),
        ("", "text/csv"),
        ("?table=notes&table=notes", "text/csv"),
        ("?table=notes", "text/turtle"),
    ):
        answer = client.post(f"/validate{address}", content="", headers={"content-type": kind})
        assert (answer.status_code, "'table'" in answer.text) == (422, True)


def test_other_types_and_encodings_are_refused(client: TestClient) -> None:
    for kind in ("text/html", "application/json", "text/turtle; charset=utf-16"):
        assert post(client, good(), kind).status_code == 415
    assert client.post("/validate", content=b"").status_code == 415
    packed = client.post("/validate", content=b"", headers={"content-type": "text/turtle", "content-encoding": "gzip"})
    assert packed.status_code == 415
    assert client.get("/validate").status_code == 405


def test_a_body_is_counted_and_not_believed(client: TestClient) -> None:
    assert post(client, b"#" * (validation.BODY_BOUND + 1)).status_code == 413
    assert post(client, b"#" * validation.BODY_BOUND).status_code == 200

    def parts() -> Iterator[bytes]:
        for _ in range(60):
            yield b"#" * 100_000

    unsaid = client.post("/validate", content=parts(), headers={"content-type": "text/turtle"})
    assert unsaid.status_code == 413
    lying = client.post("/validate", content=parts(), headers={"content-type": "text/turtle", "content-length": "5"})
    assert lying.status_code == 413


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
def test_no_remote_context_is_fetched(client: TestClient, listener: tuple[str, list[str]], document: str) -> None:
    address, asked = listener
    answer = post(client, document.replace("URL", address), "application/ld+json")
    assert answer.status_code == 400
    assert "names the remote JSON-LD context" in answer.text
    assert asked == []


def test_a_context_of_its_own_is_read(client: TestClient) -> None:
    document = {"@context": {"@vocab": f"{names.BASE}ontology#", "also": None}, "@id": "a:b", "@type": "Jurisdiction"}
    answer = post(client, json.dumps(document), "application/ld+json")
    assert answer.status_code == 200
    assert not answer.json()["conforms"]


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
def test_xml_entities_are_refused(client: TestClient, listener: tuple[str, list[str]], entities: str) -> None:
    address, asked = listener
    node = f'<rdf:RDF {RDF} xmlns:e="http://e/"><rdf:Description rdf:about="a:b"><e:p>&x;</e:p></rdf:Description></rdf:RDF>'
    answer = post(client, f"<!DOCTYPE rdf:RDF [{entities.replace('URL', address)}]>{node}", "application/rdf+xml")
    assert answer.status_code == 400
    assert "declares XML entities" in answer.text
    assert "root:" not in answer.text
    assert asked == []


def test_an_external_document_type_is_not_fetched(client: TestClient, listener: tuple[str, list[str]]) -> None:
    address, asked = listener
    post(client, f'<!DOCTYPE rdf:RDF SYSTEM "{address}x.dtd"><rdf:RDF {RDF}/>', "application/rdf+xml")
    assert asked == []


def test_data_are_never_shapes_and_imports_are_not_followed(client: TestClient, listener: tuple[str, list[str]]) -> None:
    address, asked = listener
    shape = f"""
    @prefix sh: <{names.SH}> .
    <a:ontology> a <http://www.w3.org/2002/07/owl#Ontology> ;
        <http://www.w3.org/2002/07/owl#imports> <{address}ontology> ; sh:shapesGraph <{address}shapes> ; sh:suggestedShapesGraph <{address}s> .
    <a:shape> a sh:NodeShape ; sh:targetNode <a:ontology> ; sh:property [ sh:path <a:missing> ; sh:minCount 1 ] ;
        sh:sparql [ sh:select "SELECT $this WHERE {{ SERVICE <{address}sparql> {{ $this ?p ?o }} }}" ] ;
        sh:js [ sh:jsLibrary [ sh:jsLibraryURL "{address}x.js" ] ] .
    """
    answer = post(client, shape)
    assert (answer.status_code, answer.json()) == (200, {"conforms": True, "results": []})
    assert asked == []


def test_a_validation_is_stopped_at_its_limits(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(validation, "SECONDS", 0.2)
        assert post(client, good()).status_code == 503
    with monkeypatch.context() as patch:
        # The bomb itself, let through: the process ends at the limit of its memory.
        patch.setattr(validation, "_refused", lambda body, ending: None)
        bomb = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghix", strict=True))
        node = f'<rdf:RDF {RDF} xmlns:e="http://e/"><rdf:Description rdf:about="a:b"><e:p>&x;</e:p></rdf:Description></rdf:RDF>'
        body = f'<!DOCTYPE rdf:RDF [<!ENTITY a "{"lol" * 10}">{bomb}]>{node}'
        answer = post(client, body, "application/rdf+xml")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/plain; charset=utf-8")
    assert "was stopped; send the data in parts" in answer.text
    assert post(client, good()).json()["conforms"]


def test_a_fault_of_the_validator_is_not_blamed_on_the_data(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "_CHILD", "import there_is_no_such_module")
    answer = post(client, good())
    assert (answer.status_code, "the fault lies with this service" in answer.text) == (500, True)


def test_no_more_run_at_once_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "AT_ONCE", 1)
    app = FastAPI()
    app.include_router(validation.router(None))
    client = TestClient(app)
    begun, done = threading.Event(), threading.Event()

    def wait(body: bytes, name: str, form: str, known: list[str]) -> tuple[int, str]:
        begun.set()
        done.wait(20)
        return 200, "{}"

    monkeypatch.setattr(validation, "_checked", wait)
    first = threading.Thread(target=post, args=(client, good()))
    first.start()
    begun.wait(20)
    busy = post(client, good())
    done.set()
    first.join()
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")
    assert post(client, good()).status_code == 200


def test_the_service_is_described_whole(client: TestClient, catalog: Catalog) -> None:
    document = client.get("/api").json()
    assert document["openapi"].startswith("3.1")
    assert {"/sparql", "/queries", "/validate", "/health"} <= set(document["paths"])
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for question in catalog.questions.values():
        operation = document["paths"][f"/queries/{question.name}"]["get"]
        described = {parameter["name"]: parameter for parameter in operation["parameters"]}
        assert set(described) == {*(parameter.name for parameter in question.parameters), "format"}
        assert {"200", "406", "422"} <= set(operation["responses"])
        for parameter in question.parameters:
            one = described[parameter.name]
            assert (one["schema"]["type"], one["example"]) == ("string", parameter.example)
            assert one["required"] is (parameter.default is None)
            assert one["schema"].get("default") == parameter.default
            choices = {choice.value for choice in catalog.choices(parameter.kind)}
            assert set(one["schema"].get("enum", [])) == choices
    assert set(document["paths"]["/validate"]["post"]["requestBody"]["content"]) == set(validation.BODY_TYPES)
