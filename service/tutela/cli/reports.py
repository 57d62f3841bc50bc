"""Commands that write reports."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.cli.options import FILE, option, release_option
from tutela.cli.releases import open_release, open_store
from tutela.cli.terminal import say
from tutela.errors import UsageError

if TYPE_CHECKING:
    from tutela.reports import Answers
    from tutela.reports.document import Document

_format_option = option("--format", "report_format", default="markdown", help="markdown or html (default: markdown)")
_docx_option = option("--docx", type=FILE, metavar="FILE", help="Write a document of Word to this file instead.")
_out_option = option("--out", type=FILE, metavar="FILE", help="The file to write (default: standard output).")


@click.group()
def report() -> None:
    """Write a report from the data: the tables of the review, or a brief or drafting checklist on a jurisdiction."""


@report.command()
@option("--edition", metavar="NUMBER", help="The number of the edition (default: the latest published one).")
@_format_option
@_out_option
@_docx_option
@release_option
def review(edition: str | None, report_format: str, out: Path | None, docx: Path | None, folder: Path | None) -> None:
    """Write the review's table of results, and its global table with the notes."""
    from tutela.reports import review_report  # noqa: PLC0415

    answers = _answers(folder)
    document = review_report(answers, edition or answers.catalog.current_edition())
    _write(answers, document, report_format, out, docx)


@report.command()
@click.argument("code", metavar="CODE")
@_format_option
@_out_option
@_docx_option
@release_option
def jurisdiction(code: str, report_format: str, out: Path | None, docx: Path | None, folder: Path | None) -> None:
    """Write a brief on a jurisdiction, by its alpha-3 code such as KEN, with sources and dates."""
    from tutela.reports import jurisdiction_brief  # noqa: PLC0415

    answers = _answers(folder)
    _write(answers, jurisdiction_brief(answers, code), report_format, out, docx)


@report.command()
@click.argument("code", metavar="CODE")
@option("--done", "ticked", multiple=True, metavar="ITEM,...", help="What has been ticked, as in the address of the page.")
@option("--as-of", metavar="YYYY-MM-DD", help="The day of its participation in treaties (default: that of the release).")
@_format_option
@_out_option
@_docx_option
@release_option
def checklist(  # noqa: PLR0913, PLR0917
    code: str,
    ticked: tuple[str, ...],
    as_of: str | None,
    report_format: str,
    out: Path | None,
    docx: Path | None,
    folder: Path | None,
) -> None:
    """Write what a bill would need in a jurisdiction, by its alpha-3 code such as KEN, with sources."""
    from tutela.reports.checklist_builder import make_checklist  # noqa: PLC0415
    from tutela.reports.checklist_document import checklist_document  # noqa: PLC0415

    answers = _answers(folder)
    items = [one.strip() for given in ticked for one in given.split(",") if one.strip()]
    found = make_checklist(answers, code, as_of or answers.catalog.release_date(), items)
    _write(answers, checklist_document(answers, found), report_format, out, docx)


def _answers(folder: Path | None) -> "Answers":
    from tutela.catalog import Catalog  # noqa: PLC0415
    from tutela.reports import Answers  # noqa: PLC0415

    opened = open_release(folder)
    return Answers(Catalog(open_store(opened)), opened.version)


def _write(answers: "Answers", document: "Document", report_format: str, out: Path | None, docx: Path | None) -> None:
    """Print a report, or write it to a file, as a document of Word if there is a file for that.

    Raises:
        UsageError: the format is unknown, or the file cannot be written.

    """
    from tutela.reports import write  # noqa: PLC0415
    from tutela.reports.docx import write_docx  # noqa: PLC0415

    if docx is not None:
        _save(write_docx(document, answers.catalog.release_date()), docx, "--docx")
        return
    text = write(document, report_format)
    if out is None:
        print(text, end="")
    else:
        _save(text.encode(), out, "--out")


def _save(content: bytes, out: Path, option_name: str) -> None:
    """Write a report to a file, or leave the file as it was.

    Raises:
        UsageError: the file cannot be written.

    """
    part = out.with_name(f"{out.name}.part")
    try:
        part.write_bytes(content)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"{option_name} {out}: cannot be written ({error.strerror or error}).") from error
    say(f"The report is in {out}")
