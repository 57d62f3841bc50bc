"""“Where this comes from” and “Report an error” next to findings and dates."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from tutela.engine.worker_pool import WorkerPool
from tutela.release import Release
from tutela.settings import Settings
from tutela.web.app import create_app

LINK = re.compile(r'<a class="report no-print" href="([^"]*)" aria-label="([^"]*)">Report an error</a>')


def contact(address: str) -> Settings:
    return replace(Settings(), server=replace(Settings().server, contact=address))


@pytest.fixture(scope="module")
def client(built: Release) -> Iterator[TestClient]:
    """Return a client of a service with a contact."""
    with TestClient(create_app(WorkerPool(built), built, contact("law@example.org"))) as client:
        yield client


def test_a_finding_says_where_it_comes_from(client: TestClient) -> None:
    page = html.unescape(client.get("/jurisdictions/KEN").text)
    assert (
        "Where this comes from: the row “Kenya” in the table of the review (10th edition, 2023), line 1443 of its plain text."
        in page
    )
    territory = html.unescape(client.get("/jurisdictions/HKG").text)
    assert "Where this comes from: note 267 of the review (10th edition, 2023), line 1307 of its plain text." in territory


def test_every_finding_and_date_of_a_jurisdiction_has_a_link_with_its_statement(client: TestClient) -> None:
    found = {html.unescape(label): html.unescape(link) for link, label in LINK.findall(client.get("/jurisdictions/KEN").text)}
    label = "Report an error: Kenya, simple possession: met"
    assert found[label].startswith("mailto:law@example.org?subject=Tutela%3A%20Kenya%2C%20simple%20possession")
    assert "jurisdictions/KEN" in found[label]
    assert "findings%20as%20of%2030%20September%202023" in found[label]
    assert sum(one.endswith((": met", ": not met")) for one in found) == 5
    assert "Report an error: Kenya, ILO C182: Bound since 7 May 2002" in found


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/instruments/budapest", "Budapest Convention, in force: 1 July 2004"),
        ("/laws/KEN/computer-and-cybercrimes-act-2018", "Computer and Cybercrimes Act, 2018 (Kenya), section 24(1)(d)"),
    ],
)
def test_dates_of_instruments_and_provisions_of_laws_have_one_too(client: TestClient, path: str, label: str) -> None:
    labels = [html.unescape(label) for _, label in LINK.findall(client.get(path).text)]
    assert f"Report an error: {label}" in labels


def test_a_reservation_links_to_the_page_where_it_was_found(client: TestClient) -> None:
    page = client.get("/instruments/budapest").text
    assert '<a href="https://wipo.int/wipolex/en/treaties/parties/remarks/AD/952" rel="external"' in page


def test_without_a_contact_links_lead_to_a_message_to_copy(client: TestClient, built: Release) -> None:
    with TestClient(create_app(WorkerPool(built), built)) as other:
        page = other.get("/jurisdictions/KEN")
        found = {html.unescape(label): html.unescape(link) for link, label in LINK.findall(page.text)}
        assert all(link.startswith("/report?page=%2Fjurisdictions%2FKEN&statement=Kenya%2C+") for link in found.values())
        report = html.unescape(other.get(found["Report an error: Kenya, simple possession: met"]).text)
        message = report.partition('<pre class="copied"')[2].partition(">")[2].partition("</pre>")[0]
        assert message.splitlines() == [
            "Page: http://testserver/jurisdictions/KEN",
            "Statement: Kenya, simple possession: met",
            "Source: the row “Kenya” in the table of the review (10th edition, 2023), line 1443 of its plain text, findings as of "
            "30 September 2023",
            "Table row: data/review/observations.csv, key 10, KEN, simple-possession",
            "",
            "What is wrong:",
            "",
            "Where the correct information can be found:",
        ]
        assert "this service at <code>testserver</code> have given no address" in report
        # A status follows from the treaty actions of the jurisdiction, a membership from its row.
        for label, row in (
            ("Kenya, ILO C182: Bound since 7 May 2002", "data/participation/actions.csv, key c182, KEN, 1"),
            ("Kenya, International Labour Organization: member", "data/participation/memberships.csv, key "),
        ):
            link = next(link for name, link in found.items() if name.startswith(f"Report an error: {label}"))
            assert f"Table row: {row}" in other.get(link).text
        assert "tutela add correction" in report
        # A name with an apostrophe is plain text, in the statement and in the source.
        (link,) = (
            link for link, label in LINK.findall(other.get("/jurisdictions/CIV").text) if label.endswith("simple possession: met")
        )
        assert "Source: the row “Côte d'Ivoire” in the table" in html.unescape(other.get(html.unescape(link)).text)
        # It is of no use to whoever puts another page or a query into the address.
        for elsewhere in ("/%5Cexample.org/", "/%09/example.org/", "/%0A/example.org/", "https://example.org/"):
            assert "back to the page" not in other.get(f"/report?page={elsewhere}&statement=x").text, elsewhere
        forged = other.get("/report?page=//example.org/&statement=<b>&about=x/%3E%20%7B%7D%20y/z%20w").text
        forged = forged.partition("<main")[2].partition("</main>")[0]
        assert "example.org" not in forged and "<b>" not in forged and "Table row" not in forged
        # A browser that knows the page from before the contact was changed gets it again.
        assert client.get("/jurisdictions/KEN", headers={"if-none-match": page.headers["etag"]}).status_code == 200
