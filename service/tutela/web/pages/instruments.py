"""``/instruments``: the list of instruments, and a page for each: its provisions, and who is bound by it."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from tutela.web.components import year_chart
from tutela.web.components.participation import is_certain, participation_groups
from tutela.web.components.provision_tree import (
    map_provision,
    path_in_instrument,
    provision_tree,
    reservations_by_provision,
    reservations_of,
)
from tutela.web.pages.world_map import status_map
from tutela.web.rendering import PageRenderer, ResultTable, Row, get_or_404
from tutela.web.services import services
from tutela.web.templating import local_name

# Concepts of the instrument-kind scheme that are treaties.
_TREATIES = ("treaty", "protocol", "ilo-convention")
# Levels of obligation, strongest first, for which a finding of "not met" is an unmet obligation or a possible gap.
_GAP_STRENGTHS = ("requires", "requires-reservable", "in-substance")


async def list_page(request: Request) -> Response:
    """Respond with the list."""
    renderer = services(request).renderer
    as_of = request.query_params.get("as_of")
    return await renderer.respond(request, "instruments.html", lambda: _list_content(renderer, as_of))


async def page(request: Request) -> Response:
    """Respond with the page of one instrument."""
    renderer = services(request).renderer
    slug = str(request.path_params["slug"])
    as_of = request.query_params.get("as_of")
    return await renderer.respond(request, "instrument.html", lambda: _content(renderer, slug, as_of))


def _list_content(renderer: PageRenderer, given_as_of: str | None) -> Mapping[str, Any]:
    as_of = given_as_of or renderer.default("bound-counts", "as_of")
    counts = renderer.run("bound-counts", as_of=as_of)
    bound = {row["instrument"]: row for row in counts.rows}
    groups: dict[str, list[Row]] = {"treaties": [], "acts": [], "others": []}
    instruments = renderer.run("instruments")
    for row in instruments.rows:
        has_content = row["provisions"] or local_name(row["instrument"]) in bound
        group = "treaties" if row["kind"] in _TREATIES else "acts" if row["binding"] == "true" and has_content else "others"
        groups[group].append(row)
    return {"as_of": as_of, "instruments": instruments, "counts": counts, "bound": bound, "groups": groups}


def _content(renderer: PageRenderer, slug: str, given_as_of: str | None) -> Mapping[str, Any]:
    as_of = given_as_of or renderer.default("standing", "as_of")
    get_or_404(renderer.labels("instrument"), slug, "instrument")
    instruments = renderer.run("instruments")
    (card,) = (row for row in instruments.rows if local_name(row["instrument"]) == slug)
    standing = renderer.run("standing", instrument=slug, as_of=as_of)
    provisions = renderer.run("instrument-provisions", instrument=slug)
    readings = renderer.run("readings", instrument=slug)
    discrepancies = renderer.run("doubts-of-instrument", instrument=slug)
    relations = renderer.run("instrument-relations")
    titles = renderer.run("instrument-names")
    party_counts = renderer.run("party-counts")
    by_provision = readings.by("provision")
    of_instrument = by_provision.get(card["instrument"])
    iris = {row["provision"] for row in provisions.rows}
    implementation = renderer.run("national-implementation", instrument=slug, as_of=as_of)
    groups = participation_groups(standing)
    unknown = {row["jurisdiction"] for row in groups["not_known"]}
    signatures = renderer.run("signed-only", instrument=slug, as_of=as_of)
    reservations = renderer.run("reservations", instrument=slug)
    reserved, other_reservations = reservations_by_provision(provisions.rows, reservations.rows)
    by_year = renderer.run("parties-by-year", instrument=slug, as_of=renderer.default("standing", "as_of"))
    return {
        "slug": slug,
        "card": card,
        "instruments": instruments,
        "names_of_instruments": titles,
        "titles": titles.where(instrument=slug),
        "texts": renderer.run("instrument-texts").where(instrument=slug),
        "relations": relations.where(instrument=slug),
        "inverse_relations": relations.where(other=slug),
        "provisions": provisions,
        "readings": readings,
        "tree": provision_tree(provisions.rows, by_provision, discrepancies.by("about"), reserved),
        "instrument_mapping": map_provision(of_instrument) if of_instrument else None,
        "discrepancies": discrepancies,
        "instrument_discrepancies": [row for row in discrepancies.rows if row["about"] not in iris],
        "rules": renderer.run("binding-rules", instrument=slug),
        "standing": standing,
        "implementation": implementation,
        "implemented": implementation.by("provision"),
        "choropleth": status_map(standing) if standing.where(state="bound") or standing.where(state="not known") else None,
        "by_year": by_year,
        "chart": year_chart.render(by_year.rows),
        **groups,
        "territories_bound": groups["territories"],
        "perhaps_signed": [row for row in signatures.where(state="not known") if row["jurisdiction"] not in unknown],
        "territories": renderer.run("territories", instrument=slug, as_of=as_of),
        "reservations": reservations,
        "reservations_of": reserved,
        "other_reservations": other_reservations,
        "reservations_by": lambda jurisdiction, of: reservations_of(jurisdiction, (row["provision"] for row in of), reserved),
        "stated_counts": party_counts.where(instrument=slug),
        "party_counts": party_counts,
        **_findings(renderer, slug, as_of, readings, standing),
        "path_in_instrument": path_in_instrument,
        "as_of": as_of,
        "is_default_day": as_of == renderer.default("standing", "as_of"),
    }


def _findings(renderer: PageRenderer, slug: str, as_of: str, readings: ResultTable, standing: ResultTable) -> dict[str, Any]:
    """Return the findings on each criterion that the instrument asks for, and the criteria that it does not ask for."""
    if not standing.rows:
        return {"findings": [], "other_criteria": []}
    reviewed = {row["jurisdiction"] for row in renderer.run("findings", edition=renderer.current_edition()).rows}
    bound = {row["jurisdiction"] for row in participation_groups(standing)["bound"]}
    gaps = renderer.run("gaps", as_of=as_of)
    findings, other_criteria = [], []
    for criterion in renderer.run("criteria").rows:
        name = local_name(criterion["criterion"])
        strengths = {row["strength"] for row in readings.where(criterion=name)}
        strongest = next((strength for strength in _GAP_STRENGTHS if strength in strengths), None)
        if strongest is None:
            other_criteria.append(criterion)
            continue
        lacking = renderer.run("parties-lacking", instrument=slug, criterion=name, as_of=as_of)
        findings.append(
            {
                "criterion": criterion,
                "slug": name,
                "strength": strongest,
                "provisions": readings.where(criterion=name, strength=strongest),
                "lacking": lacking,
                **_by_consequence(lacking, gaps.where(instrument=slug, criterion=name)),
                "not_known": list({row["jurisdiction"]: row for row in lacking.rows if not is_certain(row)}.values()),
            }
        )
    return {
        "findings": findings,
        "other_criteria": other_criteria,
        "reviewed_count": len(bound & reviewed),
        "gaps": gaps,
        "findings_as_of": renderer.findings_as_of(),
    }


def _by_consequence(lacking: ResultTable, gaps: list[Row]) -> dict[str, list[Row]]:
    """Group jurisdictions bound that lack a criterion: an unmet obligation, a possible gap, or neither.

    ``lacking`` has the parties; ``territories`` are those with a gap under the obligations of their state. ``gaps`` are those of
    both, one for each provision.
    """
    certain = [row for row in gaps if is_certain(row)]
    kinds = ("unmet obligation", "possible gap")
    unmet, possible = ({row["jurisdiction"] for row in certain if row["kind"] == kind} for kind in kinds)
    parties = {row["jurisdiction"] for row in lacking.rows}
    territories = {row["jurisdiction"]: row for row in certain if row["jurisdiction"] not in parties}
    groups: dict[str, list[Row]] = {"unmet": [], "possible": [], "neither": []}
    for row in filter(is_certain, lacking.rows):
        jurisdiction = row["jurisdiction"]
        group = "unmet" if jurisdiction in unmet else "possible" if jurisdiction in possible else "neither"
        if row not in groups[group]:
            groups[group].append(row)
    return {**groups, "territories": list(territories.values()), "gaps": certain}
