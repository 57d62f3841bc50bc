"""Names in six languages come from CLDR, and are compared with the copy that Babel carries."""

import pycountry
import pytest

from tutela import cldr, paths
from tutela.tables import read_rows


def test_the_names_are_those_of_cldr() -> None:
    [source] = [row for row in read_rows(paths.DATA / "sources.csv") if row["id"] == "cldr-babel"]
    if f"CLDR {cldr.babel_cldr_version()}," not in source["title"]:
        pytest.skip(f"the installed Babel carries CLDR {cldr.babel_cldr_version()}, and the tables are from another version")
    jurisdictions = read_rows(paths.DATA / "jurisdictions.csv")
    kept = [row for row in read_rows(paths.DATA / "jurisdiction_names.csv") if row["source"] == "cldr-babel"]
    fresh = cldr.jurisdiction_names(jurisdictions)
    assert sorted(map(str, kept)) == sorted(map(str, fresh))
    regions = read_rows(paths.DATA / "regions.csv")
    assert sorted(map(str, read_rows(paths.DATA / "region_names.csv"))) == sorted(map(str, cldr.region_names(regions)))


def test_the_codes_are_those_of_iso_3166() -> None:
    for row in read_rows(paths.DATA / "jurisdictions.csv"):
        if row["code_status"] == "official":
            country = pycountry.countries.get(alpha_3=row["code"])
            assert country is not None, row["code"]
            assert (country.alpha_2, country.numeric) == (row["alpha2"], row["numeric"]), row["code"]
        elif row["code_status"] == "user-assigned":
            assert pycountry.countries.get(alpha_3=row["code"]) is None
            assert row["code"].startswith("X")


def test_the_196_and_the_six_places_are_there() -> None:
    rows = read_rows(paths.DATA / "jurisdictions.csv")
    assert sum(row["kind"] == "row" for row in rows) == 196
    places = {row["code"]: row["filed_under"] for row in rows if row["kind"] == "place"}
    assert places == {
        "HKG": "CHN",
        "MAC": "CHN",
        "TWN": "CHN",
        "GBR-EAW": "GBR",
        "GBR-NIR": "GBR",
        "GBR-SCT": "GBR",
    }
