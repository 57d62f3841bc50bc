"""``/jurisdictions``: the list of jurisdictions, and a page for each."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from tutela.web.components.participation import is_certain
from tutela.web.components.provision_tree import by_provision
from tutela.web.components.timeline import Lane, Scale, days_of
from tutela.web.rendering import PageRenderer, ResultTable, Row, get_or_404
from tutela.web.services import services
from tutela.web.templating import local_name

# Timeline events that express consent to be bound, or its extension to a territory.
_CONSENT = (
    "acceptance",
    "accession",
    "approval",
    "ratification",
    "ratification-or-accession",
    "succession",
    "territorial-application",
)


async def list_page(request: Request) -> Response:
    """Respond with the list."""
    renderer = services(request).renderer
    return await renderer.respond(request, "jurisdictions.html", lambda: _list_content(renderer, request.query_params))


async def page(request: Request) -> Response:
    """Respond with the page of one jurisdiction."""
    renderer = services(request).renderer
    code = str(request.path_params["code"])
    return await renderer.respond(request, "jurisdiction.html", lambda: _content(renderer, code, request.query_params))


def _list_content(renderer: PageRenderer, given: Mapping[str, str]) -> Mapping[str, Any]:
    chosen = renderer.chosen_edition(given)
    number = chosen["edition"]["number"]
    return {
        **chosen,
        "findings": renderer.run("findings", edition=number),
        "territories": renderer.run("places-without-row", edition=number),
        "jurisdictions": renderer.run("jurisdictions"),
        "criteria": renderer.run("criteria"),
    }


def _content(renderer: PageRenderer, code: str, given: Mapping[str, str]) -> Mapping[str, Any]:
    as_of = given.get("as_of") or renderer.default("bound-by", "as_of")
    get_or_404(renderer.labels("jurisdiction"), code, "jurisdiction")
    (jurisdiction,) = renderer.run("jurisdictions").where(code=code)
    chosen = renderer.chosen_edition(given)
    edition = chosen["edition"]
    card = renderer.run("jurisdiction-card", jurisdiction=code, edition=edition["number"])
    criteria = renderer.run("criteria")
    bound = renderer.run("bound-by", jurisdiction=code, as_of=as_of)
    timeline = renderer.run("timeline", jurisdiction=code)
    unmet = renderer.run("unmet-obligations", jurisdiction=code, as_of=as_of)
    could_join = renderer.run("could-join", jurisdiction=code, as_of=as_of)
    grounds = renderer.run("grounds", jurisdiction=code)
    correspondence = renderer.run("correspondence", edition=edition["number"]).where(jurisdiction=jurisdiction["jurisdiction"])
    return {
        **chosen,
        "jurisdiction": jurisdiction,
        "card": card,
        "criteria": criteria,
        "findings": _findings(card, criteria),
        "general_notes": card.where(criterion=""),
        "correspondence": correspondence,
        "laws": renderer.run("national-law", jurisdiction=code, edition=edition["number"]),
        # Provisions are compared with the findings of the current edition.
        "provisions": _provisions(grounds) if chosen["is_current"] else {},
        "drafts": [renderer.edition(number) for number in renderer.catalog.draft_editions()],
        "assessments": renderer.run("other-assessments", jurisdiction=code),
        "grounds": grounds,
        "discrepancies": renderer.run("doubts", jurisdiction=code),
        "bound": bound,
        "timeline": timeline,
        **timeline_lanes(bound, timeline, as_of),
        "reservations": renderer.run("reservations-by", jurisdiction=code),
        "unmet": unmet,
        "obligations": by_provision(unmet.where(kind="unmet obligation", state="bound")),
        "possible_gaps": by_provision(unmet.where(kind="point to examine", state="bound")),
        "gaps_not_known": by_provision(row for row in unmet.rows if not is_certain(row)),
        "could_join": could_join,
        "eligible": _eligible(could_join),
        "not_eligible": _not_eligible(could_join),
        "would_add": renderer.run("would-add", jurisdiction=code, as_of=as_of),
        "initiatives": renderer.run("initiatives", jurisdiction=code),
        "recommendations": renderer.run("recommendations-for", jurisdiction=code),
        "neighbours": renderer.run("neighbours", jurisdiction=code),
        "instruments": renderer.labels("instrument"),
        "titles": {local_name(row["instrument"]): row["title"] for row in renderer.run("instruments").rows},
        "organisations": renderer.labels("organisation"),
        "as_of": as_of,
        "findings_as_of": renderer.findings_as_of(),
    }


def _findings(card: ResultTable, criteria: ResultTable) -> list[tuple[Row, list[Row]]]:
    """Return each criterion with its rows of the card, one per note; no rows if the review has no finding on it."""
    rows = card.by("criterion")
    return [(criterion, rows.get(criterion["criterion"], [])) for criterion in criteria.rows]


def _provisions(grounds: ResultTable) -> dict[str, list[Row]]:
    """Return the provisions found by Tutela for each criterion, once each; what notes cite is in their own rows."""
    found: dict[str, list[Row]] = {}
    for criterion, rows in grounds.by("criterion").items():
        once = {(row["relation"], row["provision"]): row for row in reversed(rows) if row["basis"] != "note"}
        found[criterion] = list(reversed(once.values()))
    return found


def _needs_membership(row: Row) -> bool:
    """Return whether an instrument is open only to members of an organisation that the jurisdiction does not belong to."""
    return row["way"] in ("member", "membership-only") and row["member"] == "false"


def _eligible(could_join: ResultTable) -> dict[str, list[Row]]:
    """Return the instruments open to the jurisdiction, by slug; a membership that is not recorded counts as possible."""
    groups = could_join.by("instrument").items()
    eligible = {slug: [row for row in rows if not _needs_membership(row)] for slug, rows in groups}
    return {slug: rows for slug, rows in eligible.items() if rows}


def _not_eligible(could_join: ResultTable) -> list[Row]:
    """Return one row for each instrument that is not open to the jurisdiction."""
    return [rows[0] for rows in could_join.by("instrument").values() if all(map(_needs_membership, rows))]


def timeline_lanes(bound: ResultTable, timeline: ResultTable, as_of: str) -> dict[str, Any]:
    """Return the lanes of the timeline by instrument slug, and its scale."""
    events = timeline.by("instrument")
    ends = {row["instrument"]: row["bound_until"] for row in bound.rows}
    scale = Scale(days_of(timeline.rows), as_of)
    lanes: dict[str, Lane] = {}
    for slug, rows in events.items():
        signed = [row["day"] for row in rows if row["event"] == "signature"]
        consented = [row["day"] for row in rows if row["event"] in _CONSENT]
        periods = [row for row in rows if row["event"] == "bound from"]
        end = ends.get(slug, "")
        known = [(row["latest"], end) for row in periods if row["latest"]]
        possible = [(row["earliest"], min(row["latest"] or as_of, as_of)) for row in periods if row["earliest"] != row["latest"]]
        lanes[slug] = scale.lane(signed, consented, known, possible)
    return {"lanes": lanes, "ticks": scale.ticks, "empty_lane": scale.lane([], [], [])}
