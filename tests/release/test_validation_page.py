"""The page of ``/validate``: a form that works without JavaScript, and the errors of what was sent with it."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from tests.conftest import TESTS
from tutela import paths, release
from tutela.engine.worker_pool import WorkerPool
from tutela.settings import Settings, ValidationSettings
from tutela.web.app import create_app

SHAPES = TESTS / "shapes"
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def client(built: release.Release) -> Iterator[TestClient]:
    settings = Settings(validation=ValidationSettings(timeout_s=120, table_timeout_s=300, niceness=0, max_body_bytes=2_000_000))
    with TestClient(create_app(WorkerPool(built), built, settings)) as client:
        yield client


def submit(client: TestClient, file: tuple[str, bytes] | None = None, accept: str = BROWSER["accept"], **fields: str) -> Response:
    """Submit the form as a browser does: a file that was not chosen has no name and no content."""
    texts = {"text": "", "format": "", "table": "", **fields}
    form: list[tuple[str, tuple[str | None, bytes]]] = [("file", file or ("", b""))]
    form += [(name, (None, value.encode())) for name, value in texts.items()]
    return client.post("/validate", files=form, headers={"accept": accept})


def rdf(name: str) -> str:
    return (SHAPES / "context.ttl").read_text("utf-8") + (SHAPES / "Jurisdiction" / name).read_text("utf-8")


def test_the_form_can_be_opened_and_names_formats_and_tables(client: TestClient) -> None:
    response = client.get("/validate", headers=BROWSER)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert 'method="post" enctype="multipart/form-data"' in response.text
    assert '<option value="observations">' in response.text
    assert "<script>" not in response.text
    assert "At most 2 MB" in response.text


def test_the_errors_of_a_pasted_text_are_on_the_page(client: TestClient) -> None:
    response = submit(client, text=rdf("invalid.alpha3.two-letters.ttl"), format=".ttl")
    assert response.status_code == 200
    assert "<code>id/jurisdiction/QZZ</code>" in response.text
    assert "tutela:alpha3: &#39;QZ&#39;" in response.text
    assert "No shape applies to 39 resources" in response.text
    assert '<option value=".ttl" selected>' in response.text
    assert "rdf:type" in response.text or "@prefix" in response.text, "what was sent is still there"
    assert response.headers["cache-control"] == "no-store"


def test_an_uploaded_file_without_errors(client: TestClient) -> None:
    response = submit(client, ("mine.TTL", rdf("valid.ttl").encode()))
    assert (response.status_code, '<h2 id="result">No errors</h2>' in response.text) == (200, True)
    assert "mine.TTL: 51 resources were checked." in " ".join(response.text.split())


def test_rdf_of_which_nothing_is_known(client: TestClient) -> None:
    response = submit(client, text="<https://example.org/a> a <https://w3id.org/tutela/ontology#Jurisdction> .", format=".ttl")
    assert "Nothing was checked" in response.text
    assert "The nearest type with a shape is https://w3id.org/tutela/ontology#Jurisdiction." in response.text


@pytest.mark.slow
def test_the_errors_of_a_table_are_named_by_row_with_what_to_do(client: TestClient) -> None:
    table = paths.table_files()["notes"].read_bytes().replace(b"\n10,249,", b"\n10,249.0,")
    response = submit(client, ("notes.csv", table))
    text = " ".join(response.text.split())
    assert "data/review/notes.csv row 3, <code>number</code>" in text
    assert "<strong>Write 249.</strong>" in text
    assert "96 rows were checked, together with all other tables." in text


@pytest.mark.parametrize(
    ("file", "fields", "message"),
    [
        (None, {}, "Nothing was sent; choose a file, or paste a text."),
        (("a.ttl", b"<a> <b> <c> ."), {"text": "x"}, "Both a file and a text were sent"),
        (("a.doc", b"x"), {}, "The name &#39;a.doc&#39; does not say what the file is; choose the format."),
        (None, {"text": "x"}, "It is not said what the text is; choose the format."),
        (None, {"text": "x", "format": ".exe"}, "It is not said what the text is; choose the format."),
        (("mine.csv", b"a,b"), {}, "There is no table &#39;mine&#39;; choose the table that it replaces."),
        (None, {"text": "a,b", "format": ".csv"}, "It is not said which table it is"),
        (None, {"text": "<a> <b>", "format": ".ttl"}, "The request body is not well-formed turtle"),
        (("../../etc/notes.csv\\..\\..\\x.ttl", b"<a>"), {}, "The request body is not well-formed turtle"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked_is_said_above_the_form(
    client: TestClient, file: tuple[str, bytes] | None, fields: dict[str, str], message: str
) -> None:
    response = submit(client, file, **fields)
    assert (response.status_code, response.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert message in response.text
    assert '<form class="stacked"' in response.text
    assert "/tmp" not in response.text  # noqa: S108


def test_programs_can_send_a_form_too(client: TestClient) -> None:
    response = submit(client, ("mine.ttl", rdf("valid.ttl").encode()), accept="application/json")
    assert (response.json()["conforms"], response.json()["checked"]["resources"]) == (True, 51)
    response = submit(client, accept="*/*")
    assert (response.status_code, response.headers["content-type"]) == (400, "text/plain; charset=utf-8")


def test_a_form_that_is_too_large_or_no_form_is_refused(client: TestClient) -> None:
    assert submit(client, ("a.ttl", b"x" * 2_000_001)).status_code == 413
    broken = client.post("/validate", content=b"x", headers={**BROWSER, "content-type": "multipart/form-data; boundary=a"})
    assert (broken.status_code, "The form is not readable" in broken.text) == (400, True)
    markup = submit(client, text="</textarea><script>alert(1)</script>", format=".ttl")
    assert "<script>alert" not in markup.text
