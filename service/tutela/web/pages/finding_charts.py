"""Charts of findings: by criterion, by edition, by region."""

from tutela.errors import UsageError
from tutela.web.components.chart import INNER, Chart
from tutela.web.components.region_tree import region_tree
from tutela.web.pages.chart_sources import Parameters, Site, dated, page_address, review
from tutela.web.pages.start import editions_with_totals
from tutela.web.rendering import PageRenderer, get_or_404
from tutela.web.templating import capfirst

_ROW = 44  # height in pixels


def criteria_chart(renderer: PageRenderer, given: Parameters, site: Site) -> Chart:
    """Return how many jurisdictions meet each criterion."""
    edition = renderer.chosen_edition(given)["edition"]
    counts = renderer.run("criterion-counts", edition=edition["number"]).rows
    total = len(renderer.run("findings", edition=edition["number"]).rows)
    ranked = sorted(counts, key=lambda row: -int(row["met"]))
    fewest = ranked[-1]
    rows = [
        {
            "label": capfirst(row["criterion_name"]),
            "bars": [{"share": int(row["met"]) / total, "tone": "step-5", "text": f"{row['met']} of {total}"}],
        }
        for row in counts
    ]
    return Chart(
        f"{fewest['met']} of {total} jurisdictions meet the criterion “{fewest['criterion_name']}”",
        f"Jurisdictions that meet each criterion, {dated(edition)}.",
        review(edition, site),
        page_address(site, "/map", {"edition": given["edition"]}) if given.get("edition") else page_address(site, "/", {}),
        "charts/bars.svg",
        len(rows) * _ROW,
        {"rows": rows, "row_height": _ROW, "label_width": 520, "bar_width": INNER - 520},
        edition["status"] == "draft",
    )


def editions_chart(renderer: PageRenderer, given: Parameters, site: Site) -> Chart:
    """Return how many jurisdictions each edition of the review counts as sufficient, and as without specific legislation."""
    del given
    editions = editions_with_totals(renderer.run("change-over-editions"))
    first, last = editions[0], editions[-1]
    reviewed = int(last["reviewed"])
    rows = [
        {
            "label": edition["year"],
            "bars": [
                {"share": edition["sufficient"] / reviewed, "tone": "step-5", "text": f"{edition['sufficient']} sufficient"},
                {"share": edition["none"] / reviewed, "tone": "step-2", "text": f"{edition['none']} with none"},
            ],
        }
        for edition in editions
    ]
    return Chart(
        f"The review rates the law of {last['sufficient']} jurisdictions as sufficient in {last['year']}, "
        f"up from {first['sufficient']} in {first['year']}",
        "Sufficient: four or five criteria met. None: no legislation specific to child sexual abuse material. "
        f"Totals as stated by the report, of {first['reviewed']} jurisdictions in {first['year']} "
        f"and {last['reviewed']} in {last['year']}.",
        review(renderer.edition(), site),
        page_address(site, "/editions", {}),
        "charts/bars.svg",
        len(rows) * _ROW,
        {"rows": rows, "row_height": _ROW, "label_width": 100, "bar_width": (INNER - 100) / 2},
    )


def continents_chart(renderer: PageRenderer, given: Parameters, site: Site) -> Chart:
    """Return how many jurisdictions of each continent meet a criterion.

    Raises:
        UsageError: there is no parameter ``criterion``.

    """
    slug = given.get("criterion", "")
    if not slug:
        example = "/charts/continents.svg?criterion=isp-reporting"
        raise UsageError(f"criterion: missing; expected one such as isp-reporting, for example {example}.")
    name = get_or_404(renderer.labels("criterion"), slug, "criterion")
    edition = renderer.chosen_edition(given)["edition"]
    findings = renderer.run("findings", edition=edition["number"])
    column = slug.replace("-", "_")
    rows = []
    for region in region_tree(renderer.run("regions").rows).values():
        members = [] if region.depth else region.members(findings.rows)
        met = sum(1 for row in members if row[column] == "true")
        if members:
            text = f"{met} of {len(members)}"
            rows.append({"label": region.name, "bars": [{"share": met / len(members), "tone": "step-5", "text": text}]})
    met = sum(1 for row in findings.rows if row[column] == "true")
    return Chart(
        f"{met} of {len(findings.rows)} jurisdictions meet the criterion “{name}”",
        f"Jurisdictions that meet it in each continent, {dated(edition)}.",
        review(edition, site),
        page_address(site, f"/criteria/{slug}", {}),
        "charts/bars.svg",
        len(rows) * _ROW,
        {"rows": rows, "row_height": _ROW, "label_width": 220, "bar_width": INNER - 220},
        edition["status"] == "draft",
    )
