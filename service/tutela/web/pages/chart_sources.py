"""What a chart says about where it comes from, and where the same data are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from tutela.reports.words import ordinal
from tutela.web.markup import long_date
from tutela.web.pages.world_map import CRITERIA_MET
from tutela.web.rendering import Row

ACTIONS = "lists of treaty actions, each named on the page; "

Parameters = Mapping[str, str]


@dataclass(frozen=True)
class Site:
    """What charts say about where they come from: the absolute URL of the root path, and the release in words."""

    root: str
    release: str


def page_address(site: Site, path: str, given: Parameters) -> str:
    """Return the absolute URL of the page with the same data."""
    shown = {name: value for name, value in given.items() if value and (name, value) != ("show", CRITERIA_MET)}
    return f"{site.root}{path}" + (f"?{urlencode(shown)}" if shown else "")


def dated(edition: Row) -> str:
    """Return whose findings a chart shows, for the end of a sentence."""
    by = (
        f"by the draft of the {ordinal(edition['number'])} edition, not published"
        if edition["status"] == "draft"
        else "by the review"
    )
    return f"{by} as of {long_date(edition['findings_as_of'])}" if edition["findings_as_of"] else by


def review(edition: Row, site: Site) -> str:
    """Return the source of findings."""
    if edition["status"] == "draft":
        return f"Tutela, {edition['name']} of the review; {site.release}"
    return f"ICMEC, {edition['title']}, {edition['name']}, {edition['year']}; {site.release}"
