"""All kinds of entry, by name."""

from functools import cache

from tutela.entry import national_law, treaty
from tutela.entry.correction import correction
from tutela.entry.kind import Kind
from tutela.entry.reservation import reservation, withdrawal
from tutela.entry.treaty_action import treaty_actions


@cache
def kinds() -> dict[str, Kind]:
    """Return the kinds of entry, in the order in which a list shows them."""
    every = [
        *treaty_actions(),
        reservation(),
        withdrawal(),
        national_law.law(),
        national_law.provision(),
        national_law.reading(),
        treaty.treaty(),
        treaty.treaty_provision(),
        correction(),
        national_law.discrepancy(),
        national_law.source(),
    ]
    return {kind.name: kind for kind in every}
