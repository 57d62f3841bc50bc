"""Statements are compared line by line, whatever their literals contain."""

from pathlib import Path

import pyoxigraph as ox

from tutela.release import Release
from tutela.release.bundle import NQUADS, diff
from tutela.sparql import rdf

SEPARATORS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


def make_release(folder: Path, *values: str) -> Release:
    folder.mkdir()
    node, graph = ox.NamedNode("https://example.org/a"), ox.NamedNode("https://example.org/graph")
    quads = sorted((ox.Quad(node, node, ox.Literal(value), graph) for value in values), key=str)
    (folder / NQUADS).write_bytes(rdf.serialize(quads, "nquads"))
    return Release(folder, {"version": "0"})


def test_a_difference_is_a_whole_statement(tmp_path: Path) -> None:
    texts = [f"before {separator} after" for separator in SEPARATORS]
    first, second = make_release(tmp_path / "first", "same", *texts), make_release(tmp_path / "second", "same")
    found = list(diff(first, second))
    assert len(found) == len(texts)
    assert {sign for sign, _ in found} == {"-"}
    statements = ox.parse("\n".join(line for _, line in found), format=ox.RdfFormat.N_QUADS)
    assert {quad.object.value for quad in statements} == set(texts)
    assert list(diff(first, first)) == []
    assert {sign for sign, _ in diff(second, first)} == {"+"}


def test_an_empty_document_has_no_statement() -> None:
    assert rdf.statement_lines("") == []
    assert rdf.statement_lines("<a:a> <a:b> <a:c> .\n") == ["<a:a> <a:b> <a:c> ."]
