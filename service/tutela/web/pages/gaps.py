"""``/gaps``: what the review finds not met where an instrument or the model legislation asks for it.

A matrix of counts, each linked to the jurisdictions behind it, and the same as CSV.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from tutela.errors import UsageError
from tutela.web.components.gap_filters import ALL, CHOICES, EARLIER_KINDS, FILTERS, Filters
from tutela.web.components.gap_matrix import (
    ONLY_RECOMMENDED,
    RECOMMENDED,
    TREATY_KINDS,
    Gap,
    MatrixRow,
    criteria_by_instrument,
    instrument_rows,
    provision_rows,
    recommended_gaps,
    region_rows,
    regions,
    treaty_gaps,
)
from tutela.web.components.participation import earliest_reach
from tutela.web.components.provision_tree import path_in_instrument
from tutela.web.edition import DRAFT, DRAFT_HEADER
from tutela.web.http.caching import CACHEABLE
from tutela.web.http.content_disposition import content_disposition
from tutela.web.rendering import PageRenderer, ResultTable
from tutela.web.services import services
from tutela.web.templating import join_words, local_name

_COUNT_QUERIES = {"instrument": "unmet-by-instrument", "region": "unmet-by-region"}
_CSV_COLUMNS = (
    *("jurisdiction", "name", "region", "region_name", "criterion", "instrument", "instrument_name", "provision"),
    *("provision_name", "strength", "bound_from", "earliest", "latest", "state", "certainty", "list_reaches"),
    *("recommendation", "recommendation_name", "gaps"),
)


async def page(request: Request) -> Response:
    """Respond with the page."""
    renderer = services(request).renderer
    return await renderer.respond(request, "gaps.html", lambda: _content(renderer, request.query_params))


async def csv_file(request: Request) -> Response:
    """Respond with the gaps that the page lists for the same filters, as CSV."""
    return await run_in_threadpool(_csv, services(request).renderer, request.query_params)


@dataclass(frozen=True)
class _Selection:
    """The gaps that filters select.

    Args:
        answers: the answers to the queries `gaps` and `recommended-not-met`.
        gaps: the gaps of the kinds to show, by kind.
        recommended: all gaps of the model legislation, for its row of the matrix.

    """

    answers: tuple[ResultTable, ResultTable]
    gaps: list[Gap]
    recommended: list[Gap]


def _content(renderer: PageRenderer, given: Mapping[str, str]) -> Mapping[str, Any]:
    chosen = renderer.chosen_edition(given)
    number = chosen["edition"]["number"]
    filters = _filters(renderer, given, chosen["kept_edition"])
    selected = _select(renderer, filters, number)
    shown = [gap for gap in selected.gaps if gap.is_certain]
    gaps, recommended = selected.answers
    names = regions(renderer, number)
    criteria = renderer.run("criteria")
    required = renderer.run("criteria-required")
    asked = criteria_by_instrument(required.rows)
    lines, model = _lines(renderer, filters, shown, asked, names), _model_line(filters, selected.recommended)
    columns = [row for row in criteria.rows if filters.criterion in ("", local_name(row["criterion"]))]
    return {
        **chosen,
        "filters": filters,
        "choices": CHOICES,
        "gaps": gaps,
        "shown": shown,
        "not_known": [gap for gap in selected.gaps if not gap.is_certain],
        "list_reaches": earliest_reach(gaps.rows),
        "lines": lines,
        "model": model,
        "total": MatrixRow("", "Total", 0, shown, filters.kinds, None),
        "max_count": _max_count(lines, [local_name(row["criterion"]) for row in columns]),
        "criteria": criteria,
        "columns": [row for row in columns if model or _is_asked(lines, local_name(row["criterion"]))],
        "required": required,
        "recommended": recommended,
        "counts": renderer.run(_COUNT_QUERIES[filters.by], **gaps.values),
        "unrequired": renderer.run("criteria-no-instrument-requires"),
        "instruments": renderer.labels("instrument"),
        "relevant_instruments": sorted(asked, key=renderer.labels("instrument").__getitem__),
        "relevant_criteria": frozenset[str]().union(*asked.values()),
        "regions": sorted(names.items(), key=lambda item: item[1]),
        "region_name": renderer.labels("region").get(filters.region, ""),
        "path_in_instrument": path_in_instrument,
        "titles": {local_name(row["instrument"]): row["title"] for row in renderer.run("instruments").rows},
        "recommendations": {row["criterion"]: row for row in renderer.run("recommendations").rows if row["criterion"]},
    }


def _filters(renderer: PageRenderer, given: Mapping[str, str], edition: str) -> Filters:
    """Return the filters in a URL.

    Raises:
        UsageError: a filter has an unknown value.

    """
    values = {key: value for key in Filters.__dataclass_fields__ if (value := given.get(key))}
    if "kind" in values:
        values["kind"] = EARLIER_KINDS.get(values["kind"], values["kind"])
    for key, allowed in CHOICES.items():
        if key in values and values[key] not in allowed:
            raise UsageError(f"{key}: unknown value {values[key]!r}; expected {join_words(list(allowed), 'or')}.")
    filters = Filters(**{"as_of": renderer.default("gaps", "as_of"), **values, "edition": edition})
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


def _select(renderer: PageRenderer, filters: Filters, edition: str) -> _Selection:
    """Return the gaps that the filters select, by kind, then as the queries sort them."""
    about = {"as_of": filters.as_of, **({"edition": filters.edition} if filters.edition else {})}
    answers = renderer.run("gaps", **about), renderer.run("recommended-not-met", **about)
    within = _jurisdictions_in(renderer, filters.region, edition)

    def matches(gap: Gap) -> bool:
        return filters.criterion in ("", gap.row["criterion"]) and (within is None or gap.row["jurisdiction"] in within)

    treaty = [
        gap
        for gap in treaty_gaps(answers[0])
        if matches(gap)
        and filters.instrument in ("", gap.row["instrument"])
        and filters.provision in ("", path_in_instrument(gap.row["provision"]))
    ]
    # What the model legislation recommends is not part of an instrument.
    recommended = [] if filters.instrument else list(filter(matches, recommended_gaps(answers[1])))
    found = [gap for kind in filters.kinds for gap in (*treaty, *recommended) if gap.is_of(kind)]
    return _Selection(answers, found, recommended)


def _jurisdictions_in(renderer: PageRenderer, region: str, edition: str) -> set[str] | None:
    """Return the jurisdictions of a region and the regions within it; None for all regions."""
    if not region:
        return None
    found = renderer.run("region-findings", region=region, edition=edition)
    return {row["jurisdiction"] for row in found.rows}


def _lines(
    renderer: PageRenderer,
    filters: Filters,
    shown: list[Gap],
    asked: Mapping[str, frozenset[str]],
    region_names: Mapping[str, str],
) -> list[MatrixRow]:
    """Return the rows of the matrix, including instruments and regions without gaps."""
    if filters.by == "region":
        # The model legislation asks for all criteria.
        criteria = frozenset[str]().union(*asked.values()) if set(filters.kinds) <= set(TREATY_KINDS) else None
        lines = region_rows(shown, region_names, criteria, filters.kinds, filters.sort)
        return [line for line in lines if line.gaps or not filters.region]
    kinds = [kind for kind in filters.kinds if kind in TREATY_KINDS]
    if not kinds:
        return []  # only the row of the model legislation
    labels = renderer.labels("instrument")
    names = {
        slug: labels[slug]
        for slug, criteria in asked.items()
        if filters.instrument in ("", slug) and (not filters.criterion or filters.criterion in criteria)
    }
    found = []
    for line in instrument_rows(shown, names, asked, kinds, filters.sort):
        found.append(line)
        if line.key in (filters.open, filters.instrument):
            found += provision_rows(line)
    return found


def _model_line(filters: Filters, recommended: list[Gap]) -> MatrixRow | None:
    """Return the row of the model legislation, below the instruments; None if it is not shown."""
    kinds = {ALL: (RECOMMENDED, ONLY_RECOMMENDED), RECOMMENDED: (RECOMMENDED,), ONLY_RECOMMENDED: (ONLY_RECOMMENDED,)}
    if filters.by == "region" or filters.instrument or filters.kind not in kinds:
        return None
    of_kind = [gap for gap in recommended if any(map(gap.is_of, kinds[filters.kind]))]
    return MatrixRow("", "Model legislation", 0, of_kind, kinds[filters.kind], None)


def _is_asked(lines: Iterable[MatrixRow], criterion: str) -> bool:
    """Return whether a row asks for a criterion; a column in which none does is left out."""
    return any(line.asks(criterion) for line in lines if not line.level)


def _max_count(lines: Iterable[MatrixRow], criteria: list[str]) -> int:
    """Return the largest count of gaps under instruments in a cell."""
    return max((line.count(kind, name) for line in lines for kind in TREATY_KINDS for name in criteria), default=0)


def _csv(renderer: PageRenderer, given: Mapping[str, str]) -> Response:
    chosen = renderer.chosen_edition(given)
    filters = _filters(renderer, given, chosen["kept_edition"])
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(("kind", *_CSV_COLUMNS))
    for gap in _select(renderer, filters, chosen["edition"]["number"]).gaps:
        writer.writerow((gap.kind, *(gap.row.get(column, "") for column in _CSV_COLUMNS)))
    parts = ["gaps", filters.kind, *(getattr(filters, name) for name in FILTERS), filters.as_of]
    headers = {**CACHEABLE, "content-type": "text/csv; charset=utf-8; header=present"}
    if chosen["is_draft"]:
        parts.append(DRAFT)
        headers[DRAFT_HEADER] = DRAFT
    headers["content-disposition"] = content_disposition(parts, "csv")
    return Response(text.getvalue(), headers=headers)
