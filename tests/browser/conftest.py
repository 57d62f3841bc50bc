"""A running service and a browser for tests of pages; the flags keep Chromium from making requests of its own."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Request, Response, sync_playwright

from tests.conftest import skip_or_fail
from tutela import release
from tutela.engine.worker_pool import WorkerPool
from tutela.web.app import create_app

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
_MAX_SHOT_HEIGHT = 9000  # pixels; screenshots of longer pages take seconds
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def address(built: release.Release) -> Iterator[str]:
    """Return the URL of the start page."""
    server = uvicorn.Server(uvicorn.Config(create_app(WorkerPool(built), built), port=0, log_level="error"))
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
    """Return Chromium. It closes after the last test of this package, because its driver keeps an event loop running."""
    # The shell draws no windows, so the tests need half as much processor time.
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if chromium is None:
        skip_or_fail("Chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Return a function that opens a page. At the end, fail on script errors and on requests to other hosts."""
    errors: list[str] = []

    def check_host(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            errors.append(f"a request to {request.url}")

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
            page.on("request", check_host)
            page.on("pageerror", lambda error: errors.append(f"a script error: {error}"))
            if not failing:
                page.on(
                    "console",
                    lambda message: errors.append(f"{message.type}: {message.text}") if message.type == "error" else None,
                )
            if responses is not None:
                # Playwright sets attributes on handlers, which methods of built-ins do not have.
                page.on("response", lambda response: responses.append(response))  # noqa: PLW0108
            page.goto(address + path.removeprefix("/"))
            return page

        yield opened
    assert not errors


def shot(page: Page, name: str) -> None:
    """Save a screenshot for review if TUTELA_SHOTS is set: of the whole page, or of the visible part if it is very long."""
    if not os.environ.get("TUTELA_SHOTS"):
        return
    SHOTS.mkdir(exist_ok=True)
    whole = page.evaluate("document.documentElement.scrollHeight") < _MAX_SHOT_HEIGHT
    page.screenshot(path=SHOTS / f"{name}.png", full_page=whole, timeout=30_000)


def overflows(page: Page) -> bool:
    """Return whether a page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))


def scroll_boxes(page: Page) -> list[str]:
    """Return the elements of the main part of a page that scroll inside it."""
    script = """() => [...document.querySelectorAll("main *")].filter(element => {
      const style = getComputedStyle(element);
      return /auto|scroll/.test(style.overflowX + style.overflowY)
        && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1);
    }).map(element => `${element.tagName} ${element.className}`)"""
    return list(page.evaluate(script))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests in this folder; pytest passes the tests of all folders."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
