"""The pages of catalogue queries: the list and its filter, pickers by name, answers with names and links."""

import csv
import html
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.conftest import like, without_buttons
from tutela import namespaces
from tutela.catalog.catalog import Catalog
from tutela.sparql.query_file import page_query
from tutela.web.components.answer_table import AnswerTable, Asked, answer_table
from tutela.web.components.query_choices import LABELS

ANSWERS = Path(__file__).parents[1] / "answers"
# Values that only programs read: short identifiers of several words or of lists, IRIs, paths, dates as numbers, letters.
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+|(https?://|ontology#|id/|data/).*|true|false|[yn]{5}|\d{4}-\d\d(-\d\d)?")
# Words and numbers of the sources themselves.
OF_SOURCES = (
    "Number",
    "Term",
    "Wording",
    "Other name",
    "Note",
    "Label",
    "Penalty",
    "Title",
    "Original title",
    "Identifier",
    "Detail",
)

OPTION = re.compile(r'<option value="([^"]*)"(?: selected)?>([^<]*)</option>')


@pytest.fixture(scope="module")
def client(client: TestClient) -> TestClient:
    return like(client, headers={"accept": "text/html"})


def text(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert len(answer.content) < 150_000, path
    return html.unescape(answer.text)


def test_the_list_has_every_query_under_its_topic(client: TestClient, catalog: Catalog) -> None:
    page = text(client, "/queries")
    for query in catalog.queries.values():
        section = page.partition(f'<section aria-labelledby="topic-{query.topic}">')[2].partition("</section>")[0]
        assert f'href="/queries/{query.name}">{query.title}</a>' in section
    headings = re.findall(r'<h2 id="topic-([^"]+)"', page)
    assert headings[:3] == ["findings", "participation", "obligations"]


@pytest.mark.parametrize(
    ("words", "found", "left_out"),
    [
        ("reservations", "reservations-by", "criteria"),
        ("NATIONAL law", "national-laws", "parties"),
        ("territory date", "bound-by", "criteria"),
        ("bound-by", "bound-by", "criteria"),
    ],
)
def test_the_filter_keeps_queries_with_all_words(client: TestClient, words: str, found: str, left_out: str) -> None:
    page = text(client, f"/queries?q={words}")
    names = re.findall(r'<li id="([^"]+)"><a', page)
    assert found in names
    assert left_out not in names
    assert f"{len(names)} of " in page


def test_words_that_no_query_has_lead_to_the_search(client: TestClient) -> None:
    page = text(client, '/queries?q="><b>zebra')
    assert "No query has these words" in page
    assert "<b>" not in client.get('/queries?q="><b>zebra').text


def test_every_parameter_has_a_label_that_people_know(catalog: Catalog) -> None:
    assert {parameter.name for query in catalog.queries.values() for parameter in query.parameters} <= LABELS.keys()


@pytest.mark.parametrize(
    ("path", "label", "option"),
    [
        ("/queries/bound-by", "Country or territory", ("CIV", "Côte d'Ivoire")),
        ("/queries/standing", "Treaty or other instrument", ("lanzarote", "Lanzarote Convention")),
        ("/queries/jurisdictions-lacking", "Criterion", ("simple-possession", "Simple possession")),
        ("/queries/region-findings", "Region", ("053", "Australasia")),
        ("/queries/provisions-of-law", "National law", ("KEN/computer-and-cybercrimes-act-2018", "Kenya: Computer and Cybercrimes Act, 2018")),
        ("/queries/treaty-to-national", "Article of the instrument", ("art_20/par_1/pnt_e", "Article 20(1)(e)")),
        ("/queries/members", "Organisation", ("au", "African Union")),
    ],
)  # fmt: skip
def test_values_are_chosen_by_name(client: TestClient, path: str, label: str, option: tuple[str, str]) -> None:
    page = text(client, path)
    identifier = re.findall(rf'<label for="([^"]+)">{label}</label>', page)
    assert len(identifier) == 1
    options = OPTION.findall(page.partition(f'<select id="{identifier[0]}"')[2].partition("</select>")[0])
    assert options[0] == ("", "Choose")  # nothing is chosen for the reader
    assert option in options
    names = [name for _, name in options[1:]]
    assert len(set(names)) == len(names) or label == "Article of the instrument"


def test_a_chosen_value_stays_chosen(client: TestClient) -> None:
    page = text(client, "/queries/bound-by?jurisdiction=KEN&as_of=2020-01-01")
    assert '<option value="KEN" selected>Kenya</option>' in page
    assert 'type="date" id="bound-by--as_of" name="as_of" value="2020-01-01"' in page


def test_an_answer_has_names_beside_codes_and_links_to_pages(client: TestClient) -> None:
    page = text(client, "/queries/bound-by?jurisdiction=KEN")
    assert '<a href="/instruments/c182">ILO C182</a></td>' in page, "its short identifier is for programs"
    assert "computed by the instrument's rule" in page
    assert '<time datetime="2002-05-07">7 May 2002</time>' in page
    # The column with what was asked for is left out, and so is the one that repeats its name.
    assert re.search(r'<thead><tr><th scope="col" title="[^"]*">Instrument</th>', page)
    listed = text(client, "/queries/parties?instrument=lanzarote")
    assert '<a href="/jurisdictions/ALB">Albania</a> <code>ALB</code>' in listed
    assert ">Name</th>" not in listed
    found = text(client, "/queries/findings")
    assert ">ISP reporting</th>" in without_buttons(found)
    assert ">Code</th>" not in found


@pytest.fixture(scope="module")
def concepts(catalog: Catalog) -> dict[str, dict[str, str]]:
    rows = catalog.store.query(page_query("concepts").text).records()
    return {str(row["term"]).partition("/id/")[2]: {"label": str(row["label"])} for row in rows}


def term(value: str) -> dict[str, str]:
    if value in ("true", "false"):
        return {"type": "literal", "value": value, "datatype": f"{namespaces.XSD}boolean"}
    return {"type": "uri" if value.startswith(namespaces.BASE) else "literal", "value": value}


def shown(catalog: Catalog, concepts: dict[str, dict[str, str]], name: str) -> AnswerTable:
    """Return the first page of the answer to a query that is stored with the tests."""
    with (ANSWERS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        columns, *rows = list(csv.reader(file))[:60]
    bindings = [{column: term(value) for column, value in zip(columns, row, strict=True) if value} for row in rows]
    results = {"head": {"vars": columns}, "results": {"bindings": bindings}}
    table = answer_table(catalog, concepts, results, Asked({}), "")
    assert table is not None
    return table


def test_no_answer_shows_codes_to_people(catalog: Catalog, concepts: dict[str, dict[str, str]]) -> None:
    found = []
    for name in catalog.queries:
        table = shown(catalog, concepts, name)
        for number, heading in enumerate(table.headings.values()):
            if heading not in OF_SOURCES:
                cells = [row[number] for row in table.rows if not row[number].day and not row[number].link]
                found += [(name, heading, cell.text) for cell in cells if CODE.fullmatch(cell.text)]
    assert {text for _, _, text in found} <= {"e-mail", "sub-jurisdiction"}, found


@pytest.mark.parametrize(
    ("query", "column", "words"),
    [
        ("could-join", "way", "member of an organisation"),
        ("wordings-elsewhere", "distance", "same region"),
        ("wordings-elsewhere", "basis", "read as text"),
        ("wordings-elsewhere", "language", "Arabic"),
        ("jurisdictions", "standing", "covered by the review"),
        ("discrepancies", "followed", "the other claim"),
        ("nearly-sufficient", "missing", "child sexual abuse material defined; reporting by internet service providers"),
        ("notes", "about", "Albania, technology-facilitated offences, 10th edition: met"),
        ("chain", "resource", "Lanzarote Convention, article 20(1)(e) and simple possession: requires"),
        ("changes-since", "resource", "Austria bound by Interim Derogation 2026 from 31 July 2026"),
        ("profiles", "profile", "met: legislation specific to child sexual abuse material, child sexual abuse material defined, "
            "technology-facilitated offences, simple possession; not met: reporting by internet service providers"),
    ],
)  # fmt: skip
def test_answers_are_in_words(catalog: Catalog, concepts: dict[str, dict[str, str]], query: str, column: str, words: str) -> None:
    table = shown(catalog, concepts, query)
    assert words in {row[table.columns.index(column)].text for row in table.rows}


def test_a_long_answer_has_pages_with_all_rows_and_programs_get_all_at_once(client: TestClient) -> None:
    first = text(client, "/queries/findings")
    total = int(re.findall(r"<p>(\d+) results", first)[0])
    assert len(re.findall(r">Page \d+</a>", first)) == 2
    codes = [re.findall(r"<code>([A-Z]{3})</code>", page) for page in (first, text(client, "/queries/findings?page=2"))]
    assert len({*codes[0], *codes[1]}) == len(codes[0]) + len(codes[1]) == total == 196
    assert len(client.get("/queries/findings.csv").text.splitlines()) == total + 1
    assert client.get("/queries/findings.csv?page=2").status_code == 422
    missing = client.get("/queries/findings?page=99")
    assert missing.status_code == 422
    assert "there is no page &#39;99&#39; of this answer" in missing.text


def test_an_answer_with_many_rows_is_no_large_page(client: TestClient) -> None:
    assert "These are 1 to " in text(client, "/queries/changes-since?since=2023-09-30")
