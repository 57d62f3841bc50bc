"""Commands that build, check and publish releases, and transcribe reports."""

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from tutela import paths, release, settings
from tutela.cli.options import FILE, allow_loss_option, option, release_option
from tutela.cli.releases import build_release, open_release, open_store
from tutela.cli.terminal import progress, say


@click.command()
@option("--out", type=FILE, help="Folder of the release (default: the one that is served).")
@allow_loss_option
def build(out: Path | None, allow_loss: tuple[str, ...]) -> None:
    """Build a release from the tables: construct, derive, validate, compare with the last release, write."""
    build_release(out or paths.default_release(), allow_loss)


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@option("--format", "report_format", default="text", help="text, json or turtle (default: text)")
@release_option
def validate(files: tuple[Path, ...], report_format: str, folder: Path | None) -> None:
    """Validate your own RDF (.ttl .nt .nq .trig .jsonld .rdf) against the shapes, or your own tables (.csv).

    A table is validated in place of the project's table of the same name; with --release, of that release's, against its shapes
    and checks, and without a comparison with the last published release. Resources that the RDF refers to without describing them
    are looked up in the release. Rows of a draft edition are checked like all others; what follows from findings is computed for
    the current edition only.
    """
    from tutela.validation.files import validate_files  # noqa: PLC0415

    place = folder or paths.default_release()
    opened = release.open_release(place) if folder or release.is_release(place) else None
    # A release that is named is validated with as well: its own tables, ontology, shapes and checks.
    store = open_store(opened) if opened else None
    with release.verified_source(opened) if opened and folder else nullcontext() as source:
        text, conforms = validate_files(files, report_format, store, source)
    print(text, end="")
    if not conforms:
        sys.exit(1)


@click.command()
@option("--endpoint", required=True, metavar="URL", help="The query endpoint of the engine.")
@option("--update", metavar="URL", help="The update endpoint, if it is another (SPARQL 1.1 Protocol, section 2.2).")
@release_option
def publish(endpoint: str, update: str | None, folder: Path | None) -> None:
    """Load a release into a SPARQL 1.1 engine and make it the current one there.

    Credentials are read from TUTELA_ENDPOINT_USER and TUTELA_ENDPOINT_PASSWORD.
    """
    from tutela.release.publish import Target  # noqa: PLC0415
    from tutela.release.publish import publish as publish_release  # noqa: PLC0415

    opened = open_release(folder)
    target = Target(endpoint, update or endpoint, settings.load().endpoint.publish_timeout_s)
    with progress() as show_step:
        changed = publish_release(opened, target, show_step)
    say(f"Release {opened.version} {'is now' if changed else 'was already'} the current release of {endpoint}.")


@click.command()
@click.argument("report", type=FILE, metavar="REPORT.txt")
@option("--edition", type=int, required=True, help="The number of its edition.")
@option("--out", type=FILE, required=True, help="Folder for the tables.")
def ingest(report: Path, edition: int, out: Path) -> None:
    """Transcribe the table, notes and totals of a report, from its plain text, to CSV tables."""
    from tutela.importers.icmec_report import ingest as transcribe_report  # noqa: PLC0415

    for path in transcribe_report(report, edition, out, paths.table_files()["jurisdictions"]):
        print(path)
