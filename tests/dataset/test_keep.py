"""Forms in a browser: who may use them, errors at the field, preview, and that exactly what was shown is written."""

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from tests.conftest import TESTS, skip_or_fail
from tutela import paths
from tutela.keep.app import create_app
from tutela.keep.guard import Session
from tutela.paths import Source

JAR = TESTS / "nu" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
HOST = "127.0.0.1:8001"
ORIGIN = {"origin": f"http://{HOST}"}
ACCESSION = {"jurisdiction": "Kenya", "instrument": "lanzarote", "date": "2026-11-25", "source": "icmec-10"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("keep") / "data"
    shutil.copytree(paths.DATA, data)
    return data


@pytest.fixture(scope="module")
def session() -> Session:
    return Session(8001)


@pytest.fixture(scope="module")
def app(copy: Path, session: Session) -> object:
    return create_app(Source(copy, paths.ONTOLOGY, paths.QUERIES, paths.SHAPES), session)


def client_of(app: object, address: str = "127.0.0.1") -> TestClient:
    return TestClient(app, base_url=f"http://{HOST}", client=(address, 50000), follow_redirects=False)  # type: ignore[arg-type]


@pytest.fixture
def client(app: object, session: Session) -> Iterator[TestClient]:
    """Return a browser that opened the printed address."""
    with client_of(app) as client:
        assert client.get(session.address).headers["location"] == "/"
        yield client


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.glob("*/*")) if path.is_file()}


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return found[1]


def test_the_printed_address_starts_a_session_and_no_other(app: object, session: Session) -> None:
    with client_of(app) as client:
        assert client.get("/").status_code == 403
        assert client.get("/start?key=wrong").status_code == 403
        assert client.get("/start").status_code == 403
        answer = client.get(session.address)
        assert answer.status_code == 303
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert client.get("/").status_code == 200
    with client_of(app) as client:
        assert client.get("/", headers={"cookie": f"{session.cookie_name}={session.token}"}).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8001", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:8001.evil.example", ""]
)
def test_another_host_is_refused_also_with_the_cookie(client: TestClient, session: Session, host: str) -> None:
    headers = {"host": host, "cookie": f"{session.cookie_name}={session.cookie}"}
    assert client.get("/", headers=headers).status_code == 421
    assert client.get(f"/start?{session.address.partition('?')[2]}", headers=headers).status_code == 421


def test_another_computer_is_refused(app: object, session: Session) -> None:
    with client_of(app, "192.0.2.7") as client:
        assert client.get(session.address).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "https://127.0.0.1:8001"},
        {"origin": "http://127.0.0.1:8002"},
        {"origin": "http://localhost:8001"},
        {**ORIGIN, "sec-fetch-site": "cross-site"},
        {**ORIGIN, "sec-fetch-site": "same-site"},
        {**ORIGIN, "sec-fetch-site": "none"},
    ],
)
@pytest.mark.parametrize("path", ["/add/accession/preview", "/add/accession/write", "/edit/write", "/workbook/upload"])
def test_a_request_from_another_page_is_refused(client: TestClient, session: Session, headers: dict[str, str], path: str) -> None:
    assert client.post(path, data={**ACCESSION, "token": session.token}, headers=headers).status_code == 403


@pytest.mark.parametrize("token", ["", "wrong", "ünknown"])
def test_a_form_without_the_token_is_refused(client: TestClient, token: str) -> None:
    answer = client.post("/add/accession/write", data={**ACCESSION, "token": token}, headers=ORIGIN)
    assert answer.status_code == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(client: TestClient, method: str) -> None:
    assert client.request(method, "/add/accession/write", headers=ORIGIN).status_code == 405


@pytest.mark.parametrize("path", ["/add/accession/write", "/add/accession/preview", "/edit/write", "/workbook/upload"])
def test_nothing_is_done_by_a_link(client: TestClient, path: str) -> None:
    assert client.get(path, params=ACCESSION).status_code == 405


def test_a_request_without_a_length_or_too_long_is_refused(client: TestClient) -> None:
    assert client.post("/workbook/upload", content=iter([b"x"]), headers=ORIGIN).status_code == 411
    assert client.post("/workbook/upload", content=b"x", headers={**ORIGIN, "content-length": str(1 << 40)}).status_code == 413


@pytest.mark.parametrize("path", ["/", "/add/treaty", "/nothing", "/static/tutela.css", "/own/keep.css"])
def test_no_answer_is_kept_shared_or_framed(client: TestClient, path: str) -> None:
    headers = client.get(path, headers={"origin": "http://evil.example"}).headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "script-src" not in headers["content-security-policy"]
    assert not [name for name in headers if name.startswith("access-control-")]


def test_the_public_service_has_none_of_it() -> None:
    import tutela.web.routes as public  # noqa: PLC0415

    assert "tutela.keep" not in Path(public.__file__ or "").read_text(encoding="utf-8")
    for path in Path(paths.STATIC.parent).rglob("*.py"):
        assert "tutela.keep" not in path.read_text(encoding="utf-8"), path


def test_errors_are_at_the_field_and_in_a_summary_with_links(client: TestClient, session: Session, copy: Path) -> None:
    before = contents(copy)
    wrong = {"jurisdiction": "Kenia", "instrument": "<script>", "date": "2026-02-30", "token": session.token}
    answer = client.post("/add/accession/preview", data=wrong, headers=ORIGIN)
    assert answer.status_code == 422
    assert "Please look at 4 answers" in answer.text
    assert '<a href="#f-jurisdiction">' in answer.text
    assert 'aria-describedby="e-jurisdiction"' in answer.text
    assert "Did you mean KEN (Kenya)" in answer.text
    assert "<script" not in answer.text
    assert 'value="2026-02-30"' in answer.text, "what was entered stays"
    assert contents(copy) == before


def test_every_form_opens_and_is_labelled(client: TestClient) -> None:
    names = re.findall(r'href="/add/([a-z-]+)"', client.get("/").text)
    assert len(names) > 12
    for name in names:
        text = client.get(f"/add/{name}").text
        labelled = set(re.findall(r'<label for="([^"]+)"', text))
        assert labelled == set(re.findall(r'<(?:input|select|textarea) id="([^"]+)"', text)), name
    assert client.get("/add/nothing").status_code == 404


def test_pages_are_valid_html(client: TestClient, session: Session, tmp_path: Path) -> None:
    if not shutil.which("java") or not JAR.is_file():
        skip_or_fail("the Nu HTML Checker is not installed")
    pages = [
        client.get(path)
        for path in ("/", "/?q=kenya", "/add/treaty", "/edit?table=sources&key=icmec-10", "/workbook", "/nothing")
    ]
    pages.append(client.post("/add/accession/preview", data={"token": session.token, "date": "x"}, headers=ORIGIN))
    for number, page in enumerate(pages):
        (tmp_path / f"{number}.html").write_text(page.text, encoding="utf-8")
    command = [
        "java",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Xss4m",
        "-jar",
        str(JAR),
        "--also-check-css",
        str(paths.KEEP_STATIC / "keep.css"),
        str(tmp_path),
    ]
    assert subprocess.run(command, capture_output=True, text=True, check=False, timeout=120).stderr == ""


@pytest.mark.slow
def test_what_was_shown_is_written_and_nothing_else(client: TestClient, session: Session, copy: Path) -> None:
    before = contents(copy)
    data = {**ACCESSION, "token": session.token}
    preview = client.post("/add/accession/preview", data=data, headers=ORIGIN)
    assert "bound from 1 March 2027" in preview.text
    assert contents(copy) == before
    shown = {**data, "digest": hidden(preview.text, "digest"), "do": "write"}
    other = client.post("/add/accession/write", data={**shown, "jurisdiction": "UGA"}, headers=ORIGIN)
    assert other.status_code == 400
    assert contents(copy) == before
    again = client.post("/add/accession/write", data={**shown, "do": "change"}, headers=ORIGIN)
    assert 'value="Kenya"' in again.text
    written = client.post("/add/accession/write", data=shown, headers=ORIGIN)
    assert "data/participation/actions.csv" in written.text
    after = contents(copy)
    assert [name for name in before if before[name] != after[name]] == ["participation/actions.csv"]
    twice = client.post("/add/accession/write", data=shown, headers=ORIGIN)
    assert twice.status_code == 400, "the tables have changed since the preview"
    assert contents(copy) == after


@pytest.mark.slow
def test_a_finding_is_found_and_changes_with_a_correction_only(client: TestClient, session: Session, copy: Path) -> None:
    found = client.get("/", params={"q": "JOR simple-possession", "table": "observations"}).text
    [address] = re.findall(r'href="(/edit\?[^"]+)"', found)
    address = address.replace("&amp;", "&")
    form = client.get(address).text
    row = dict(re.findall(r'<(?:input|textarea) id="f-[a-z_]+" name="([a-z_]+)"(?: value="|[^>]*>)([^"<]*)', form))
    row |= dict(
        re.findall(r'name="([a-z_]+)">\s*<option value="">no answer</option>.*?<option value="([^"]+)" selected', form, re.DOTALL)
    )
    path, query = address.split("?")
    changed = {**row, "met": "true", "token": session.token}
    refused = client.post(f"{path}/preview?{query}", data=changed, headers=ORIGIN)
    assert refused.status_code == 422
    assert 'href="#f-correction_reason"' in refused.text
    changed |= {"correction_reason": "the law of 2015 punishes it", "correction_source": "icmec-10"}
    preview = client.post(f"{path}/preview?{query}", data=changed, headers=ORIGIN)
    assert "Jordan, simple possession (edition 10): no to yes" in preview.text
    written = client.post(
        f"{path}/write?{query}", data={**changed, "do": "write", "digest": hidden(preview.text, "digest")}, headers=ORIGIN
    )
    assert written.status_code == 200
    assert "observations,10/JOR/simple-possession,met,1,false,true" in (copy / "review" / "corrections.csv").read_text(
        encoding="utf-8"
    )


@pytest.mark.slow
def test_a_cell_that_is_wrong_can_be_corrected(client: TestClient, session: Session, copy: Path) -> None:
    sources = copy / "meta" / "sources.csv"
    right = sources.read_bytes()
    row = next(line for line in right.decode().splitlines() if line.startswith("icmec-10,"))
    sources.write_bytes(right.replace(row.encode(), row.replace("https://", "", 1).encode()))
    assert sources.read_bytes() != right
    assert "sources.csv" in client.get("/check").text
    marked = load_workbook(io.BytesIO(client.get("/check/errors.xlsx").content))
    assert marked.sheetnames[0] == "Problems"
    assert any(cell.comment for cell in marked["sources"]["F"][1:])
    fields = dict(zip(right.decode().splitlines()[0].split(","), next(csv.reader([row])), strict=True))
    data = {**fields, "token": session.token}
    preview = client.post("/edit/preview?table=sources&key=icmec-10", data=data, headers=ORIGIN)
    assert "Consequences are not known" in preview.text
    written = {**data, "do": "write", "digest": hidden(preview.text, "digest")}
    assert client.post("/edit/write?table=sources&key=icmec-10", data=written, headers=ORIGIN).status_code == 200
    assert sources.read_bytes() == right


@pytest.mark.slow
def test_a_workbook_goes_out_and_comes_back(client: TestClient, session: Session, copy: Path) -> None:
    content = client.get("/workbook/tables.xlsx").content
    book = load_workbook(io.BytesIO(content))
    sheet = book["sources"]
    headings = [cell.value for cell in sheet[1]]
    sheet.cell(2, headings.index("note") + 1).value = "a note from a spreadsheet"
    edited = io.BytesIO()
    book.save(edited)
    name = "../../../etc/tables.xlsx"
    preview = client.post(
        "/workbook/upload", data={"token": session.token}, files={"file": (name, edited.getvalue())}, headers=ORIGIN
    )
    assert "a note from a spreadsheet" in preview.text
    before = contents(copy)
    answer = {name: hidden(preview.text, name) for name in ("upload", "digest")}
    written = client.post("/workbook/upload", data={**answer, "do": "write", "token": session.token}, headers=ORIGIN)
    assert "data/meta/sources.csv" in written.text
    after = contents(copy)
    assert [name for name in before if before[name] != after[name]] == ["meta/sources.csv"]


@pytest.mark.parametrize(
    ("name", "content"), [("tables.exe", b"x"), ("tables.xlsx", b""), ("", b""), ("tables.xlsx", b"PK no workbook")]
)
def test_a_file_that_is_no_workbook_is_an_error(client: TestClient, session: Session, name: str, content: bytes) -> None:
    answer = client.post("/workbook/upload", data={"token": session.token}, files={"file": (name, content)}, headers=ORIGIN)
    assert answer.status_code in (200, 400)
    assert "Traceback" not in answer.text
    assert 'name="do" value="write"' not in answer.text
