"""The release that a command uses."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from tutela import paths, release, settings
from tutela.cli.terminal import progress, say, show_results
from tutela.errors import BuildFailedError

if TYPE_CHECKING:
    from tutela.sparql import EmbeddedStore


def build_release(folder: Path, allow_loss: Collection[str] = ()) -> release.Release:
    """Build a release into a folder, and show the results of its validation."""
    from tutela.release.build import build  # noqa: PLC0415 - rdflib and pySHACL take 0.5 s to load

    try:
        with progress() as show_step:
            built, warnings = build(folder, show_step, allow_loss)
    except BuildFailedError as error:
        show_results(error.results)
        raise
    if warnings:
        show_results(warnings)
    say(f"Release {built.version} ({built.manifest['quads']} quads) is in {folder}")
    return built


def open_release(folder: Path | None) -> release.Release:
    """Open the given release, or the default one, which is built if it does not exist."""
    if folder is not None:
        return release.open_release(folder)
    default = paths.default_release()
    if not release.is_release(default):
        return build_release(default)
    opened = release.open_release(default)
    if not release.is_current(opened):
        say(f"Release {opened.version} is older than the tables or queries; run `tutela build` to build a new one.")
    return opened


def open_store(opened: release.Release) -> "EmbeddedStore":
    """Return the prepared store of a release."""
    from tutela.release.prepared import open_prepared  # noqa: PLC0415

    cache = settings.load().cache.folder
    return open_prepared(opened, Path(cache) if cache else None)
