"""The provisions of an instrument as a tree, with our reading of how each relates to the criteria."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tutela.reports import words
from tutela.web.rendering import Row

document_order = words.document_order
_INSTRUMENT = "/instrument/"
_STRENGTHS = ("requires", "requires-reservable", "in-substance", "partly", "none")
_NONE = _STRENGTHS[-1]  # the level of a reading that finds no relation


@dataclass(frozen=True)
class CriterionMapping:
    """Readings with the same level of obligation and rationale, and their criteria."""

    strength: str
    rationale: str
    clause: str
    criteria: list[str]


@dataclass(frozen=True)
class ProvisionMapping:
    """How a provision, or an instrument as a whole, relates to the criteria.

    Args:
        related: mappings to criteria that it relates to, strongest first.
        unrelated: mappings that find no relation to a criterion.

    """

    related: list[CriterionMapping]
    unrelated: list[CriterionMapping]

    @property
    def is_unrelated(self) -> bool:
        """Whether it relates to no criterion."""
        return not self.related


@dataclass(frozen=True)
class ProvisionNode:
    """A provision in the tree.

    Args:
        row: its row in the answer to the query `instrument-provisions`.
        path: its path within the instrument.
        mapping: our reading of it; None if there is none.
        discrepancies: the recorded discrepancies about it.
        reservations: the reservations and declarations that apply to it.
        parts: the provisions within it.

    """

    row: Row
    path: str
    mapping: ProvisionMapping | None
    discrepancies: list[Row]
    reservations: list[Row] = field(default_factory=list)
    parts: list["ProvisionNode"] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its label, preceded by "Article" if the label is only a number."""
        label = self.row["label"]
        return f"Article {label}" if self.path.startswith("art_") else label[:1].upper() + label[1:]


def path_in_instrument(iri: str) -> str:
    """Return the path of a provision within its instrument; empty for the instrument as a whole."""
    return iri.partition(_INSTRUMENT)[2].partition("/")[2]


def by_provision(rows: Iterable[Row]) -> list[Row]:
    """Sort rows about provisions by instrument, then article."""
    return sorted(rows, key=lambda row: (row["instrument"], document_order(row["provision"])))


def map_provision(rows: Iterable[Row]) -> ProvisionMapping:
    """Return the mapping for the readings of one provision."""
    criteria: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        criteria.setdefault((row["strength"], row["rationale"], row["reservable_under"]), []).append(row["criterion"])
    mappings = sorted(
        (CriterionMapping(*key, found) for key, found in criteria.items()), key=lambda mapping: _STRENGTHS.index(mapping.strength)
    )
    return ProvisionMapping(
        [mapping for mapping in mappings if mapping.strength != _NONE],
        [mapping for mapping in mappings if mapping.strength == _NONE],
    )


def reservations_by_provision(provisions: Iterable[Row], reservations: Iterable[Row]) -> tuple[dict[str, list[Row]], list[Row]]:
    """Return the reservations that apply to each provision, by its IRI, and those that apply to none of these provisions.

    Args:
        provisions: rows of the query `instrument-provisions`.
        reservations: rows of the query `reservations`, which name provisions by their labels.

    """
    iris = {row["label"]: row["provision"] for row in provisions}
    found: dict[str, list[Row]] = {}
    others = []
    for row in reservations:
        applied = [iris[label] for label in row["provisions"].split() if label in iris]
        for iri in applied:
            found.setdefault(iri, []).append(row)
        if not applied:
            others.append(row)
    return found, others


def reservations_of(jurisdiction: str, provisions: Iterable[str], reservations: dict[str, list[Row]]) -> list[Row]:
    """Return the reservations of a jurisdiction that apply to one of the provisions, each once.

    A reservation to an article applies to its paragraphs and points too.

    Args:
        jurisdiction: its IRI.
        provisions: their IRIs.
        reservations: rows of the query `reservations`, by provision; see `reservations_by_provision`.

    """
    wanted = tuple(provisions)
    found: list[Row] = []
    for reserved, rows in reservations.items():
        if any(f"{provision}/".startswith(f"{reserved}/") for provision in wanted):
            found += (row for row in rows if row["jurisdiction"] == jurisdiction and row not in found)
    return found


def provision_tree(
    provisions: Iterable[Row],
    readings: dict[str, list[Row]],
    discrepancies: dict[str, list[Row]],
    reservations: dict[str, list[Row]] | None = None,
) -> list[ProvisionNode]:
    """Return the outermost provisions of an instrument.

    Args:
        provisions: rows of the query `instrument-provisions`.
        readings: rows of the query `readings`, by provision.
        discrepancies: rows of the query `doubts-of-instrument`, by resource.
        reservations: rows of the query `reservations`, by provision; see `reservations_by_provision`.

    """
    nodes: dict[str, ProvisionNode] = {}
    outermost: list[ProvisionNode] = []
    for row in sorted(provisions, key=lambda row: document_order(path_in_instrument(row["provision"]))):
        iri, path = row["provision"], path_in_instrument(row["provision"])
        mapping = map_provision(readings[iri]) if iri in readings else None
        node = nodes[path] = ProvisionNode(row, path, mapping, discrepancies.get(iri, []), (reservations or {}).get(iri, []))
        parent = path
        while parent := parent.rpartition("/")[0]:
            if parent in nodes:
                nodes[parent].parts.append(node)
                break
        else:
            outermost.append(node)
    return outermost
