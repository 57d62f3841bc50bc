"""The search: the index, the JSON interface and the page."""

import re

import pytest
from fastapi.testclient import TestClient

from tutela import paths
from tutela.catalog.catalog import Catalog
from tutela.search import Search
from tutela.search.query import Rank
from tutela.search.text_folding import fold
from tutela.settings import MAX_SEARCH_LENGTH
from tutela.tables import read_rows
from tutela.web.page_names import PAGES
from tutela.web.page_urls import page_url

HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def search(catalog: Catalog) -> Search:
    return Search(catalog, PAGES)


def first_result(search: Search, text: str) -> str:
    return search.find(text).results[0].document.resource.rpartition("/id/")[2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CÔTE D’IVOIRE", "cote d'ivoire"),
        ("São Tomé & Príncipe", "sao tome and principe"),
        ("Curaçao", "curacao"),
        ("İstanbul ılık", "istanbul ilik"),
        ("Øresund Łódź đ ß Æ", "oresund lodz d ss ae"),
        ("Guinea-Bissau", "guinea bissau"),
        ("ألبانيا", "البانيا"),
        ("الكُوَيْت", "الكـــويت"),
        ("Ёлка", "елка"),
        ("９（１）（ｅ）", "9(1)(e)"),
    ],
)
def test_case_marks_and_punctuation_are_folded(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_folding_does_not_transliterate() -> None:
    assert (fold("中国"), fold("Россия"), fold("مصر")) == ("中国", "россия", "مصر")


@pytest.mark.parametrize(
    ("text", "resource"),
    [
        ("ALB", "jurisdiction/ALB"),
        ("al", "jurisdiction/ALB"),
        ("008", "jurisdiction/ALB"),
        ("cote divoire", "jurisdiction/CIV"),
        ("bosnia and herz", "jurisdiction/BIH"),
        ("32011L0093", "instrument/dir-2011-93"),
        ("CETS 201", "instrument/lanzarote"),
        ("cets 185", "instrument/budapest"),
        ("un cybercrime convention", "instrument/un-cybercrime"),
        ("ratification", "action-type/ratification"),
        ("possession", "criterion/simple-possession"),
        ("2011/93/EU", "instrument/dir-2011-93"),
        ("Lanzarote Convention parties", "instrument/lanzarote"),
        ("who has ratified the Budapest Convention", "instrument/budapest"),
        ("drafting checklist Ghana", "jurisdiction/GHA"),
        ("Brazil treaties", "jurisdiction/BRA"),
        ("convention on cybercrime", "instrument/budapest"),
        ("lanzarote 20", "instrument/lanzarote/art_20"),
        ("article 9(1)(e) budapest", "instrument/budapest/art_9/par_1/pnt_e"),
        ("art 34 crc", "instrument/crc/art_34"),
        ("directive 2011/93/EU 5(6)", "instrument/dir-2011-93/art_5/par_6"),
        ("albania 117", "law/ALB/criminal-code/art_117"),
        ("simple possession", "criterion/simple-possession"),
        ("grooming", "topic/grooming"),
        ("note 254", "note/10/254"),
        ("inhope", "implementation/inhope"),
        ("اتفاقية حقوق الطفل", "instrument/crc"),
        ("Convenio sobre la Ciberdelincuencia", "instrument/budapest"),
        ("联合国打击网络犯罪公约", "instrument/un-cybercrime"),
    ],
)
def test_the_first_result_is_the_intended_one(search: Search, text: str, resource: str) -> None:
    assert first_result(search, text) == resource


# What people type, and what they mean.
INTENDED = {
    "jurisdiction/GBR": ("UK", "Great Britain", "Британия"),
    "jurisdiction/USA": ("USA", "U.S.", "United States of America", "США", "EE. UU."),
    "jurisdiction/COD": ("DRC", "DR Congo", "Zaire"),
    "jurisdiction/CIV": ("Ivory Coast", "Costa de Marfil", "象牙海岸"),
    "jurisdiction/NLD": ("Holland", "The Netherlands"),
    "jurisdiction/MMR": ("Burma",),
    "jurisdiction/CZE": ("Czech Republic", "Czechia", "République tchèque"),
    "jurisdiction/SWZ": ("Swaziland",),
    "jurisdiction/MKD": ("Macedonia",),
    "jurisdiction/CPV": ("Cape Verde", "Cabo Verde"),
    "jurisdiction/TLS": ("East Timor",),
    "jurisdiction/GBR-EAW": ("England",),
    "jurisdiction/KOR": ("South Korea", "Republic of Korea", "République de Corée"),
    "jurisdiction/PRK": ("North Korea", "DPRK", "КНДР"),
    "jurisdiction/RUS": ("Russia", "Russian Federation"),
    "jurisdiction/SYR": ("Syria",),
    "jurisdiction/LAO": ("Laos",),
    "jurisdiction/VAT": ("Vatican",),
    "jurisdiction/TUR": ("Turkey", "Türkiye"),
    "jurisdiction/ARE": ("UAE",),
    "jurisdiction/LKA": ("Ceylon",),
    "jurisdiction/IRN": ("Persia",),
    "jurisdiction/KEN": ("Kenia",),
    "jurisdiction/CHN": ("中华人民共和国",),
    "region/002": ("Africa", "Afrique", "非洲"),
    "region/005": ("South America", "América del Sur"),
    "region/035": ("Southeast Asia", "South-eastern Asia", "Asie du Sud-Est", "جنوب شرقي آسيا"),
    "region/419": ("Latin America", "Latin America and the Caribbean"),
    "instrument/budapest": (
        "Convention de Budapest", "Convenio de Budapest", "Übereinkommen über Computerkriminalität", "Будапештская конвенция",
        "布达佩斯公约", "اتفاقية بودابست",
    ),
    "instrument/lanzarote": ("Convention de Lanzarote", "Lanzarotte"),
    "instrument/crc": ("UNCRC", "convention des droits de l'enfant"),
    "instrument/un-cybercrime": ("Hanoi Convention",),
    "criterion/definition": (
        "CSAM", "child pornography", "pédopornographie", "pornographie enfantine", "pornografía infantil", "детская порнография",
        "儿童色情制品", "استغلال الأطفال في المواد الإباحية", "Kinderpornografie",
    ),
    "criterion/simple-possession": ("possession", "tenencia", "хранение детской порнографии", "حيازة"),
    "criterion/isp-reporting": ("ISP", "signalement", "举报", "obligación de denunciar"),
    "topic/grooming": ("grooming", "sextortion", "sextorsion", "груминг", "性勒索", "الاستمالة", "استدراج"),
    "topic/technology-tools": ("takedown", "retrait", "屏蔽"),
    "topic/mandatory-reporting": ("mandatory reporting",),
    "topic/data-retention": ("data retention",),
    "organisation/arab-league": ("Arab League", "Ligue arabe", "جامعة الدول العربية", "阿拉伯国家联盟"),
    "organisation/coe": ("Conseil de l'Europe", "Совет Европы"),
    "organisation/ilo": ("OIT", "国际劳工组织"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "resource"), [(text, resource) for resource, texts in INTENDED.items() for text in texts])
def test_the_words_that_people_use_lead_to_what_they_mean(search: Search, text: str, resource: str) -> None:
    assert first_result(search, text) == resource


def test_every_search_term_leads_to_its_concept(search: Search) -> None:
    missed = [
        row["term"]
        for row in read_rows(paths.table_files()["search_terms"])
        if not any(
            result.document.resource.endswith(f"/id/{row['concept']}") and result.rank <= Rank.NAME
            for result in search.find(row["term"]).results
        )
    ]
    assert missed == []


def test_a_former_name_and_a_related_term_are_shown_as_such(search: Search, client: TestClient) -> None:
    former, related = search.find("Burma").results[0], search.find("signalement").results[0]
    assert (former.label, former.found_by and former.found_by.kind) == ("Myanmar", "former name")
    assert (related.label, related.language) == ("reporting by internet service providers", "en")
    page = client.get("/search?q=signalement", headers=HTML).text
    assert 'Related term: <bdi lang="fr"' in page
    assert client.get("/search?q=Burma").json()["results"][0]["about"].startswith("former name: Burma")


def test_criteria_and_topics_are_one_group_and_each_a_kind(client: TestClient) -> None:
    page = client.get("/search?q=CSAM", headers=HTML).text
    assert re.findall('<h2 id="kind-([a-z]+)"', page) == ["criterion", "term"]
    assert '<h2 id="kind-criterion">Criteria and topics <span class="from">3</span>' in page
    topics = client.get("/search?q=CSAM&kind=topic", headers=HTML)
    assert (topics.status_code, topics.text.count('href="/topics#')) == (200, 1)


def test_an_excerpt_begins_with_what_is_asked_for(search: Search, catalog: Catalog) -> None:
    found = {one.document.resource: one for one in search.find("possession").results}
    for row in catalog.run("criteria", {}).records():
        document = next(one for one in search.index().documents if one.resource == row["criterion"])
        assert document.summary[0] == row["definition"], "the exceptions follow"
    excerpt = found[next(iter(found))].summary
    assert excerpt.startswith("Knowing possession is an offence, whether or not distribution is intended. Possession for the ")
    law = search.find("penal code argentina article 128").results[0]
    assert law.kind == "law"
    assert law.context == "Argentina"
    organisation = search.find("council of europe").results[0]
    own = [row for row in catalog.run("instruments", {}).records() if row["organisation"] == "Council of Europe"]
    assert organisation.context == f"organisation of {len(own)} instruments in Tutela"


def test_terms_of_the_glossary_are_found_where_it_defines_them(search: Search, client: TestClient) -> None:
    terms = [one.resource for one in search.index().documents if one.kind == "term"]
    assert len(terms) > 100
    assert {page_url(term).partition("#")[0] for term in terms} == {"/glossary"}
    page = client.get("/search", params={"q": "ratification"}, headers=HTML).text
    assert '<a href="/glossary#action-type-ratification">Ratification</a>' in page
    assert "An act of consent to be bound, after signature." in page


def test_a_region_leads_to_its_page_with_the_number_of_its_members(client: TestClient) -> None:
    africa = client.get("/search?q=Africa").json()["results"][0]
    assert (africa["link"], africa["about"]) == ("/regions/002", "region with 54 reviewed jurisdictions")
    assert client.get(africa["link"], headers=HTML).status_code == 200


@pytest.mark.parametrize(
    ("text", "link"), [("cite", "/about#cite"), ("license", "/about#licences"), ("mistake", "/about#correct")]
)
def test_pages_are_found_by_what_people_call_them(client: TestClient, text: str, link: str) -> None:
    assert client.get("/search", params={"q": text}).json()["results"][0]["link"] == link


@pytest.mark.parametrize("address", sorted({address.partition("#")[0] for address, _, _ in PAGES}))
def test_the_pages_exist_with_their_anchors(client: TestClient, address: str) -> None:
    response = client.get(address, headers=HTML)
    assert response.status_code == 200
    anchors = [given.partition("#")[2] for given, _, _ in PAGES if given.startswith(f"{address}#")]
    assert [anchor for anchor in anchors if f'id="{anchor}"' not in response.text] == []


def test_jurisdictions_are_found_by_each_of_their_names(search: Search) -> None:
    missed = []
    for row in read_rows(paths.table_files()["jurisdiction_names"]):
        results = search.find(row["name"]).results
        of_jurisdiction = [
            result for result in results if result.document.resource.endswith(f"/jurisdiction/{row['jurisdiction']}")
        ]
        if not of_jurisdiction or of_jurisdiction[0].rank > Rank.NAME:
            missed.append(row["name"])
    assert missed == []


@pytest.mark.parametrize(
    ("text", "code", "language"), [("سودان", "SDN", "ar"), ("阿尔巴尼", "ALB", "zh"), ("герман", "DEU", "ru")]
)
def test_a_match_is_shown_in_its_language_with_the_english_name(search: Search, text: str, code: str, language: str) -> None:
    result = search.find(text).results[0]
    assert result.document.resource.endswith(f"/{code}")
    assert (result.language, bool(result.english)) == (language, True)


def test_an_article_is_found_with_its_parts_only(search: Search) -> None:
    expected = {
        row["path"]
        for row in read_rows(paths.table_files()["provisions"])
        if row["instrument"] == "lanzarote" and f"{row['path']}/".startswith("art_20/")
    }
    paths_found = {result.document.resource.partition("/lanzarote/")[2] for result in search.find("lanzarote article 20").results}
    assert paths_found == expected


def test_a_catalogue_query_is_found_and_linked_with_its_example_values(search: Search, client: TestClient) -> None:
    result = search.find("which jurisdictions lack a criterion").results[0]
    assert result.kind == "question"
    link = client.get("/search", params={"q": "jurisdictions-lacking"}).json()["results"][0]["link"]
    assert client.get(link).status_code == 200


def test_spelling_errors_are_corrected_and_shown(search: Search) -> None:
    assert (search.find("germany").suggestion, search.find("germny").suggestion) == ("", "Germany")
    assert first_result(search, "germny") == "jurisdiction/DEU"
    assert first_result(search, "lanzarot conventon") == "instrument/lanzarote"
    assert [search.find(text).suggestion for text in ("Lanzarotte", "Affrica", "sextorton")] == [
        "Lanzarote",
        "Africa",
        "sextortion",
    ]
    partial = search.find("albania possession")
    assert partial.partial
    assert {result.document.resource.rpartition("/id/")[2] for result in partial.results} >= {
        "jurisdiction/ALB",
        "criterion/simple-possession",
    }
    assert search.find("qqqqzz").results == []
    assert search.find(" ?! ").results == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pornografía infantil Chile", ["jurisdiction/CHL", "criterion/definition", "criterion/specific-legislation"]),
        ("South-eastern Asia simple possession", ["criterion/simple-possession", "region/035"]),
        (
            "countries that do not punish simple possession",
            ["criterion/simple-possession", "recommendation/criminalise-possession"],
        ),
        ("Nigeria Malabo", ["jurisdiction/NGA", "instrument/malabo"]),
        ("détention de pornographie infantile", ["criterion/simple-possession"]),
    ],
)
def test_known_words_are_not_dropped_as_misspelled(search: Search, text: str, found: list[str]) -> None:
    results = search.find(text)
    resources = [result.document.resource.rpartition("/id/")[2] for result in results.results]
    assert (results.suggestion, results.partial) == ("", True)
    assert [resource for resource in resources if resource in found] == found
    assert len(resources) < 10


def test_the_word_law_after_a_place_means_its_laws(search: Search) -> None:
    results = search.find("Nigeria law")
    assert (results.suggestion, results.partial) == ("", False)
    assert {result.document.resource.split("/id/")[1].split("/")[1] for result in results.results} == {"NGA"}


def test_suggestions_are_limited_json_with_links_to_pages(client: TestClient) -> None:
    response = client.get("/search", params={"q": "co", "format": "json", "limit": 8})
    assert response.headers["content-type"] == "application/json"
    assert len(response.json()["results"]) == 8 < response.json()["total"]
    (egypt,) = client.get("/search?q=%D9%85%D8%B5%D8%B1", headers={"accept": "application/json"}).json()["results"][:1]
    assert egypt == {
        "label": "مصر",
        "language": "ar",
        "kind": "jurisdiction",
        "kind_name": "place",
        "about": "Egypt; Northern Africa",
        "link": "/jurisdictions/EGY",
    }
    article = client.get("/search?q=lanzarote+20(1)(e)").json()["results"][0]
    assert article["link"] == "/instruments/lanzarote#art_20/par_1/pnt_e"
    assert client.get("/search?q=grooming").json()["results"][0]["link"] == "/topics#grooming"


def test_the_page_groups_results_and_paginates_one_kind(client: TestClient, search: Search) -> None:
    page = client.get("/search?q=article", headers=HTML).text
    of_kind = search.find("article").by_kind()["provision"]
    assert f'<h2 id="kind-provision">Articles of instruments <span class="from">{len(of_kind)}</span>' in page
    seen = []
    for number in range(1, -(-len(of_kind) // 25) + 1):
        response = client.get(f"/search?q=article&kind=provision&page={number}", headers=HTML)
        assert response.status_code == 200
        seen += [name for name in (result.label for result in of_kind) if f">{name}</a>" in response.text]
    assert sorted(seen) == sorted(result.label for result in of_kind)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (f"q={'x' * (MAX_SEARCH_LENGTH + 1)}", f"expected at most {MAX_SEARCH_LENGTH}"),
        ("q=a&kind=nothing", "unknown kind"),
        ("q=albania&page=2&kind=jurisdiction", "page: 2; the results have 1 page"),
        ("q=albania&page=-1", "expected a number"),
        ("q=albania&page=%D9%A1", "expected a number"),
    ],
)
def test_an_invalid_parameter_is_an_error_on_the_page(client: TestClient, parameters: str, message: str) -> None:
    response = client.get(f"/search?{parameters}", headers=HTML)
    assert (response.status_code, message in response.text) == (400, True)


def test_an_invalid_parameter_is_an_error_as_json(client: TestClient) -> None:
    assert client.get(f"/search?format=json&q={'x' * (MAX_SEARCH_LENGTH + 1)}").status_code == 422
    assert client.get("/search?format=json&q=a&limit=0").status_code == 422
    assert client.get("/search?format=csv&q=a").status_code == 422
    assert client.get("/search?q=a", headers={"accept": "text/turtle"}).status_code == 406


def test_the_search_text_is_escaped(client: TestClient) -> None:
    page = client.get("/search", params={"q": '"><script>alert(1)</script>'}, headers=HTML).text
    assert "<script>alert" not in page


def test_the_examples_of_an_empty_search_have_results(client: TestClient, search: Search) -> None:
    page = client.get("/search", headers=HTML).text
    examples = [part.partition("</a>")[0].rpartition(">")[2] for part in page.split("/search?q=")[1:]]
    assert len(examples) > 15
    assert [text for text in examples if not search.find(text.replace("&#39;", "'")).results] == []
