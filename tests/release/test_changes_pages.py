"""The page of changes, and the feeds (Atom, RFC 4287)."""

import csv
import html
import io
import re
from collections.abc import Iterator
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient

from tutela.catalog import Catalog
from tutela.engine.worker_pool import WorkerPool
from tutela.release import Release
from tutela.settings import ServerSettings, Settings
from tutela.web.api.feeds import Feed, document
from tutela.web.app import create_app
from tutela.web.components.changes import date_in_words, grouped
from tutela.web.templating import number_word

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = (
    "/changes.atom",
    "/jurisdictions/MDG/changes.atom",
    "/instruments/malabo/changes.atom",
    "/jurisdictions/ALB/changes.atom",
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")  # RFC 3339


@pytest.fixture(scope="module")
def client(built: Release) -> Iterator[TestClient]:
    with TestClient(create_app(WorkerPool(built), built), follow_redirects=False) as client:
        yield client


def texts(element: ET.Element, name: str) -> list[str]:
    return [found.text or "" for found in element.findall(f"{ATOM}{name}")]


def links(element: ET.Element) -> dict[str, str]:
    return {link.attrib["rel"]: link.attrib["href"] for link in element.findall(f"{ATOM}link")}


def check_feed(content: bytes) -> ET.Element:
    """Check what RFC 4287 requires of a feed and its entries (sections 4.1.1 and 4.1.2), and return the feed."""
    feed = ET.fromstring(content)  # noqa: S314 - our own
    assert feed.tag == f"{ATOM}feed"
    assert len(feed.findall(f"{ATOM}author/{ATOM}name")) == 1  # entries have no author of their own
    assert set(links(feed)) == {"self", "alternate"}
    entries = feed.findall(f"{ATOM}entry")
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            (text,) = texts(element, name)
            assert text.strip(), name
        assert MOMENT.fullmatch(texts(element, "updated")[0])
        assert texts(element, "id")[0].startswith("https://w3id.org/tutela/")
    for entry in entries:
        assert len(texts(entry, "summary")) == 1
        assert links(entry)["alternate"].startswith("http")
        assert texts(entry, "updated") <= texts(feed, "updated")
        assert all(category.attrib["term"] for category in entry.findall(f"{ATOM}category"))
    identifiers = [texts(entry, "id")[0] for entry in entries]
    assert len(set(identifiers)) == len(identifiers)
    return feed


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize("since", ["", "1980-01-01", "2026-11-01"])
def test_a_feed_is_valid(client: TestClient, path: str, since: str) -> None:
    response = client.get(path, params={"since": since} if since else {})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/atom+xml"
    feed = check_feed(response.content)
    address = f"http://testserver{path}"
    assert links(feed)["self"] == (f"{address}?since={since}" if since else address)
    assert client.get(links(feed)["alternate"]).status_code == 200


def entry_rows(feed: ET.Element) -> list[tuple[str, str, str]]:
    """Return the kind, date and jurisdiction of the rows of a feed's entries."""
    found = []
    for entry in feed.findall(f"{ATOM}entry"):
        terms = [category.attrib["term"] for category in entry.findall(f"{ATOM}category")]
        date = texts(entry, "summary")[0].partition(".")[0]
        found += [(terms[1], date, code) for code in terms if re.fullmatch("[A-Z]{3}(-[A-Z]{3})?", code)] or [
            (terms[1], date, "")
        ]
    return found


def test_the_feed_has_every_row_of_the_query(client: TestClient, catalog: Catalog) -> None:
    rows = list(catalog.run("changes-since", {"since": "2023-09-30"}).records())
    expected = [(row, (row["kind"], date_in_words(row), row["jurisdiction"].rpartition("/")[2])) for row in rows]
    for path, wanted in (
        ("/changes.atom", lambda row: True),
        ("/jurisdictions/MDG/changes.atom", lambda row: row["name"] == "Madagascar"),
        ("/instruments/malabo/changes.atom", lambda row: row["instrument"] == "malabo"),
        ("/instruments/dir-2011-93/changes.atom", lambda row: row["instrument"] == "dir-2011-93"),
    ):
        found = entry_rows(check_feed(client.get(path).content))
        assert sorted(found) == sorted(row for record, row in expected if wanted(record)), path


def test_an_act_that_binds_all_members_on_a_day_is_one_entry(client: TestClient) -> None:
    feed = check_feed(client.get("/instruments/fd-2004-68/changes.atom?since=2003-01-01").content)
    (entry,) = [entry for entry in feed.findall(f"{ATOM}entry") if texts(entry, "summary")[0].startswith("1 January 2007. ")]
    assert texts(entry, "title") == ["2 jurisdictions, Framework Decision 2004/68/JHA: bound from this day"]
    assert "Bulgaria, Romania." in texts(entry, "summary")[0]
    assert links(entry)["alternate"].endswith("/instruments/fd-2004-68#standing")


def test_the_pages_of_entries_exist(client: TestClient) -> None:
    feed = check_feed(client.get("/changes.atom").content)
    addresses = {links(entry)["alternate"].partition("#")[0] for entry in feed.findall(f"{ATOM}entry")}
    # Other tests request every page of the sitemap's kinds; here, one of each kind.
    assert addresses <= set(re.findall(r"<loc>([^<]+)</loc>", client.get("/sitemap.xml").text))
    for address in {address.split("/")[3]: address for address in addresses}.values():
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("path", ["/jurisdictions/XXX/changes.atom", "/instruments/none/changes.atom"])
def test_an_unknown_feed_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_feed_since_no_day_is_a_bad_request(client: TestClient) -> None:
    response = client.get("/changes.atom?since=yesterday")
    assert response.status_code == 400
    assert "'yesterday' is not a date" in response.text


def test_a_feed_is_cached_and_can_be_read_from_other_origins(client: TestClient) -> None:
    first = client.get("/changes.atom", headers={"origin": "https://reader.example"})
    assert first.headers["access-control-allow-origin"] == "*"
    assert "vary" in first.headers
    assert client.get("/changes.atom", headers={"if-none-match": first.headers["etag"]}).status_code == 304
    assert client.head("/changes.atom").headers["etag"] == first.headers["etag"]


def test_links_are_those_that_the_client_can_reach(built: Release) -> None:
    settings = Settings(server=ServerSettings(root_path="/law", trusted_proxies=("192.0.2.1",)))
    headers = {"x-forwarded-host": "law.example.org", "x-forwarded-proto": "https"}
    app = create_app(WorkerPool(built), built, settings)
    with TestClient(app, headers=headers, client=("192.0.2.1", 1)) as client:
        feed = check_feed(client.get("/law/instruments/malabo/changes.atom").content)
        page = client.get("/law/instruments/malabo").text
    root = "https://law.example.org/law"
    assert links(feed) == {"self": f"{root}/instruments/malabo/changes.atom", "alternate": f"{root}/instruments/malabo"}
    assert all(links(entry)["alternate"].startswith(f"{root}/") for entry in feed.findall(f"{ATOM}entry"))
    assert 'href="/law/instruments/malabo/changes.atom"' in page
    # Feed readers recognise a feed by its identifier, wherever they read it.
    assert texts(feed, "id") == ["https://w3id.org/tutela/instruments/malabo/changes.atom"]


def test_any_text_is_escaped() -> None:
    hostile = "<b>&\"'\x00\f\ud7ff\uffff]]>"
    columns = ("name", "label", "what", "detail", "source", "kind")
    row = dict.fromkeys(columns, hostile) | {
        "jurisdiction": "",
        "resource": "https://w3id.org/tutela/id/instrument/crc",
        "instrument": "crc",
        "subject": "instruments",
        "date": "by 2021-08-04",
        "latest": "2021-08-04",
        "url": "javascript:alert(1)",
    }
    feed = check_feed(document(Feed(hostile, "changes.atom", "changes", [row], "", "2026-11-24"), "http://example.org/"))
    (entry,) = feed.findall(f"{ATOM}entry")
    assert texts(entry, "title")[0].startswith("<b>&")
    assert texts(entry, "summary")[0].startswith("by 4 August 2021. ")
    assert "via" not in links(entry)


@pytest.mark.parametrize(
    ("path", "feed"),
    [
        ("/changes", "/changes.atom"),
        ("/about", "/changes.atom"),
        ("/jurisdictions/MDG", "/jurisdictions/MDG/changes.atom"),
        ("/instruments/malabo", "/instruments/malabo/changes.atom"),
    ],
)
def test_a_page_names_its_feed(client: TestClient, path: str, feed: str) -> None:
    page = client.get(path).text
    assert re.search(rf'<link rel="alternate" type="application/atom\+xml" title="[^"]+" href="{feed}">', page)
    assert 'href="/changes"' in page


def test_the_page_lists_the_changes_of_each_year(client: TestClient, catalog: Catalog) -> None:
    pages = [client.get("/changes", params={"since": "2017-06-30"}).text]
    while following := re.search(r'<a href="([^"]*)" rel="next">', pages[-1]):
        pages.append(client.get(unescape(following[1])).text)
    assert len(pages) > 1
    assert f"This is page 1 of {len(pages)}." in pages[0]
    assert client.get("/changes", params={"since": "2017-06-30", "page": len(pages) + 1}).status_code == 400
    page = "".join(pages)
    rows = list(catalog.run("changes-since", {"since": "2017-06-30"}).records())
    years = sorted({row["latest"][:4] for row in rows if row["ahead"] == "false"}, reverse=True)
    assert list(dict.fromkeys(re.findall(r'<h2 id="y(\d{4})">', page))) == years
    assert f"{len(rows):,} changes in instruments" in page
    assert 'value="2017-06-30"' in page
    for row in rows:
        assert row["name"].partition("'")[0].partition("&")[0] in page
    assert client.get("/changes", params={"since": "2017"}).status_code == 400


def test_the_page_lists_the_changes_of_one_jurisdiction(client: TestClient) -> None:
    page = client.get("/changes?jurisdiction=KEN").text
    assert "One change in instruments, participation and national law after" in page
    assert 'href="/laws/KEN/computer-misuse-and-cybercrimes-amendment-act-2025"' in page
    assert 'name="jurisdiction" value="KEN"' in page, "another day keeps the jurisdiction"
    shown = client.get("/jurisdictions/KEN").text.partition('<h2 id="changes"')[2].partition("</section>")[0]
    assert 'href="/changes?jurisdiction=KEN"' in shown
    assert ">Computer Misuse and Cybercrimes (Amendment) Act 2025</a>: date of the act." in shown
    assert 'href="https://doassociates.co.ke/?p=2106" rel="external">Source</a>' in shown
    assert "have no change in Japan after this day; they are not complete" in client.get("/changes?jurisdiction=JPN").text
    assert client.get("/changes?jurisdiction=KEM").status_code == 404


@pytest.mark.parametrize(
    ("path", "least"), [("/changes?jurisdiction=FRA", 4), ("/changes?instrument=un-cybercrime", 70), ("/changes", 150)]
)
def test_the_data_are_those_of_the_list(client: TestClient, path: str, least: int) -> None:
    page = html.unescape(client.get(path).text)
    data = re.findall(r'href="(/queries/changes-since\?[^"]+format=csv)"', page)
    rows = list(csv.DictReader(io.StringIO(client.get(data[0]).text)))
    assert len(rows) >= least
    assert f"{len(rows)} changes in " in page or f"{number_word(len(rows)).capitalize()} changes in " in page
    code, slug = (re.findall(rf"{name}=([A-Za-z-]+)", path) for name in ("jurisdiction", "instrument"))
    assert not code or {row["jurisdiction"].rpartition("/")[2] for row in rows} == set(code)
    assert not slug or {row["instrument"] for row in rows} == set(slug)


def test_an_instrument_links_to_its_list_of_changes(client: TestClient) -> None:
    assert 'href="/changes?instrument=malabo"' in client.get("/instruments/malabo").text
    page = client.get("/changes?instrument=malabo").text
    assert "<h1>Changes: Malabo Convention</h1>" in page
    assert 'name="instrument" value="malabo"' in page, "another day keeps the instrument"
    assert 'href="/instruments/malabo/changes.atom"' in page
    assert client.get("/changes?instrument=malab").status_code == 404


def test_the_same_change_of_several_jurisdictions_is_listed_once() -> None:
    same = {"subject": "participation", "date": "2025-10-25", "kind": "signature", "instrument": "x", "detail": "", "source": "s"}
    rows = [same | {"jurisdiction": code, "resource": code} for code in ("ALB", "BEL")]
    other = rows[0] | {"detail": "in Hanoi"}
    law = rows[0] | {"subject": "national-law", "instrument": ""}
    found = grouped([*rows, other, law, law | {"resource": "BEL"}])
    assert [len(change.jurisdictions) for change in found] == [2, 1, 1, 1]
    assert len(grouped(rows, ("bound-from",))) == 2
