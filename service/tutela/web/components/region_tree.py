"""The regions of the world as a tree, and what the review finds in each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tutela.web.rendering import Row
from tutela.web.templating import local_name


@dataclass(frozen=True)
class Region:
    """A region.

    Args:
        code: its UN M49 code.
        name: its name.
        within: the code of the region around it; empty for a continent.
        depth: how many regions are around it.
        codes: its code and those of all regions within it.

    """

    code: str
    name: str
    within: str
    depth: int
    codes: frozenset[str]

    def members(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows whose column ``region``, the IRI of the innermost region, is in this region."""
        return [row for row in rows if local_name(row["region"]) in self.codes]


def region_tree(rows: Iterable[Row]) -> dict[str, Region]:
    """Return the regions by code, each continent followed by what is within it, siblings by name.

    Args:
        rows: the answer to the query `regions`.

    """
    children: dict[str, list[Row]] = {}
    for row in rows:
        children.setdefault(row["within"], []).append(row)

    def below(code: str) -> frozenset[str]:
        return frozenset({code}).union(*(below(child["code"]) for child in children.get(code, ())))

    def walk(within: str, depth: int) -> Iterator[Region]:
        for row in sorted(children.get(within, ()), key=lambda row: row["region_name"]):
            yield Region(row["code"], row["region_name"], within, depth, below(row["code"]))
            yield from walk(row["code"], depth + 1)

    return {region.code: region for region in walk("", 0)}


def around(regions: dict[str, Region], code: str) -> list[Region]:
    """Return the regions around a region, the continent first."""
    found: list[Region] = []
    while within := regions[code].within:
        found.insert(0, regions[within])
        code = within
    return found
