"""A row is identified by its table and key; its number is computed when a message names it."""

import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import TESTS
from tutela import namespaces, paths, tables
from tutela.errors import TutelaError
from tutela.namespaces import parse_row_iri, row_iri
from tutela.sparql import query_file
from tutela.sparql.dataset_builder import DatasetBuilder
from tutela.validation.checks import run_checks
from tutela.validation.location import locate

KEYS = [
    (("crc", "ALB", "1"), "crc/ALB/1"),
    (("lanzarote", "art_9/par_1"), "lanzarote/art_9%2Fpar_1"),
    (("lanzarote/art_9", "par_1"), "lanzarote%2Fart_9/par_1"),
    (("dir-2011-93", "eu", ""), "dir-2011-93/eu/"),
    (("", "", ""), "//"),
    (("100%", "%2F"), "100%25/%252F"),
    (("a, b", "a;b", 'say "x"'), "a%2C%20b/a%3Bb/say%20%22x%22"),
    (("Côte d’Ivoire", "中文", "😀"), "C%C3%B4te%20d%E2%80%99Ivoire/%E4%B8%AD%E6%96%87/%F0%9F%98%80"),
    (("a#b?c&d=e", "<>{}|^`\\", "x\ny"), "a%23b%3Fc%26d%3De/%3C%3E%7B%7D%7C%5E%60%5C/x%0Ay"),
    (("A-b_c.d~e", "01"), "A-b_c.d~e/01"),
]


@pytest.mark.parametrize(("key", "encoded"), KEYS, ids=[encoded for _, encoded in KEYS])
def test_the_iri_of_a_row_is_its_table_and_key(key: tuple[str, ...], encoded: str) -> None:
    iri = row_iri("actions", key)
    assert iri == f"https://w3id.org/tutela/data/actions.csv#key={encoded}"
    assert parse_row_iri(iri) == ("actions", key)


@pytest.mark.parametrize("key", [key for key, _ in KEYS], ids=[encoded for _, encoded in KEYS])
def test_the_iri_of_a_row_works_in_each_format_and_in_sparql(key: tuple[str, ...]) -> None:
    iri = row_iri("actions", key)
    node = ox.NamedNode("https://example.org/a")
    for rdf_format in (ox.RdfFormat.N_QUADS, ox.RdfFormat.TURTLE, ox.RdfFormat.JSON_LD, ox.RdfFormat.RDF_XML):
        text = ox.serialize([ox.Triple(node, node, ox.NamedNode(iri))], format=rdf_format)
        assert text is not None
        assert [quad.object.value for quad in ox.parse(text, format=rdf_format)] == [iri]
    values = ', "/", '.join(f"ENCODE_FOR_URI({ox.Literal(value)})" for value in key)
    solution = next(iter(ox.Store().query(f"SELECT (CONCAT({values}) AS ?key) {{ }}")))  # type: ignore[arg-type]
    assert solution[0].value == iri.partition("#key=")[2]


@pytest.mark.parametrize(
    "iri",
    [
        f"{namespaces.DATA}actions.csv",
        f"{namespaces.DATA}actions.csv#instrument",
        f"{namespaces.DATA}actions.csv#row=4",
        f"{namespaces.DATA}actions.csv#key",
        f"{namespaces.DATA}actions.csv#key=a%2fb",
        f"{namespaces.DATA}actions.csv#key=%FF",
        f"{namespaces.DATA}actions.csv#key=50%",
        f"{namespaces.DATA}actions.csv#key=a b",
        "actions.csv#key=crc/ALB/1",
        "https://example.org/data/actions.csv#key=crc/ALB/1",
        "",
    ],
)
def test_other_iris_do_not_identify_a_row(iri: str) -> None:
    assert parse_row_iri(iri) is None
    assert locate([iri], {}) == "no row"


def test_every_table_has_a_primary_key_and_every_row_its_own_iri() -> None:
    iris: set[str] = set()
    number = 0
    for table in tables.load(paths.DATA).values():
        assert table.key, table.name
        iris |= {row_iri(table.name, table.key_of(row)) for row in table.rows}
        iris |= {namespaces.column_iri(table.name, column) for column in table.column_names}
        number += len(table.rows) + len(table.columns)
    assert len(iris) == number


def test_metadata_without_a_primary_key_is_an_error(data_copy: Path) -> None:
    path = data_copy / "review" / "notes.csv-metadata.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    del document["tableSchema"]["primaryKey"]
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(TutelaError, match=r"notes\.csv-metadata\.json: no primaryKey; name the columns that identify a row"):
        tables.load(data_copy)


def test_a_location_has_the_number_of_the_row_in_the_table_that_was_validated() -> None:
    loaded = {"notes": tables.load(paths.DATA)["notes"]}
    loaded["notes"].rows.reverse()
    last = len(loaded["notes"].rows) + 1
    rows = [row_iri("notes", ("10", number)) for number in ("248", "249", "256", "258")]
    assert locate(rows, loaded) == "; ".join(f"data/review/notes.csv row {last - i}" for i in (10, 8, 1, 0))


@pytest.mark.parametrize(
    ("table", "key", "location"),
    [
        ("notes", ("10", "999"), "data/review/notes.csv, key 10, 999"),
        ("actions", ("crc", "ALB", "1"), "data/participation/actions.csv, key crc, ALB, 1"),
        ("provisions", ("crc", "art_34/pnt_c"), "data/treaties/provisions.csv, key crc, art_34/pnt_c"),
        ("readings", ("acrwc", "", "definition"), 'data/treaties/readings.csv, key acrwc, "", definition'),
        ("sources", ("a, b; c",), 'data/meta/sources.csv, key "a, b; c"'),
        ("sources", ("two\nlines ",), 'data/meta/sources.csv, key "two\\nlines "'),
        ("elsewhere", ("é",), "data/elsewhere.csv, key é"),
    ],
)
def test_a_row_of_no_table_at_hand_is_named_by_its_key(table: str, key: tuple[str, ...], location: str) -> None:
    loaded = {"notes": tables.load(paths.DATA)["notes"]}
    assert locate([row_iri(table, key)], loaded) == location


def test_a_check_can_name_rows_of_several_resources() -> None:
    builder = DatasetBuilder()
    builder.add_turtle(TESTS / "checks" / "binding-periods-do-not-overlap.twice.ttl", "https://example.org/graph")
    check = query_file.find(paths.QUERIES / "checks", "binding-periods-do-not-overlap")
    [result] = run_checks(builder, {}, names=[check.stem])
    table = "data/participation/actions.csv"
    assert result.where == f"{table}, key example, QYY, 1; {table}, key example, QYY, 2"
