"""The shape files as text. Apart from `shapes`, because pySHACL takes 0.3 s to load."""

from pathlib import Path

from tutela import paths


def shapes_text(folder: Path = paths.SHAPES) -> str:
    """Return all shape files of a folder as one Turtle document, sorted by name."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.ttl")))
