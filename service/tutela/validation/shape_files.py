"""The shape files as text. Apart from `shapes`, because pySHACL takes 0.3 s to load."""

from pathlib import Path

from tutela import paths
from tutela.errors import TutelaError
from tutela.sparql import rdf
from tutela.sparql.rdf import Triples


def shapes_text(folder: Path = paths.SHAPES) -> str:
    """Return all shape files of a folder as one Turtle document, sorted by name.

    Raises:
        TutelaError: a file cannot be read.

    """
    return "\n".join(_text(path) for path in _files(folder))


def shape_triples(folder: Path) -> Triples:
    """Return the triples of all shape files of a folder.

    Raises:
        TutelaError: a file cannot be read or is not well formed, or there is none.

    """
    triples: list[object] = []
    for path in _files(folder):
        text = _text(path)
        try:
            triples += rdf.parse_triples(text.encode(), "turtle")
        except TutelaError as error:
            raise TutelaError(f"{path}: {error}") from error
    if not triples:
        raise TutelaError(f"{folder}: no shapes found; expected files such as instruments.ttl.")
    return triples


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.ttl"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TutelaError(f"{path}: not readable as UTF-8 text ({error}).") from error
