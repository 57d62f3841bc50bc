"""Query files: SPARQL with metadata in YAML, in the lines that begin with ``#+`` (the convention of grlc)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tutela import paths
from tutela.errors import TutelaError

PREFIX = "#+"


@dataclass(frozen=True)
class QueryFile:
    """One query file: its path, its metadata and its text."""

    path: Path
    metadata: dict[str, Any]
    text: str

    @property
    def name(self) -> str:
        """The public name: the file's name without its extension."""
        return self.path.stem

    @property
    def folder(self) -> str:
        """The name of the folder: a graph for build queries, a topic for catalogue queries."""
        return self.path.parent.name

    @property
    def title(self) -> str:
        """The question or rule in one line."""
        return str(self.metadata["title"])


def read(path: Path) -> QueryFile:
    """Read one query file.

    Raises:
        TutelaError: the file is missing, or its metadata is missing, is not YAML, or has no title.

    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TutelaError(f"{path}: not readable as UTF-8 text ({error}).") from error
    return parse(path, text)


def parse(path: Path, text: str) -> QueryFile:
    """Return the query file with this text.

    Args:
        path: its path, for its name, its folder and messages.
        text: its text.

    Raises:
        TutelaError: its metadata is missing, is not YAML, or has no title.

    """
    lines = [line.removeprefix(PREFIX).removeprefix(" ") for line in text.splitlines() if line.startswith(PREFIX)]
    try:
        metadata = yaml.load("\n".join(lines), Loader=_LOADER)  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        raise TutelaError(f"{path}: the lines that begin with {PREFIX!r} are not valid YAML ({error}).") from error
    if not isinstance(metadata, dict) or not metadata.get("title"):
        raise TutelaError(f"{path}: expected {PREFIX!r} lines with a title; see queries/README.md.")
    return QueryFile(path, metadata, text)


# The C implementation reads the catalogue in a tenth of the time, where PyYAML was built with it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_all(folder: Path) -> list[QueryFile]:
    """Read every query file in a folder and its subfolders, sorted by name."""
    return [read(path) for path in sorted(folder.glob("**/*.rq"), key=lambda path: path.name)]


def find(folder: Path, name: str) -> Path:
    """Return the path of a query file by its public name, whatever its subfolder.

    Raises:
        TutelaError: no such file.

    """
    path = next(folder.glob(f"**/{name}.rq"), None)
    if path is None:
        raise TutelaError(f"{folder}: no query file {name}.rq.")
    return path


@cache
def page_query(name: str) -> QueryFile:
    """Return one of the queries of ``queries/pages``, with which the program looks up what it shows. It is read once."""
    return read(find(paths.QUERIES / "pages", name))


def without_metadata(text: str) -> str:
    """Return a query for readers: its title as a comment instead of the metadata."""
    lines = text.splitlines(keepends=True)
    title = next((line for line in lines if line.startswith("#+ title:")), "")
    comment = f"# {title.removeprefix('#+ title:').strip().strip(chr(34))}\n" if title else ""
    return comment + "".join(line for line in lines if not line.startswith(PREFIX))
