"""The search: what people type and what it finds, in the index, as JSON and as a page."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tutela import paths, release
from tutela.catalog import Catalog
from tutela.folding import fold
from tutela.pool import Pool
from tutela.search import LONGEST, Rank, Search
from tutela.tables import read_rows
from tutela.web.app import create

HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def search(catalog: Catalog) -> Search:
    return Search(catalog)


@pytest.fixture(scope="module")
def client(built: release.Release) -> Iterator[TestClient]:
    with TestClient(create(Pool(built), built)) as client:
        yield client


def first(search: Search, text: str) -> str:
    return search.find(text).results[0].entry.resource.rpartition("/id/")[2]


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
def test_what_differs_in_case_marks_and_punctuation_is_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_scripts_stay_what_they_are() -> None:
    assert (fold("中国"), fold("Россия"), fold("مصر")) == ("中国", "россия", "مصر")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ALB", "jurisdiction/ALB"),
        ("al", "jurisdiction/ALB"),
        ("008", "jurisdiction/ALB"),
        ("cote divoire", "jurisdiction/CIV"),
        ("bosnia and herz", "jurisdiction/BIH"),
        ("32011L0093", "instrument/dir-2011-93"),
        ("CETS 201", "instrument/lanzarote"),
        ("cets 185", "instrument/budapest"),
        ("2011/93/EU", "instrument/dir-2011-93"),
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
    ],
)
def test_the_first_result_is_what_was_meant(search: Search, text: str, found: str) -> None:
    assert first(search, text) == found


def test_jurisdictions_are_found_by_each_of_their_names(search: Search) -> None:
    missed = []
    for row in read_rows(paths.DATA / "jurisdiction_names.csv"):
        results = search.find(row["name"]).results
        here = [result for result in results if result.entry.resource.endswith(f"/jurisdiction/{row['jurisdiction']}")]
        if not here or here[0].rank > Rank.NAME:
            missed.append(row["name"])
    assert missed == []


@pytest.mark.parametrize(
    ("text", "code", "language"), [("سودان", "SDN", "ar"), ("阿尔巴尼", "ALB", "zh"), ("герман", "DEU", "ru")]
)
def test_what_matches_is_shown_in_its_language_with_the_english_name(search: Search, text: str, code: str, language: str) -> None:
    result = search.find(text).results[0]
    assert result.entry.resource.endswith(f"/{code}")
    assert (result.language, bool(result.english)) == (language, True)


def test_an_article_brings_what_is_below_it_and_nothing_else(search: Search) -> None:
    expected = {
        row["path"]
        for row in read_rows(paths.DATA / "provisions.csv")
        if row["instrument"] == "lanzarote" and f"{row['path']}/".startswith("art_20/")
    }
    found = {result.entry.resource.partition("/lanzarote/")[2] for result in search.find("lanzarote article 20").results}
    assert found == expected


def test_a_question_is_found_and_asked_with_its_examples(search: Search, client: TestClient) -> None:
    found = search.find("which jurisdictions lack a criterion").results[0]
    assert found.kind == "question"
    link = client.get("/search", params={"q": "jurisdictions-lacking"}).json()["results"][0]["link"]
    assert client.get(link).status_code == 200


def test_typing_errors_are_forgiven_and_said(search: Search) -> None:
    assert (search.find("germany").instead, search.find("germny").instead) == ("", "Germany")
    assert first(search, "germny") == "jurisdiction/DEU"
    assert first(search, "lanzarot conventon") == "instrument/lanzarote"
    some = search.find("albania possession")
    assert some.partly
    assert {result.entry.resource.rpartition("/id/")[2] for result in some.results} >= {
        "jurisdiction/ALB",
        "criterion/simple-possession",
    }
    assert search.find("qqqqzz").results == []
    assert search.find(" ?! ").results == []


def test_suggestions_are_json_of_few_and_lead_to_pages(client: TestClient) -> None:
    answer = client.get("/search", params={"q": "co", "format": "json", "limit": 8})
    assert answer.headers["content-type"] == "application/json"
    assert len(answer.json()["results"]) == 8 < answer.json()["total"]
    (egypt,) = client.get("/search?q=%D9%85%D8%B5%D8%B1", headers={"accept": "application/json"}).json()["results"][:1]
    assert egypt == {
        "label": "مصر",
        "language": "ar",
        "kind": "jurisdiction",
        "about": "Egypt; Northern Africa",
        "link": "/jurisdictions/EGY",
    }
    article = client.get("/search?q=lanzarote+20(1)(e)").json()["results"][0]
    assert article["link"] == "/instruments/lanzarote#art_20/par_1/pnt_e"
    assert client.get("/search?q=grooming").json()["results"][0]["link"] == "/topics#grooming"


def test_the_page_groups_by_kind_and_pages_through_one(client: TestClient, search: Search) -> None:
    page = client.get("/search?q=article", headers=HTML).text
    of_kind = search.find("article").by_kind()["provision"]
    assert f'<h2 id="kind-provision">Articles of instruments <span class="from">{len(of_kind)}</span>' in page
    seen = []
    for number in range(1, -(-len(of_kind) // 25) + 1):
        one = client.get(f"/search?q=article&kind=provision&page={number}", headers=HTML)
        assert one.status_code == 200
        seen += [name for name in (result.label for result in of_kind) if f">{name}</a>" in one.text]
    assert sorted(seen) == sorted(result.label for result in of_kind)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (f"q={'x' * (LONGEST + 1)}", f"A search takes {LONGEST} characters"),
        ("q=a&kind=nothing", "there is none called"),
        ("q=albania&page=2&kind=jurisdiction", "no page 2"),
        ("q=albania&page=-1", "expected a number"),
        ("q=albania&page=%D9%A1", "expected a number"),
    ],
)
def test_what_cannot_be_shown_is_told_in_a_sentence(client: TestClient, asked: str, sentence: str) -> None:
    answer = client.get(f"/search?{asked}", headers=HTML)
    assert (answer.status_code, sentence in answer.text) == (400, True)


def test_what_cannot_be_suggested_is_told_in_a_sentence(client: TestClient) -> None:
    assert client.get(f"/search?format=json&q={'x' * (LONGEST + 1)}").status_code == 422
    assert client.get("/search?format=json&q=a&limit=0").status_code == 422
    assert client.get("/search?format=csv&q=a").status_code == 422
    assert client.get("/search?q=a", headers={"accept": "text/turtle"}).status_code == 406


def test_what_is_typed_stays_text(client: TestClient) -> None:
    page = client.get("/search", params={"q": '"><script>alert(1)</script>'}, headers=HTML).text
    assert "<script>alert" not in page


def test_an_empty_search_shows_examples_that_find_something(client: TestClient, search: Search) -> None:
    page = client.get("/search", headers=HTML).text
    examples = [part.partition("</a>")[0].rpartition(">")[2] for part in page.split("/search?q=")[1:]]
    assert len(examples) > 15
    assert [text for text in examples if not search.find(text.replace("&#39;", "'")).results] == []
