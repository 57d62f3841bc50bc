"""Every kind of page, the styles and the icon pass the Nu HTML Checker without errors and warnings, and no page is heavy."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from tests.conftest import TESTS, like, skip_or_fail
from tutela import namespaces, paths
from tutela.catalog import Catalog
from tutela.sparql import EmbeddedStore

JAR = TESTS / "nu" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
# Jurisdictions with something special on their page, besides one in forty of the others.
SPECIAL = {"COK", "PSE", "HKG", "MAC", "TWN", "GBR-NIR", "ABW", "XKX", "DNK", "ALB", "ISR", "LUX", "ZAF"}
_MAX_BYTES = 150_000  # of a page, uncompressed
PAGES = [
    "/",
    "/?show=lanzarote",
    "/map?show=budapest&only=bound",
    "/map?show=gdpr",
    "/map?show=dir-95-46",
    "/map?show=definition",
    "/jurisdictions",
    "/instruments",
    "/instruments?as_of=1995-01-01",
    "/instruments/opsc?as_of=1990-01-01",
    "/instruments/c182?as_of=2010-01-01",
    "/instruments/arab-it?as_of=2015-01-01",
    "/jurisdictions/DZA?as_of=2015-06-01",
    "/map?show=c182&as_of=2010-01-01",
    "/gaps?as_of=2015-06-01",
    "/compare?j=DZA&j=IRQ&as_of=2015-06-01",
    "/jurisdictions/ALB?as_of=1950-01-01",
    "/checklist",
    "/checklist/KEN?done=model.punish-attempt,simple-possession.dir-2011-93.art_5.par_2",
    "/checklist/BEL",
    "/compare",
    "/compare?j=ALB",
    "/compare?j=ALB&j=BEL&j=PHL&j=HKG&differs=1",
    "/compare?place=KEN&place=UGA&place=DEU&place=PHL&place=CHN&place=HKG",
    "/gaps",
    "/gaps?by=region&kind=all",
    "/gaps?instrument=lanzarote&criterion=simple-possession",
    "/gaps?instrument=lanzarote&open=lanzarote&sort=name",
    "/gaps?kind=recommendation",
    "/gaps?as_of=2015-06-01&instrument=arab-it",
    "/changes",
    "/changes?since=1980-01-01",
    "/topics",
    "/criteria",
    "/criteria/specific-legislation",
    "/criteria/isp-reporting?show=not-met&region=002",
    "/regions",
    "/regions/019",
    "/regions/053",
    "/notes?kind=judging-rule",
    "/notes/10/267",
    "/notes/10/340",
    "/sources",
    "/sources/icmec-10",
    "/sources/vclt",
    "/recommendations",
    "/recommendations/criminalise-possession",
    "/recommendations/punish-attempt",
    "/glossary",
    "/organisations",
    "/initiatives",
    "/about",
    "/search",
    "/search?q=alban",
    "/search?q=zzzzqq",
    "/search?q=ألبانيا",
    "/search?q=Албания",
    '/search?q="><script>',
    "/search?q=%00%01%7F%C2%85%EF%BF%BF%F0%9F%BF%BE",
    "/search?q=a&kind=jurisdiction&page=2",
    "/queries",
    "/queries/parties-lacking",
    "/sparql",
    "/sparql?example=parties-lacking",
    "/ontology",
    "/shapes",
    "/shapes/national-law",
    "/shapes/checks/review",
    "/api",
    "/queries?q=reservation",
    "/queries?q=%00%22%3Cb%3E",
    "/queries/findings?page=2",
    "/queries/treaty-to-national?instrument=opsc&provision=art_2/pnt_c",  # the widest rows
    "/queries/findings?page=%3Cb%3E",
    "/validate",
    # Errors
    "/nothing here/é\"'<b>",
    "/sparql?query=SELECT",
    '/sparql?query=SELECT * { "</textarea>',
    "/sparql?update=x",
    "/queries/unknown",
    "/queries/parties-lacking?instrument=x&criterion=\"'<&as_of=20200101&other=1",
    "/queries/parties-lacking?instrument=lanzarote&criterion=simple-possession&as_of=not after 2020",
    "/queries/parties-lacking?instrument=",
    "/queries/parties?instrument=crc&as_of=%00%1F",
    "/sparql?query=%01%EF%BF%BF",
    "/queries/criteria?format=pdf",
    "/map?show=x",
    "/gaps?by=x",
    "/compare?j=XXX",
    "/jurisdictions/XXX",
    "/instruments/opsc?as_of=20200101",
    "/static/none.css",
    "/data/none.csv",
    "/download/none",
    "/graph/none",
    "/doc/none",
]
GRAPHS = [f"/graph/{name}" for name in namespaces.GRAPHS]


@pytest.fixture(scope="module")
def client(client: TestClient) -> TestClient:
    return like(client, headers=BROWSER)


def addresses(catalog: Catalog, store: EmbeddedStore) -> list[str]:
    """Return the addresses of one page of each kind, of all instruments, and of one in six queries, which share a template."""
    jurisdictions = [choice.value for choice in catalog.allowed_values("jurisdiction")]
    chosen = [code for number, code in enumerate(jurisdictions) if code in SPECIAL or number % 80 == 0]
    return [
        *PAGES,
        *GRAPHS,
        *(f"/jurisdictions/{code}" for code in chosen),
        *(f"/instruments/{choice.value}" for choice in catalog.allowed_values("instrument")),
        *(f"/queries/{query.name}?{urlencode(query.examples)}" for query in list(catalog.queries.values())[::6]),
        *one_document_per_kind(store),
    ]


def one_document_per_kind(store: EmbeddedStore) -> list[str]:
    """Return the address of one document for each kind of resource, which is the first segment of its IRI's path."""
    rows = store.query("SELECT DISTINCT ?s WHERE { ?s ?p ?o FILTER(ISIRI(?s)) }").rows()
    resources = sorted(str(iri) for (iri,) in rows if str(iri).startswith(f"{namespaces.BASE}id/"))
    kinds = {re.sub(rf"{namespaces.BASE}id/([^/]+).*", r"\1", iri): iri for iri in resources}
    return [f"/doc/{iri.removeprefix(f'{namespaces.BASE}id/')}" for iri in kinds.values()]


def test_every_kind_of_page_is_valid_html(client: TestClient, catalog: Catalog, store: EmbeddedStore, tmp_path: Path) -> None:
    if not shutil.which("java"):
        skip_or_fail("Java is not installed")
    if not JAR.is_file():
        skip_or_fail("the Nu HTML Checker is not installed (make nu)")
    origins = {}
    for number, address in enumerate(addresses(catalog, store)):
        response = client.get(address)
        assert response.headers["content-type"] == "text/html; charset=utf-8", address
        assert len(response.content) < _MAX_BYTES, f"{address} has {len(response.content)} bytes"
        name = f"{number:04}.html"
        origins[name] = address
        (tmp_path / name).write_bytes(response.content)
    assert len(origins) > 150
    for path in (*paths.STATIC.glob("*.css"), *paths.STATIC.glob("*.svg")):
        shutil.copy(path, tmp_path)
    # Compiling less and collecting garbage in one thread halve the time of a short run of Java.
    java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss4m", "-jar", str(JAR)]
    options = ["--also-check-css", "--also-check-svg", "--format", "json", "--exit-zero-always"]
    result = subprocess.run([*java, *options, str(tmp_path)], capture_output=True, text=True, check=True, timeout=120)
    found = [
        f"{origins.get(Path(one['url']).name, one['url'])}: {one['message']} {one.get('extract', '')[:200]!r}"
        for one in json.loads(result.stderr)["messages"]
    ]
    assert not found, f"{len(found)} messages: " + "\n".join(found[:20])
