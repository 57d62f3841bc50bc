"""``/instruments/{slug}/parties``: the treaty actions of each jurisdiction under an instrument, their dates and sources."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from tutela.web.components import year_chart
from tutela.web.rendering import PageRenderer, Row, get_or_404
from tutela.web.services import services

# The columns besides the name, each with a row's values that fill it. A column that no row fills is left out.
_COLUMNS = {
    "status": ("state",),
    "action": ("action", "capacity"),
    "signed": ("signed",),
    "start": ("bound_from",),
    "end": ("bound_until",),
    "basis": ("basis",),
    "source": ("source",),
}
# The states of jurisdictions that did nothing under the instrument.
_NOTHING = ("no act on record", "cannot join", "reached only through its state")


async def page(request: Request) -> Response:
    """Respond with the page."""
    renderer = services(request).renderer
    slug = str(request.path_params["slug"])
    as_of = request.query_params.get("as_of")
    return await renderer.respond(request, "parties.html", lambda: _content(renderer, slug, as_of))


def _content(renderer: PageRenderer, slug: str, given_as_of: str | None) -> Mapping[str, Any]:
    as_of = given_as_of or renderer.default("standing", "as_of")
    short_name = get_or_404(renderer.labels("instrument"), slug, "instrument")
    standing = renderer.run("standing", instrument=slug, as_of=as_of)
    rows = [row for row in standing.rows if row["state"] not in _NOTHING]
    by_year = renderer.run("parties-by-year", instrument=slug, as_of=renderer.default("standing", "as_of"))
    return {
        "slug": slug,
        "short_name": short_name,
        "as_of": as_of,
        "standing": standing,
        "parties": rows,
        "sources": list(dict.fromkeys(row["source"] for row in rows if row["source"])),
        "columns": [name for name, keys in _COLUMNS.items() if _is_filled(rows, keys)],
        "by_year": by_year,
        "chart": year_chart.render(by_year.rows),
        "list_reaches": standing.rows[0]["list_reaches"] if standing.rows else "",
    }


def _is_filled(rows: list[Row], keys: tuple[str, ...]) -> bool:
    return any(row[key] for row in rows for key in keys)
