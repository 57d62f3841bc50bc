"""The whole cycle of `tutela keep` in a browser without JavaScript, on a copy of the tables: enter, correct, preview, write."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import shot
from tutela import paths
from tutela.keep.app import create_app
from tutela.keep.guard import Session
from tutela.paths import Source

pytestmark = pytest.mark.browser


@pytest.fixture
def data(tmp_path: Path) -> Path:
    shutil.copytree(paths.DATA, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def session(data: Path) -> Iterator[Session]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        session = Session(listener.getsockname()[1])
        app = create_app(Source(data, paths.ONTOLOGY, paths.QUERIES, paths.SHAPES), session)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", proxy_headers=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield session
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@pytest.mark.slow
def test_an_accession_is_entered_corrected_previewed_and_written(page: Page, session: Session, data: Path) -> None:
    actions = data / "participation" / "actions.csv"
    before = actions.read_text(encoding="utf-8")
    page.goto(session.address)
    assert "key=" not in page.url
    page.get_by_role("link", name="Accession").click()
    page.get_by_label("State or territory").fill("Kenia")
    page.get_by_label("Treaty (identifier or name)").fill("lanzarote")
    page.get_by_label("Day of the act (").fill("2026-11-25")
    page.get_by_text("A new source", exact=True).click()
    page.get_by_label("Title of a new source").fill("Chart of signatures and ratifications of Treaty 201")
    page.get_by_label("Page of a new source").fill("https://www.coe.int/en/web/conventions/full-list")
    page.get_by_role("button", name="Preview").click()

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Did you mean KEN (Kenya)")
    shot(page, "keep-errors")
    summary.get_by_role("link", name="State or territory").click()
    page.get_by_label("State or territory").fill("Kenya")
    page.get_by_role("button", name="Preview").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Preview")
    expect(page.get_by_role("main")).to_contain_text("Kenya, Lanzarote Convention: bound from 1 March 2027")
    shot(page, "keep-preview")
    assert actions.read_text(encoding="utf-8") == before
    page.get_by_role("button", name="Write").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Written")
    [line] = set(actions.read_text(encoding="utf-8").splitlines()) - set(before.splitlines())
    assert line.startswith("lanzarote,KEN,1,accession,2026-11-25")
    page.get_by_role("main").get_by_role("link", name="check the tables").click()
    expect(page.get_by_role("status")).to_contain_text("No problems")


@pytest.mark.slow
def test_a_page_of_another_site_cannot_send_a_form(page: Page, session: Session, data: Path, tmp_path: Path) -> None:
    page.goto(session.address)
    before = (data / "meta" / "sources.csv").read_bytes()
    form = tmp_path / "other.html"
    target = f"http://{session.hosts[0]}/add/source/write"
    form.write_text(f'<form method="post" action="{target}"><input name="token" value="x"><button>Go</button></form>')
    page.goto(form.as_uri())
    with page.expect_response(target) as answer:
        page.get_by_role("button").click()
    assert answer.value.status == 403
    assert (data / "meta" / "sources.csv").read_bytes() == before
