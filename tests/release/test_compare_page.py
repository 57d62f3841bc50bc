"""The compare page shows what the catalogue answers for each jurisdiction, and its files are what the page shows."""

import csv
import html
import io
import re

import docx
import pytest
from fastapi.testclient import TestClient

from tests.dataset.test_catalog_answers import rows
from tutela.catalog.catalog import Catalog

FOUR = "place=KEN&place=DEU&place=CHN&place=HKG"
SIX = f"{FOUR}&place=PHL&place=UGA"


def text(markup: str) -> str:
    """Return the text of markup, with quotation marks, without the name that a phone shows above each answer and without controls."""
    shown = re.sub(r'<span class="whose">.*?</span>|<summary>.*?</summary>', "", markup)
    shown = re.sub(r"<q\b[^>]*>", "“", shown).replace("</q>", "”")
    shown = re.sub(r"</?(?:p|td|th|tr)\b[^>]*>", " ", shown)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", shown)).split())


def table(page: str) -> list[list[str]]:
    """Return the texts of the cells of each row, the first of which is the question with how they differ."""
    found = re.findall(r'<tr><th scope="row">(.*?)</tr>', page, re.DOTALL)
    return [[text(cell) for cell in re.split(r"<td\b[^>]*>", row)] for row in found]


def cells(page: str) -> dict[str, list[str]]:
    """Return the cell texts of each row by its question, and last how they differ, if they do."""
    result = {}
    for head, *others in table(page):
        question, mark, how = head.partition(" Differs")
        question = re.split(r" The criterion: | Data current to ", question)[0]
        result[question] = [*others, f"{mark.strip()}{how}"]
    return result


def test_findings_and_participation_equal_the_catalogue(client: TestClient, catalog: Catalog) -> None:
    codes = ("ALB", "BEL", "SMR")
    shown = cells(client.get("/compare?place=ALB&place=BEL&place=SMR").text)
    for row in rows(catalog, "criteria"):
        name = row["criterion_name"][0].upper() + row["criterion_name"][1:]
        met = [
            next(r["met"] for r in rows(catalog, "jurisdiction-card", jurisdiction=code) if r["criterion"] == row["criterion"])
            for code in codes
        ]
        words = [{"true": "Met", "false": "Not met"}[value] for value in met]
        assert [re.split(r" Note | Recorded", cell)[0] for cell in shown[name][:-1]] == words
        assert shown[name][-1].startswith("Differs: ") == (len(set(met)) > 1)
    for code, number in zip(codes, range(3), strict=True):
        unmet = rows(catalog, "unmet-obligations", jurisdiction=code)
        for kind, head in (
            ("unmet obligation", "Obligations not met, according to the review"),
            ("possible gap", "Possible gaps (need legal review)"),
        ):
            count = sum(row["kind"] == kind for row in unmet)
            assert shown[head][number].partition(" ")[0] == (str(count) if count else "None")
    bound = [next(r for r in rows(catalog, "bound-by", jurisdiction=code) if r["instrument"] == "budapest") for code in codes]
    budapest = shown["Budapest Convention"]
    assert [cell.startswith("Bound since") for cell in budapest[:-1]] == [row["state"] == "bound" for row in bound]


def test_a_question_says_what_the_criterion_asks_for_and_how_many_differ(client: TestClient) -> None:
    page = client.get(f"/compare?{FOUR}").text
    assert "The criterion: Internet service providers must report suspected material to law enforcement" in text(page)
    shown = cells(page)
    assert shown["Child sexual abuse material defined"][-1] == "Differs: 3 met, 1 not met"
    assert shown["Obligations not met, according to the review"] == ["None", "None", "None", "None", ""]
    rating = cells(client.get("/compare?place=PHL&place=IDN&place=THA").text)["Rating, from the five findings"][-1]
    assert rating == "Differs: 1 five criteria met; 1 specific legislation, fewer than four criteria met; 1 four criteria met"


def test_instruments_that_are_closed_to_all_are_one_row(client: TestClient, catalog: Catalog) -> None:
    shown = cells(client.get("/compare?place=ALB&place=CHN").text)
    closed = [
        {row["instrument"] for row in rows(catalog, "bound-by", jurisdiction=code) if row["state"] == "cannot join"}
        for code in ("ALB", "CHN")
    ]
    [heading] = [question for question in shown if "none of them can join" in question]
    assert heading.startswith(f"{len(closed[0] & closed[1])} that none of them can join African Charter; ")
    assert shown[heading][0].startswith("Cannot join: open only to members of an organisation")


def test_national_law_is_quoted_in_its_language_and_linked(client: TestClient) -> None:
    page = client.get("/compare?place=DEU&place=CHN").text
    assert re.search(r'<q lang="de" dir="ltr">[^<]*kinderpornographisch[^<]*</q> <span class="tongue">\(German\)</span>', page)
    assert '<q lang="zh" dir="ltr">' in page
    assert 'href="/laws/DEU/strafgesetzbuch' in page or 'href="/laws/DEU/' in page
    # The source of a provision is one click away, and on paper its address is at the end.
    number, url, site = re.findall(r'source: <a data-n="(\d+)" href="(https?://[^"]+)" rel="external">([^<]+)</a>', page)[0]
    assert site in url
    assert f"({url})" in client.get("/compare.md?place=DEU&place=CHN").text.replace("(<", "(").replace(">)", ")")
    listed = re.findall(r"<li>(.*?)</li>", page.partition('<section class="printed addresses">')[2].partition("</section>")[0])
    assert listed[int(number) - 1] == url
    assert "Recorded discrepancy" in page
    assert "/doc/observation/" not in page


def test_every_term_explains_itself_and_what_is_more_is_there(client: TestClient, catalog: Catalog) -> None:
    page = client.get("/compare?place=KEN&place=UGA").text
    body = page.partition('<table class="comparison')[2].partition("</table>")[0]
    explained = dict(re.findall(r'id="term-([\w-]+)" popover><strong>[^<]*</strong>: ([^<]+)', page))
    terms = re.findall(r'popovertarget="term-([\w-]+)"( tabindex="-1")?>([^<]+)</button>', body)
    assert {"relation-narrower", "confidence-listed"} <= {name for name, _, _ in terms} <= set(explained)
    assert next(label for name, _, label in terms if name == "relation-narrower") == "meets the criterion in part"
    for name in {name for name, _, _ in terms}:
        assert [bool(later) for one, later, _ in terms if one == name][:2] in ([False], [False, True]), "one stop of the Tab key"
    # A term that stands in the text of a cell without a button would have no explanation.
    plain = re.sub(r"<button.*?</button>", "", body)
    assert not re.search(r"<p class=\"from\">[^<]*\b(listed|stated|narrower|sourced)\b(?!:)", plain)
    # "1 more" opens to one provision.
    provisions = {
        row["provision"] for row in rows(catalog, "grounds", jurisdiction="KEN") if row["criterion"] == "specific-legislation"
    }
    [count, further] = re.findall(r'<details class="on-paper"><summary>(\d+) more</summary>(.*?)</details>', body, re.DOTALL)[0]
    assert int(count) == len(provisions) - 3 == len(re.findall(r'href="/laws/KEN/', further))
    assert "\n## Terms\n" in (markdown := client.get("/compare.md?place=KEN&place=UGA").text)
    assert "Meets the criterion in part: The finding is yes, and only provisions" in markdown


def test_date_and_differences_filter(client: TestClient) -> None:
    before = cells(client.get("/compare?place=ALB&place=BEL&as_of=2005-01-01").text)
    assert before["Lanzarote Convention"][0] == "Not yet in force for it; bound from 1 July 2010"
    page = client.get("/compare?place=ALB&place=BEL&differs=1").text
    only = cells(page)
    assert {row[-1] for row in only.values()} == {"Differs"}
    assert len(only) < len(before)
    assert csv_rows(client.get("/compare.csv?place=ALB&place=BEL&differs=1").text) == table(page)


def test_territory_has_only_the_findings_of_its_note(client: TestClient) -> None:
    shown = cells(client.get("/compare?place=HKG&place=TWN").text)
    assert shown["Reporting by internet service providers"][0] == "No finding"
    assert shown["Reporting by internet service providers"][1].startswith("Met Note 267: ")


def test_fewer_than_two_jurisdictions_give_choices(client: TestClient) -> None:
    assert "place=ALB&amp;place=AND&amp;place=BIH" in client.get("/compare").text
    assert 'href="/compare?place=ALB&amp;place=ITA"' in client.get("/compare?place=alb&place=&place=ALB").text


def test_the_earlier_name_of_the_parameter_still_works(client: TestClient) -> None:
    earlier, now = (table(client.get(f"/compare?{query}").text) for query in ("j=ALB&j=BEL", "place=ALB&place=BEL"))
    assert earlier == now != []


def csv_rows(answer: str) -> list[list[str]]:
    """Return the rows of a CSV file as `table` does, after its head."""
    _, *lines = csv.reader(io.StringIO(answer))
    return [[" ".join(f"{row[1]} {row[2]}".split()), *(" ".join(cell.split()) for cell in row[3:])] for row in lines]


def test_files_have_the_rows_and_words_of_the_page(client: TestClient) -> None:
    query = f"{FOUR}&as_of=2012-06-01"
    shown = table(client.get(f"/compare?{query}").text)
    answer = client.get(f"/compare.csv?{query}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].startswith('attachment; filename="comparison-KEN-DEU-CHN-HKG-')
    assert answer.text.startswith("section,question,difference,Kenya,Germany,China,Hong Kong\r\n")
    assert csv_rows(answer.text) == shown

    written = docx.Document(io.BytesIO(client.get(f"/compare.docx?{query}").content))
    assert [[" ".join(cell.text.split()) for cell in row.cells] for part in written.tables for row in part.rows[1:]] == shown
    assert written.core_properties.title == "Comparison of Kenya, Germany, China and Hong Kong"
    assert written.sections[0].page_width > written.sections[0].page_height  # type: ignore[operator]

    markdown = client.get(f"/compare.md?{query}").text
    assert markdown.startswith("# Comparison of Kenya, Germany, China and Hong Kong\n")
    plain = re.sub(r"(?<!\\)\[((?:\\.|[^\]\\])*)\]\(<[^>]*>\)", r"\1", markdown).replace("<br>", " ")
    plain = re.sub(r"\\(.)", r"\1", plain)
    found = [line.strip("| ").split(" | ") for line in plain.splitlines() if line.startswith("|") and "---" not in line]
    assert [[" ".join(cell.split()) for cell in row] for row in found if row[0] != "Question"] == shown


def test_documents_say_their_dates_and_sources_and_are_always_the_same(client: TestClient) -> None:
    query = "place=ALB&place=BEL&as_of=2012-06-01"
    markdown = client.get(f"/compare.md?{query}").text
    assert "Findings: the review as of 30 September 2023. Participation status: as of 1 June 2012." in markdown
    assert "Sources: Child Sexual Abuse Material: Model Legislation & Global Review, 10th Edition" in markdown
    assert f"(<http://testserver/compare?{query}>)" in markdown
    assert "(<http://testserver/instruments/lanzarote>)" in markdown
    assert "it does not mean that an act is lawful" in markdown
    assert client.get(f"/compare.docx?{query}").content == client.get(f"/compare.docx?{query}&utm_source=x").content


def test_six_places_make_a_small_page(client: TestClient) -> None:
    page = client.get(f"/compare?{SIX}")
    assert (page.status_code, len(page.content) < 150_000) == (200, True)


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        ("?place=XXX&place=ALB", 400, "there is no jurisdiction &#39;XXX&#39;"),
        ("?place=KENY", 400, "there is no jurisdiction &#39;KENY&#39;; the nearest is KEN (Kenya)."),
        ("?place=Kenya&place=ALB", 400, "there is no jurisdiction &#39;KENYA&#39;; the nearest is KEN (Kenya)."),
        (f"?{SIX}&place=ALB", 400, "seven jurisdictions; at most six can be compared"),
        ("?place=ALB&place=BEL&as_of=yesterday", 400, "is not a date"),
        ("?as_of=yesterday", 400, "is not a date"),
        (".csv?place=ALB", 400, "A comparison needs at least two jurisdictions"),
        (".pdf?place=ALB&place=BEL", 404, "/compare is not available as .pdf; expected one of .csv, .md, .docx"),
    ],
)
def test_invalid_parameters_give_a_message(client: TestClient, asked: str, status: int, sentence: str) -> None:
    answer = client.get(f"/compare{asked}", headers={"accept": "text/html"})
    assert (answer.status_code, sentence in answer.text) == (status, True), answer.text[-800:]
