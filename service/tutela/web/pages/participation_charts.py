"""Charts of participation in treaties: by jurisdiction, and by year."""

from tutela.errors import UsageError
from tutela.web.components import year_chart
from tutela.web.components.chart import INNER, Chart
from tutela.web.markup import long_date
from tutela.web.pages.chart_sources import ACTIONS, Parameters, Site, page_address
from tutela.web.pages.jurisdictions import timeline_lanes
from tutela.web.rendering import PageRenderer, get_or_404

_LANE = 34  # height in pixels
_TALL = 3.2  # times the height of the columns on a page


def timeline_chart(renderer: PageRenderer, given: Parameters, site: Site) -> Chart:
    """Return the treaty actions of a jurisdiction on a scale of years.

    Raises:
        UsageError: there is no parameter ``jurisdiction``.

    """
    code = given.get("jurisdiction", "")
    if not code:
        raise UsageError("jurisdiction: missing; expected a code such as KEN, for example /charts/timeline.svg?jurisdiction=KEN.")
    name = get_or_404(renderer.labels("jurisdiction"), code, "jurisdiction")
    as_of = given.get("as_of") or renderer.default("bound-by", "as_of")
    bound = renderer.run("bound-by", jurisdiction=code, as_of=as_of)
    timeline = renderer.run("timeline", jurisdiction=code)
    found = timeline_lanes(bound, timeline, as_of)
    instruments = renderer.labels("instrument")
    known = [(slug, lane) for slug, lane in found["lanes"].items() if slug in instruments]
    lanes = [(instruments[slug], lane) for slug, lane in known if lane.bars or lane.marks]
    certain = sum(1 for row in bound.rows if row["state"] == "bound")
    return Chart(
        f"{name}: bound by {certain} of the instruments in Tutela",
        f"Signatures, consent to be bound and periods bound, as of {long_date(as_of)}.",
        ACTIONS + site.release,
        page_address(site, f"/jurisdictions/{code}", {"as_of": given["as_of"]} if "as_of" in given else {}),
        "charts/timeline.svg",
        len(lanes) * _LANE + 56,
        {
            "lanes": lanes,
            "ticks": found["ticks"],
            "row_height": _LANE,
            "label_width": 400,
            "unit": (INNER - 460) / 100,  # positions are percentages; room for the label of the last year
        },
    )


def years_chart(renderer: PageRenderer, given: Parameters, site: Site) -> Chart:
    """Return how many jurisdictions an instrument bound at the end of each year.

    Raises:
        UsageError: there is no parameter ``instrument``, or it has no list of who is bound.

    """
    slug = given.get("instrument", "")
    if not slug:
        raise UsageError("instrument: missing; expected one such as opsc, for example /charts/years.svg?instrument=opsc.")
    name = get_or_404(renderer.labels("instrument"), slug, "instrument")
    as_of = renderer.default("standing", "as_of")
    chart = year_chart.render(renderer.run("parties-by-year", instrument=slug, as_of=as_of).rows)
    if chart is None:
        raise UsageError(f"instrument: Tutela has no list of who is bound by the {name}, so it has no chart.")
    last = chart.columns[-1]
    number = f"{last.bound} to {last.at_most}" if last.at_most != last.bound else f"{last.bound}"
    known = "" if all(one.bound == one.at_most for one in chart.columns) else " Dashed: not known whether bound."
    return Chart(
        f"{number} jurisdictions are bound by the {name}",
        f"Jurisdictions bound at the end of each year, the last on {long_date(last.day)}.{known}",
        ACTIONS + site.release,
        page_address(site, f"/instruments/{slug}/parties", {}),
        "charts/years.svg",
        chart.base * _TALL + 30,
        {"years": chart, "tall": _TALL, "wide": INNER / 100},
    )
