"""``/compare``: jurisdictions side by side, and where they differ."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from markupsafe import Markup

from tutela.errors import UsageError
from tutela.settings import MAX_COMPARED_JURISDICTIONS
from tutela.web.components.provision_tree import by_provision
from tutela.web.edition import with_edition
from tutela.web.rendering import PageRenderer, ResultTable, Row
from tutela.web.services import services
from tutela.web.templating import local_name, number_word


@dataclass(frozen=True)
class ComparedJurisdiction:
    """A jurisdiction, with the answers of the catalogue queries about it."""

    row: Row
    card: ResultTable
    bound: ResultTable
    unmet: ResultTable
    discrepancies: ResultTable
    grounds: ResultTable

    @property
    def code(self) -> str:
        """Its code."""
        return self.row["code"]


@dataclass(frozen=True)
class ComparisonRow:
    """A row of the comparison table.

    Args:
        kind: how the template renders the cells.
        subject: the slug of what the row is about: a criterion, an instrument, or the kind of a gap.
        cells: the contents of the cells, one for each jurisdiction.
        keys: the value of each cell that decides whether the cells differ.

    """

    kind: str
    subject: str
    cells: Sequence[Any]
    keys: Sequence[Hashable]

    @property
    def differs(self) -> bool:
        """Whether any two jurisdictions differ."""
        return len(set(self.keys)) > 1


@dataclass(frozen=True)
class ComparisonSection:
    """A section of the comparison table."""

    name: str
    rows: list[ComparisonRow]


async def page(request: Request) -> Response:
    """Respond with the page."""
    renderer = services(request).renderer
    return await renderer.respond(request, "compare.html", lambda: _content(request, renderer))


def _content(request: Request, renderer: PageRenderer) -> Mapping[str, Any]:
    default = renderer.default("bound-by", "as_of")
    as_of = request.query_params.get("as_of") or default
    only_differences = request.query_params.get("differs") == "1"
    jurisdictions = renderer.run("jurisdictions")
    codes = _codes(request, jurisdictions)
    renderer.check("bound-by", as_of=as_of)
    by_code = {row["code"]: row for row in jurisdictions.rows}
    chosen = renderer.chosen_edition(request.query_params)
    number, kept = chosen["edition"]["number"], chosen["kept_edition"]
    compared = [_compared(renderer, by_code[code], as_of, kept) for code in codes]
    criteria = renderer.run("criteria")
    sections = list(_sections(renderer, compared, criteria, number)) if len(compared) > 1 else []
    region = compared[0].row["region_name"] if compared else ""
    return {
        **chosen,
        "compared": compared,
        "jurisdictions": jurisdictions.rows,
        "regions": _regions(jurisdictions),
        "neighbours": jurisdictions.where(region_name=region) if region else [],
        "sections": [_filtered(section, only_differences) for section in sections],
        "row_count": sum(len(section.rows) for section in sections),
        "difference_count": sum(row.differs for section in sections for row in section.rows),
        "criteria": {local_name(row["criterion"]): row for row in criteria.rows},
        "instruments": renderer.labels("instrument"),
        "ratings": renderer.labels("rating"),
        "only_differences": only_differences,
        "as_of": as_of,
        "max_compared": MAX_COMPARED_JURISDICTIONS,
        "compare_url": lambda codes: _url(codes, as_of if as_of != default else "", only_differences, kept),
    }


def _codes(request: Request, jurisdictions: ResultTable) -> list[str]:
    """Return the jurisdiction codes in the URL, without repetitions."""
    codes = list(dict.fromkeys(code.strip().upper() for code in request.query_params.getlist("j") if code.strip()))
    known = {row["code"] for row in jurisdictions.rows}
    if unknown := [code for code in codes if code not in known]:
        listed = ", ".join(map(repr, unknown))
        raise UsageError(f"Unknown jurisdiction code {listed}. See the list of jurisdictions for valid codes.")
    if len(codes) > MAX_COMPARED_JURISDICTIONS:
        maximum = number_word(MAX_COMPARED_JURISDICTIONS)
        raise UsageError(f"The URL names {number_word(len(codes))} jurisdictions; at most {maximum} can be compared.")
    return codes


def _url(codes: Sequence[str], as_of: str, only_differences: bool, edition: str) -> Markup:
    others = {**({"as_of": as_of} if as_of else {}), **({"differs": "1"} if only_differences else {})}
    url = "/compare?" + urlencode([*(("j", code) for code in codes), *others.items()])
    return Markup.escape(with_edition(url, edition))


def _compared(renderer: PageRenderer, row: Row, as_of: str, edition: str) -> ComparedJurisdiction:
    """Return a jurisdiction with its answers; an empty edition is the current one."""
    code = row["code"]
    of = {"edition": edition} if edition else {}
    return ComparedJurisdiction(
        row,
        renderer.run("jurisdiction-card", jurisdiction=code, **of),
        renderer.run("bound-by", jurisdiction=code, as_of=as_of),
        renderer.run("unmet-obligations", jurisdiction=code, as_of=as_of, **of),
        renderer.run("doubts", jurisdiction=code),
        renderer.run("grounds", jurisdiction=code),
    )


def _regions(jurisdictions: ResultTable) -> dict[str, list[Row]]:
    return dict(sorted((name, rows) for name, rows in jurisdictions.by("region_name").items() if name))


def _sections(
    renderer: PageRenderer, compared: list[ComparedJurisdiction], criteria: ResultTable, edition: str
) -> Iterator[ComparisonSection]:
    yield ComparisonSection("findings", list(_finding_rows(renderer, compared, criteria, edition)))
    yield ComparisonSection("participation", list(_participation_rows(renderer, compared)))
    yield ComparisonSection("gaps", list(_gap_rows(compared)))


def _finding_rows(
    renderer: PageRenderer, compared: list[ComparedJurisdiction], criteria: ResultTable, edition: str
) -> Iterator[ComparisonRow]:
    # Provisions are compared with the findings of the current edition.
    is_current = edition == renderer.current_edition()
    for criterion in criteria.rows:
        cells = [_finding(one, criterion["criterion"]) for one in compared]
        slug = local_name(criterion["criterion"])
        yield ComparisonRow("finding", slug, cells, [cell["met"] for cell in cells])
        wordings = [_wordings(one, slug) for one in compared]
        if any(wordings) and is_current:
            yield ComparisonRow("wording", slug, wordings, [bool(rows) for rows in wordings])
    notes = [one.card.where(criterion="") for one in compared]
    if any(notes):
        yield ComparisonRow("notes", "", notes, [bool(rows) for rows in notes])
    ratings = [_rating(renderer, one, edition) for one in compared]
    yield ComparisonRow("rating", "", ratings, ratings)


def _finding(compared: ComparedJurisdiction, criterion: str) -> dict[str, Any]:
    rows = compared.card.where(criterion=criterion)
    return {
        "met": rows[0]["met"] if rows else "",
        "notes": [row for row in rows if row["note"]],
        "discrepancies": compared.discrepancies.where(criterion=local_name(criterion)),
    }


def _wordings(compared: ComparedJurisdiction, criterion: str) -> list[Row]:
    """Return the provisions with the words of the law on a criterion, once each; grounds of the finding come first."""
    rows = [row for row in compared.grounds.where(criterion=criterion) if row["wording"]]
    rows.sort(key=lambda row: row["relation"] != "ground")
    return list({row["provision"]: row for row in reversed(rows)}.values())[::-1]


def _rating(renderer: PageRenderer, compared: ComparedJurisdiction, edition: str) -> str:
    """Return the slug of a jurisdiction's rating; empty if it is not a reviewed jurisdiction."""
    for rating in renderer.labels("rating"):
        table = renderer.run("jurisdictions-rated", rating=rating, edition=edition)
        if table.where(jurisdiction=compared.row["jurisdiction"]):
            return rating
    return ""


def _participation_rows(renderer: PageRenderer, compared: list[ComparedJurisdiction]) -> Iterator[ComparisonRow]:
    names = renderer.labels("instrument")
    slugs = {row["instrument"] for one in compared for row in one.bound.rows}
    for slug in sorted(slugs, key=lambda slug: names[slug].lower()):
        rows = [next(iter(one.bound.where(instrument=slug)), None) for one in compared]
        yield ComparisonRow("participation", slug, rows, [row["state"] if row else "" for row in rows])


def _gap_rows(compared: list[ComparedJurisdiction]) -> Iterator[ComparisonRow]:
    for kind in ("unmet obligation", "point to examine"):
        gaps = [by_provision(one.unmet.where(kind=kind)) for one in compared]
        keys = [frozenset((row["provision"], row["criterion"], row["state"]) for row in rows) for rows in gaps]
        yield ComparisonRow("gaps", kind, gaps, keys)


def _filtered(section: ComparisonSection, only_differences: bool) -> ComparisonSection:
    return ComparisonSection(section.name, [row for row in section.rows if row.differs or not only_differences])
