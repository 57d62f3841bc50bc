"""``/jurisdictions``: the findings on all jurisdictions as one table, sorted and filtered as the URL says, and as CSV."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from tutela.errors import UsageError
from tutela.search.text_folding import fold
from tutela.web.edition import DRAFT, DRAFT_HEADER
from tutela.web.http.caching import CACHEABLE
from tutela.web.http.content_disposition import content_disposition
from tutela.web.rendering import PageRenderer, ResultTable, Row
from tutela.web.services import services
from tutela.web.templating import local_name

_NOT = "not-"
_DIRECTIONS = ("asc", "desc")
# What the table is sorted by, besides the criteria, and the direction of the first click.
_SORTS = {"name": "asc", "region": "asc", "met": "desc", "instruments": "desc"}


@dataclass(frozen=True)
class View:
    """What the URL asks for. An empty value leaves the filter out.

    Attributes:
        sort: ``name``, ``region``, ``met``, ``instruments`` or the slug of a criterion.
        dir: ``asc`` or ``desc``; empty for the usual direction of `sort`.
        q: a part of the name.
        region: the M49 code of a region.
        met: the number of criteria met, 0 to 5.
        finding: the slug of a criterion that is met, with the prefix ``not-`` of one that is not.

    """

    sort: str = ""
    dir: str = ""
    q: str = ""
    region: str = ""
    met: str = ""
    finding: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether a filter is set."""
        return any((self.q, self.region, self.met, self.finding))

    @property
    def direction(self) -> str:
        """``asc`` or ``desc``."""
        return self.dir or _SORTS.get(self.sort or "name", "desc")

    def link(self, path: str = "/jurisdictions", **others: str) -> str:
        """Return a URL path with some values changed, below the root path."""
        changed = replace(self, **others)
        given = {field.name: value for field in fields(self) if (value := getattr(changed, field.name))}
        return path + (f"?{urlencode(given)}" if given else "")

    def sorted_by(self, sort: str) -> str:
        """Return the URL path of the table sorted by a column: in the other direction if it is sorted by it already."""
        is_current = sort == (self.sort or "name")
        usual = _SORTS.get(sort, "desc")
        direction = _DIRECTIONS[self.direction == "asc"] if is_current else usual
        return self.link(sort="" if sort == "name" else sort, dir="" if direction == usual else direction)


async def page(request: Request) -> Response:
    """Respond with the page."""
    renderer = services(request).renderer
    return await renderer.respond(request, "jurisdictions.html", lambda: _content(renderer, request.query_params))


async def csv_file(request: Request) -> Response:
    """Respond with the rows of the page, in its order, as CSV."""
    renderer = services(request).renderer
    content = await run_in_threadpool(_content, renderer, request.query_params)
    text = _csv(content)
    marking = {DRAFT_HEADER: DRAFT} if content["is_draft"] else {}
    headers = {**CACHEABLE, **marking, "content-disposition": content_disposition(["jurisdictions"], "csv")}
    return Response(text, media_type="text/csv; charset=utf-8; header=present", headers=headers)


def _content(renderer: PageRenderer, given: Mapping[str, str]) -> dict[str, Any]:
    chosen = renderer.chosen_edition(given)
    number = chosen["edition"]["number"]
    criteria = renderer.run("criteria")
    slugs = [local_name(row["criterion"]) for row in criteria.rows]
    regions = renderer.labels("region")
    view = _view(given, slugs, regions)
    as_of = renderer.default("instruments-by-jurisdiction", "as_of")
    instruments = renderer.run("instruments-by-jurisdiction", as_of=as_of)
    bound = {row["jurisdiction"]: row for row in instruments.rows}
    findings = renderer.run("findings", edition=number)
    rows = [{**bound[row["jurisdiction"]], **row} for row in findings.rows]
    members = _members(renderer, view.region, number)
    kept = [row for row in rows if _is_kept(row, view, members)]
    kept.sort(key=lambda row: fold(row["name"]))
    if view.sort or view.direction == "desc":
        kept.sort(key=_sort_key(view.sort or "name"), reverse=view.direction == "desc")
    return {
        **chosen,
        "view": view,
        "rows": kept,
        "findings": findings,
        "instruments": instruments,
        "criteria": criteria,
        "slugs": slugs,
        "regions": sorted(regions.items(), key=lambda region: fold(region[1])),
        "region_name": regions.get(view.region, ""),
        "territories": renderer.run("places-without-row", edition=number),
        "jurisdictions": renderer.run("jurisdictions"),
        "as_of": as_of,
    }


def _view(given: Mapping[str, str], criteria: list[str], regions: Mapping[str, str]) -> View:
    """Return what the URL asks for.

    Raises:
        UsageError: a parameter has an unknown value.

    """
    view = View(**{field.name: given.get(field.name, "").strip() for field in fields(View)})
    allowed = {
        "sort": [*_SORTS, *criteria],
        "dir": list(_DIRECTIONS),
        "region": list(regions),
        "met": [str(number) for number in range(len(criteria) + 1)],
        "finding": [*criteria, *(_NOT + slug for slug in criteria)],
    }
    for name, values in allowed.items():
        value = getattr(view, name)
        if value and value not in values:
            raise UsageError(f"{name}: unknown value {value!r}; expected one of {', '.join(values)}.")
    return view


def _members(renderer: PageRenderer, region: str, edition: str) -> set[str] | None:
    """Return the jurisdictions of a region and the regions within it; None for all."""
    if not region:
        return None
    table: ResultTable = renderer.run("region-findings", region=region, edition=edition)
    return {row["jurisdiction"] for row in table.rows}


def _is_kept(row: Row, view: View, members: set[str] | None) -> bool:
    column = view.finding.removeprefix(_NOT).replace("-", "_")
    wanted = "false" if view.finding.startswith(_NOT) else "true"
    return (
        (members is None or row["jurisdiction"] in members)
        and (not view.met or row["criteria_met"] == view.met)
        and (not view.finding or row[column] == wanted)
        and (not view.q or fold(view.q) in fold(row["name"]) or view.q.upper() == row["code"])
    )


def _sort_key(sort: str) -> Callable[[Row], Any]:
    if sort == "name":
        return lambda row: fold(row["name"])
    if sort == "region":
        return lambda row: fold(row["region_name"])
    if sort == "met":
        return lambda row: int(row["criteria_met"])
    if sort == "instruments":
        return lambda row: (int(row["bound"]), int(row["bound_at_most"]))
    column = sort.replace("-", "_")
    return lambda row: row[column] == "true"


def _csv(content: Mapping[str, Any]) -> str:
    columns = [slug.replace("-", "_") for slug in content["slugs"]]
    target = io.StringIO()
    writer = csv.writer(target)
    names = ("jurisdiction", "code", "name", "region", "region_name")
    dated = ("criteria_met", "findings_as_of", "instruments", "instruments_at_most", "instruments_as_of")
    writer.writerow([*names, *columns, *dated])
    for row in content["rows"]:
        writer.writerow(
            [
                *(row["jurisdiction"], row["code"], row["name"], local_name(row["region"]), row["region_name"]),
                *(row[column] for column in columns),
                *(row["criteria_met"], content["findings_as_of"], row["bound"], row["bound_at_most"], content["as_of"]),
            ]
        )
    return target.getvalue()
