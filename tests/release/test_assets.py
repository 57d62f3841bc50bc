"""Static files of the front end: complete, small, from no other host, and in the wheel."""

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.conftest import skip_or_fail
from tutela import paths
from tutela.tables import read_rows
from tutela.web.assets import asset_url
from tutela.web.components import basemap

FRONT = paths.ROOT / "service" / "front"


@pytest.fixture(scope="module", autouse=True)
def _require_front_end() -> None:
    if not (paths.VENDOR / "front.json").is_file():
        skip_or_fail("the front end is not built (make front)")


def _load_basemap() -> basemap.Basemap:
    loaded = basemap.load()
    assert loaded
    return loaded


def test_the_index_lists_exactly_the_files() -> None:
    index = json.loads((paths.VENDOR / "front.json").read_text(encoding="utf-8"))
    present = {path.relative_to(paths.VENDOR).as_posix() for path in paths.VENDOR.rglob("*") if path.is_file()}
    assert present == {*index["files"], "front.json"}


@pytest.mark.parametrize("name", ["source-serif-4.woff2", "source-serif-4-ext.woff2", "inter.woff2", "inter-ext.woff2"])
def test_a_font_is_small(name: str) -> None:
    assert 10_000 < (paths.VENDOR / name).stat().st_size < 40_000


def test_fonts_are_local_and_have_versioned_urls() -> None:
    css = (paths.VENDOR / "fonts.css").read_text(encoding="utf-8")
    urls = re.findall(r'url\("([^"]*)"\)', css)
    assert len(urls) == css.count("url(") == 4
    assert {f"/static/vendor/{url}" for url in urls} == {asset_url("", f"vendor/{url.split('?')[0]}") for url in urls}
    assert "//" not in css
    assert css.count("font-display:optional") == 4  # text never moves because a font arrives


def test_pages_load_one_style_sheet_and_preload_the_fonts_of_it(client: TestClient) -> None:
    page = client.get("/", headers={"accept": "text/html"}).text
    [address] = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page)
    style = client.get(address)
    assert style.headers["content-type"].startswith("text/css")
    fonts = [f"/{url}" for url in re.findall(r'url\("(static/[^"]+)"\)', style.text)]
    preloaded = re.findall(r'<link rel="preload" href="([^"]+)" as="font" type="font/woff2" crossorigin>', page)
    assert preloaded == [fonts[0], fonts[2]]  # of each family, the letters of English
    for url in fonts:
        assert client.get(url).headers["content-type"] == "font/woff2"


def test_a_missing_file_has_no_url() -> None:
    assert not asset_url("", "vendor/nothing.js")


def test_each_jurisdiction_in_the_atlas_is_on_the_map_once() -> None:
    atlas = json.loads((FRONT / "node_modules" / "world-atlas" / "countries-110m.json").read_text(encoding="utf-8"))
    known = {geometry.get("id") for geometry in atlas["objects"]["countries"]["geometries"]}
    expected = {row["numeric"] for row in read_rows(paths.table_files()["jurisdictions"]) if row["numeric"] in known}
    codes = [outline.code for outline in _load_basemap().outlines if outline.code]
    assert len(codes) == len(set(codes))
    assert len(expected) > 150
    assert expected <= set(codes)


def test_an_outline_without_a_code_is_found_by_name() -> None:
    world = _load_basemap()
    [kosovo] = [row for row in read_rows(paths.table_files()["jurisdictions"]) if row["code"] == "XKX"]
    outline = world.find(kosovo["numeric"], kosovo["report_name"])
    assert outline
    assert (outline.code, outline.name) == ("", "Kosovo")
    assert world.find("", "Utopia") is None
    assert world.find("492", "Kosovo") is None  # Monaco is too small for the atlas; no other outline may replace it


def test_every_outline_is_inside_the_map() -> None:
    world = _load_basemap()
    assert "010" not in {outline.code for outline in world.outlines}  # Antarctica
    for outline in world.outlines:
        assert re.fullmatch(r"(?:M-?[\d.]+,?-?[\d.]+l[-\d., ]+z)+", outline.path), outline.name
        assert 0 < outline.x < world.width, outline.name
        assert 0 < outline.y < world.height, outline.name
        assert outline.area > 0, outline.name


def test_the_map_is_small() -> None:
    assert (paths.VENDOR / "world.json").stat().st_size < 100_000


def test_the_editor_has_no_prefix_list_and_no_source_map() -> None:
    script = (paths.VENDOR / "yasgui" / "yasgui.min.js").read_text(encoding="utf-8")
    assert "prefixes_default={}" in script
    assert "namso-gen" not in script  # an entry of that list
    assert "sourceMappingURL" not in script
    assert "url(http" not in (paths.VENDOR / "yasgui" / "yasgui.min.css").read_text(encoding="utf-8")


def test_every_component_has_its_licence() -> None:
    for name in ("source-serif-4.LICENSE.txt", "inter.LICENSE.txt"):
        assert "SIL OPEN FONT LICENSE" in (paths.VENDOR / name).read_text(encoding="utf-8").upper()
    notices = (paths.VENDOR / "yasgui" / "LICENSES.txt").read_text(encoding="utf-8")
    for package in ("@zazuko/yasgui", "codemirror", "jquery", "datatables.net", "n3", "dompurify"):
        assert re.search(rf"^{package} \d", notices, re.MULTILINE), package


def test_the_lock_file_has_hashes_and_no_urls() -> None:
    lock = json.loads((FRONT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert len(packages) > 50
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_the_packages_contain_the_front_end(kind: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(tmp_path)], cwd=paths.ROOT, check=True)
    [archive] = tmp_path.iterdir()
    if kind == "wheel":
        names = set(zipfile.ZipFile(archive).namelist())
        folder = "tutela/web/static/vendor/"
    else:
        with tarfile.open(archive) as tar:
            names = {name.partition("/")[2] for name in tar.getnames()}
        folder = "service/tutela/web/static/vendor/"
    for path in paths.VENDOR.rglob("*"):
        if path.is_file():
            assert folder + path.relative_to(paths.VENDOR).as_posix() in names
    assert not any("node_modules" in name for name in names)
