"""The basemap: country outlines, projected when the front end was built."""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache

from tutela import paths


@dataclass(frozen=True)
class Outline:
    """The outline of a country or territory.

    Attributes:
        code: ISO 3166-1 numeric code, three digits; empty if the atlas has none.
        name: name in the atlas, often abbreviated.
        path: the outline, as the `d` attribute of an SVG path.
        x: horizontal position of a mark or label: the centre of the largest part.
        y: vertical position, from the top.
        area: area in square units of the map; outlines below about one are not visible.

    """

    code: str
    name: str
    path: str
    x: float
    y: float
    area: float

    @property
    def symbol(self) -> str:
        """Its id in the sprite."""
        return f"c{self.code}" if self.code else re.sub(r"[^a-z]+", "-", self.name.lower()).strip("-")


@dataclass(frozen=True)
class Basemap:
    """The basemap: its size, the outline of the globe, and the outlines of countries."""

    width: int
    height: int
    sphere: str
    outlines: tuple[Outline, ...]

    def find(self, code: str, name: str) -> Outline | None:
        """Return the outline with a numeric code, or with a name if it has no code; None if it is not in the atlas."""
        for outline in self.outlines:
            if outline.code == code and (code or outline.name == name):
                return outline
        return None


@dataclass(frozen=True)
class Sprite:
    """All outlines as one SVG file, which maps refer to: a page with a map is then a tenth of the size.

    Attributes:
        document: the file.
        version: changes with its content.

    """

    document: str
    version: str

    @property
    def path(self) -> str:
        """URL path of the file, below the root path."""
        return f"/basemap.svg?v={self.version}"


@cache
def sprite() -> Sprite | None:
    """Return the outlines as one SVG file, or None if the front end was not built."""
    world = load()
    if world is None:
        return None
    # This attribute is not inherited from where the outline is used.
    attribute = 'vector-effect="non-scaling-stroke"'
    outlines = "".join(f'<path id="{outline.symbol}" {attribute} d="{outline.path}"/>\n' for outline in world.outlines)
    document = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {world.width} {world.height}">\n'
        f"<title>Outlines of countries (Natural Earth)</title>\n{outlines}</svg>\n"
    )
    return Sprite(document, hashlib.sha256(document.encode()).hexdigest()[:12])


@cache
def load() -> Basemap | None:
    """Return the basemap, or None if the front end was not built."""
    file = paths.VENDOR / "world.json"
    if not file.is_file():
        return None
    world = json.loads(file.read_text(encoding="utf-8"))
    outlines = tuple(
        Outline(item["id"] or "", item["name"], item["d"], item["x"], item["y"], item["area"]) for item in world["places"]
    )
    return Basemap(world["width"], world["height"], world["sphere"], outlines)
