"""The head of a query file: lines that begin with ``#+`` and together are YAML (the habit of grlc)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tutela.errors import TutelaError


@dataclass(frozen=True)
class QueryFile:
    """One query file: its name, its head and its text."""

    path: Path
    head: dict[str, Any]
    text: str

    @property
    def name(self) -> str:
        """The public name: the file's, without its ending."""
        return self.path.stem

    @property
    def title(self) -> str:
        """The question or rule in one line."""
        return str(self.head["title"])


def read(path: Path) -> QueryFile:
    """Read one query file.

    Raises:
        TutelaError: the head is missing, is not YAML, or has no title.

    """
    text = path.read_text(encoding="utf-8")
    lines = [line.removeprefix("#+").removeprefix(" ") for line in text.splitlines() if line.startswith("#+")]
    try:
        head = yaml.safe_load("\n".join(lines))
    except yaml.YAMLError as error:
        raise TutelaError(f"{path}: the lines that begin with '#+' are not YAML ({error}).") from error
    if not isinstance(head, dict) or not head.get("title"):
        raise TutelaError(f"{path}: expected a head of '#+' lines with a title; see queries/README.md.")
    return QueryFile(path, head, text)


def without_head(text: str) -> str:
    """Return a query as people read it: its title as a comment, in the place of the whole head."""
    lines = text.splitlines(keepends=True)
    title = next((line for line in lines if line.startswith("#+ title:")), "")
    comment = f"# {title.removeprefix('#+ title:').strip().strip(chr(34))}\n" if title else ""
    return comment + "".join(line for line in lines if not line.startswith("#+"))


def read_all(folder: Path) -> list[QueryFile]:
    """Read every query file of a folder, by name."""
    return [read(path) for path in sorted(folder.glob("*.rq"))]
