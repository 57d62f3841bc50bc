"""The fonts and the query editor in Chromium, under a policy that allows requests to the own host only."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.conftest import skip_or_fail
from tutela import paths
from tutela.web import assets

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
    """Return a page, and a list of its console messages, errors and requests to other hosts."""
    if not (paths.VENDOR / "front.json").is_file():
        skip_or_fail("the front end is not built (make front)")
    page = browser.new_page()
    page.set_default_timeout(10_000)
    errors: list[str] = []
    page.on("request", lambda request: None if request.url.startswith((live, "blob:", "data:")) else errors.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    hashes = "".join(f" '{one}'" for one in assets.editor_styles())
    policy = f"default-src 'none'; connect-src 'self'; font-src 'self'; script-src 'self'; style-src 'self' 'nonce-test'{hashes}"
    answers = {f"{live}/fonts": _TEXT, f"{live}/editor": _EDITOR}

    def answer(route: Route) -> None:
        body = answers[route.request.url]
        route.fulfill(body=body, content_type="text/html", headers={"content-security-policy": policy})

    for url in answers:
        page.route(url, answer)
    yield page, errors
    page.close()


def _width(page: Page, name: str) -> float:
    box = page.locator(f"#{name}").bounding_box()
    assert box
    return box["width"]


def test_fonts_have_tabular_figures_and_variable_weights(page: tuple[Page, list[str]], live: str) -> None:
    tab, errors = page
    # Pages do not use a font that arrives after the first paint (font-display: optional). This test waits for it.
    css = (paths.VENDOR / "fonts.css").read_text(encoding="utf-8").replace("font-display:optional", "font-display:block")
    tab.route(f"{live}/static/vendor/fonts.css", lambda route: route.fulfill(body=css, content_type="text/css"))
    loaded: list[str] = []
    tab.on("request", lambda request: loaded.append(request.url.rpartition("/")[2].partition("?")[0]))
    tab.goto(f"{live}/fonts")
    tab.evaluate("document.fonts.ready")
    assert {"source-serif-4.woff2", "inter.woff2", "inter-ext.woff2"} <= set(loaded)
    assert "source-serif-4-ext.woff2" not in loaded  # the page has no character that needs it
    assert _width(tab, "ones") < _width(tab, "eights") - 1
    assert _width(tab, "tabular-ones") == pytest.approx(_width(tab, "tabular-eights"), abs=0.1)
    assert _width(tab, "serif") < _width(tab, "bold") - 0.5
    assert errors == []


def test_the_editor_completes_and_runs_queries_without_other_hosts(page: tuple[Page, list[str]], live: str) -> None:
    tab, errors = page
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
    assert grip  # columns can be resized: the policy allows the editor's inline styles
    tab.mouse.move(grip["x"] + 5, grip["y"] + 10)
    tab.mouse.down()
    tab.mouse.move(grip["x"] + 60, grip["y"] + 10)
    tab.mouse.up()
    assert errors == []
