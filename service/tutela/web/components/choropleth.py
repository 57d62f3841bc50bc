"""A choropleth map: each jurisdiction is coloured by its value, or shown as a dot below the map if it is too small."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tutela.web.components import basemap
from tutela.web.rendering import Row

# Smallest area, in square units of the map, that is easy to see and to click.
_MIN_VISIBLE_AREA = 12.0


@dataclass(frozen=True)
class LegendStep:
    """A step of the legend: its key, the CSS class of its colour, its label, and its rows."""

    key: str
    css_class: str
    label: str
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Area:
    """An area or dot on the map.

    Args:
        path: the outline; empty for a dot.
        name: name of the jurisdiction.
        row: its row in the answer, if any.
        step: its legend step, if any.
        symbol: the id of the outline in the sprite; see `basemap.sprite`.

    """

    path: str
    name: str
    row: Row | None
    step: LegendStep | None
    symbol: str = ""


@dataclass(frozen=True)
class Choropleth:
    """A map: legend steps, areas and dots. There are no areas if the front end was not built.

    ``sprite`` is the URL path of the file with the outlines, below the root path.
    """

    steps: list[LegendStep]
    areas: list[Area]
    dots: list[Area]
    width: int = 0
    height: int = 0
    sphere: str = ""
    sprite: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """The number of rows of each legend step, by its key."""
        return {step.key: len(step.rows) for step in self.steps}


def render(rows: Iterable[Row], steps: Iterable[LegendStep], key_of: Callable[[Row], str]) -> Choropleth:
    """Return the map for an answer.

    Args:
        rows: one row per jurisdiction, with ``name`` and ``numeric``.
        steps: the steps of the legend.
        key_of: returns the key of a row's step.

    """
    scale = {step.key: step for step in steps}
    world = basemap.load()
    by_outline: dict[str, Area] = {}
    dots = []
    for row in rows:
        step = scale[key_of(row)]
        step.rows.append(row)
        outline = world.find(row["numeric"], row["name"]) if world else None
        if outline:
            by_outline[outline.name] = Area(outline.path, row["name"], row, step, outline.symbol)
        if outline is None or outline.area < _MIN_VISIBLE_AREA:
            dots.append(Area("", row["name"], row, step))
    if world is None:
        return Choropleth(list(scale.values()), [], dots)
    areas = [by_outline.get(outline.name, Area(outline.path, outline.name, None, None)) for outline in world.outlines]
    sprite = basemap.sprite()
    return Choropleth(list(scale.values()), areas, dots, world.width, world.height, world.sphere, sprite.path if sprite else "")
