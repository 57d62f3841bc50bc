"""What the review finds not met and an instrument or the model legislation asks for, and the matrix that counts it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tutela.web.components.participation import is_certain
from tutela.web.components.provision_tree import document_order, path_in_instrument
from tutela.web.rendering import PageRenderer, ResultTable, Row
from tutela.web.templating import local_name

# Kinds of gaps. The first two are values of the column `kind` of the query `gaps`.
UNMET, POSSIBLE = "unmet obligation", "possible gap"
RECOMMENDED = "recommendation"  # what the model legislation recommends, whether or not an instrument asks for it too
ONLY_RECOMMENDED = "only-recommended"  # what no instrument asks for
TREATY_KINDS = (UNMET, POSSIBLE)
_ASKING = ("requires", "requires-reservable", "in-substance")  # levels of obligation from which a gap can follow


@dataclass(frozen=True)
class Gap:
    """A finding of "not met" where a provision of an instrument, or the model legislation, asks for the criterion.

    Args:
        kind: one of the kinds above; a gap of `ONLY_RECOMMENDED` is one of `RECOMMENDED` too.
        row: its row in the answer to the query `gaps` or `recommended-not-met`.

    """

    kind: str
    row: Row

    def is_of(self, kind: str) -> bool:
        """Return whether it is counted as this kind."""
        return kind == self.kind or (kind == RECOMMENDED and self.kind == ONLY_RECOMMENDED)

    @property
    def is_certain(self) -> bool:
        """Whether it is known that the provision bound the jurisdiction on the date."""
        return self.kind not in TREATY_KINDS or is_certain(self.row)


@dataclass(frozen=True)
class MatrixRow:
    """A row of the matrix.

    Args:
        key: the slug of an instrument, the code of a region, or the IRI of a provision; empty for totals.
        name: the name shown.
        level: 0, or 1 for a provision below its instrument.
        gaps: the gaps counted in the row.
        kinds: the kinds of gaps that are counted.
        criteria: the criteria that the row can have gaps in; None if any.
        provision_count: the number of provisions with gaps, for an instrument.

    """

    key: str
    name: str
    level: int
    gaps: Sequence[Gap]
    kinds: Sequence[str]
    criteria: frozenset[str] | None
    provision_count: int = 0

    def count(self, kind: str, criterion: str = "") -> int:
        """Return the number of gaps of a kind, in one criterion or in all."""
        return sum(gap.is_of(kind) and criterion in ("", gap.row["criterion"]) for gap in self.gaps)

    def has(self, criterion: str) -> bool:
        """Return whether there is a gap in a criterion."""
        return any(gap.row["criterion"] == criterion for gap in self.gaps)

    def asks(self, criterion: str) -> bool:
        """Return whether the row can have gaps in a criterion."""
        return self.criteria is None or criterion in self.criteria

    @property
    def jurisdictions(self) -> int:
        """The number of jurisdictions."""
        return len({gap.row["jurisdiction"] for gap in self.gaps})


def treaty_gaps(gaps: ResultTable) -> list[Gap]:
    """Return the unmet obligations and possible gaps in the answer to the query `gaps`, also those that are not certain."""
    return [Gap(row["kind"], row) for row in gaps.rows]


def recommended_gaps(recommended: ResultTable) -> list[Gap]:
    """Return the findings of "not met" in the answer to the query `recommended-not-met`."""
    return [Gap(ONLY_RECOMMENDED if row["gaps"] == "0" else RECOMMENDED, row) for row in recommended.rows]


def regions(renderer: PageRenderer, edition: str) -> dict[str, str]:
    """Return the names of the innermost regions that have jurisdictions in an edition, by M49 code."""
    rows = renderer.run("totals-by-region", edition=edition).rows
    return {local_name(row["region"]): row["region_name"] for row in rows}


def criteria_by_instrument(required: Iterable[Row]) -> dict[str, frozenset[str]]:
    """Return the criteria that each instrument requires or asks for in substance, by slug.

    Args:
        required: the rows of the query `criteria-required`.

    """
    found: dict[str, frozenset[str]] = {}
    for row in required:
        if row["strength"] in _ASKING:
            found[row["instrument"]] = found.get(row["instrument"], frozenset()) | {local_name(row["criterion"])}
    return found


def instrument_rows(
    gaps: Iterable[Gap], names: Mapping[str, str], criteria: Mapping[str, frozenset[str]], kinds: Sequence[str], sort: str
) -> list[MatrixRow]:
    """Return a row for each instrument, also for those without gaps.

    Args:
        gaps: the gaps to count.
        names: the names of the instruments to show.
        criteria: the criteria that each instrument asks for.
        kinds: the kinds of gaps to count.
        sort: ``count`` or ``name``.

    """
    by_instrument: dict[str, list[Gap]] = {slug: [] for slug in names}
    for gap in gaps:
        if gap.kind in TREATY_KINDS and gap.row["instrument"] in by_instrument:
            by_instrument[gap.row["instrument"]].append(gap)
    rows = [
        MatrixRow(slug, names[slug], 0, found, kinds, criteria[slug], len({gap.row["provision"] for gap in found}))
        for slug, found in by_instrument.items()
    ]
    return sorted(rows, key=_sort_key(sort))


def provision_rows(row: MatrixRow) -> Iterator[MatrixRow]:
    """Return a row for each provision of an instrument with gaps, in document order."""
    found: dict[str, list[Gap]] = {}
    for gap in row.gaps:
        found.setdefault(gap.row["provision"], []).append(gap)
    for provision in sorted(found, key=lambda iri: document_order(path_in_instrument(iri))):
        gaps = found[provision]
        yield MatrixRow(provision, gaps[0].row["provision_name"], 1, gaps, row.kinds, None)


def region_rows(
    gaps: Sequence[Gap], names: Mapping[str, str], criteria: frozenset[str] | None, kinds: Sequence[str], sort: str
) -> list[MatrixRow]:
    """Return a row for each region; see `instrument_rows`."""
    rows = [
        MatrixRow(code, name, 0, [gap for gap in gaps if local_name(gap.row["region"]) == code], kinds, criteria)
        for code, name in names.items()
    ]
    return sorted(rows, key=_sort_key(sort))


def _sort_key(sort: str) -> Callable[[MatrixRow], tuple[tuple[int, ...], str]]:
    """Return the sort key for rows: by count, with unmet obligations before possible gaps, or by name."""
    if sort == "name":
        return lambda row: ((), row.name)
    return lambda row: (tuple(-row.count(kind) for kind in row.kinds), row.name)
