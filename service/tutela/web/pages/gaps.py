"""``/gaps``: unmet obligations and possible gaps: a matrix of counts, each linked to the jurisdictions behind it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response

from tutela.errors import UsageError
from tutela.web.components.participation import earliest_reach, is_certain
from tutela.web.components.provision_tree import document_order, path_in_instrument
from tutela.web.rendering import PageRenderer, Row
from tutela.web.services import services
from tutela.web.templating import join_words, local_name

_UNMET, _POSSIBLE = "unmet obligation", "point to examine"  # values of the column `kind`
_CHOICES = {"kind": ("both", _UNMET, _POSSIBLE), "by": ("instrument", "region"), "sort": ("count", "name")}
_FILTERS = ("instrument", "provision", "region", "criterion")
_COUNT_QUERIES = {"instrument": "unmet-by-instrument", "region": "unmet-by-region"}


async def page(request: Request) -> Response:
    """Respond with the page."""
    renderer = services(request).renderer
    return await renderer.respond(request, "gaps.html", lambda: _content(renderer, request.query_params))


@dataclass(frozen=True)
class Filters:
    """The filters and view options in the URL."""

    as_of: str
    kind: str = "both"
    by: str = "instrument"
    sort: str = "count"
    instrument: str = ""
    provision: str = ""
    region: str = ""
    criterion: str = ""
    open: str = ""
    edition: str = ""  # empty for the current edition

    def link(self, **others: str) -> str:
        """Return the URL path of the page with some options changed, below the root path; defaults are left out."""
        values, defaults = vars(replace(self, **others)), vars(Filters(as_of=""))
        changed = {key: value for key, value in values.items() if value != defaults[key]}
        return f"/gaps?{urlencode(changed)}"

    @property
    def filtered(self) -> bool:
        """Whether any filter is set."""
        return any(getattr(self, name) for name in _FILTERS)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of gaps to show."""
        return (_UNMET, _POSSIBLE) if self.kind == "both" else (self.kind,)


@dataclass(frozen=True)
class MatrixRow:
    """A row of the matrix.

    Args:
        key: the slug of an instrument, the code of a region, or the IRI of a provision; empty for the totals.
        name: the name shown.
        level: 0, or 1 for a provision below its instrument.
        gaps: the gaps counted in the row.
        criteria: the criteria that the row can have gaps in; None if any.
        provision_count: the number of provisions with gaps, for an instrument.

    """

    key: str
    name: str
    level: int
    gaps: list[Row]
    criteria: frozenset[str] | None
    provision_count: int = 0

    def count(self, kind: str, criterion: str = "") -> int:
        """Return the number of gaps of a kind, in one criterion or in all."""
        return sum(gap["kind"] == kind and criterion in ("", gap["criterion"]) for gap in self.gaps)

    @property
    def jurisdictions(self) -> int:
        """The number of jurisdictions."""
        return len({gap["jurisdiction"] for gap in self.gaps})


def _content(renderer: PageRenderer, given: Mapping[str, str]) -> Mapping[str, Any]:
    chosen = renderer.chosen_edition(given)
    number = chosen["edition"]["number"]
    filters = replace(_filters(renderer, given), edition=chosen["kept_edition"])
    about = {"as_of": filters.as_of, **({"edition": filters.edition} if filters.edition else {})}
    gaps = renderer.run("gaps", **about)
    filtered = _filtered(gaps.rows, filters, _jurisdictions_in(renderer, filters.region, number))
    gaps_shown = list(filter(is_certain, filtered))
    criteria = renderer.run("criteria")
    criteria_shown = [row for row in criteria.rows if filters.criterion in ("", local_name(row["criterion"]))]
    required = renderer.run("criteria-required")
    by_instrument = _criteria_by_instrument(required.rows)
    regions = _regions(renderer, number)
    lines = _lines(renderer, filters, gaps_shown, by_instrument, regions)
    return {
        **chosen,
        "filters": filters,
        "choices": _CHOICES,
        "gaps": gaps,
        "gaps_shown": gaps_shown,
        "gaps_not_known": [gap for gap in filtered if not is_certain(gap)],
        "list_reaches": earliest_reach(gaps.rows),
        "lines": lines,
        "total": MatrixRow("", "All", 0, gaps_shown, None),
        "max_count": _max_count(lines, filters.kinds, criteria_shown),
        "criteria": criteria,
        "criteria_shown": criteria_shown,
        "required": required,
        "counts": renderer.run(_COUNT_QUERIES[filters.by], **about),
        "unrequired": renderer.run("criteria-no-instrument-requires"),
        "instruments": renderer.labels("instrument"),
        "relevant_instruments": sorted(by_instrument, key=renderer.labels("instrument").__getitem__),
        "relevant_criteria": frozenset[str]().union(*by_instrument.values()),
        "regions": sorted(regions.items(), key=lambda item: item[1]),
        "region_name": renderer.labels("region").get(filters.region, ""),
        "path_in_instrument": path_in_instrument,
        "titles": {local_name(row["instrument"]): row["title"] for row in renderer.run("instruments").rows},
    }


def _filters(renderer: PageRenderer, given: Mapping[str, str]) -> Filters:
    """Return the filters in a URL.

    Raises:
        UsageError: a filter has an unknown value.

    """
    values = {key: value for key in Filters.__dataclass_fields__ if (value := given.get(key))}
    for key, allowed in _CHOICES.items():
        if key in values and values[key] not in allowed:
            raise UsageError(f"{key}: unknown value {values[key]!r}; expected {join_words(list(allowed), 'or')}.")
    filters = Filters(**{"as_of": renderer.default("gaps", "as_of"), **values})
    # Each filter is checked as a parameter of a query that has it.
    for query, key, value in (
        ("gaps", "as_of", filters.as_of),
        ("standing", "instrument", filters.instrument),
        ("standing", "instrument", filters.open),
        ("region-findings", "region", filters.region),
        ("jurisdictions-lacking", "criterion", filters.criterion),
    ):
        if value:
            renderer.check(query, **{key: value})
    if filters.provision:
        _check_provision(renderer, filters)
    return filters


def _check_provision(renderer: PageRenderer, filters: Filters) -> None:
    if not filters.instrument:
        raise UsageError("provision: this filter needs the filter 'instrument' too.")
    provisions = renderer.run("instrument-provisions", instrument=filters.instrument).rows
    if filters.provision not in (path_in_instrument(row["provision"]) for row in provisions):
        name = renderer.labels("instrument")[filters.instrument]
        raise UsageError(f"provision: Tutela includes no provision {filters.provision!r} of the {name}.")


def _filtered(gaps: list[Row], filters: Filters, jurisdictions: set[str] | None) -> list[Row]:
    return [
        gap
        for gap in gaps
        if gap["kind"] in filters.kinds
        and filters.instrument in ("", gap["instrument"])
        and filters.provision in ("", path_in_instrument(gap["provision"]))
        and filters.criterion in ("", gap["criterion"])
        and (jurisdictions is None or gap["jurisdiction"] in jurisdictions)
    ]


def _jurisdictions_in(renderer: PageRenderer, region: str, edition: str) -> set[str] | None:
    """Return the jurisdictions of a region and the regions within it; None for all regions."""
    if not region:
        return None
    return {row["jurisdiction"] for row in renderer.run("region-findings", region=region, edition=edition).rows}


def _regions(renderer: PageRenderer, edition: str) -> dict[str, str]:
    """Return the names of the innermost regions that have jurisdictions, by M49 code."""
    return {local_name(row["region"]): row["region_name"] for row in renderer.run("totals-by-region", edition=edition).rows}


def _criteria_by_instrument(required: Iterable[Row]) -> dict[str, frozenset[str]]:
    """Return the criteria that each instrument requires or asks for in substance, by slug."""
    found: dict[str, frozenset[str]] = {}
    for row in required:
        if row["strength"] in ("requires", "requires-reservable", "in-substance"):
            found[row["instrument"]] = found.get(row["instrument"], frozenset()) | {local_name(row["criterion"])}
    return found


def _max_count(lines: Iterable[MatrixRow], kinds: Iterable[str], criteria: list[Row]) -> int:
    """Return the largest count in a cell."""
    names = [local_name(row["criterion"]) for row in criteria]
    return max((line.count(kind, name) for line in lines for kind in kinds for name in names), default=0)


def _lines(
    renderer: PageRenderer,
    filters: Filters,
    gaps: list[Row],
    by_instrument: Mapping[str, frozenset[str]],
    regions: Mapping[str, str],
) -> list[MatrixRow]:
    """Return the rows of the matrix, including instruments and regions without gaps."""
    if filters.by == "region":
        return sorted(_region_lines(filters, gaps, by_instrument, regions), key=_sort_key(filters.sort))
    names = renderer.labels("instrument")
    instruments = []
    for slug, criteria in by_instrument.items():
        if filters.instrument in ("", slug):
            found = [gap for gap in gaps if gap["instrument"] == slug]
            provisions = {gap["provision"] for gap in found}
            instruments.append(MatrixRow(slug, names[slug], 0, found, criteria, len(provisions)))
    lines = []
    for line in sorted(instruments, key=_sort_key(filters.sort)):
        lines.append(line)
        if line.key in (filters.open, filters.instrument):
            lines += _provision_lines(line)
    return lines


def _region_lines(
    filters: Filters, gaps: list[Row], by_instrument: Mapping[str, frozenset[str]], regions: Mapping[str, str]
) -> Iterator[MatrixRow]:
    criteria = frozenset[str]().union(*by_instrument.values())
    for code, name in regions.items():
        found = [gap for gap in gaps if local_name(gap["region"]) == code]
        if found or not filters.region:
            yield MatrixRow(code, name, 0, found, criteria)


def _provision_lines(line: MatrixRow) -> list[MatrixRow]:
    """Return a row for each provision of an instrument with gaps, in document order."""
    found: dict[str, list[Row]] = {}
    for gap in line.gaps:
        found.setdefault(gap["provision"], []).append(gap)
    ordered = sorted(found, key=lambda provision: document_order(path_in_instrument(provision)))
    return [MatrixRow(provision, found[provision][0]["provision_name"], 1, found[provision], None) for provision in ordered]


def _sort_key(sort: str) -> Callable[[MatrixRow], tuple[int, int, str]]:
    """Return the sort key for rows: by count, with unmet obligations before possible gaps, or by name."""
    if sort == "name":
        return lambda line: (0, 0, line.name)
    return lambda line: (-line.count(_UNMET), -line.count(_POSSIBLE), line.name)
