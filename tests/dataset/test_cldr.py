"""Names in six languages come from CLDR, and are compared with the copy in Babel; codes are compared with ISO 3166."""

import pycountry
import pytest

from tutela import paths
from tutela.importers import cldr
from tutela.tables import read_rows


def test_names_equal_those_of_cldr() -> None:
    [source] = [row for row in read_rows(paths.table_files()["sources"]) if row["id"] == "cldr-babel"]
    if f"CLDR {cldr.babel_cldr_version()}," not in source["title"]:
        pytest.skip(f"the installed Babel contains CLDR {cldr.babel_cldr_version()}, and the tables are from another version")
    jurisdictions = read_rows(paths.table_files()["jurisdictions"])
    stored = [row for row in read_rows(paths.table_files()["jurisdiction_names"]) if row["source"] == "cldr-babel"]
    imported = cldr.jurisdiction_names(jurisdictions)
    assert sorted(map(str, stored)) == sorted(map(str, imported))
    regions = read_rows(paths.table_files()["regions"])
    assert sorted(map(str, read_rows(paths.table_files()["region_names"]))) == sorted(map(str, cldr.region_names(regions)))


def test_codes_equal_those_of_iso_3166() -> None:
    for row in read_rows(paths.table_files()["jurisdictions"]):
        if row["code_status"] == "official":
            country = pycountry.countries.get(alpha_3=row["code"])
            assert country is not None, row["code"]
            assert (country.alpha_2, country.numeric) == (row["alpha2"], row["numeric"]), row["code"]
        elif row["code_status"] == "user-assigned":
            assert pycountry.countries.get(alpha_3=row["code"]) is None
            assert row["code"].startswith("X")


def test_there_are_196_reviewed_jurisdictions_and_six_places() -> None:
    rows = read_rows(paths.table_files()["jurisdictions"])
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
