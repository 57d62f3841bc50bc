"""``/about``: the scope, method, coverage and discrepancies of the data, and how to cite and correct them."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from tutela import namespaces
from tutela.errors import TutelaError
from tutela.release.bundle import SOURCE
from tutela.tables.published import PublishedRelease, published_releases
from tutela.web.rendering import EDITION, PageRenderer, Row
from tutela.web.services import services
from tutela.web.templating import local_name

# Headings for discrepancies, with the kinds of resources under each (the first part of a resource's path).
_GROUPS = {
    "findings": ("observation", "jurisdiction", "law", "criterion", "note"),
    "assessments": ("external-finding",),
    "instruments": ("instrument",),
    "counts": ("party-count", "total"),
}


async def page(request: Request) -> Response:
    """Respond with the page."""
    its = services(request)
    tables = its.files.tables if its.files else {}
    has_archive = its.settings.server.archived_releases > 0
    return await its.renderer.respond(request, "about.html", lambda: _content(its.renderer, tables, has_archive=has_archive))


def _content(renderer: PageRenderer, tables: Mapping[str, str], *, has_archive: bool) -> Mapping[str, Any]:
    contents = renderer.run("contents")
    discrepancies = renderer.run("discrepancies")
    editions = renderer.run("editions")
    (edition,) = editions.where(number=EDITION)
    return {
        "contents": contents,
        "count_of": {local_name(row["class"]).partition("#")[2]: int(row["things"]) for row in contents.rows},
        "coverage": renderer.run("coverage"),
        "coverage_of_law": renderer.run("coverage-of-law"),
        "editions": editions,
        "discrepancies": discrepancies,
        "discrepancy_groups": _grouped(renderer, discrepancies.rows),
        "party_counts": renderer.run("party-counts"),
        "totals": renderer.run("edition-totals", edition=EDITION),
        "sources": renderer.run("sources"),
        "table_files": {name: file.removeprefix(f"{SOURCE}/") for name, file in tables.items()},
        "published": _published() if has_archive else [],
        "criteria": renderer.run("criteria"),
        "instruments": renderer.labels("instrument"),
        "concept_slugs": lambda scheme: [path.partition("/")[2] for path in renderer.concepts() if path.startswith(f"{scheme}/")],
        "edition": edition,
        "findings_as_of": edition["findings_as_of"],
    }


def _published() -> list[PublishedRelease]:
    """Return the published releases; none if their index is damaged, which must not affect this page."""
    try:
        return published_releases()
    except TutelaError:
        return []


def _grouped(renderer: PageRenderer, rows: list[Row]) -> dict[str, list[Row]]:
    """Return the discrepancies by heading, each with the name of its subject."""
    groups: dict[str, list[Row]] = {name: [] for name in (*_GROUPS, "others")}
    for row in rows:
        kind, _, rest = namespaces.strip_base(row["about"]).removeprefix("id/").partition("/")
        group = next((name for name, kinds in _GROUPS.items() if kind in kinds), "others")
        groups[group].append({**row, "subject": _subject(renderer, kind, rest) or row["about_name"] or rest})
    return {name: sorted(group, key=lambda row: row["subject"]) for name, group in groups.items() if group}


def _subject(renderer: PageRenderer, kind: str, rest: str) -> str:
    """Return a readable name for the subject of a discrepancy, or an empty text."""
    parts = rest.split("/")
    if kind == "observation":
        _, code, criterion = parts
        return f"{renderer.labels('jurisdiction')[code]}: {renderer.labels('criterion')[criterion]}"
    if kind == "external-finding":
        _, code, year = parts
        return f"{renderer.labels('jurisdiction')[code]}: report year {year}"
    if kind == "party-count" or (kind == "instrument" and parts[1:] == ["entry-rule"]):
        return renderer.labels("instrument")[parts[0]]
    return ""
