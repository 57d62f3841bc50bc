"""``/instruments/{slug}/national-law``: the national provisions of the parties that bear on what a provision asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from tutela.errors import NotFoundError
from tutela.web.components.participation import is_certain
from tutela.web.components.provision_tree import document_order, path_in_instrument
from tutela.web.rendering import PageRenderer, Row, get_or_404
from tutela.web.services import services

# The relations of a national provision to a finding, the closest first.
_RELATIONS = ("ground", "narrower", "at-odds", "since", "pending")


@dataclass(frozen=True)
class Party:
    """A party with the national provisions known for it, the closest first. `row` is its first row of the answer."""

    row: Row
    provisions: list[Row]

    @property
    def has_ground(self) -> bool:
        """Whether it is certainly a party, and a national provision meets the criterion; the query counts these as known."""
        return is_certain(self.row) and any(row["relation"] == _RELATIONS[0] for row in self.provisions)


async def page(request: Request) -> Response:
    """Respond with the page: of all provisions, or of the one given."""
    renderer = services(request).renderer
    slug = str(request.path_params["slug"])
    return await renderer.respond(request, "implementation.html", lambda: _content(renderer, slug, request.query_params))


def _content(renderer: PageRenderer, slug: str, given: Mapping[str, str]) -> Mapping[str, Any]:
    as_of = given.get("as_of") or renderer.default("national-implementation", "as_of")
    short_name = get_or_404(renderer.labels("instrument"), slug, "instrument")
    overview = renderer.run("national-implementation", instrument=slug, as_of=as_of)
    provisions = {row["provision"]: row for row in renderer.run("instrument-provisions", instrument=slug).rows}
    rows = [row for row in overview.rows if row["provision"] in provisions]
    rows.sort(key=lambda row: document_order(path_in_instrument(row["provision"])))
    shared = {
        "slug": slug,
        "short_name": short_name,
        "as_of": as_of,
        "overview": overview,
        "rows": rows,
        "provisions": provisions,
        "path_in_instrument": path_in_instrument,
        "chosen": None,
    }
    path, criterion = given.get("provision", ""), given.get("criterion", "")
    if not path:
        return shared
    choices = [row for row in rows if path_in_instrument(row["provision"]) == path]
    if not choices:
        raise NotFoundError(f"By our reading, no provision {path!r} of {short_name} bears on a criterion.")
    criterion = criterion or choices[0]["criterion"]
    chosen = next((row for row in choices if row["criterion"] == criterion), None)
    if chosen is None:
        raise NotFoundError(f"By our reading, this provision of {short_name} does not bear on the criterion {criterion!r}.")
    laws = renderer.run("treaty-to-national", instrument=slug, provision=path, as_of=as_of)
    parties = _parties(laws.where(criterion=criterion))
    return {
        **shared,
        "chosen": chosen,
        "choices": choices,
        "laws": laws,
        "known": [party for party in parties if party.has_ground],
        "related": [party for party in parties if party.provisions and not party.has_ground],
        "others": {
            met: [party.row for party in parties if not party.provisions and party.row["met"] == met]
            for met in ("true", "false", "")
        },
    }


def _parties(rows: list[Row]) -> list[Party]:
    """Return the parties in the order of the answer, each with its provisions once."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["jurisdiction"], []).append(row)
    return [Party(of_party[0], _provisions(of_party)) for of_party in found.values()]


def _provisions(rows: list[Row]) -> list[Row]:
    """Return the row of each provision: the first of those that differ in their source only."""
    once: dict[str, Row] = {}
    for row in rows:
        if row["national_provision"]:
            once.setdefault(row["national_provision"], row)
    return sorted(once.values(), key=lambda row: _RELATIONS.index(row["relation"]))
