"""A draft of an edition: made from the last one, reviewed finding by finding, and marked as a draft wherever it is shown."""

import csv
import html
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from tests.release.test_build import check_data, edit
from tutela import paths
from tutela.cli import app as command
from tutela.engine.worker_pool import WorkerPool
from tutela.errors import UsageError
from tutela.importers.draft_edition import create_draft, progress_of
from tutela.release import Release
from tutela.tables import Row, read_rows
from tutela.web.app import create_app

CHECKS = ("finding-reviews-agree", "drafts-have-reviews", "editions-dated", "observations-complete", "totals")
BIBO = "http://purl.org/ontology/bibo/status/draft"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "review").iterdir() if path.is_file()}


def found_in(folder: Path) -> list[str]:
    return [result.found for result in check_data(folder, *CHECKS)]


def review(folder: Path, criterion: str, status: str, **columns: str) -> None:
    """Set the status of the review of a finding on Kenya."""

    def change(rows: list[Row]) -> None:
        [row] = [row for row in rows if (row["jurisdiction"], row["criterion"]) == ("KEN", criterion)]
        row.update({"status": status, "reviewer": "regional editor", "date": "2026-11-20"} | columns)

    edit(folder, "finding_reviews", change)


def turn(folder: Path, criterion: str) -> None:
    """Change a finding on Kenya in the draft."""

    def change(rows: list[Row]) -> None:
        [row] = [row for row in rows if (row["edition"], row["jurisdiction"], row["criterion"]) == ("11", "KEN", criterion)]
        row.update(met="false" if row["met"] == "true" else "true", source="tutela", line="")

    edit(folder, "observations", change)


def publish(folder: Path) -> None:
    edit(folder, "editions", lambda rows: rows[-1].update(status="published", published="2026", findings_as_of="2026-06-30"))


def test_a_draft_repeats_the_findings_and_leaves_published_rows_as_they_are(data_copy: Path) -> None:
    before = contents(data_copy)
    assert create_draft(11) == 980
    after = contents(data_copy)
    assert {name for name in before if before[name] != after[name]} == {"editions.csv", "observations.csv", "finding_reviews.csv"}
    for name in ("editions.csv", "observations.csv"):
        assert after[name].startswith(before[name]), "the draft comes after the published rows"
    observations = read_rows(data_copy / "review" / "observations.csv")
    assert [row | {"edition": "10"} for row in observations if row["edition"] == "11"] == observations[:980]
    reviews = read_rows(data_copy / "review" / "finding_reviews.csv")
    assert {(row["status"], row["reviewer"], row["date"]) for row in reviews} == {("carried-over", "", "")}
    assert not list(data_copy.rglob("*.part"))
    assert found_in(data_copy) == []


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (10, r"Edition 10 exists \(published\); nothing was written. The next number is 12"),
        (11, r"Edition 11 exists \(draft\)"),
        (12, "Edition 11 is a draft; nothing was written. Publish it before you begin another"),
    ],
)
def test_a_number_that_exists_or_a_second_draft_is_refused(data_copy: Path, number: int, message: str) -> None:
    create_draft(11)
    before = contents(data_copy)
    with pytest.raises(UsageError, match=message):
        create_draft(number)
    assert contents(data_copy) == before


def test_a_draft_is_written_completely_or_not_at_all(data_copy: Path) -> None:
    before = contents(data_copy)
    (data_copy / "review" / "observations.csv.part").mkdir()
    with pytest.raises(UsageError, match=r"observations\.csv\.part: not writable .* nothing was changed"):
        create_draft(11)
    (data_copy / "review" / "observations.csv.part").rmdir()
    assert contents(data_copy) == before


def test_a_finding_without_a_review_and_one_that_its_review_contradicts_are_errors(data_copy: Path) -> None:
    create_draft(11)
    edit(data_copy, "finding_reviews", lambda rows: rows[1:])
    review(data_copy, "definition", "changed")
    review(data_copy, "isp-reporting", "confirmed", reviewer="")
    review(data_copy, "simple-possession", "new")
    turn(data_copy, "technology-facilitated")
    assert sorted(found_in(data_copy)) == [
        "data/finding_reviews.csv has no row on this finding of a draft",
        "the finding is not that of the edition before",
        "the finding was reviewed, but its reviewer or date is missing",
        "the status is changed, but the finding is that of the edition before",
        "the status is new, but the edition before has a finding",
    ]


def test_an_edition_is_published_only_if_nothing_is_open(data_copy: Path) -> None:
    create_draft(11)
    publish(data_copy)
    edit(data_copy, "editions", lambda rows: rows[-1].update(findings_as_of=""))
    assert sorted(found_in(data_copy)) == [
        "the edition is published, but findings_as_of in data/editions.csv is empty",
        *["the finding is open, but the edition is published"] * 980,
    ]

    def confirm(rows: list[Row]) -> None:
        for row in rows:
            row.update(status="confirmed", reviewer="regional editor", date="2026-11-20")

    edit(data_copy, "finding_reviews", confirm)
    publish(data_copy)
    assert found_in(data_copy) == []


def test_the_commands_say_what_is_open(data_copy: Path) -> None:
    run = CliRunner()
    created = run.invoke(command, ["edition", "new", "11"])
    assert created.exit_code == 0 and "Edition 11 is a draft with 980 findings, all open." in created.output
    review(data_copy, "isp-reporting", "changed")
    lines = run.invoke(command, ["edition", "status", "11"]).output.splitlines()
    assert lines[0] == "Edition 11 (draft): 1 of 980 findings reviewed (0 confirmed, 1 changed, 0 new), 979 open (carried-over)."
    assert "Kenya (KEN): definition, simple-possession, specific-legislation, technology-facilitated" in lines
    assert len(lines) == 197
    assert "no reviews of its findings are recorded" in run.invoke(command, ["edition", "status", "10"]).output
    with pytest.raises(UsageError, match="There is no edition 12"):
        progress_of(12)


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a service over a release with a draft, in which one finding on Kenya is changed."""
    import shutil  # noqa: PLC0415

    from tutela.release.build import build  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("draft")
    with pytest.MonkeyPatch.context() as patch:
        shutil.copytree(paths.DATA, folder / "data")
        patch.setattr(paths, "DATA", folder / "data")
        create_draft(11)
        turn(paths.DATA, "isp-reporting")
        review(paths.DATA, "isp-reporting", "changed")
        built: Release = build(folder / "release")[0]
    with TestClient(create_app(WorkerPool(built), built), headers={"accept": "text/html"}) as client:
        yield client


def text(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return plain(answer.text)


def plain(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.partition("<main")[2])))


def rows(client: TestClient, path: str) -> list[dict[str, str]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_page_of_a_draft_lists_what_is_open(draft: TestClient) -> None:
    page = text(draft, "/editions/11")
    assert "Draft. These findings are under review; nobody has published them." in page
    assert "0 confirmed, 1 changed, 0 new, 979 open." in page
    assert re.search("Kenya ?4 of 5", page) and re.search("Albania ?5 of 5", page)
    assert "11th edition (draft)" in text(draft, "/editions")
    assert draft.get("/editions/12").status_code == 404


def test_every_page_that_shows_a_draft_says_so(draft: TestClient) -> None:
    page = text(draft, "/jurisdictions/KEN?edition=11")
    assert "Draft. The five findings below are those of the 11th edition (draft), which nobody has published." in page
    assert "Kenya meets all five criteria in the 11th edition (draft)." in page
    assert "changed" in page and "carried over: open" in page
    assert "Draft. Edition 11 is under review" in text(draft, "/queries/findings?edition=11")
    assert "Draft." in text(draft, "/about")


@pytest.mark.parametrize("path", ["/", "/instruments/lanzarote", "/search?q=kenya", "/criteria/definition"])
def test_a_page_that_stays_on_the_current_edition_says_so(draft: TestClient, path: str) -> None:
    note = "This page does not show the draft of the 11th edition. Its findings are under review. Findings here are those of the 10th"
    page = text(draft, f"{path}{'&' if '?' in path else '?'}edition=11")
    assert (note in page) is (BANNER not in page)
    assert "does not show" not in text(draft, path)
    assert "does not show" not in text(draft, f"{path}{'&' if '?' in path else '?'}edition=10")


def test_the_page_of_checks_says_what_is_checked_of_a_draft(draft: TestClient) -> None:
    assert "The data have a draft of the 11th edition. Its rows are checked like all others." in text(draft, "/validate")


BANNER = "Draft of the 11th edition, not published. Its findings are under review."


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/map", "28 of 196 jurisdictions meet all five criteria"),
        ("/map?show=isp-reporting", "39 of 196 jurisdictions meet this criterion, according to the draft of the 11th edition."),
        ("/jurisdictions", "The findings of the 11th edition (draft) on 196 jurisdictions."),
        ("/compare?j=KEN&j=UGA", "Findings: the draft of the 11th edition."),
        ("/gaps", "according to the draft's findings and our reading"),
    ],
)
def test_pages_of_findings_are_about_the_chosen_edition(draft: TestClient, path: str, says: str) -> None:
    chosen = draft.get(f"{path}{'&' if '?' in path else '?'}edition=11")
    assert chosen.status_code == 200 and chosen.headers["tutela-edition-status"] == "draft"
    assert '<meta name="robots" content="noindex">' in chosen.text
    assert "This page with the findings of the 10th edition" in plain(chosen.text) and BANNER in plain(chosen.text)
    assert says in plain(chosen.text)
    default = draft.get(path)
    assert "tutela-edition-status" not in default.headers and "Draft of" not in default.text
    published = draft.get(f"{path}{'&' if '?' in path else '?'}edition=10")
    assert without_10(default.text) == without_10(published.text)


def without_10(page: str) -> str:
    return re.sub(r"(\?|&amp;)edition=10", "", page)


@pytest.mark.parametrize("path", ["/map?edition=11", "/map?show=opsc&edition=11", "/jurisdictions?edition=11", "/compare?j=KEN&edition=11", "/compare?j=KEN&j=UGA&edition=11", "/gaps?by=region&kind=both&edition=11", "/gaps?instrument=malabo&edition=11", "/jurisdictions/KEN?edition=11"])  # fmt: skip
def test_every_link_and_form_keeps_the_edition(draft: TestClient, path: str) -> None:
    main = draft.get(path).text.partition("<nav")[2].partition('<footer class="site"')[0]
    pages = re.compile(r"/(map|compare|gaps|jurisdictions)(?![^?#]*\.atom)([/?#]|$)")
    back = html.escape(path.replace("?edition=11", "").replace("&edition=11", ""))
    links = [link for link in re.findall(r'href="([^"]*)"', main) if pages.match(link) and link != back]
    own = [link for link in links if "edition=11" not in link]
    # The page of a jurisdiction says which of its parts are about the current edition.
    assert own == [link for link in own if path.startswith("/jurisdictions/")] and len(links) > 4
    for form in re.findall(r"<form.*?</form>", main, re.DOTALL):
        if pages.search(re.search(r'action="([^"]*)"', form)[1]):  # type: ignore[index]
            assert '<input type="hidden" name="edition" value="11">' in form


def test_unmet_obligations_follow_from_the_findings_of_the_chosen_edition(draft: TestClient) -> None:
    """Kenya's changed finding is on a criterion that no treaty requires. The findings of notes on territories are not copied."""
    published, drafted = (rows(draft, f"/queries/gaps.csv?edition={number}") for number in (10, 11))
    assert [row for row in published if row["name"] != "Macau"] == drafted != published
    assert rows(draft, "/queries/gaps.csv") == published
    code = drafted[0]["jurisdiction"].rpartition("/")[2]
    explained = rows(draft, f"/queries/unmet-obligations.csv?jurisdiction={code}&edition=11")
    assert all(
        "The draft of edition 11 has " in row["explanation"] and " as not met. " in row["explanation"] for row in explained
    )
    assert explained


def test_charts_of_a_draft_say_so(draft: TestClient) -> None:
    assert "/charts/map.svg?show=criteria-met&edition=11" in html.unescape(draft.get("/map?edition=11").text)
    for path in ("/charts/map.svg?edition=11", "/charts/criteria.svg?edition=11", "/embed/map?edition=11"):
        answer = draft.get(path)
        assert answer.headers["tutela-edition-status"] == "draft"
        assert (
            "by the draft of the 11th edition, not published" in " ".join(re.sub("<[^>]*>", " ", answer.text).split())
            or "embed" in path
        )
    assert "draft" not in draft.get("/charts/map.svg").text and "noindex" in draft.get("/embed/map?edition=11").text
    assert draft.get("/charts/criteria.svg?edition=9").status_code == 404


def test_an_unknown_edition_is_an_error_that_lists_the_others(draft: TestClient) -> None:
    for path in ("/map", "/gaps", "/compare", "/jurisdictions", "/jurisdictions/KEN"):
        answer = draft.get(f"{path}?edition=12")
        assert answer.status_code == 404
        assert "Unknown edition &#39;12&#39;. Choose one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11." in answer.text
    answer = draft.get("/map?edition=9")
    assert answer.status_code == 404 and "Of the 9th edition, only totals are known. Choose edition 10 or 11." in answer.text


def test_no_answer_about_a_draft_names_another_edition(draft: TestClient) -> None:
    """Each query with a parameter for the edition is asked about the draft."""
    of_edition = re.compile(r"/(?:observation|note|unmet|assessment|finding-relation)/(\d+)/")
    for query in draft.get("/queries", headers={"accept": "application/json"}).json()["questions"]:
        values = {one["name"]: one["example"] for one in query["parameters"]}
        if "edition" in values:
            answer = draft.get(f"/queries/{query['name']}.csv", params=values | {"edition": "11"})
            assert answer.status_code == 200 and answer.headers["tutela-edition-status"] == "draft"
            assert set(of_edition.findall(answer.text)) <= {"11"}, query["name"]


def test_the_published_edition_stays_the_default(draft: TestClient) -> None:
    page = text(draft, "/jurisdictions/KEN")
    assert "Kenya meets four of the five criteria, according to the review as of 30 September 2023." in page
    assert "The 11th edition (draft) is under review: its findings on Kenya" in page
    default, published, drafted = (draft.get(f"/queries/findings.csv{query}") for query in ("", "?edition=10", "?edition=11"))
    assert default.content == published.content != drafted.content
    assert "tutela-edition-status" not in default.headers
    assert draft.get("/jurisdictions/KEN?edition=9").status_code == 404


def test_answers_about_a_draft_say_so(draft: TestClient) -> None:
    answer = draft.get("/queries/findings?edition=11&format=json")
    assert answer.headers["tutela-edition-status"] == "draft"
    assert "findings-11-draft.json" in answer.headers["content-disposition"]


@pytest.mark.parametrize("resource", ["edition/11", "observation/11/KEN/isp-reporting", "dataset/review/11"])
def test_a_draft_is_a_draft_in_rdf(draft: TestClient, resource: str) -> None:
    accept = {"accept": "application/n-triples"}
    triples = draft.get(f"/doc/{resource}", headers=accept).text
    assert BIBO in triples and "(draft)" in triples
    assert BIBO not in draft.get(f"/doc/{resource.replace('11', '10')}", headers=accept).text
