"""``/compare``: jurisdictions side by side, and where they differ; the same as CSV, Markdown and a document of Word."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool

from tutela.errors import NotFoundError, UsageError
from tutela.reports import docx
from tutela.reports.document import Line, Link
from tutela.reports.languages import language_name
from tutela.reports.words import ordinal, with_long_dates
from tutela.reports.writers import write
from tutela.settings import MAX_COMPARED_JURISDICTIONS
from tutela.web.components.comparison import Comparison
from tutela.web.components.comparison_files import comparison_csv, comparison_document
from tutela.web.components.comparison_rows import compare_jurisdictions
from tutela.web.edition import DRAFT, DRAFT_HEADER, PARAMETER
from tutela.web.http.caching import CACHEABLE
from tutela.web.http.content_disposition import content_disposition
from tutela.web.rendering import PageRenderer, ResultTable, Row
from tutela.web.services import services
from tutela.web.templating import counted, join_words, number_word

_PLACES = ("place", "j")  # the parameter for a jurisdiction; the second one is its earlier name
# Media types of the files, by the ending of the URL (RFC 4180, RFC 7763, ECMA-376).
_FILE_TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "md": "text/markdown; charset=utf-8; variant=GFM",
    "docx": docx.MEDIA_TYPE,
}
_REMARKS = (
    "“Not met” is the review's finding on its date; it does not mean that an act is lawful.",
    "The level of obligation of a provision is our reading.",
    "Provisions and wordings of national law were found by Tutela in public sources, or are cited by a note of the review; "
    "they never change a finding.",
    "A possible gap needs legal review: the law may meet the provision in another form than the review looks for.",
    "Names follow the review.",
)


async def page(request: Request) -> Response:
    """Respond with the page."""
    renderer = services(request).renderer
    return await renderer.respond(request, "compare.html", lambda: _content(request, renderer))


async def export(request: Request) -> Response:
    """Respond with what the page shows, as CSV, Markdown or a document of Word."""
    suffix = str(request.path_params["suffix"])
    if suffix not in _FILE_TYPES:
        raise NotFoundError(f"/compare is not available as .{suffix}; expected one of .{', .'.join(_FILE_TYPES)}.")
    its = services(request)
    release = await its.engine.current_release()
    return await run_in_threadpool(_file, request, its.renderer, suffix, (release.version, release.issued))


def _content(request: Request, renderer: PageRenderer) -> Mapping[str, Any]:
    jurisdictions = renderer.run("jurisdictions")
    chosen = renderer.chosen_edition(request.query_params)
    kept = chosen["kept_edition"]
    comparison = _comparison(request, renderer, jurisdictions, kept)
    region = comparison.jurisdictions[0].row["region_name"] if comparison.jurisdictions else ""
    return {
        **chosen,
        "comparison": comparison,
        "lead": _lead(comparison, chosen),
        "remarks": _REMARKS,
        "jurisdictions": jurisdictions.rows,
        "regions": _regions(jurisdictions),
        "neighbours": jurisdictions.where(region_name=region) if region else [],
        "max_compared": MAX_COMPARED_JURISDICTIONS,
        "language_name": language_name,
        "address": lambda codes, suffix="": Markup.escape(_address(renderer, comparison, codes, kept, suffix)),
    }


def _comparison(request: Request, renderer: PageRenderer, jurisdictions: ResultTable, edition: str) -> Comparison:
    """Return the comparison that a URL asks for.

    Raises:
        UsageError: it names an unknown or too many jurisdictions, or a wrong date.

    """
    as_of = request.query_params.get("as_of") or renderer.default("bound-by", "as_of")
    by_code = {row["code"]: row for row in jurisdictions.rows}
    given = (value for key, value in request.query_params.multi_items() if key in _PLACES)
    codes = list(dict.fromkeys(code.strip().upper() for code in given if code.strip()))
    for code in codes:
        renderer.check("bound-by", jurisdiction=code)
    if len(codes) > MAX_COMPARED_JURISDICTIONS:
        maximum = number_word(MAX_COMPARED_JURISDICTIONS)
        raise UsageError(f"The URL names {number_word(len(codes))} jurisdictions; at most {maximum} can be compared.")
    renderer.check("bound-by", as_of=as_of)
    rows = [by_code[code] for code in codes]
    differs = request.query_params.get("differs") == "1"
    return compare_jurisdictions(renderer, rows, as_of, edition=edition, only_differences=differs)


def _lead(comparison: Comparison, chosen: Mapping[str, Any]) -> str:
    """Return what the comparison shows, and of which edition and dates."""
    differences = sum(row.differs for row in comparison.rows)
    edition = chosen["edition"]
    review = f"the review's {edition['name']}" if not chosen["is_current"] else "the review"
    findings = f"the draft of the {ordinal(edition['number'])} edition" if chosen["is_draft"] else review
    dated = f" as of {chosen['findings_as_of']}" if chosen["findings_as_of"] else ""
    return (
        f"They differ in {counted(differences, 'question')} of {len(comparison.rows)}. Findings: {findings}{dated}. "
        f"Participation status: as of {comparison.as_of}."
    )


def _address(renderer: PageRenderer, comparison: Comparison, codes: Sequence[str], edition: str, suffix: str = "") -> str:
    """Return the URL path of the page or of a file with these jurisdictions, below the root path; defaults are left out."""
    options = {
        "as_of": "" if comparison.as_of == renderer.default("bound-by", "as_of") else comparison.as_of,
        "differs": "1" if comparison.only_differences else "",
        PARAMETER: edition,
    }
    pairs = [*(("place", code) for code in codes), *((key, value) for key, value in options.items() if value)]
    return f"/compare{suffix}?{urlencode(pairs)}"


def _regions(jurisdictions: ResultTable) -> dict[str, list[Row]]:
    return dict(sorted((name, rows) for name, rows in jurisdictions.by("region_name").items() if name))


def _file(request: Request, renderer: PageRenderer, suffix: str, release: tuple[str, str]) -> Response:
    chosen = renderer.chosen_edition(request.query_params)
    comparison = _comparison(request, renderer, renderer.run("jurisdictions"), chosen["kept_edition"])
    if len(comparison.jurisdictions) < 2:
        raise UsageError("A comparison needs at least two jurisdictions, such as place=KEN&place=UGA.")
    headers = {**CACHEABLE, "content-type": _FILE_TYPES[suffix], **({DRAFT_HEADER: DRAFT} if chosen["is_draft"] else {})}
    codes = [one.code for one in comparison.jurisdictions]
    parts = ["comparison", *codes, comparison.as_of, DRAFT if chosen["is_draft"] else ""]
    headers["content-disposition"] = content_disposition(parts, suffix).replace("inline", "attachment", 1)
    if suffix == "csv":
        return Response(comparison_csv(comparison), headers=headers)
    title = f"Comparison of {join_words(comparison.names)}"
    base = str(request.base_url)
    address = base + _address(renderer, comparison, codes, chosen["kept_edition"])[1:]
    document = comparison_document(comparison, title, _introduction(comparison, chosen, release, address), base)
    return Response(write(document, "markdown") if suffix == "md" else docx.write_docx(document, release[1]), headers=headers)


def _introduction(comparison: Comparison, chosen: Mapping[str, Any], release: tuple[str, str], address: str) -> list[Line]:
    version, issued = release
    only = " Only questions in which they differ are shown." if comparison.only_differences else ""
    source = (
        f"Sources: {chosen['edition']['source']}; Tutela, release {version} of {issued}, whose page names the sources of each "
        "answer: "
    )
    return [
        with_long_dates(_lead(comparison, chosen)) + only,
        (with_long_dates(source), Link(address, address)),
        " ".join(_REMARKS),
    ]
