"""``/map?show=edition-totals``: the totals that the editions of the review state, one edition at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutela.errors import NotFoundError
from tutela.web.rendering import PageRenderer, Row

# The measures that share out the jurisdictions, and those that count some of them again.
_MEASURES = ("sufficient", "five-criteria", "four-criteria", "no-specific-legislation")


@dataclass(frozen=True)
class EditionStep:
    """An edition with its totals.

    Args:
        edition: its row, with its name.
        totals: its rows of the answer to the query `change-over-editions`, by measure.

    """

    edition: Row
    totals: dict[str, Row]

    @property
    def number(self) -> str:
        """Its number."""
        return self.edition["number"]


def edition_totals(renderer: PageRenderer, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the content of the page.

    Args:
        renderer: runs the queries.
        given: the parameters of the URL; ``of`` is the number of an edition, by default the last one.

    Raises:
        NotFoundError: there is no such edition, or no totals of it.

    """
    table = renderer.run("change-over-editions")
    by_edition = sorted(table.by("edition").items(), key=lambda item: int(item[0]))
    editions = [EditionStep(renderer.edition(number), {row["measure"]: row for row in rows}) for number, rows in by_edition]
    wanted = given.get("of") or editions[-1].number
    at = next((at for at, one in enumerate(editions) if one.number == wanted), None)
    if at is None:
        known = ", ".join(one.number for one in editions)
        raise NotFoundError(f"There are no totals of edition {wanted!r}. Choose one of {known}.")
    measures = {row["measure"]: row["label"] for row in table.rows}
    order = [*_MEASURES, *(measure for measure in measures if measure not in _MEASURES)]
    return {
        "table": table,
        "editions": editions,
        "shown": editions[at],
        "previous": editions[at - 1] if at else None,
        "next": editions[at + 1] if at + 1 < len(editions) else None,
        "measures": {measure: measures[measure] for measure in order},
        "highest": max(int(row["stated"]) for row in table.rows),
    }
