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
from tutela.reports.words import with_long_dates
from tutela.reports.writers import write
from tutela.settings import MAX_COMPARED_JURISDICTIONS
from tutela.web.components.comparison import Comparison
from tutela.web.components.comparison_files import comparison_csv, comparison_document
from tutela.web.components.comparison_rows import compare_jurisdictions
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
    comparison = _comparison(request, renderer, jurisdictions)
    region = comparison.jurisdictions[0].row["region_name"] if comparison.jurisdictions else ""
    return {
        "comparison": comparison,
        "lead": _lead(renderer, comparison),
        "remarks": _REMARKS,
        "jurisdictions": jurisdictions.rows,
        "regions": _regions(jurisdictions),
        "neighbours": jurisdictions.where(region_name=region) if region else [],
        "max_compared": MAX_COMPARED_JURISDICTIONS,
        "language_name": language_name,
        "address": lambda codes, suffix="": _address(renderer, comparison, codes, suffix),
    }


def _comparison(request: Request, renderer: PageRenderer, jurisdictions: ResultTable) -> Comparison:
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
    return compare_jurisdictions(renderer, rows, as_of, only_differences=request.query_params.get("differs") == "1")


def _lead(renderer: PageRenderer, comparison: Comparison) -> str:
    """Return what the comparison shows, and of which dates."""
    differences = sum(row.differs for row in comparison.rows)
    return (
        f"They differ in {counted(differences, 'question')} of {len(comparison.rows)}. Findings: the review as of "
        f"{renderer.findings_as_of()}. Participation status: as of {comparison.as_of}."
    )


def _address(renderer: PageRenderer, comparison: Comparison, codes: Sequence[str], suffix: str) -> Markup:
    """Return the URL path of the page or of a file with these jurisdictions, below the root path; defaults are left out."""
    options = {
        "as_of": "" if comparison.as_of == renderer.default("bound-by", "as_of") else comparison.as_of,
        "differs": "1" if comparison.only_differences else "",
    }
    pairs = [*(("place", code) for code in codes), *((key, value) for key, value in options.items() if value)]
    return Markup.escape(f"/compare{suffix}?{urlencode(pairs)}")


def _regions(jurisdictions: ResultTable) -> dict[str, list[Row]]:
    return dict(sorted((name, rows) for name, rows in jurisdictions.by("region_name").items() if name))


def _file(request: Request, renderer: PageRenderer, suffix: str, release: tuple[str, str]) -> Response:
    comparison = _comparison(request, renderer, renderer.run("jurisdictions"))
    if len(comparison.jurisdictions) < 2:
        raise UsageError("A comparison needs at least two jurisdictions, such as place=KEN&place=UGA.")
    headers = {**CACHEABLE, "content-type": _FILE_TYPES[suffix]}
    codes = [one.code for one in comparison.jurisdictions]
    disposition = content_disposition(["comparison", *codes, comparison.as_of], suffix)
    headers["content-disposition"] = disposition.replace("inline", "attachment", 1)
    if suffix == "csv":
        return Response(comparison_csv(comparison), headers=headers)
    title = f"Comparison of {join_words(comparison.names)}"
    base = str(request.base_url)
    address = base + str(_address(renderer, comparison, codes, "").unescape())[1:]
    document = comparison_document(comparison, title, _introduction(renderer, comparison, release, address), base)
    return Response(write(document, "markdown") if suffix == "md" else docx.write_docx(document, release[1]), headers=headers)


def _introduction(renderer: PageRenderer, comparison: Comparison, release: tuple[str, str], address: str) -> list[Line]:
    review = renderer.edition()
    version, issued = release
    only = " Only questions in which they differ are shown." if comparison.only_differences else ""
    source = (
        f"Sources: {review['source']}, findings as of {review['findings_as_of']}; Tutela, release {version} of {issued}, "
        "whose page names the sources of each answer: "
    )
    return [
        with_long_dates(_lead(renderer, comparison)) + only,
        (with_long_dates(source), Link(address, address)),
        " ".join(_REMARKS),
    ]
