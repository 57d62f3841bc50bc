"""The drafting checklist: every item comes from the catalogue, what is ticked is counted and exported, and errors say what to do."""

import html
import io
import json
import re
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from tests.conftest import like
from tutela import release
from tutela.catalog.catalog import Catalog
from tutela.cli.reports import report

POSSESSION = "simple-possession.lanzarote.art_20.par_1.pnt_e"
ATTEMPT = "model.punish-attempt"


@pytest.fixture(scope="module")
def client(client: TestClient) -> TestClient:
    return like(client, headers={"accept": "text/html"})


@pytest.fixture(scope="module")
def kenya(client: TestClient) -> str:
    return get(client, "/checklist/KEN")


def get(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def text(page: str) -> str:
    main = re.sub(r"<[^>]+>", "", page.partition('<main id="main">')[2])
    return html.unescape(re.sub(r"\s+", " ", main)).strip()


def rows(catalog: Catalog, name: str, **values: str) -> list[dict[str, str]]:
    return [{key: value or "" for key, value in record.items()} for record in catalog.run(name, values).records()]


def items(page: str) -> dict[str, str]:
    """Return the text of each item of a checklist by its name in addresses."""
    found = re.findall(r'<li><label><input type="checkbox" name="done" value="([^"]+)"( checked)?>(.*?)</li>', page, re.DOTALL)
    return {name: text(f'<main id="main">{content}') for name, _, content in found}


def remaining(page: str) -> dict[str, tuple[int, int]]:
    """Return how many items remain and how many there are, by instrument and by criterion, topic or type of obligation."""
    found = re.findall(r'<tr><th scope="row"><a [^>]*>(.*?)</a>.*?<td class="number">(\d+) of (\d+)</td></tr>', page, re.DOTALL)
    return {name: (int(left), int(total)) for name, left, total in found}


def test_every_duty_of_an_instrument_that_binds_or_could_be_joined_is_an_item(kenya: str, catalog: Catalog) -> None:
    found = items(kenya)
    bound = {row["instrument"] for row in rows(catalog, "bound-by", jurisdiction="KEN") if row["state"] == "bound"}
    assert bound == {"acrwc", "c182", "crc"}
    own = bound | {"budapest", "lanzarote", "malabo", "opsc", "un-cybercrime"}
    duties = [row for row in rows(catalog, "duties") if row["criterion"] and row["instrument"] in own]
    assert len(duties) > 40
    for row in duties:
        path = row["provision"].partition(f"/instrument/{row['instrument']}")[2].replace("/", ".")
        item = found[f"{row['criterion']}.{row['instrument']}{path}"]
        assert row["provision_name"] in item
        assert row["summary"] in item
        assert not row["reservable_under"] or f"a reservation is possible under {row['reservable_under']}" in item
        assert not row["official_text"] or html.escape(row["official_text"]).replace("&#x27;", "'") in kenya
    assert not [name for name in found if re.search("dir-2011-93|arab-it|dsa", name)], "acts that it cannot join"


def test_what_is_not_yet_in_force_is_a_group_of_its_own(client: TestClient, kenya: str) -> None:
    found = text(kenya)
    assert "Instruments not yet in force These bind nobody yet." in found
    assert (
        "UN Convention against Cybercrime: not yet in force (as of August 2026). No act of it is on record up to 26 Octo" in found
    )
    assert "Source: United Nations Treaty Collection, chapter XVIII-16" in found
    definition = found.partition("A definition")[2] or found
    assert "Instruments not yet in force UN Convention against Cybercrime, article 14(2)" in definition
    # Its own actions are on record, as exactly as the sources say; a protocol is open to the parties of its convention only.
    data = json.loads(get(client, "/checklist/AZE.json"))
    rows = {row["instrument"]: row for row in data["not_in_force"]}
    assert set(rows) == {"budapest-2ap", "un-cybercrime"}
    assert (rows["un-cybercrime"]["signed"], rows["un-cybercrime"]["consented_by"]) == ("2025-10-25", "2026-05-21")
    assert "signed on 25 October 2025 and ratified, or agreed to be bound in another way, by 21 May 2026" in get(
        client, "/checklist/AZE.md"
    )
    items = [
        item
        for group in data["groups"]
        for item in group["items"]
        if item["instrument_name"] == "UN Convention against Cybercrime"
    ]
    assert {item["standing"] for item in items} == {"not in force"}
    kenyan = json.loads(get(client, "/checklist/KEN.json"))
    assert [row["instrument"] for row in kenyan["not_in_force"]] == ["un-cybercrime"]
    # In 2008 the Lanzarote Convention was open and not in force.
    before = json.loads(get(client, "/checklist/ALB.json?as_of=2008-12-31"))
    assert [(row["instrument"], row["in_force"]) for row in before["not_in_force"]] == [("lanzarote", "2010-07-01")]


def test_a_topic_on_which_no_binding_instrument_asks_for_anything_says_so(
    client: TestClient, kenya: str, catalog: Catalog
) -> None:
    sentence = "By our reading, no instrument in Tutela that binds it asks for anything on this topic."
    bound = {row["instrument"] for row in rows(catalog, "bound-by", jurisdiction="KEN") if row["state"] in ("bound", "not known")}
    on_topic: dict[str, set[str]] = {}
    for row in rows(catalog, "topics"):
        on_topic.setdefault(row["topic_slug"], set()).update([row["instrument"]] if row["force"] not in ("", "permit") else [])
    sections = {one.partition('"')[0]: one.partition("</section>")[0] for one in kenya.split('<h3 id="topic-')[1:]}
    silent = {slug for slug, section in sections.items() if sentence in section}
    assert silent == {slug for slug in sections if not on_topic[slug] & bound}
    assert {"grooming", "attempt"} <= silent < set(sections), "no treaty that binds Kenya covers grooming"
    assert get(client, "/checklist/KEN.md").count(sentence) == len(silent)
    groups = json.loads(get(client, "/checklist/KEN.json"))["groups"]
    assert {group["slug"] for group in groups if group.get("in_binding_instruments") is False} == silent


def test_a_topic_names_the_provisions_on_it_that_are_shown_under_a_criterion_or_another_topic(
    client: TestClient, kenya: str
) -> None:
    words = "Lanzarote Convention, article 23; UN Convention against Cybercrime, article 15."
    section = kenya.partition('<h3 id="topic-grooming">')[2].partition("</section>")[0]
    assert f'under <a href="#criterion-technology-facilitated">technology-facilitated offences</a>: {words}' in section
    assert f"Also on this topic, listed under “technology-facilitated offences”: {words}" in get(client, "/checklist/KEN.md")
    groups = json.loads(get(client, "/checklist/KEN.json"))["groups"]
    shown = {(group["kind"], group["slug"]): {item["name"] for item in group["items"]} for group in groups}
    also = [other for group in groups for other in group.get("also", [])]
    assert len(also) > 5
    assert all(set(other["provisions"]) <= shown[other["kind"], other["slug"]] for other in also)


def test_what_wordings_have_in_common_is_shown_where_notes_quote_them(client: TestClient, kenya: str) -> None:
    section = kenya.partition('<h3 id="criterion-technology-facilitated">')[2].partition("<section")[0]
    line = "“by any means”: 15 notes (Algeria; Argentina; Benin; Bolivia; Chad; Congo; "
    assert line in section
    assert "Source: the notes of the review." in section
    assert kenya.count("What national wordings have in common") == 1, "notes quote words on one criterion only"
    groups = {group["slug"]: group for group in json.loads(get(client, "/checklist/KEN.json"))["groups"]}
    assert [row["notes"] for row in groups["technology-facilitated"]["common_wordings"]] == ["15", "2", "2", "2", "2"]
    assert line in get(client, "/checklist/KEN.md")


def test_the_largest_checklist_is_no_large_page(client: TestClient) -> None:
    for code in ("FRA", "CYP"):
        assert len(get(client, f"/checklist/{code}").encode()) < 150_000


def test_every_recommendation_of_the_model_legislation_is_an_item(kenya: str, catalog: Catalog) -> None:
    found = {name: item for name, item in items(kenya).items() if name.startswith("model.")}
    recommendations = rows(catalog, "recommendations")
    assert len(found) == len(recommendations) == 19
    for row in recommendations:
        assert row["summary"] in found[f"model.{row['recommendation'].rpartition('/')[2]}"]


def test_what_is_not_met_comes_first_with_the_finding_its_law_and_the_nearest_wordings(
    client: TestClient, catalog: Catalog
) -> None:
    page = get(client, "/checklist/SMR")
    shown = text(page)
    first = shown.partition("The five criteria of the review")[2]
    assert first.strip().startswith("Simple possession Knowing possession is an offence")
    section = first.partition("Reporting by internet service providers")[0]
    assert "Not met by the review as of 30 September 2023, source" in section
    unmet = [row for row in rows(catalog, "unmet-obligations", jurisdiction="SMR") if row["kind"] == "unmet obligation"]
    assert len(unmet) == 2
    marked = [item for item in items(page).values() if "Unmet obligation." in item]
    assert len(marked) == len(unmet)
    assert all(any(item.startswith(row["provision_name"]) for item in marked) for row in unmet)
    wordings = rows(catalog, "wordings-elsewhere", around="SMR", criterion="simple-possession")
    nearest = section.partition("Wordings elsewhere, the nearest first")[2]
    assert nearest.strip().startswith(f"{wordings[0]['name']}, {wordings[0]['label']}: {wordings[0]['wording']}")


def test_wordings_elsewhere_begin_with_the_same_region_and_language(catalog: Catalog) -> None:
    found = rows(catalog, "wordings-elsewhere", around="KEN", criterion="simple-possession")
    assert [row["name"] for row in found[:5]] == ["Malawi", "Uganda", "Zambia", "Zimbabwe", "Madagascar"]
    assert [(row["distance"], row["same_language"]) for row in found[3:6]] == [("1", "true"), ("1", "false"), ("2", "true")]
    regions = {row["jurisdiction"]: row["region_name"] for row in rows(catalog, "jurisdictions")}
    for row in found:
        assert (row["distance"] == "1") is (regions[row["jurisdiction"]] == "Eastern Africa")
        assert (row["same_language"] == "true") is (row["language"] == "en"), "law of Kenya was read in English only"


def test_reservations_on_record_are_next_to_their_provision(client: TestClient, catalog: Catalog) -> None:
    recorded = [row for row in rows(catalog, "reservations-by", jurisdiction="DNK") if row["provisions"]]
    found = items(get(client, "/checklist/DNK"))
    assert recorded
    for row in recorded:
        about = [item for name, item in found.items() if f".{row['instrument']}." in name and row["effect"].rstrip(".") in item]
        assert about, row["effect"]


def test_ticked_items_are_counted_by_instrument_and_by_criterion(client: TestClient, kenya: str) -> None:
    before = remaining(kenya)
    assert f"the model legislation of the review: {len(items(kenya))} items. This list" in text(kenya), "nothing is ticked"
    assert all(left == total for left, total in before.values())
    assert sum(total for name, (_, total) in before.items()) == 2 * len(items(kenya)), "each item is counted in both tables"
    page = get(client, f"/checklist/KEN?done={POSSESSION},{ATTEMPT}")
    changed = {name for name, count in remaining(page).items() if count != before[name]}
    assert changed == {"Lanzarote Convention", "Simple possession", "The model legislation", "Attempt"}
    assert all(left == total - 1 for name, (left, total) in remaining(page).items() if name in changed)
    assert re.findall(r'value="([^"]+)" checked', page) == [POSSESSION, ATTEMPT]
    assert f"{len(items(kenya)) - 2} of {len(items(kenya))} remain" in text(page)
    # A form of a browser repeats the parameter.
    assert remaining(get(client, f"/checklist/KEN?done={POSSESSION}&done={ATTEMPT}")) == remaining(page)


def test_what_is_ticked_and_not_on_the_list_is_kept(client: TestClient) -> None:
    page = get(client, "/checklist/KEN?done=simple-possession.dir-2011-93.art_5.par_2,model.punish-attempt")
    assert "Ticked, but not on this list on this day: simple-possession.dir-2011-93.art_5.par_2." in text(page)
    assert re.findall(r'value="([^"]+)" checked', page) == [ATTEMPT]


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/checklist/XXX", 404, "Unknown jurisdiction 'XXX'."),
        ("/checklist/XXX.md", 404, "Unknown jurisdiction 'XXX'."),
        ("/checklist/KEN.pdf", 404, "A checklist has no format 'pdf'; it has .md, .docx, .json."),
        ("/checklist/KEN?done=model.punish-attemp", 400, "there is no item 'model.punish-attemp' on any checklist; the nearest is model.punish-attempt."),
        ("/checklist/KEN.docx?as_of=soon", 400, "'soon' is not a date; expected YYYY-MM-DD"),
    ],
)  # fmt: skip
def test_a_wrong_address_says_what_is_wrong(client: TestClient, path: str, status: int, message: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, message in html.unescape(answer.text)) == (status, True), answer.text


def test_the_day_decides_what_binds(client: TestClient) -> None:
    page = get(client, "/checklist/KEN?as_of=2000-01-01")
    assert "as of 1 January 2000" in text(page)
    assert "African Charter, article 27(1)(c)" not in text(page).partition("Instruments that it could join")[0]
    assert '<input type="hidden" name="as_of" value="2000-01-01">' in page
    assert 'href="/checklist/KEN.docx?as_of=2000-01-01"' in page


def test_exports_hold_exactly_what_the_page_shows(client: TestClient) -> None:
    selection = f"?done={POSSESSION}"
    page = get(client, f"/checklist/KEN{selection}")
    assert f'href="/checklist/KEN.docx{selection}"' in page
    found = items(page)
    data = json.loads(get(client, f"/checklist/KEN.json{selection}"))
    in_json = {item["id"]: item for group in data["groups"] for item in group["items"]}
    assert list(in_json) == list(found)
    assert [name for name, item in in_json.items() if item["done"]] == data["done"] == [POSSESSION]
    assert all(item["name"] in found[name] and item["summary"] in found[name] for name, item in in_json.items())
    assert data["remaining"]["items"] == len(found) - 1
    assert data["remaining"]["by_instrument"]["lanzarote"] == remaining(page)["Lanzarote Convention"][0]

    markdown = get(client, f"/checklist/KEN.md{selection}")
    tasks = re.findall(r"^- \[([ x])\] \[(.*?)\]\(<(.*?)>\): ", markdown, re.MULTILINE)
    assert [(done == "x", name) for done, name, _ in tasks] == [(item["done"], item["name"]) for item in in_json.values()]
    assert [url for _, _, url in tasks] == [item.get("official_text", item["iri"]) for item in in_json.values()]

    answer = client.get(f"/checklist/KEN.docx{selection}")
    assert answer.headers["content-type"] == "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert answer.headers["content-disposition"] == 'inline; filename="checklist-KEN.docx"'
    document = docx.Document(io.BytesIO(answer.content))
    written = [one for one in document.paragraphs if one.text[:2] in ("☐\t", "☑\t")]
    assert [(one.text[0] == "☑", one.hyperlinks[0].text) for one in written] == [
        (item["done"], item["name"]) for item in in_json.values()
    ]
    assert (document.core_properties.title, document.core_properties.language) == ("Drafting checklist: Kenya", "en-GB")
    headings = [one.text for one in document.paragraphs if one.style and one.style.name == "Heading 2"]
    assert headings[:2] == ["What remains", "The five criteria of the review"]
    assert headings[-1] == "Sources"
    sources = [one.text for one in document.paragraphs][-12:]
    assert any(one.startswith("NORMLEX: ratifications of C182") for one in sources), "the source of what binds it"
    assert (
        "- [Child Sexual Abuse Material: Model Legislation & Global Review, 10th Edition]" in markdown.partition("## Sources")[2]
    )


def test_the_command_writes_the_same_document_of_word(client: TestClient, built: release.Release, tmp_path: Path) -> None:
    file = tmp_path / "kenya.docx"
    command = ["checklist", "KEN", "--done", POSSESSION, "--docx", str(file), "--release", str(built.folder)]
    assert CliRunner().invoke(report, command).exit_code == 0
    assert file.read_bytes() == client.get(f"/checklist/KEN.docx?done={POSSESSION}").content, "the same release, the same bytes"


def test_every_line_of_the_disclaimer_is_there_and_the_page_stays_small(client: TestClient) -> None:
    page = get(client, "/checklist/FRA")
    assert "This list gives no advice" in text(page)
    assert len(page.encode()) < 150_000
    listed = get(client, "/checklist")
    assert listed.count('href="/checklist/') > 196
