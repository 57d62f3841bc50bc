"""Pictures for sharing: charts as files, pages for frames, and what a page says about itself where it is shared."""

import re
import struct
import xml.etree.ElementTree as ET
from html import unescape

import pytest
from fastapi.testclient import TestClient

_SVG = "{http://www.w3.org/2000/svg}"
CHARTS = ["map", "map?show=simple-possession", "map?show=lanzarote&as_of=2020-01-01", "criteria", "editions",
          "continents?criterion=isp-reporting", "region?region=002", "timeline?jurisdiction=KEN", "years?instrument=opsc"]  # fmt: skip


def chart_url(chart: str, suffix: str) -> str:
    name, _, query = chart.partition("?")
    return f"/charts/{name}.{suffix}" + (f"?{query}" if query else "")


def size_of(png: bytes) -> tuple[int, int]:
    """Return the width and height of a PNG file (PNG specification, section 11.2.1)."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def meta(page: str, name: str) -> str:
    found = re.findall(rf'<meta (?:name|property)="{name}" content="([^"]*)">', page)
    assert len(found) == 1, name
    return unescape(found[0])


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_has_its_title_source_and_address_inside(client: TestClient, chart: str) -> None:
    response = client.get(chart_url(chart, "svg"))
    assert response.headers["content-type"] == "image/svg+xml"
    root = ET.fromstring(response.text)  # noqa: S314 - our own response
    texts = "\n".join(text.text or "" for text in root.iter(f"{_SVG}text"))
    assert (root.findtext(f"{_SVG}title") or "?").split()[0] in texts
    assert "Source: " in texts
    assert "CC BY 4.0" in texts.replace("\n", " ")
    assert "http://testserver/" in texts
    # A policy forbids styles where the file is shown on its own.
    assert not list(root.iter(f"{_SVG}style"))
    assert " style=" not in response.text
    assert client.get(re.search(r"http://testserver(/\S*)", texts)[1]).status_code == 200  # type: ignore[index]


def test_a_chart_has_the_numbers_of_its_page(client: TestClient) -> None:
    lanzarote = client.get("/charts/map.svg?show=lanzarote&as_of=2020-01-01").text
    assert "44 jurisdictions are bound by the Lanzarote Convention" in lanzarote
    assert "44 jurisdictions are bound by it" in client.get("/map?show=lanzarote&as_of=2020-01-01").text
    assert "as of 1 January 2020" in lanzarote
    assert "Not in the data" in lanzarote
    assert "Not reviewed" in client.get("/charts/map.svg").text
    assert "38 of 196 jurisdictions meet the criterion" in client.get("/charts/criteria.svg").text
    assert "16 of 54" in client.get("/charts/continents.svg?criterion=isp-reporting").text
    bound = re.search(r"<title id=\"chart-title\">(.*?)</title>", client.get("/charts/years.svg?instrument=opsc").text)
    assert bound
    assert bound[1].split(" jurisdictions")[0] in client.get("/map?show=opsc").text
    africa = client.get("/charts/region.svg?region=002").text
    assert "of 54 reviewed jurisdictions meet all five criteria" in africa
    assert "Kenya: four criteria met" in africa
    assert "France" not in africa
    asia = client.get("/charts/region.svg?region=035&show=simple-possession").text
    assert "Southeast Asia: 9 of 11 reviewed jurisdictions meet the criterion “simple possession”" in asia
    assert "Vietnam: not met" in asia
    assert "as of 30 September 2023. Not met: Myanmar, Vietnam." in asia
    page = client.get("/regions/035?show=simple-possession").text
    assert 'href="/charts/region.png?region=035&amp;show=simple-possession"' in page
    assert "not met <strong>2</strong>" in page
    assert '<a href="/criteria/simple-possession?show=not-met&amp;region=035#jurisdictions">2</a>' in page
    left, _, width, _ = map(float, re.findall(r"[\d.]+", page.partition('"world near" viewBox="')[2].partition('"')[0]))
    assert left + width > 856  # Papua, a part of Indonesia apart from its largest
    assert client.get("/regions/035?show=lanzarote").status_code == 400
    editions = ET.fromstring(client.get("/charts/editions.svg").text)  # noqa: S314 - our own response
    assert {"27 sufficient", "118 sufficient", "138 sufficient"} <= {text.text for text in editions.iter(f"{_SVG}text")}


def test_a_chart_is_also_a_png(client: TestClient) -> None:
    response = client.get("/charts/timeline.png?jurisdiction=KEN")
    assert response.headers["content-type"] == "image/png"
    assert size_of(response.content)[0] == 1200


def test_a_wrong_chart_says_what_there_is(client: TestClient) -> None:
    unknown = client.get("/charts/pie.svg")
    assert unknown.status_code == 404
    assert "/charts/map.svg" in unknown.text
    missing = client.get("/charts/timeline.svg")
    assert missing.status_code == 400
    assert "jurisdiction=KEN" in missing.text
    for chart in ("continents", "region", "years"):
        assert client.get(f"/charts/{chart}.svg").status_code == 400
    assert client.get("/charts/timeline.svg?jurisdiction=XXX").status_code == 404
    assert client.get("/charts/map.svg?show=nothing").status_code == 400


def test_other_pages_may_show_a_chart_in_a_frame_and_nothing_else(client: TestClient) -> None:
    embedded = client.get("/embed/map?show=lanzarote")
    assert "frame-ancestors *" in embedded.headers["content-security-policy"]
    assert 'src="/charts/map.svg?show=lanzarote"' in embedded.text
    assert 'href="http://testserver/map?show=lanzarote"' in embedded.text
    assert "frame-ancestors 'none'" in client.get("/map").headers["content-security-policy"]
    assert client.get("/embed/pie").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/jurisdictions/KEN",
        "/instruments/opsc?as_of=2012-12-31",
        "/gaps",
        "/laws/KEN/computer-and-cybercrimes-act-2018",
        "/map?show=edition-totals&of=1",
    ],
)
def test_a_page_describes_itself_where_it_is_shared(client: TestClient, path: str) -> None:
    response = client.get(path)
    if response.status_code == 404:
        pytest.fail(f"{path} is not a page; choose another one")
    page = response.text
    assert meta(page, "og:title") in unescape(page.split("<title>")[1])
    assert 20 < len(meta(page, "description")) <= 200
    assert meta(page, "og:description") == meta(page, "description")
    assert f'<link rel="canonical" href="http://testserver{path}">' in page.replace("&amp;", "&")
    name, _, values = path.partition("?")
    assert unescape(meta(page, "og:image")).partition("?")[2] == values, "the picture is of the same year or edition"
    assert name != "/instruments/opsc" or meta(page, "og:title") == "OPSC, as of 31 December 2012"
    assert "Cite this page" in page
    image = unescape(meta(page, "og:image"))
    assert image.startswith("http://testserver/cards/")
    picture = client.get(image)
    assert picture.headers["content-type"] == "image/png"
    assert size_of(picture.content) == (1200, 630)
    assert len(picture.content) < 300_000


def test_what_is_no_page_has_no_card(client: TestClient) -> None:
    for path in (
        "/cards/nothing.png",
        "/cards/queries/criteria.csv.png",
        "/cards/jurisdictions/XXX.png",
        "/cards/cards/index.png",
    ):
        assert client.get(path).status_code == 404, path


def test_a_frame_is_named_after_what_it_shows(client: TestClient) -> None:
    assert 'title="Map of the criterion: simple possession"' in unescape(client.get("/map?show=simple-possession").text)


def test_pages_offer_their_charts(client: TestClient) -> None:
    for path, chart in [("/", "/charts/criteria.png"), ("/criteria/simple-possession", "/charts/continents.png?criterion=simple-possession"),
                        ("/map", "/charts/map.svg?show=criteria-met"),
                        ("/jurisdictions/KEN", "/charts/timeline.png?jurisdiction=KEN")]:  # fmt: skip
        page = unescape(client.get(path).text)
        assert f'href="{chart}' in page
        assert '<iframe src="http://testserver/embed/' in page
