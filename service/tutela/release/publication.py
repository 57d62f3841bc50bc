"""Publish a release: its archive in ``releases/``, the index, the row in ``releases.csv``, and ``CITATION.cff``."""

import json
import re
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from tutela import paths
from tutela.errors import TutelaError, UsageError
from tutela.release.archive import NOTES, archive_files, ensure_unused, index_entry, with_checksums
from tutela.release.build import build
from tutela.release.bundle import Release
from tutela.release.difference import differ
from tutela.release.difference_report import as_markdown
from tutela.release.sides import of_published, of_release
from tutela.tables.csv_file import Row, canonical
from tutela.tables.files import metadata_file, read_metadata
from tutela.tables.published import INDEX, PublishedRelease, published_releases
from tutela.validation.inputs import Inputs, read_inputs
from tutela.validation.tables import Progress

_TABLE = "releases"
_DATASET = "dataset"
_LISTED_IN_NOTES = 25  # changes of each kind
_CITATION_FIELD = r"(?m)^{}:.*\n"


def publish_working_copy(
    name: str, issued: str | None, allow_loss: Collection[str] = (), progress: Progress = lambda step: None
) -> PublishedRelease:
    """Build and validate the working copy, and publish it. Everything is written, or nothing.

    Args:
        name: the name of the release.
        issued: the release date as YYYY-MM-DD; by default the one in ``dataset.csv``.
        allow_loss: names of tables that are allowed to have fewer rows than in the last release.
        progress: called with the name of each step when it starts.

    Raises:
        BuildFailedError: the tables or the graph break a rule.
        UsageError: the name or date cannot be used, or the folder cannot be written.
        TutelaError: an input or an earlier release cannot be read.

    """
    releases = _ensure_possible(name)
    dataset = _rows(_DATASET)
    day = issued or dataset[0]["issued"]
    _ensure_date(day, releases)
    tables = {_DATASET: [row | {"issued": day} for row in dataset], _TABLE: _with_row(name, day, releases)}
    inputs = _replaced(read_inputs(), tables)
    with TemporaryDirectory(prefix="tutela-") as folder:
        built, _ = build(Path(folder) / "release", progress, allow_loss, inputs)
        return _publish(name, built, releases, tables, progress)


def publish_folder(name: str, release: Release, progress: Progress = lambda step: None) -> PublishedRelease:
    """Publish a release that was built earlier, for example from the repository's history.

    Args:
        name: the name of the release.
        release: the release.
        progress: called with the name of each step when it starts.

    Raises:
        UsageError: the name cannot be used, the release is older than the last one, or the folder cannot be written.
        TutelaError: a release cannot be read.

    """
    releases = _ensure_possible(name)
    day = str(release.manifest["issued"])
    _ensure_date(day, releases)
    return _publish(name, release, releases, {_TABLE: _with_row(name, day, releases)}, progress)


def _ensure_possible(name: str) -> list[PublishedRelease]:
    if not paths.CITATION.is_file():
        raise UsageError("Releases are published from a checkout of the repository; here is none.")
    releases = published_releases()
    ensure_unused(name, releases, paths.RELEASES)
    return releases


def _ensure_date(day: str, releases: list[PublishedRelease]) -> None:
    try:
        is_date = date.fromisoformat(day).isoformat() == day
    except ValueError:
        is_date = False
    if not is_date:
        raise UsageError(f"--date {day}: expected a date as YYYY-MM-DD.")
    if releases and day < releases[-1].date:
        raise UsageError(f"{day}: is before the date of the last release, {releases[-1].name} ({releases[-1].date}).")


def _rows(table: str) -> list[Row]:
    return list(read_metadata(metadata_file(paths.table_files()[table])).rows)


def _with_row(name: str, day: str, releases: list[PublishedRelease]) -> list[Row]:
    return [*_rows(_TABLE), {"name": name, "issued": day, "previous": releases[-1].name if releases else ""}]


def _canonical(table: str, rows: list[Row]) -> bytes:
    metadata = read_metadata(metadata_file(paths.table_files()[table]))
    return canonical(rows, metadata.column_names, metadata.key).encode()


def _replaced(inputs: Inputs, tables: Mapping[str, list[Row]]) -> Inputs:
    files = paths.table_files()
    texts = {f"data/{files[name].parent.name}/{files[name].name}": _canonical(name, rows) for name, rows in tables.items()}
    return replace(inputs, files={**inputs.files, **texts})


def _publish(
    name: str,
    release: Release,
    releases: list[PublishedRelease],
    tables: Mapping[str, list[Row]],
    progress: Progress,
) -> PublishedRelease:
    progress("compare with the last release for the notes")
    notes = "The first release.\n"
    if releases:
        notes = as_markdown(differ(of_published(releases[-1]), of_release(release, name)), _LISTED_IN_NOTES)
    progress("write the archive")
    files = with_checksums({**archive_files(release), NOTES: notes.encode()})
    previous = releases[-1].name if releases else ""
    index = paths.RELEASES / INDEX
    entries = json.loads(index.read_text(encoding="utf-8"))["releases"] if releases else []
    entries.append(index_entry(files, release.manifest, name, previous))
    day = str(release.manifest["issued"])
    changed = {paths.table_files()[table]: _canonical(table, rows) for table, rows in tables.items()}
    changed[paths.CITATION] = _citation(name, day)
    changed[index] = (json.dumps({"releases": entries}, indent=2) + "\n").encode()  # last: then the release exists
    _write_all(paths.RELEASES / name, files, changed)
    return published_releases()[-1]


def _citation(name: str, day: str) -> bytes:
    """Return the citation file with another version and release date.

    Raises:
        TutelaError: the file has no version.

    """
    text = paths.CITATION.read_text(encoding="utf-8")
    without_date = re.sub(_CITATION_FIELD.format("date-released"), "", text)
    fields = f'version: "{name}"\ndate-released: {day}\n'
    changed, count = re.subn(_CITATION_FIELD.format("version"), fields, without_date, count=1)
    if not count:
        raise TutelaError(f"{paths.CITATION}: has no line that begins with 'version:'; add it.")
    return changed.encode()


def _write_all(folder: Path, files: Mapping[str, bytes], changed: Mapping[Path, bytes]) -> None:
    """Write a new folder and change files, or leave everything as it was.

    Raises:
        UsageError: something cannot be written.

    """
    before = {path: path.read_bytes() for path in changed if path.exists()}
    part = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for name, content in files.items():
            (part / name).write_bytes(content)
        for path, content in changed.items():
            _part_of(path).write_bytes(content)
        part.rename(folder)
        for path in changed:
            _part_of(path).replace(path)
    except OSError as error:
        with suppress(OSError):
            shutil.rmtree(part, ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)
            for path in changed:
                _part_of(path).unlink(missing_ok=True)
                if path in before:
                    path.write_bytes(before[path])
        raise UsageError(f"{folder}: the release cannot be written ({error.strerror}). Nothing was changed.") from error


def _part_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")
