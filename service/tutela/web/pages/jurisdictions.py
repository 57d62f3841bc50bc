"""``/jurisdictions/{code}``: a page for each jurisdiction. Their list is in `jurisdiction_list`."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from tutela.reports.jurisdiction import ASKED_WORDS, asked_for
from tutela.web.components.changes import changes_since, grouped
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

_SHOWN_CHANGES = 6  # since the findings
_NEAR_WORDINGS = 3  # shown for each criterion that is not met


async def page(request: Request) -> Response:
    """Respond with the page of one jurisdiction."""
    renderer = services(request).renderer
    code = str(request.path_params["code"])
    return await renderer.respond(request, "jurisdiction.html", lambda: _content(renderer, code, request.query_params))


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
    findings = _findings(card, criteria)
    not_met = [(criterion, rows) for criterion, rows in findings if rows and rows[0]["met"] == "false"]
    would_add = renderer.run("would-add", jurisdiction=code, as_of=as_of)
    neighbours = renderer.run("neighbours", jurisdiction=code)
    eligible = _eligible(could_join)
    organisations = renderer.labels("organisation")
    cannot_join = bound.where(state="cannot join")
    closed = {row["instrument"] for row in cannot_join}
    changes = changes_since(renderer, renderer.findings_as_of(), code)
    return {
        **chosen,
        "jurisdiction": jurisdiction,
        "card": card,
        "criteria": criteria,
        "findings": findings,
        "not_met": not_met,
        "is_met": [(criterion, rows) for criterion, rows in findings if rows and rows[0]["met"] == "true"],
        "silent": [(criterion, rows) for criterion, rows in findings if not rows],
        "joining": _joining(would_add, eligible),
        "elsewhere": {
            slug: _elsewhere(renderer, code, slug, neighbours) for slug in (local_name(one["criterion"]) for one, _ in not_met)
        },
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
        "joinable_or_bound": [row for row in bound.rows if row["instrument"] not in closed],
        "cannot_join": cannot_join,
        "open_to_members_of": {
            row["instrument"]: organisations.get(row["organisation"], row["organisation"]) for row in _not_eligible(could_join)
        },
        "timeline": timeline,
        **timeline_lanes(bound, timeline, as_of),
        "reservations": renderer.run("reservations-by", jurisdiction=code),
        "unmet": unmet,
        "obligations": by_provision(unmet.where(kind="unmet obligation", state="bound")),
        "possible_gaps": by_provision(unmet.where(kind="possible gap", state="bound")),
        "gaps_not_known": by_provision(row for row in unmet.rows if not is_certain(row)),
        "could_join": could_join,
        "eligible": eligible,
        "not_eligible": [row for row in _not_eligible(could_join) if row["instrument"] not in closed],
        "would_add": would_add,
        "asked_for": asked_for,
        "asked_words": ASKED_WORDS,
        "initiatives": renderer.run("initiatives", jurisdiction=code),
        "changes_found": changes,
        "changes": grouped(changes.rows)[:_SHOWN_CHANGES],
        "recommendations": renderer.run("recommendations-for", jurisdiction=code, edition=edition["number"]),
        "neighbours": neighbours,
        "instruments": renderer.labels("instrument"),
        "titles": {local_name(row["instrument"]): row["title"] for row in renderer.run("instruments").rows},
        "organisations": organisations,
        "as_of": as_of,
        "is_default_day": as_of == renderer.default("bound-by", "as_of"),
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


def _joining(would_add: ResultTable, eligible: Mapping[str, list[Row]]) -> dict[str, dict[str, list[Row]]]:
    """Return what the instruments open to the jurisdiction ask for, by criterion and instrument; what requires it comes first."""
    found: dict[str, dict[str, list[Row]]] = {}
    for criterion, duties in would_add.by("criterion").items():
        rows = [row for row in duties if row["instrument"] in eligible]
        required = {row["instrument"] for row in rows if row["strength"].startswith("requires")}
        for row in sorted(rows, key=lambda row: (row["instrument"] not in required, row["instrument_name"].lower())):
            found.setdefault(criterion, {}).setdefault(row["instrument"], []).append(row)
    return found


def _elsewhere(renderer: PageRenderer, code: str, criterion: str, neighbours: ResultTable) -> list[Row]:
    """Return the nearest wordings beyond the region of a jurisdiction, if Tutela knows fewer than three within it."""
    missing = _NEAR_WORDINGS - sum(bool(row["law_title"]) for row in neighbours.where(criterion=criterion))
    if missing <= 0:
        return []
    rows = renderer.run("wordings-elsewhere", around=code, criterion=criterion).rows
    once = {row["jurisdiction"]: row for row in reversed(rows) if row["distance"] != "1"}
    return list(reversed(once.values()))[:missing]


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
