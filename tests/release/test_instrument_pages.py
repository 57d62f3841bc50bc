"""The instrument and gap pages: status codes, order, and figures that equal the catalogue's."""

import re
from collections import Counter
from html import unescape

import pytest
from fastapi.testclient import TestClient

from tests.conftest import like
from tutela.catalog.catalog import Catalog
from tutela.web.components.provision_tree import document_order, provision_tree
from tutela.web.page_urls import page_url

LATER = "2024-12-31"


@pytest.fixture(scope="module")
def client(client: TestClient) -> TestClient:
    return like(client, follow_redirects=False, headers={"accept": "text/html"})


def text(client: TestClient, path: str, status: int = 200) -> str:
    """Return the text of a page without its markup."""
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    plain = re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2].partition("</main>")[0])
    return re.sub(r" (?=[,.;)])|(?<=\() ", "", re.sub(r"\s+", " ", unescape(plain)))


def rows(catalog: Catalog, query: str, **values: str) -> list[dict[str, str]]:
    answer = catalog.run(query, values)
    return [dict(zip(answer.columns, (cell or "" for cell in row), strict=True)) for row in answer.rows()]


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/instruments/lanzorote", 404, "Unknown instrument 'lanzorote'; the nearest is lanzarote."),
        ("/instruments/lanzarote?as_of=yesterday", 400, "'yesterday' is not a date; expected YYYY-MM-DD"),
        ("/instruments?as_of=2023", 400, "'2023' is not a date"),
        ("/gaps?as_of=2023-13-01", 400, "'2023-13-01' is not a date"),
        (
            "/gaps?kind=gap",
            400,
            "kind: unknown value 'gap'; expected all, both, unmet obligation, possible gap, recommendation or only-recommended",
        ),
        ("/gaps?by=criterion", 400, "by: unknown value 'criterion'; expected instrument or region"),
        ("/gaps?sort=score", 400, "sort: unknown value 'score'; expected count or name"),
        ("/gaps?instrument=lanzarot", 400, "there is no instrument 'lanzarot'; the nearest is lanzarote"),
        ("/gaps?open=lanzarot", 400, "there is no instrument 'lanzarot'"),
        ("/gaps?region=Europe", 400, "there is no region 'Europe'; the nearest is 150"),
        ("/gaps?criterion=possession", 400, "there is no criterion 'possession'; the nearest is simple-possession"),
        ("/gaps?provision=art_20", 400, "this filter needs the filter 'instrument' too"),
        ("/gaps?instrument=lanzarote&provision=art_99", 400, "Tutela includes no provision 'art_99' of the Lanzarote Convention"),
    ],
)
def test_an_invalid_url_gives_a_message(client: TestClient, path: str, status: int, message: str) -> None:
    assert message in text(client, path, status)


def test_every_instrument_has_a_page_and_is_listed(client: TestClient, catalog: Catalog) -> None:
    listed = client.get("/instruments").text
    for row in rows(catalog, "instruments"):
        slug = row["instrument"].rpartition("/")[2]
        assert f'href="/instruments/{slug}"' in listed
        page = client.get(f"/instruments/{slug}")
        assert page.status_code == 200
        assert len(page.content) < 150_000
        ids = re.findall(r'id="([^"]*)"', page.text)
        assert [name for name, times in Counter(ids).items() if times > 1] == []
        paths = {r["provision"].partition(f"{slug}/")[2] for r in rows(catalog, "instrument-provisions", instrument=slug)}
        assert paths <= set(ids)
        if not paths:
            assert "Tutela includes no provisions of this instrument" in page.text


def test_counts_equal_the_lists_of_parties(client: TestClient, catalog: Catalog) -> None:
    for as_of in ("2005-01-01", "2023-09-30", LATER):
        for row in rows(catalog, "bound-counts", as_of=as_of):
            values = {"instrument": row["instrument"], "as_of": as_of}
            for query, certain, column in (("parties", "bound", "bound"), ("signed-only", "signed only", "signed_only")):
                found = rows(catalog, query, **values)
                assert int(row[f"{column}_at_most"]) == len({r["jurisdiction"] for r in found}), values
                assert int(row[column]) == len({r["jurisdiction"] for r in found if r["state"] == certain}), values
    page = text(client, "/instruments")
    assert "Lanzarote Convention Council of Europe Convention" in page
    count = len(rows(catalog, "instrument-provisions", instrument="lanzarote"))
    assert f"In force 1 July 2010 48 0 {count} " in page


def test_a_date_that_is_a_bound_says_so_once(client: TestClient) -> None:
    page = text(client, "/instruments/budapest")
    assert "since 1 May 2025 at the latest" in page
    assert "at the latest; not later than" not in page


def test_provisions_are_in_document_order(client: TestClient) -> None:
    page = client.get("/instruments/lanzarote").text
    articles = re.findall(r"<h3>Article (\d+)</h3>", page)
    assert articles == sorted(articles, key=int)
    assert {"9", "10", "20"} < set(articles)
    assert page.index('id="art_20/par_1/pnt_e"') > page.index('id="art_20/par_1"')
    assert sorted(["art_10", "art_9/par_2", "rec_31", "art_9"], key=document_order) == [
        "rec_31",
        "art_9",
        "art_9/par_2",
        "art_10",
    ]


def test_provision_without_parent_is_placed_below_the_nearest_ancestor() -> None:
    base = "https://w3id.org/tutela/id/instrument/x/"
    found = provision_tree(
        [{"provision": base + path, "label": path} for path in ("art_2/par_1/pnt_a", "art_2", "art_1/par_1")], {}, {}
    )
    assert [(node.path, [part.path for part in node.parts]) for node in found] == [
        ("art_1/par_1", []),
        ("art_2", ["art_2/par_1/pnt_a"]),
    ]


@pytest.mark.parametrize("as_of", ["2012-06-01", "2023-09-30"])
def test_parties_and_findings_equal_the_catalogue(client: TestClient, catalog: Catalog, as_of: str) -> None:
    page = text(client, f"/instruments/lanzarote?as_of={as_of}")
    parties = rows(catalog, "parties", instrument="lanzarote", as_of=as_of)
    signed = rows(catalog, "signed-only", instrument="lanzarote", as_of=as_of)
    assert f"it binds {len(parties)} jurisdictions." in page
    assert f"Bound by it {len(parties)} {parties[0]['name']}" in page
    states = Counter(row["state"] for row in signed)
    assert f"Signed but not bound {states['signed only']} " in page
    assert ("it is not known whether they had signed" in page) == (states["not known"] > 1)
    lacking = {
        row["name"]
        for row in rows(catalog, "parties-lacking", instrument="lanzarote", criterion="simple-possession", as_of=as_of)
    }
    findings = page.partition("Simple possession By our reading, it requires this criterion (article 20(1)(e)).")[2].partition(
        "Data:"
    )[0]
    assert lacking
    assert all(name in findings for name in lacking)
    assert "The review finds it not met in" in findings


def test_missing_data_are_explained(client: TestClient) -> None:
    goal, undated, old = (text(client, f"/instruments/{slug}") for slug in ("sdg-16-2", "dir-95-46", "eprivacy"))
    assert "a policy target. It is not binding." in goal
    assert "None: the instrument is not binding." in goal
    assert "Tutela does not include who is bound" in undated
    assert "This is a gap in the data, not a finding." in undated
    assert "We read it as a whole: Our reading: relevant to none of the five criteria" in old
    assert "summarised from memory, to be confirmed" in text(client, "/instruments/fd-2004-68")
    assert "Denmark took no part in its adoption" in text(client, "/instruments/dir-2011-93")
    unknown = text(client, "/instruments/arab-it")
    assert "signed by 31 December 2016" in unknown
    assert "The review counts 7 bound and 18 signed only" in unknown


def test_a_page_says_why_an_instrument_is_not_in_force(client: TestClient) -> None:
    proposal = text(client, "/instruments/csar")
    assert "Proposed, as of September 2026. A proposal whose adoption was not seen. It binds nobody." in proposal
    treaty = text(client, "/instruments/un-cybercrime?as_of=2025-12-31")
    assert "Not yet in force, as of August 2026." in treaty
    assert "it binds no jurisdictions" in treaty or "None on this date" in treaty
    assert "Withdrawn, as of 19 February 2025." in text(client, "/instruments/eprivacy-regulation-proposal")
    assert "Applies from 17 February 2024" in text(client, "/instruments/dsa")
    assert "Applies from 17 February 2024" in text(client, "/instruments")
    assert "It derogates from ePrivacy Directive" in text(client, "/instruments/reg-2026-1881")


def test_a_page_has_the_titles_in_other_languages_and_links_to_the_text(client: TestClient) -> None:
    page = client.get("/instruments/crc").text
    assert '<span lang="ar" dir="rtl">اتفاقية حقوق الطفل</span>' in page
    assert ">兒童權利公約</span>" in page
    assert 'href="http://data.europa.eu/eli/dir/2011/93/oj"' in client.get("/instruments/dir-2011-93").text
    assert "treatynum=201" in client.get("/instruments/lanzarote").text
    assert "https://au.int/en/treaties/" in client.get("/instruments/malabo").text
    assert 'class="titles"' not in client.get("/instruments/sdg-16-2").text


def test_links_to_provisions_have_a_target(client: TestClient, catalog: Catalog) -> None:
    for choice in catalog.allowed_values("instrument"):
        anchors = set(re.findall(r'id="([^"]+)"', client.get(f"/instruments/{choice.value}").text))
        for row in rows(catalog, "instrument-provisions", instrument=choice.value):
            address, _, anchor = page_url(row["provision"]).partition("#")
            assert address == f"/instruments/{choice.value}"
            assert anchor in anchors


def test_an_instrument_and_its_articles_link_to_the_official_text(client: TestClient) -> None:
    directive = unescape(client.get("/instruments/dir-2011-93").text)
    assert 'href="http://data.europa.eu/eli/dir/2011/93/oj" rel="external">European Legislation Identifier ' in directive
    assert 'href="http://data.europa.eu/eli/dir/2011/93/art_5/par_2/oj" rel="external" aria-label="' in directive
    convention = unescape(client.get("/instruments/lanzarote").text)
    page = "https://www.coe.int/en/web/conventions/full-list?module=treaty-detail&treatynum=201"
    assert f'href="{page}" rel="external">Treaty Office of the Council of Europe 201</a>' in convention
    assert "official text" not in client.get("/instruments/arab-it").text
