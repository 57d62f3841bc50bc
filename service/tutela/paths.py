"""Where files are: next to the code in a checkout, under ``tutela/_share`` in a wheel. No other module locates them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent


def _root() -> Path:
    # A checkout comes first: an editable install may contain an outdated copy of the folders.
    if (_CHECKOUT / "data" / "meta" / "dataset.csv").is_file():
        return _CHECKOUT
    return _PACKAGE / "_share"


ROOT = _root()
DATA = ROOT / "data"
ONTOLOGY = ROOT / "ontology"
QUERIES = ROOT / "queries"
SHAPES = ROOT / "shapes"
RELEASES = ROOT / "releases"  # published releases, which never change
TEMPLATES = _PACKAGE / "web" / "templates"
STATIC = _PACKAGE / "web" / "static"
KEEP_TEMPLATES = _PACKAGE / "keep" / "templates"
KEEP_STATIC = _PACKAGE / "keep" / "static"
VENDOR = STATIC / "vendor"  # built by `make front`; missing if it was not run

CITATION = ROOT / "CITATION.cff"  # only in a checkout

METADATA_SUFFIX = "-metadata.json"  # after the name of a table (W3C Model for Tabular Data and Metadata, section 5.3)


@dataclass(frozen=True)
class Source:
    """The folders that a build and a validation read: those of the project, or the ones that a release was built from."""

    data: Path
    ontology: Path
    queries: Path
    shapes: Path

    @classmethod
    def of_project(cls) -> "Source":
        """Return the folders of the project."""
        return cls(DATA, ONTOLOGY, QUERIES, SHAPES)

    @classmethod
    def at(cls, root: Path) -> "Source":
        """Return the folders in a folder that is laid out like a checkout."""
        return cls(root / "data", root / "ontology", root / "queries", root / "shapes")


def default_release() -> Path:
    """Return the folder where a release is written and read unless an option names another."""
    return ROOT / "release" if ROOT == _CHECKOUT else user_data_path("tutela") / "release"


def is_checkout() -> bool:
    """Return whether the tables are those of a checkout, which can be edited, and not those of an installed package."""
    return ROOT == _CHECKOUT


def cache() -> Path:
    """Return the user's cache folder for this program."""
    return user_cache_path("tutela")


def table_files(folder: Path | None = None) -> dict[str, Path]:
    """Return the CSV file of each table by the table's name.

    Args:
        folder: the folder with a folder for each graph; by default ``data/``.

    """
    return {path.stem: path for path in sorted((folder or DATA).glob("*/*.csv"), key=lambda path: path.stem)}


def row_location(table: str, key: Iterable[str]) -> str:
    """Return the file and key of a row, such as ``data/review/notes.csv, key 10, 252``."""
    return f"{table_location(table)}, key {', '.join(map(_readable, key))}"


def _readable(value: str) -> str:
    # Quotes only where the value could be misread.
    plain = value.isprintable() and value == value.strip() != "" and not set(value) & set(',;"')
    return value if plain else json.dumps(value, ensure_ascii=False)


def table_location(name: str) -> str:
    """Return the path of a table as messages print it, such as ``data/review/notes.csv``."""
    path = table_files().get(name)
    return f"data/{path.parent.name}/{path.name}" if path else f"data/{name}.csv"
