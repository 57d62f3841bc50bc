"""Write the short, formal and former names of jurisdictions into ``search_terms.csv``.

Run ``python -m tutela.importers.other_names CLDR_FOLDER COUNTRY_CODES`` after a new release of one of the sources:

- ``CLDR_FOLDER`` contains the unpacked npm package ``cldr-localenames-full`` of the Unicode Consortium. It has short names
  ("UK") and variants ("Ivory Coast") besides the names in ``jurisdiction_names.csv``.
- ``COUNTRY_CODES`` is ``data/country-codes.csv`` of https://github.com/datasets/country-codes, which has the formal names of
  UNTERM, the terminology database of the United Nations.
- Former names come from ISO 3166-3 as packaged by pycountry: the last two letters of an entry are the code that replaced it.

Rows of other sources stay as they are, and a name that the tables have already is left out.
"""

import csv
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import pycountry

from tutela import paths
from tutela.importers.cldr import LANGUAGES
from tutela.tables import Row, read_rows
from tutela.tables.files import replace_rows

_SOURCES = ("cldr-localenames", "iso-3166-3", "unterm")
_COLUMNS = {"ar": "Arabic", "en": "English", "es": "Spanish", "fr": "French", "ru": "Russian", "zh": "Chinese"}
_ARTICLES = {"en": ("the ",), "fr": ("la ", "le ", "les ", "l'", "l’"), "es": ("la ", "el ", "los ", "las ")}
_CLDR_KINDS = {"short": "short-name", "variant": "other-name"}
# The entries of ISO 3166-3 that are a change of name. The others are parts that joined a state, or states that ended.
_RENAMED = ("AIDJ", "BUMM", "DYBJ", "HVBF", "NHVU", "RHZW", "TPTL", "ZRCD")


def cldr_names(jurisdictions: list[Row], cldr: Path) -> Iterator[Row]:
    """Yield a row for each short name and variant in CLDR."""
    codes = {row["alpha2"]: row["code"] for row in jurisdictions if row["alpha2"]}
    for language in LANGUAGES:
        path = cldr / "cldr-localenames-full" / "main" / language / "territories.json"
        if not path.is_file():
            raise SystemExit(f"{path}: no such file; unpack the npm package cldr-localenames-full there.")
        names = json.loads(path.read_text(encoding="utf-8"))["main"][language]["localeDisplayNames"]["territories"]
        for key, name in names.items():
            alpha2, _, form = key.partition("-alt-")
            if form in _CLDR_KINDS and alpha2 in codes:
                yield _row(codes[alpha2], language, name, _CLDR_KINDS[form], "cldr-localenames")


def former_names(jurisdictions: list[Row]) -> Iterator[Row]:
    """Yield a row for each entry of ISO 3166-3 that is a change of name."""
    codes = {row["alpha2"]: row["code"] for row in jurisdictions if row["alpha2"]}
    for alpha_4 in _RENAMED:
        country = pycountry.historic_countries.get(alpha_4=alpha_4)
        if country is None:
            raise SystemExit(f"{alpha_4}: no such entry of ISO 3166-3 in the installed pycountry.")
        # An entry such as "Burma, Socialist Republic of the Union of" begins with the short name.
        yield _row(codes[alpha_4[2:]], "en", country.name.partition(",")[0], "former-name", "iso-3166-3")


def formal_names(jurisdictions: list[Row], names: list[Row], country_codes: Path) -> Iterator[Row]:
    """Yield a row for each formal name in English, and for one in another language if it does not contain the short name."""
    known = {row["code"] for row in jurisdictions}
    short = {(row["jurisdiction"], row["language"]): _fold(row["name"]) for row in names}
    with country_codes.open(encoding="utf-8", newline="") as file:
        for country in csv.DictReader(file):
            code = country["ISO3166-1-Alpha-3"]
            for language, column in _COLUMNS.items():
                # An asterisk refers to a note.
                name = _without_article(country[f"UNTERM {column} Formal"].strip(" *"), language)
                if not name or code not in known:
                    continue
                if language == "en" or not _contains(_fold(name), short[code, language], language):
                    yield _row(code, language, name, "formal-name", "unterm")


def merge(existing: list[Row], names: list[Row], jurisdictions: list[Row], new: Iterable[Row]) -> list[Row]:
    """Return the existing rows of other sources and the new rows; rows that are there already keep their item.

    Args:
        existing: the rows of ``search_terms.csv``.
        names: the rows of ``jurisdiction_names.csv``, whose names are left out.
        jurisdictions: the rows of ``jurisdictions.csv``; the names in the report are left out too.
        new: the rows of this module's sources.

    """
    taken = {(f"jurisdiction/{row['jurisdiction']}", row["language"], _fold(row["name"])) for row in names}
    taken |= {(f"jurisdiction/{row['code']}", "en", _fold(row["report_name"])) for row in jurisdictions}
    merged = [row for row in existing if row["source"] not in _SOURCES]
    taken |= {_key(row) for row in merged}
    earlier = {_key(row): row for row in existing}
    last: dict[tuple[str, str], int] = {}
    for row in existing:
        group = row["concept"], row["language"]
        last[group] = max(last.get(group, 0), int(row["item"]))
    for row in new:
        if _key(row) in taken:
            continue
        taken.add(_key(row))
        if _key(row) in earlier:
            merged.append({**row, "item": earlier[_key(row)]["item"], "seen": earlier[_key(row)]["seen"]})
            continue
        group = row["concept"], row["language"]
        last[group] = last.get(group, 0) + 1
        merged.append({**row, "item": str(last[group])})
    return merged


def _row(code: str, language: str, term: str, kind: str, source: str) -> Row:
    concept = f"jurisdiction/{code}"
    return {
        "concept": concept,
        "language": language,
        "term": term,
        "kind": kind,
        "source": source,
        "url": "",
        "note": "",
        "seen": "",
    }


def _key(row: Row) -> tuple[str, str, str]:
    return row["concept"], row["language"], _fold(row["term"])


def _contains(name: str, short: str, language: str) -> bool:
    # Chinese has no spaces between words.
    return short in name if language == "zh" else set(short.split()) <= set(name.split())


def _fold(text: str) -> str:
    """Return a text as words without case, accents and punctuation, so that spellings can be compared."""
    letters = (letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", "".join(letters)).strip()


def _without_article(name: str, language: str) -> str:
    for article in _ARTICLES.get(language, ()):
        if name.startswith(article):
            return name.removeprefix(article)
    return name


def main() -> None:
    """Write search_terms.csv."""
    if len(sys.argv) != 3:
        raise SystemExit("usage: python -m tutela.importers.other_names CLDR_FOLDER COUNTRY_CODES")
    files = paths.table_files()
    jurisdictions, names = read_rows(files["jurisdictions"]), read_rows(files["jurisdiction_names"])
    new = [
        *cldr_names(jurisdictions, Path(sys.argv[1])),
        *former_names(jurisdictions),
        *formal_names(jurisdictions, names, Path(sys.argv[2])),
    ]
    replace_rows(files["search_terms"], merge(read_rows(files["search_terms"]), names, jurisdictions, new))


if __name__ == "__main__":
    main()
