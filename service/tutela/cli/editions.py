"""Commands for editions of the review."""

import click

from tutela.cli.terminal import say

_NOT_COPIED = (
    "Notes, findings on territories, totals and corrections belong to the edition that they were made for and were not copied."
)


@click.group()
def edition() -> None:
    """Begin a new edition of the review as a draft, and see what is open."""


@edition.command()
@click.argument("number", type=click.IntRange(min=1))
def new(number: int) -> None:
    """Begin a draft: it repeats the findings of the latest published edition, all open for review."""
    from tutela.importers.draft_edition import create_draft  # noqa: PLC0415

    count = create_draft(number)
    say(f"Edition {number} is a draft with {count} findings, all open. {_NOT_COPIED}")
    say(f"See what is open with `tutela edition status {number}`; docs/data-maintenance.md says how to review a finding.")


@edition.command()
@click.argument("number", type=click.IntRange(min=1))
def status(number: int) -> None:
    """List what is open in an edition, by jurisdiction, from the tables as they are now."""
    from tutela.importers.draft_edition import OPEN, progress_of  # noqa: PLC0415

    progress = progress_of(number)
    if not progress.total:
        print(f"Edition {number} ({progress.status}): no reviews of its findings are recorded.")
        return
    counts = ", ".join(f"{progress.counts.get(one, 0)} {one}" for one in ("confirmed", "changed", "new"))
    reviewed = progress.total - progress.is_open
    print(
        f"Edition {number} ({progress.status}): {reviewed} of {progress.total} findings reviewed ({counts}), "
        f"{progress.is_open} open ({OPEN})."
    )
    for (name, code), criteria in progress.open_findings.items():
        print(f"{name} ({code}): {', '.join(criteria)}")
