"""``/``: the start page: the most surprising finding, a search, the map with the continents, and ways in for each audience."""

import json
from typing import Any

from fastapi import Request, Response
from markupsafe import Markup

from tutela import namespaces
from tutela.sparql import Store
from tutela.sparql.binding import bind, bind_iris
from tutela.sparql.query_file import page_query
from tutela.web.components.participation import earliest_reach
from tutela.web.components.region_tree import region_tree
from tutela.web.edition import PARAMETER
from tutela.web.linked_data.discovery import link_header
from tutela.web.linked_data.json_ld import compact
from tutela.web.pages.world_map import map_content
from tutela.web.rendering import PageRenderer, ResultTable, Row
from tutela.web.services import services
from tutela.web.templating import local_name

_SCHEMA_ORG = {"@vocab": namespaces.SCHEMA_ORG}


async def page(request: Request) -> Response:
    """Respond with the page."""
    renderer = services(request).renderer
    return await renderer.respond(request, "start.html", lambda: _content(request, renderer), {"link": link_header(request)})


def _content(request: Request, renderer: PageRenderer) -> dict[str, Any]:
    totals = renderer.run("change-over-editions")
    counts = renderer.run("criterion-counts", edition=renderer.current_edition())
    unmet = renderer.run("unmet-everywhere", as_of=renderer.default("unmet-everywhere", "as_of"))
    certain = ResultTable(unmet.query, unmet.values, unmet.where(state="bound"))
    findings = renderer.run("findings", edition=renderer.current_edition())
    rarest = min(counts.rows, key=lambda row: int(row["met"]))
    return {
        # The page is about the current edition; the map of another has a page of its own.
        **map_content(renderer, {key: value for key, value in request.query_params.items() if key != PARAMETER}),
        "findings": findings,
        "rarest": rarest,
        "commonest": max(counts.rows, key=lambda row: int(row["met"])),
        "continents": _continents(renderer, findings, rarest),
        "totals": totals,
        "editions": editions_with_totals(totals),
        "counts": counts,
        "unmet": certain,
        "lists_reach": earliest_reach(unmet.rows),
        "unmet_by_instrument": sorted(certain.by("instrument").items(), key=lambda pair: (-len(pair[1]), pair[0])),
        "instrument_names": renderer.labels("instrument"),
        "json_ld": _json_ld(request, renderer.catalog.store),
        "query_count": len(renderer.catalog.queries),
    }


def _continents(renderer: PageRenderer, findings: ResultTable, criterion: Row) -> list[dict[str, Any]]:
    """Return the continents with the number of jurisdictions that the review covers, and how many of them meet a criterion."""
    column = local_name(criterion["criterion"]).replace("-", "_")
    tree = region_tree(renderer.run("regions").rows)
    members = {region: region.members(findings.rows) for region in tree.values() if not region.within}
    return [
        {"region": region, "reviewed": len(rows), "met": sum(row[column] == "true" for row in rows)}
        for region, rows in members.items()
        if rows
    ]


def editions_with_totals(totals: ResultTable) -> list[dict[str, Any]]:
    """Return the editions whose totals for sufficient and no specific legislation the report states, oldest first."""
    found = []
    for number, rows in totals.by("edition").items():
        stated = {row["measure"]: row for row in rows}
        if {"sufficient", "no-specific-legislation"} <= stated.keys():
            sufficient = stated["sufficient"]
            found.append(
                {
                    "number": int(number),
                    "year": sufficient["published"][:4],
                    "reviewed": sufficient["reviewed"],
                    "sufficient": int(sufficient["stated"]),
                    "none": int(stated["no-specific-legislation"]["stated"]),
                }
            )
    return sorted(found, key=lambda edition: edition["number"])


def _json_ld(request: Request, store: Store) -> Markup:
    """Return a description of the dataset for search engines (schema.org Dataset), safe within a script element."""
    text = page_query("schema-org").text
    text = bind(bind_iris(text, "root", [str(request.base_url)]), "version", json.dumps(store.version))
    document = compact(sorted(store.query(text).triples(), key=str), _SCHEMA_ORG).decode()
    return Markup(document.replace("<", "\\u003c"))  # noqa: S704 - no markup can begin in it
