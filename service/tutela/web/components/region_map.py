"""A map of one region: the part of the choropleth map around its jurisdictions."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cache

from tutela.web.components import basemap
from tutela.web.components.choropleth import Area, Choropleth, LegendStep
from tutela.web.rendering import Row

_NUMBER = re.compile(r"-?\d*\.?\d+")
# A country wider than this does not widen the map beyond the others: Russia would make Europe a sixth of its own map.
_WIDE = 240.0
# Parts of a country that the map has to show, next to its largest part: Papua of Indonesia, but not French Guiana of France.
_LARGE = 0.2  # of the area of the largest part
_NEAR = 2.0  # of its larger side
_MARGIN = 0.06  # of the larger side
_SMALLEST = 70.0  # width and height at least, in units of the map
_WIDEST, _TALLEST = 2.4, 0.9  # limits of the ratio of width to height


@dataclass(frozen=True)
class Box:
    """A rectangle on the map."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Its width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Its height."""
        return self.bottom - self.top

    @property
    def view(self) -> str:
        """The attribute ``viewBox`` of an SVG element."""
        return f"{self.left:.1f} {self.top:.1f} {self.width:.1f} {self.height:.1f}"

    @property
    def area(self) -> float:
        """Its area."""
        return self.width * self.height

    def gap(self, other: "Box") -> float:
        """Return the distance to another along the axis on which they are farther apart; 0 if they overlap."""
        across = max(self.left - other.right, other.left - self.right)
        return max(across, self.top - other.bottom, other.top - self.bottom, 0)

    def meets(self, other: "Box") -> bool:
        """Return whether two rectangles overlap."""
        return self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True)
class RegionMap:
    """The map: the part of the globe that it shows, the areas of the region, other land, and dots for small jurisdictions."""

    box: Box
    members: list[Area]
    others: list[Area]
    dots: list[Area]


def steps_of(choropleth: Choropleth, names: Container[str]) -> list[LegendStep]:
    """Return the steps of the legend with the jurisdictions of a region alone, by their IRIs."""
    return [
        LegendStep(step.key, step.css_class, step.label, [row for row in step.rows if row["jurisdiction"] in names])
        for step in choropleth.steps
    ]


def region_map(choropleth: Choropleth, members: Iterable[Row]) -> RegionMap | None:
    """Return the map of a region, or None if none of its jurisdictions has an outline.

    Args:
        choropleth: the map of the world, with the members among its rows.
        members: the rows of the jurisdictions in the region.

    """
    names = {row["jurisdiction"] for row in members}
    inside = [area for area in choropleth.areas if area.row and area.row["jurisdiction"] in names]
    dots = [area for area in choropleth.dots if area.row and area.row["jurisdiction"] in names]
    if not inside:
        return None
    main = [max(_parts(area.path), key=lambda part: part.area) for area in inside]
    parts = [
        part
        for area, largest in zip(inside, main, strict=True)
        for part in _parts(area.path)
        if largest.width < _WIDE
        and part.area >= _LARGE * largest.area
        and part.gap(largest) <= _NEAR * max(largest.width, largest.height)
    ]
    box = _framed(parts or main)
    shown = [area for area in choropleth.areas if any(part.meets(box) for part in _parts(area.path))]
    return RegionMap(box, [area for area in shown if area in inside], [area for area in shown if area not in inside], dots)


def _framed(boxes: list[Box]) -> Box:
    """Return the rectangle around others, with a margin, that is neither too small nor too long."""
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    margin = _MARGIN * max(right - left, bottom - top)
    width, height = max(right - left + 2 * margin, _SMALLEST), max(bottom - top + 2 * margin, _SMALLEST)
    height = max(height, width / _WIDEST)
    width = max(width, height * _TALLEST)
    x, y = (left + right) / 2, (top + bottom) / 2
    world = basemap.load()
    limit_x, limit_y = (world.width, world.height) if world else (width, height)
    width, height = min(width, limit_x), min(height, limit_y)
    left, top = min(max(x - width / 2, 0), limit_x - width), min(max(y - height / 2, 0), limit_y - height)
    return Box(left, top, left + width, top + height)


@cache
def _parts(path: str) -> tuple[Box, ...]:
    """Return the rectangle around each part of an outline, which is an SVG path of the commands M, l and z."""
    found = []
    for part in path.split("M")[1:]:
        x = y = 0.0
        xs, ys = [], []
        numbers = [float(number) for number in _NUMBER.findall(part)]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            xs.append(x)
            ys.append(y)
        found.append(Box(min(xs), min(ys), max(xs), max(ys)))
    return tuple(found)
