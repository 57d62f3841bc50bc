"""A live service and a browser for the tests of pages; the flags keep Chromium from asking anyone else for anything."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Request, Response, sync_playwright

from tests.conftest import lacking
from tutela import release
from tutela.pool import Pool
from tutela.web.app import create

SHOTS = Path(__file__).parent / "shots"
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
_LONG = 9000  # pixels: pictures of longer pages take seconds
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def address(built: release.Release) -> Iterator[str]:
    """Return the address of the start page."""
    server = uvicorn.Server(uvicorn.Config(create(Pool(built), built), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Return Chromium, until the last of these tests: its driver keeps a loop running, beside which no other can be."""
    chromium = shutil.which("chromium")
    if chromium is None:
        lacking("Chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Return what opens a page of the service; in the end no script had failed, and nobody else was asked for anything."""
    wrong: list[str] = []

    def elsewhere(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            wrong.append(f"a request to {request.url}")

    with ExitStack() as stack:

        def opened(
            path: str,
            width: int = 1280,
            scheme: str = "light",
            *,
            js: bool = True,
            failing: bool = False,
            responses: list[Response] | None = None,
        ) -> Page:
            context = browser.new_context(
                viewport={"width": width, "height": 900 if width > 600 else 760},
                color_scheme="dark" if scheme == "dark" else "light",
                java_script_enabled=js,
            )
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(10_000)
            page.on("request", elsewhere)
            page.on("pageerror", lambda error: wrong.append(f"an error of a script: {error}"))
            if not failing:
                page.on("console", lambda said: wrong.append(f"{said.type}: {said.text}") if said.type == "error" else None)
            if responses is not None:
                # A method of a built-in has no room for what Playwright notes on a handler.
                page.on("response", lambda response: responses.append(response))  # noqa: PLW0108
            page.goto(address + path.removeprefix("/"))
            return page

        yield opened
    assert not wrong


def shot(page: Page, name: str) -> None:
    """Keep a picture for people to look at: of the whole page, or of what its window shows if it is a very long one."""
    SHOTS.mkdir(exist_ok=True)
    whole = page.evaluate("document.documentElement.scrollHeight") < _LONG
    page.screenshot(path=SHOTS / f"{name}.png", full_page=whole, timeout=30_000)


def overflows(page: Page) -> bool:
    """Return whether a page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))
