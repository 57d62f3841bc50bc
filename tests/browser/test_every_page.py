"""Every page is accessible, small and stable, makes no requests to other hosts, and fits a small phone without scrolling boxes."""

import gzip
import re

import pytest
from playwright.sync_api import Page, Response

from tests.browser.conftest import OpenPage, overflows, scroll_boxes, shot
from tests.conftest import skip_or_fail
from tutela import paths

AXE = paths.ROOT / "service" / "front" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = {
    "start": "",
    "map": "map?show=budapest&only=bound",
    "map-years": "map?show=opsc&year=2010",
    "edition-totals": "map?show=edition-totals&of=9",
    "jurisdictions": "jurisdictions?region=150&sort=isp-reporting",
    "jurisdiction": "jurisdictions/SMR",
    "jurisdiction-in-note": "jurisdictions/HKG",
    "jurisdiction-outside": "jurisdictions/PSE",
    "instruments": "instruments",
    "instrument": "instruments/lanzarote",
    "instrument-named": "instruments/gdpr",
    "instrument-parties": "instruments/arab-it/parties?as_of=2015-06-01",
    "instrument-law": "instruments/lanzarote/national-law?provision=art_20/par_1/pnt_e",
    "laws": "laws",
    "law": "laws/KEN/computer-and-cybercrimes-act-2018",
    "checklists": "checklist",
    "checklist": "checklist/KEN?done=model.punish-attempt",
    "compare": "compare?j=ALB&j=BEL&j=PHL",
    "gaps": "gaps",
    "gaps-names": "gaps?instrument=lanzarote&criterion=simple-possession",
    "gaps-recommended": "gaps?kind=recommendation",
    "changes": "changes",
    "criteria": "criteria",
    "criterion": "criteria/simple-possession",
    "region": "regions/002",
    "note": "notes/10/254",
    "source": "sources/icmec-10",
    "recommendation": "recommendations/criminalise-possession",
    "glossary": "glossary",
    "organisations": "organisations",
    "topics": "topics",
    "about": "about",
    "editions": "editions",
    "search": "search?q=alban",
    "validate": "validate",
    "queries": "queries",
    "answer": "queries/parties-lacking?instrument=lanzarote&criterion=simple-possession",
    "answer-records": "queries/bound-by?jurisdiction=KEN",
    "question": "queries/parties-lacking",
    "api": "api",
    "shapes": "shapes",
    "shapes-file": "shapes/observation",
    "shapes-checks": "shapes/checks/treaties",
    "resource": "doc/observation/10/ALB/definition",
    "terms": "ontology",
    "failure": "jurisdictions/XXX",
    "wrong-values": "queries/parties-lacking?instrument=lanzarot&criterion=simple-possession&as_of=30.9.2023&x=1",
    "wrong-query": "sparql?query=SELECT",
}
# Chromium writes an error to the console for these.
_FAILING = ("failure", "wrong-values", "wrong-query")
# WCAG 2.2, levels A and AA, and what axe-core counts as good practice.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SHIFT = """() => new Promise(done => {
  let total = 0;
  new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) total += e.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(total), 250);
})"""


def violations(page: Page) -> list[str]:
    if not AXE.is_file():
        skip_or_fail("axe-core is not installed (make front)")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", _RULES)
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_desktop_page_is_accessible_and_the_same_without_javascript(open_page: OpenPage, name: str) -> None:
    failing = name in _FAILING
    page = open_page(PAGES[name], failing=failing)
    shot(page, f"{name}-1280-light")
    text = page.locator("main").inner_text()
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert not violations(page)
    assert page.locator("h1").count() == 1
    assert text == open_page(PAGES[name], js=False, failing=failing).locator("main").inner_text()
    # Quoted legal terms are allowed: "illegal content" in a duty of providers, "worst forms" in a title. So is SHACL's severity.
    wording = re.sub(r"illegal content|worst forms|sh:violation", "", text.lower())
    for blame in (" illegal", " fails ", "worst", "score", "violat"):
        assert blame not in wording


@pytest.mark.parametrize("name", PAGES)
def test_small_dark_page_fits_is_small_and_stable(open_page: OpenPage, name: str) -> None:
    received: list[Response] = []
    page = open_page(PAGES[name], 320, "dark", failing=name in _FAILING, responses=received)
    shot(page, f"{name}-320-dark")
    assert not overflows(page)
    # Text to copy and code keep their lines; tables become lists.
    assert [box for box in scroll_boxes(page) if not box.startswith(("TEXTAREA", "PRE"))] == []
    assert page.evaluate(_SHIFT) < 0.02
    weight = 0
    for response in received:
        body = response.body()
        weight += len(gzip.compress(body)) if response.headers.get("content-encoding") == "gzip" else len(body)
    assert weight < 150_000, f"{weight} bytes"
    assert not violations(page)
