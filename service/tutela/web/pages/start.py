"""``/``: what this is, the map, three findings, and ways in."""

import json
from typing import Any

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from tutela import header, names, paths
from tutela.catalog import with_iris, with_value
from tutela.store import Store
from tutela.web.frame import EDITION, Figure, Frame
from tutela.web.json_ld import compact
from tutela.web.pages.world_map import shown

READ = ["GET", "HEAD"]
_SCHEMA_ORG = {"@vocab": names.SCHEMA_ORG}


def add(routes: APIRouter, frame: Frame) -> None:
    """Add the route."""

    @routes.api_route("/", methods=READ)
    async def start(request: Request) -> Response:
        return await frame.page(request, "start.html", lambda: _start(request, frame))


def _start(request: Request, frame: Frame) -> dict[str, Any]:
    totals = frame.ask("change-over-editions")
    counts = frame.ask("criterion-counts", edition=EDITION)
    unmet = frame.ask("unmet-everywhere", as_of=frame.default("unmet-everywhere", "as_of"))
    return {
        **shown(frame, request.query_params),
        "findings": frame.ask("findings", edition=EDITION),
        "totals": totals,
        "editions": _editions(totals),
        "counts": counts,
        "unmet": unmet,
        "unmet_by": sorted(unmet.by("instrument").items(), key=lambda pair: (-len(pair[1]), pair[0])),
        "names": frame.names("instrument"),
        "markup": _markup(request, frame.catalog.store),
        "questions": len(frame.catalog.questions),
    }


def _editions(totals: Figure) -> list[dict[str, Any]]:
    """Return the editions of which the report states who was sufficient and who had nothing specific, oldest first."""
    found = []
    for number, rows in totals.by("edition").items():
        stated = {row["measure"]: row for row in rows}
        if {"sufficient", "no-specific-legislation"} <= stated.keys():
            one = stated["sufficient"]
            found.append(
                {
                    "number": int(number),
                    "year": one["published"][:4],
                    "reviewed": one["reviewed"],
                    "sufficient": int(one["stated"]),
                    "none": int(stated["no-specific-legislation"]["stated"]),
                }
            )
    return sorted(found, key=lambda one: one["number"])


def _markup(request: Request, store: Store) -> Markup:
    """Return the dataset as search engines read it (schema.org Dataset), safe within a script element."""
    text = header.read(paths.QUERIES / "pages" / "schema-org.rq").text
    text = with_value(with_iris(text, "root", [str(request.base_url)]), "version", json.dumps(store.version))
    document = compact(sorted(store.query(text).triples(), key=str), _SCHEMA_ORG).decode()
    return Markup(document.replace("<", "\\u003c"))  # noqa: S704 - no markup can begin in it
