"""The filters and view options of the page about gaps, and its URLs."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from tutela.web.components.gap_matrix import ONLY_RECOMMENDED, POSSIBLE, RECOMMENDED, TREATY_KINDS, UNMET

ALL, _BOTH = "all", "both"  # all kinds of gaps; those under instruments
_KINDS = {
    ALL: (UNMET, POSSIBLE, ONLY_RECOMMENDED),
    _BOTH: TREATY_KINDS,
    UNMET: (UNMET,),
    POSSIBLE: (POSSIBLE,),
    RECOMMENDED: (RECOMMENDED,),
    ONLY_RECOMMENDED: (ONLY_RECOMMENDED,),
}
# Earlier values of the parameter `kind`, which URLs may still have.
EARLIER_KINDS = {"point to examine": POSSIBLE}
CHOICES = {"kind": tuple(_KINDS), "by": ("instrument", "region"), "sort": ("count", "name")}
FILTERS = ("instrument", "provision", "region", "criterion")


@dataclass(frozen=True)
class Filters:
    """The filters and view options in the URL."""

    as_of: str
    kind: str = ALL
    by: str = "instrument"
    sort: str = "count"
    instrument: str = ""
    provision: str = ""
    region: str = ""
    criterion: str = ""
    open: str = ""
    edition: str = ""  # empty for the current edition

    def link(self, suffix: str = "", **others: str) -> str:
        """Return the URL path of the page with some options changed, below the root path; defaults are left out."""
        values, defaults = vars(replace(self, **others)), vars(Filters(as_of=""))
        changed = {key: value for key, value in values.items() if value != defaults[key]}
        return f"/gaps{suffix}?{urlencode(changed)}"

    @property
    def cleared(self) -> str:
        """The URL path of the page without filters."""
        return self.link(kind=ALL, open="", **dict.fromkeys(FILTERS, ""))

    @property
    def filtered(self) -> bool:
        """Whether any filter is set."""
        return any(getattr(self, name) for name in FILTERS)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of gaps to show."""
        return _KINDS[self.kind]
