"""The release that a command uses."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from tutela import paths, release, settings
from tutela.cli.terminal import progress, say, show_results
from tutela.errors import BuildFailedError
from tutela.release.bundle import NQUADS

if TYPE_CHECKING:
    from tutela.sparql import EmbeddedStore
    from tutela.sparql.query_file import QueryFile
    from tutela.sparql.rdf import Triples
    from tutela.validation.query_outputs import QueryOutputs


def build_release(folder: Path, allow_loss: Collection[str] = ()) -> release.Release:
    """Build a release into a folder, and show the results of its validation."""
    from tutela.release.build import build  # noqa: PLC0415 - rdflib and pySHACL take 0.5 s to load

    outputs: list[tuple[QueryFile, Triples]] = []
    try:
        with progress() as show_step:
            built, warnings = build(folder, show_step, allow_loss, on_output=lambda *output: outputs.append(output))
    except BuildFailedError as error:
        show_results(error.results)
        raise
    query_outputs(built).keep(outputs)  # for `tutela check`
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

    return open_prepared(opened, cache_folder())


def query_outputs(opened: release.Release) -> "QueryOutputs":
    """Return what the queries made of the tables of a release, as far as it is kept."""
    from tutela.validation.query_outputs import QueryOutputs  # noqa: PLC0415

    return QueryOutputs.of_release(cache_folder(), str(opened.manifest["files"][NQUADS]["sha256"]), opened.version)


def cache_folder() -> Path:
    """Return the folder for what can be made again: that of the settings, or the user's."""
    folder = settings.load().cache.folder
    return Path(folder) if folder else paths.cache()
