"""The map filled: which place stands where, on land where it can be seen, as a dot beneath the map where it cannot."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from tutela.web import world
from tutela.web.frame import Row

# A place smaller than this, in square units of the map, cannot be seen or pointed at.
_SEEN = 12.0


@dataclass(frozen=True)
class Level:
    """A step of the scale: its key, the class that colours it, what it means, and the places on it."""

    key: str
    tone: str
    label: str
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Spot:
    """A place on the map: its outline (none for a dot), its row of the answer (none where there is no finding), its level."""

    path: str
    name: str
    row: Row | None
    level: Level | None


@dataclass(frozen=True)
class Drawing:
    """A map: its land, the dots beneath it, its levels in the order of the legend; no land where the front end was not built."""

    levels: list[Level]
    land: list[Spot]
    dots: list[Spot]
    width: int = 0
    height: int = 0
    sphere: str = ""


def draw(rows: Iterable[Row], levels: Iterable[Level], level_of: Callable[[Row], str]) -> Drawing:
    """Return the map of an answer.

    Args:
        rows: of a question that gives ``name`` and ``numeric``, a row each place.
        levels: the scale.
        level_of: the key of the level that a row is on.

    """
    scale: Mapping[str, Level] = {level.key: level for level in levels}
    atlas = world.read()
    by_place: dict[str, Spot] = {}
    dots = []
    for row in rows:
        level = scale[level_of(row)]
        level.rows.append(row)
        place = atlas.find(row["numeric"], row["name"]) if atlas else None
        if place:
            by_place[place.name] = Spot(place.path, row["name"], row, level)
        if place is None or place.area < _SEEN:
            dots.append(Spot("", row["name"], row, level))
    if atlas is None:
        return Drawing(list(scale.values()), [], dots)
    land = [by_place.get(place.name, Spot(place.path, place.name, None, None)) for place in atlas.places]
    return Drawing(list(scale.values()), land, dots, atlas.width, atlas.height, atlas.sphere)
