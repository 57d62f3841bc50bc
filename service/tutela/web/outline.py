"""Provisions in the order of their document, each within the one that encloses it, with what it asks of the criteria."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tutela.web.frame import Row

_PLACE = "/instrument/"
_NUMBER = re.compile(r"(\d+)")
_STRENGTHS = ("requires", "requires-reservable", "in-substance", "partly", "none")
_NOTHING = _STRENGTHS[-1]  # the strength of a reading that says that nothing is asked


@dataclass(frozen=True)
class Bearing:
    """What readings of one strength and one reason say, and of which criteria."""

    strength: str
    rationale: str
    clause: str
    criteria: list[str]


@dataclass(frozen=True)
class Reading:
    """How a provision, or an instrument as a whole, bears on the criteria."""

    bearings: list[Bearing]
    nothing: list[Bearing]

    @property
    def none_at_all(self) -> bool:
        """Whether it bears on none of them."""
        return not self.bearings


@dataclass(frozen=True)
class Entry:
    """A provision."""

    row: Row
    path: str
    reading: Reading | None
    doubts: list[Row]
    parts: list["Entry"] = field(default_factory=list)

    @property
    def name(self) -> str:
        """How it is called: its label with what it is before it, where the label does not say that itself."""
        label = self.row["label"]
        return f"Article {label}" if self.path.startswith("art_") else label[:1].upper() + label[1:]


def path_of(iri: str) -> str:
    """Return where a provision stands in its instrument; nothing for the instrument as a whole."""
    return iri.partition(_PLACE)[2].partition("/")[2]


def in_order(path: str) -> tuple[bool, list[str | int]]:
    """Return a key that puts recitals first and article 9 before article 10."""
    parts = [int(part) if number % 2 else part for number, part in enumerate(_NUMBER.split(path))]
    return not path.startswith("rec_"), parts


def by_provision(rows: Iterable[Row]) -> list[Row]:
    """Return rows on provisions instrument by instrument, article 9 before article 10."""
    return sorted(rows, key=lambda row: (row["instrument"], in_order(row["provision"])))


def read(rows: Iterable[Row]) -> Reading:
    """Return what readings say, those with the same strength and reason as one, the strongest first."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row["strength"], row["rationale"], row["reservable_under"]), []).append(row["criterion"])
    all_of_them = sorted(
        (Bearing(*key, criteria) for key, criteria in found.items()), key=lambda bearing: _STRENGTHS.index(bearing.strength)
    )
    return Reading(
        [bearing for bearing in all_of_them if bearing.strength != _NOTHING],
        [bearing for bearing in all_of_them if bearing.strength == _NOTHING],
    )


def outline(provisions: Iterable[Row], readings: dict[str, list[Row]], doubts: dict[str, list[Row]]) -> list[Entry]:
    """Return the outermost provisions, which hold the others.

    Args:
        provisions: rows of the question `instrument-provisions`.
        readings: rows of the question `readings` by provision.
        doubts: rows of the question `doubts-of-instrument` by what they are about.

    """
    found: dict[str, Entry] = {}
    outermost: list[Entry] = []
    for row in sorted(provisions, key=lambda row: in_order(path_of(row["provision"]))):
        address, path = row["provision"], path_of(row["provision"])
        reading = read(readings[address]) if address in readings else None
        entry = found[path] = Entry(row, path, reading, doubts.get(address, []))
        above = path
        while above := above.rpartition("/")[0]:
            if above in found:
                found[above].parts.append(entry)
                break
        else:
            outermost.append(entry)
    return outermost
