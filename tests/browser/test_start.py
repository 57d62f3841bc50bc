"""The start page in Chromium: read, and asked a question, without JavaScript."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Page, sync_playwright

from tests.conftest import lacking
from tutela import release
from tutela.pool import Pool
from tutela.web.app import create

SHOTS = Path(__file__).parent / "shots"


@pytest.fixture(scope="module")
def address(built: release.Release) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(create(Pool(built), built), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join()


@pytest.fixture(params=[(390, "light"), (1280, "light"), (1280, "dark")], ids=lambda p: f"{p[0]}-{p[1]}")
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    chromium = shutil.which("chromium")
    if chromium is None:
        lacking("Chromium is not installed")
    width, scheme = request.param
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=False)
        page.set_default_timeout(10_000)
        yield page
        SHOTS.mkdir(exist_ok=True)
        browser.close()


def test_the_page_reads_and_a_query_runs(page: Page, address: str, request: pytest.FixtureRequest) -> None:
    refused: list[str] = []
    page.on("requestfailed", lambda failed: refused.append(failed.url))
    elsewhere: list[str] = []
    page.on("request", lambda sent: elsewhere.append(sent.url) if not sent.url.startswith(address) else None)
    page.goto(address)
    assert page.get_by_role("heading", level=1).inner_text() == "Tutela"
    row = page.get_by_role("row").filter(has_text="at least four criteria met")
    assert row.get_by_role("cell").all_inner_texts() == ["138", "138"]
    widest = page.locator("main").bounding_box()
    assert widest is not None
    assert widest["width"] <= page.viewport_size["width"]  # type: ignore[index]
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"start-{request.node.callspec.id}.png", full_page=True)
    page.get_by_role("button", name="Run the query").click()
    page.wait_for_url("**/sparql?query=*")
    assert "Belarus" in page.content()
    for path, heading in (
        ("doc/jurisdiction/ALB", "Albania"),
        ("doc/note/10/254", "note 254"),
        ("queries", "uestions"),
        ("ontology", "ntology"),
    ):
        page.goto(address + path)
        assert heading in page.get_by_role("heading", level=1).inner_text()
        page.screenshot(path=SHOTS / f"{path.replace('/', '-')}-{request.node.callspec.id}.png")
    page.goto(address + "queries/jurisdictions-lacking?criterion=simple-possession")
    assert "Belarus" in page.get_by_role("table").inner_text()
    page.screenshot(path=SHOTS / f"answer-{request.node.callspec.id}.png")
    page.get_by_role("link", name="Belarus").or_(page.get_by_role("link", name="jurisdiction/BLR")).first.click()
    assert "Belarus" in page.get_by_role("heading", level=1).inner_text()
    assert (refused, elsewhere) == ([], [])
