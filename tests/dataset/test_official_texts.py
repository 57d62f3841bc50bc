"""Instruments and provisions link to their official text, as far as it follows from a recorded identifier."""

import pytest

from tutela import paths
from tutela.catalog import Catalog
from tutela.sparql import EmbeddedStore
from tutela.tables import read_rows

ID = "https://w3id.org/tutela/id/instrument/"
QUERY = "SELECT ?thing ?text WHERE { ?thing tutela:officialText ?text ; rdfs:seeAlso ?text }"
WITH_TEXT = ("ets", "cets", "untc", "ilo", "au", "celex", "eli")  # schemes of registers that publish the text


@pytest.fixture(scope="module")
def texts(store: EmbeddedStore) -> dict[str, str]:
    prefixes = "PREFIX tutela: <https://w3id.org/tutela/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    return {str(thing).removeprefix(ID): str(text) for thing, text in store.query(prefixes + QUERY).rows()}


@pytest.mark.parametrize(
    ("thing", "text"),
    [
        ("budapest", "https://www.coe.int/en/web/conventions/full-list?module=treaty-detail&treatynum=185"),
        ("lanzarote", "https://www.coe.int/en/web/conventions/full-list?module=treaty-detail&treatynum=201"),
        ("opsc", "https://treaties.un.org/Pages/ViewDetails.aspx?src=TREATY&mtdsg_no=IV-11-c&chapter=4&clang=_en"),
        ("c182", "https://www.ilo.org/dyn/normlex/en/f?p=NORMLEXPUB:12100:0::NO::P12100_ILO_CODE:C182"),
        ("dir-2011-93", "http://data.europa.eu/eli/dir/2011/93/oj"),
        ("dir-2011-93/art_5/par_2", "http://data.europa.eu/eli/dir/2011/93/art_5/par_2/oj"),
        ("data-retention-directive/art_2/par_2/pnt_a", "http://data.europa.eu/eli/dir/2006/24/art_2/par_2/pnt_a/oj"),
    ],
)
def test_the_text_follows_from_the_identifier(texts: dict[str, str], thing: str, text: str) -> None:
    assert texts[thing] == text


def test_every_instrument_with_an_identifier_of_a_register_has_a_text(texts: dict[str, str]) -> None:
    identified = {
        row["instrument"] for row in read_rows(paths.table_files()["instrument_identifiers"]) if row["scheme"] in WITH_TEXT
    }
    assert {thing for thing in texts if "/" not in thing} == identified


def test_every_article_of_an_act_with_an_eli_has_one(texts: dict[str, str]) -> None:
    elis = {
        row["instrument"]: row["identifier"].removesuffix("/oj")
        for row in read_rows(paths.table_files()["instrument_identifiers"])
        if row["scheme"] == "eli"
    }
    expected = {
        f"{row['instrument']}/{row['path']}": f"{elis[row['instrument']]}/{row['path']}/oj"
        for row in read_rows(paths.table_files()["provisions"])
        if row["instrument"] in elis and row["path"].startswith("art_") and "subpar" not in row["path"]
    }
    assert len(expected) > 50
    assert {thing: text for thing, text in texts.items() if "/" in thing} == expected


def test_a_provision_without_a_text_of_its_own_has_that_of_its_instrument(catalog: Catalog, texts: dict[str, str]) -> None:
    for slug in ("lanzarote", "dir-2011-93", "malabo"):
        rows = list(catalog.run("instrument-provisions", {"instrument": slug}).records())
        assert rows
        for row in rows:
            assert row["official_text"] == texts.get(row["provision"].removeprefix(ID), texts.get(slug, ""))
