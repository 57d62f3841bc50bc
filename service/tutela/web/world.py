"""The land of the map: paths that were projected when the front end was built, for the server to fill."""

import json
from dataclasses import dataclass
from functools import cache

from tutela import paths


@dataclass(frozen=True)
class Place:
    """A place of the atlas.

    Attributes:
        code: its ISO 3166-1 numeric code, three digits; empty where the atlas gives none.
        name: its name in the atlas, often shortened.
        path: its outline, as the `d` of an SVG path.
        x: where a mark or a name goes: the middle of its largest piece.
        y: the same, from the top.
        area: in square units of the map; one is about what can still be seen.

    """

    code: str
    name: str
    path: str
    x: float
    y: float
    area: float


@dataclass(frozen=True)
class World:
    """The map: its size, the outline of the Earth and the places, by code."""

    width: int
    height: int
    sphere: str
    places: tuple[Place, ...]

    def find(self, code: str, name: str) -> Place | None:
        """Return the place with a numeric code or, for those that have none, with a name; nothing if it is not in the atlas."""
        for place in self.places:
            if place.code == code and (code or place.name == name):
                return place
        return None


@cache
def read() -> World | None:
    """Return the map, or nothing where the front end was not built."""
    file = paths.VENDOR / "world.json"
    if not file.is_file():
        return None
    world = json.loads(file.read_text(encoding="utf-8"))
    places = tuple(Place(one["id"] or "", one["name"], one["d"], one["x"], one["y"], one["area"]) for one in world["places"])
    return World(world["width"], world["height"], world["sphere"], places)
