"""The fonts and the query editor in Chromium, under a policy that lets a page load from its own host only."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.conftest import lacking
from tutela import paths
from tutela.web import vendor

_TEXT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Fonts</title><link rel="stylesheet" href="/static/vendor/fonts.css">
<style nonce="test">p { font: 40px var(--font-sans) } .serif { font-family: var(--font-serif) }
p.tabular { font-variant-numeric: tabular-nums }</style>
<p><span id="ones">1111</span> <span id="eights">8888</span></p>
<p class="tabular"><span id="tabular-ones">1111</span> <span id="tabular-eights">8888</span></p>
<p><span class="serif" id="serif">law</span> <b><span class="serif" id="bold">law</span></b> <span>Łódź</span></p>"""
_EDITOR = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Editor</title>
<link rel="stylesheet" href="/static/vendor/yasgui/yasgui.min.css"><div id="editor"></div>
<script src="/static/vendor/yasgui/yasgui.min.js"></script>"""
_START = """
Yasgui.Yasqe.defaults.autocompleters = ["prefixes", "variables"];
Object.assign(Yasgui.Yasqe.Autocompleters.prefixes, { get: ["rdfs: <http://www.w3.org/2000/01/rdf-schema#>"], persistenceId: null });
window.editor = new Yasgui(document.getElementById("editor"), {
  persistenceId: "test", copyEndpointOnNewTab: false, autofocus: false, endpointCatalogueOptions: { getData: () => [], keys: [] },
  requestConfig: { endpoint: new URL("/sparql", location).href },
  yasqe: { value: "SELECT ?s WHERE { ?s a  } ORDER BY ?s LIMIT 3" } });
"""


@pytest.fixture
def page(browser: Browser, live: str) -> Iterator[tuple[Page, list[str]]]:
    """Return a page, and a list of what it complains of or asks of another host."""
    if not (paths.VENDOR / "front.json").is_file():
        lacking("the front end is not built (make front)")
    page = browser.new_page()
    page.set_default_timeout(10_000)
    wrong: list[str] = []
    page.on("request", lambda sent: None if sent.url.startswith((live, "blob:", "data:")) else wrong.append(sent.url))
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    hashes = "".join(f" '{one}'" for one in vendor.editor_styles())
    policy = f"default-src 'none'; connect-src 'self'; font-src 'self'; script-src 'self'; style-src 'self' 'nonce-test'{hashes}"
    answers = {f"{live}/fonts": _TEXT, f"{live}/editor": _EDITOR}

    def answer(route: Route) -> None:
        body = answers[route.request.url]
        route.fulfill(body=body, content_type="text/html", headers={"content-security-policy": policy})

    for url in answers:
        page.route(url, answer)
    yield page, wrong
    page.close()


def _width(page: Page, name: str) -> float:
    box = page.locator(f"#{name}").bounding_box()
    assert box
    return box["width"]


def test_the_fonts_load_with_figures_of_one_width_for_tables_and_weights_to_choose(
    page: tuple[Page, list[str]], live: str
) -> None:
    tab, wrong = page
    asked: list[str] = []
    tab.on("request", lambda sent: asked.append(sent.url.rpartition("/")[2].partition("?")[0]))
    tab.goto(f"{live}/fonts")
    tab.evaluate("document.fonts.ready")
    assert {"source-serif-4.woff2", "inter.woff2", "inter-ext.woff2"} <= set(asked)
    assert "source-serif-4-ext.woff2" not in asked  # no letter of it is on the page
    assert _width(tab, "ones") < _width(tab, "eights") - 1
    assert _width(tab, "tabular-ones") == pytest.approx(_width(tab, "tabular-eights"), abs=0.1)
    assert _width(tab, "serif") < _width(tab, "bold") - 0.5
    assert wrong == []


def test_the_editor_completes_asks_and_shows_and_asks_nobody_else(page: tuple[Page, list[str]], live: str) -> None:
    tab, wrong = page
    tab.goto(f"{live}/editor")
    tab.evaluate(_START)
    tab.locator(".CodeMirror").click()
    tab.evaluate("{ const query = editor.getTab().getYasqe(); query.setCursor({ line: 0, ch: 23 }); query.focus(); }")
    tab.keyboard.type("rdfs:Class", delay=20)
    tab.wait_for_function(
        "editor.getTab().getYasqe().getValue().startsWith('PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>')"
    )
    tab.evaluate("editor.getTab().setQuery('SELECT ?s ?p WHERE { ?s ?p ?o } LIMIT 3')")
    tab.locator(".yasqe_queryButton").click()
    tab.locator(".yasr table tbody tr").nth(2).wait_for()
    grip = tab.locator(".grip-handle .grip-resizable").nth(1).bounding_box()
    assert grip  # a column can be drawn wider: the editor's own rules are let be
    tab.mouse.move(grip["x"] + 5, grip["y"] + 10)
    tab.mouse.down()
    tab.mouse.move(grip["x"] + 60, grip["y"] + 10)
    tab.mouse.up()
    assert wrong == []
