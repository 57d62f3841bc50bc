"""Commands that compare releases and publish new ones."""

from pathlib import Path

import click

from tutela import release as releases
from tutela.cli.options import FILE, allow_loss_option, option
from tutela.cli.terminal import progress, say, show_results
from tutela.errors import BuildFailedError, UsageError

_NQUADS = "nquads"


@click.command()
@click.argument("a")
@click.argument("b")
@option("--format", "report_format", default="text", help="text, markdown, json, html or nquads (default: text)")
def diff(a: str, b: str, report_format: str) -> None:
    """Show what changed from A to B, in legal terms; each is a published release, a release folder, or `working`.

    What follows by rule is listed apart. With --format nquads: the quads that only B has (+) and that only A has (-).
    """
    from tutela.release.bundle import differing_lines  # noqa: PLC0415
    from tutela.release.difference import differ  # noqa: PLC0415 - rdflib takes long to load
    from tutela.release.difference_report import REPORTS  # noqa: PLC0415
    from tutela.release.sides import open_side  # noqa: PLC0415

    if report_format not in (*REPORTS, _NQUADS):
        raise UsageError(f"--format {report_format}: expected {', '.join(REPORTS)} or {_NQUADS}.")
    try:
        first, second = open_side(a), open_side(b)
    except BuildFailedError as error:
        show_results(error.results)
        raise
    if report_format == _NQUADS:
        for sign, line in differing_lines(first.lines, second.lines):
            print(f"{sign} {line}")
    else:
        print(REPORTS[report_format](differ(first, second)), end="")


@click.command()
@click.argument("name")
@option("--date", "issued", metavar="YYYY-MM-DD", help="The release date (default: the one in data/meta/dataset.csv).")
@option("--from", "folder", type=FILE, help="Publish a release that was built earlier, instead of the working copy.")
@allow_loss_option
def release(name: str, issued: str | None, folder: Path | None, allow_loss: tuple[str, ...]) -> None:
    """Publish the working copy as the release NAME, in the folder releases/ of the repository.

    It is built and validated first. Everything is written, or nothing: the archive, its notes and checksums, the index, the
    row in data/meta/releases.csv, and CITATION.cff. A published release never changes.
    """
    from tutela.release.publication import publish_folder, publish_working_copy  # noqa: PLC0415

    if folder and (issued or allow_loss):
        raise UsageError("--from: a release that was built has its date and rows; leave out --date and --allow-loss.")
    try:
        with progress() as show_step:
            if folder:
                published = publish_folder(name, releases.open_release(folder), show_step)
            else:
                published = publish_working_copy(name, issued, allow_loss, show_step)
    except BuildFailedError as error:
        show_results(error.results)
        raise
    say(f"Release {published.name} ({published.version}, {published.date}) is in {published.folder}; commit it.")
