"""What the pages load besides themselves: small, whole, from no other host, and in the wheel."""

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.conftest import lacking
from tutela import paths
from tutela.tables import read_rows
from tutela.web import world
from tutela.web.templating import assets

FRONT = paths.ROOT / "service" / "front"


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    if not (paths.VENDOR / "front.json").is_file():
        lacking("the front end is not built (make front)")


def _world() -> world.World:
    found = world.read()
    assert found
    return found


def test_the_index_names_every_file_and_no_other() -> None:
    index = json.loads((paths.VENDOR / "front.json").read_text(encoding="utf-8"))
    there = {path.relative_to(paths.VENDOR).as_posix() for path in paths.VENDOR.rglob("*") if path.is_file()}
    assert there == {*index["files"], "front.json"}


@pytest.mark.parametrize("name", ["source-serif-4.woff2", "source-serif-4-ext.woff2", "inter.woff2", "inter-ext.woff2"])
def test_a_font_is_small(name: str) -> None:
    assert 10_000 < (paths.VENDOR / name).stat().st_size < 40_000


def test_the_fonts_come_from_here_at_addresses_that_change_with_them() -> None:
    css = (paths.VENDOR / "fonts.css").read_text(encoding="utf-8")
    urls = re.findall(r'url\("([^"]*)"\)', css)
    assert len(urls) == css.count("url(") == 4
    asset = assets("")
    assert {f"/static/vendor/{url}" for url in urls} == {asset(f"vendor/{url.split('?')[0]}") for url in urls}
    assert "//" not in css


def test_what_was_not_built_has_no_address() -> None:
    assert not assets("")("vendor/nothing.js")


def test_each_jurisdiction_that_the_atlas_has_is_on_the_map_once() -> None:
    atlas = json.loads((FRONT / "node_modules" / "world-atlas" / "countries-110m.json").read_text(encoding="utf-8"))
    known = {piece.get("id") for piece in atlas["objects"]["countries"]["geometries"]}
    expected = {row["numeric"] for row in read_rows(paths.DATA / "jurisdictions.csv") if row["numeric"] in known}
    codes = [place.code for place in _world().places if place.code]
    assert len(codes) == len(set(codes))
    assert len(expected) > 150
    assert expected <= set(codes)


def test_a_place_without_a_code_is_found_by_its_name() -> None:
    land = _world()
    [kosovo] = [row for row in read_rows(paths.DATA / "jurisdictions.csv") if row["code"] == "XKX"]
    place = land.find(kosovo["numeric"], kosovo["report_name"])
    assert place
    assert (place.code, place.name) == ("", "Kosovo")
    assert land.find("", "Utopia") is None
    assert land.find("492", "Kosovo") is None  # Monaco, too small for the atlas: no other place stands in for it


def test_every_place_lies_on_the_map() -> None:
    land = _world()
    assert "010" not in {place.code for place in land.places}  # Antarctica
    for place in land.places:
        assert re.fullmatch(r"(?:M-?[\d.]+,?-?[\d.]+l[-\d., ]+z)+", place.path), place.name
        assert 0 < place.x < land.width, place.name
        assert 0 < place.y < land.height, place.name
        assert place.area > 0, place.name


def test_the_map_is_small_enough_for_a_slow_phone() -> None:
    assert (paths.VENDOR / "world.json").stat().st_size < 100_000


def test_the_editor_brings_no_list_of_prefixes_and_asks_for_no_map_of_its_source() -> None:
    script = (paths.VENDOR / "yasgui" / "yasgui.min.js").read_text(encoding="utf-8")
    assert "prefixes_default={}" in script
    assert "namso-gen" not in script  # one of those entries
    assert "sourceMappingURL" not in script
    assert "url(http" not in (paths.VENDOR / "yasgui" / "yasgui.min.css").read_text(encoding="utf-8")


def test_every_part_has_its_licence_beside_it() -> None:
    for name in ("source-serif-4.LICENSE.txt", "inter.LICENSE.txt"):
        assert "SIL OPEN FONT LICENSE" in (paths.VENDOR / name).read_text(encoding="utf-8").upper()
    notices = (paths.VENDOR / "yasgui" / "LICENSES.txt").read_text(encoding="utf-8")
    for package in ("@zazuko/yasgui", "codemirror", "jquery", "datatables.net", "n3", "dompurify"):
        assert re.search(rf"^{package} \d", notices, re.MULTILINE), package


def test_the_lock_holds_hashes_and_no_addresses() -> None:
    lock = json.loads((FRONT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert len(packages) > 50
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_it_is_in_what_is_published(kind: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(tmp_path)], cwd=paths.ROOT, check=True)
    [archive] = tmp_path.iterdir()
    if kind == "wheel":
        held = set(zipfile.ZipFile(archive).namelist())
        folder = "tutela/web/static/vendor/"
    else:
        with tarfile.open(archive) as tar:
            held = {name.partition("/")[2] for name in tar.getnames()}
        folder = "service/tutela/web/static/vendor/"
    for path in paths.VENDOR.rglob("*"):
        if path.is_file():
            assert folder + path.relative_to(paths.VENDOR).as_posix() in held
    assert not any("node_modules" in name for name in held)
