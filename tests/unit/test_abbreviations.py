"""Abbreviations explain themselves at their first mention in the running text of a page."""

import pytest

from tutela.web.abbreviations import explain_abbreviations

KNOWN = {
    "RDF": {"id": "abbreviation-rdf", "definition": "Resource Description Framework.", "path": "/glossary#abbreviation-rdf"},
    "UN": {"id": "abbreviation-un", "definition": "United Nations.", "path": "/glossary#abbreviation-un"},
    "UN M49": {"id": "abbreviation-un-m49", "definition": "Codes of the United Nations.", "path": ""},
}
RDF = '<button type="button" class="explain" popovertarget="term-abbreviation-rdf">RDF</button>'
UN_M49 = '<button type="button" class="explain" popovertarget="term-abbreviation-un-m49">UN M49</button>'


@pytest.mark.parametrize(
    ("html", "changed"),
    [
        ("<p>As RDF, or as RDF again.</p>", f"<p>As {RDF}, or as RDF again.</p>"),
        ("<p>Regions (UN M49).</p>", f"<p>Regions ({UN_M49}).</p>"),
        ('<a href="/RDF">RDF</a> <p title="RDF">RDF</p>', f'<a href="/RDF">RDF</a> <p title="RDF">{RDF}</p>'),
        ("<h2>RDF</h2><code>RDF</code><ul><li>RDF<br>x</ul>", f"<h2>RDF</h2><code>RDF</code><ul><li>{RDF}<br>x</ul>"),
        ('<p lang="fr">RDF <b>RDF</b></p><p>RDF</p>', f'<p lang="fr">RDF <b>RDF</b></p><p>{RDF}</p>'),
        ('<div aria-hidden="true"><div>RDF</div> RDF</div>RDF', f'<div aria-hidden="true"><div>RDF</div> RDF</div>{RDF}'),
        ("<p>RDFa, nRDF, RDF/XML, 95/46/UN, RDF-x, &#RDF; RDF.org</p>", None),
    ],
)
def test_the_first_mention_in_running_text_is_a_button(html: str, changed: str | None) -> None:
    explained: dict[str, dict[str, str]] = {}
    assert explain_abbreviations(html, explained, KNOWN) == (changed or html)
    assert bool(explained) == bool(changed)


def test_what_the_page_explains_already_stays() -> None:
    explained = {"abbreviation-rdf": {"label": "RDF", "definition": "", "path": ""}}
    assert explain_abbreviations("<p>RDF</p>", explained, KNOWN) == "<p>RDF</p>"
    assert explain_abbreviations("<p>RDF</p>", {}, {}) == "<p>RDF</p>"
