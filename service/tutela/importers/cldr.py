"""Write the tables of names and regions from Unicode CLDR.

Run ``python -m tutela.importers.cldr CLDR_FOLDER`` after a new release of CLDR. The folder contains the unpacked packages
``cldr-core`` and ``cldr-subdivisions-full`` of the Unicode Consortium. Names of jurisdictions and regions come from Babel's
copy of CLDR; what Babel omits (which region contains which territory, and the names of subdivisions) comes from these
packages. The regions are those of UN M49 as in CLDR.
"""

import json
import sys
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import get_global

from tutela import paths
from tutela.tables import Row, read_rows
from tutela.tables.files import replace_rows

LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")
_WORLD = "001"


def babel_cldr_version() -> str:
    """Return the CLDR version that the installed Babel carries."""
    return str(get_global("cldr")["version"])


def jurisdiction_names(jurisdictions: list[Row]) -> list[Row]:
    """Return a row for each jurisdiction with an alpha-2 code and each UN language."""
    rows = []
    for language in LANGUAGES:
        territories = Locale(language).territories
        for row in jurisdictions:
            if row["alpha2"]:
                name = territories[row["alpha2"]]
                rows.append({"jurisdiction": row["code"], "language": language, "name": name, "source": "cldr-babel"})
    return rows


def subdivision_names(jurisdictions: list[Row], cldr: Path) -> list[Row]:
    """Return a row for each subdivision of ISO 3166-2 among the jurisdictions and each language that has a name."""
    rows = []
    for language in LANGUAGES:
        names = _json(cldr, f"cldr-subdivisions-full/subdivisions/{language}/{language}.json")
        table = names["subdivisions"]["localeDisplayNames"]["subdivisions"]
        for row in jurisdictions:
            key = row["iso3166_2"].replace("-", "").lower()
            if key and not row["alpha2"] and key in table:
                rows.append(
                    {
                        "jurisdiction": row["code"],
                        "language": language,
                        "name": table[key],
                        "source": "cldr-npm",
                    }
                )
    return rows


def regions(cldr: Path) -> tuple[dict[str, str], list[Row]]:
    """Return the innermost region of each alpha-2 code, and a row for each M49 region above one."""
    document = _json(cldr, "cldr-core/supplemental/territoryContainment.json")
    containment = document["supplemental"]["territoryContainment"]
    parents: dict[str, str] = {}
    for region, content in containment.items():
        if region.isdigit() and "_grouping" not in content:
            parents.update(dict.fromkeys(content["_contains"], region))
    # M49 sets Sub-Saharan Africa (202) and Latin America and the Caribbean (419) between two levels.
    for grouping in ("202", "419"):
        inner = containment[grouping]["_contains"]
        outer = parents[inner[0]]
        parents.update(dict.fromkeys(inner, grouping))
        parents[grouping] = outer
    innermost = {code: region for code, region in parents.items() if not code.isdigit()}
    rows = [
        {"code": code, "within": "" if region == _WORLD else region, "source": "cldr-npm"}
        for code, region in parents.items()
        if code.isdigit()
    ]
    return innermost, rows


def region_names(region_rows: list[Row]) -> list[Row]:
    """Return a row for each region and UN language."""
    return [
        {
            "region": row["code"],
            "language": language,
            "name": Locale(language).territories[row["code"]],
            "source": "cldr-babel",
        }
        for language in LANGUAGES
        for row in region_rows
    ]


def _json(folder: Path, name: str) -> Any:
    path = folder / name
    if not path.is_file():
        raise SystemExit(f"{path}: no such file; unpack the npm packages of CLDR there.")
    return json.loads(path.read_text(encoding="utf-8"))


def main() -> None:
    """Write jurisdiction_names.csv, regions.csv, region_names.csv and the region column of jurisdictions.csv."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m tutela.importers.cldr CLDR_FOLDER (with cldr-core and cldr-subdivisions-full in it)")
    cldr = Path(sys.argv[1])
    files = paths.table_files()
    rows = read_rows(files["jurisdictions"])
    innermost, region_rows = regions(cldr)
    for row in rows:
        row["region"] = innermost.get(row["alpha2"], "")
    used = {row["region"] for row in rows}
    within = {row["code"]: row["within"] for row in region_rows}
    while above := {within[code] for code in used if code and within[code]} - used:
        used |= above
    region_rows = [row for row in region_rows if row["code"] in used]
    replace_rows(files["jurisdictions"], rows)
    replace_rows(files["jurisdiction_names"], jurisdiction_names(rows) + subdivision_names(rows, cldr))
    replace_rows(files["regions"], region_rows)
    replace_rows(files["region_names"], region_names(region_rows))
    print(f"names from CLDR {babel_cldr_version()}")


if __name__ == "__main__":
    main()
