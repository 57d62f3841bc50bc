"""The folder of a release: its files, manifest and checksums. It never changes once written."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from tutela.errors import TutelaError, UsageError
from tutela.release import verification
from tutela.release.foreign_files import foreign_files
from tutela.release.verification import CHECKSUMS, MANIFEST, NQUADS, SOURCE
from tutela.release.workspace import replace_folder, sync, tidy_up, workspace

__all__ = ["CHECKSUMS", "MANIFEST", "NQUADS", "SOURCE", "Release", "building", "diff", "is_release", "open_release", "write"]

_LISTED = 3  # files of someone else that a message names


@dataclass(frozen=True)
class Release:
    """A release on disk and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def version(self) -> str:
        """Version of the dataset: a hash of its inputs."""
        return str(self.manifest["version"])

    @property
    def nquads(self) -> Path:
        """The N-Quads file with the whole dataset."""
        return self.folder / NQUADS

    @property
    def source(self) -> Path:
        """The folder with the inputs that the release was built from, laid out as in a checkout."""
        return self.folder / SOURCE

    def read(self, name: str) -> bytes:
        """Return the content of one of its files, verified against the manifest.

        Raises:
            TutelaError: the file cannot be read, or was changed since the release was opened.

        """
        return verification.read_verified(self.folder, name, self.manifest)


def is_release(folder: Path) -> bool:
    """Return whether a folder contains a release, complete or not."""
    tidy_up(_resolved(folder))
    return any(os.path.lexists(folder / name) for name in (MANIFEST, CHECKSUMS, NQUADS))


def open_release(folder: Path) -> Release:
    """Open a release and verify all its files.

    Raises:
        TutelaError: the folder contains no release, or one of its files is missing, unreadable, truncated or edited.

    """
    if not is_release(folder):
        if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
            raise TutelaError(f"{folder}: cannot be read (Permission denied).")
        raise TutelaError(f"{folder}: no release here; run `tutela build`.")
    return Release(folder, verification.verify(folder))


@contextmanager
def building(folder: Path) -> Iterator[Path]:
    """Lock the folder of a release for a build, and return an empty folder for files that the build needs meanwhile.

    Raises:
        UsageError: the folder contains something else or is not writable, or another build is running.

    """
    ensure_writable(folder)
    try:
        with workspace(_resolved(folder)) as place:
            yield place
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"{folder}: the release cannot be written ({reason}). The last release is unchanged.") from error


def write(folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Release:
    """Write a release; see `building` and `write_from`."""
    with building(folder) as place:
        return write_from(place, folder, files, manifest)


def write_from(place: Path, folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Release:
    """Write a release completely, then put it into its place at once. The last release stays until then.

    Args:
        place: the folder that `building` returned.
        folder: the folder of the release. If it is a symbolic link, the folder that it refers to is replaced.
        files: the content of each file, by its path in the release.
        manifest: the manifest without the list of files.

    Raises:
        UsageError: the folder contains something else.
        TutelaError: the files on disk are not those that were written.
        OSError: the files cannot be written; the last release is unchanged.

    """
    entries = {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()}
    document = json.dumps({**manifest, "files": entries}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    content = {**files, MANIFEST: document.encode()}
    sums = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(content.items())]
    content[CHECKSUMS] = "".join(sums).encode()
    new = place / "new"
    for name, data in content.items():
        _write_file(new / name, data)
    for path in {new, *(path.parent for path in map(new.joinpath, content))}:
        sync(path)
    written = verification.verify(new)  # what is on disk, before it replaces the last release
    ensure_writable(folder)
    target = _resolved(folder)
    replace_folder(new, target)
    try:
        sync(target.parent)
    except OSError as error:
        raise UsageError(f"{folder}: the release was written, but may not survive a power failure ({error.strerror}).") from error
    return Release(folder, written)


def ensure_writable(folder: Path) -> None:
    """Check that a folder is free for a release: missing, empty, or a release without other files.

    Raises:
        UsageError: it contains something else, or cannot be read.

    """
    try:
        target = _resolved(folder)
        if target.exists() and not target.is_dir():
            raise UsageError(f"{folder} is not a folder; name an empty or new folder with --out.")
        foreign = list(islice(foreign_files(target), _LISTED + 1))
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read ({error.strerror}); name another folder with --out.") from error
    if foreign:
        names = ", ".join(foreign[:_LISTED]) + (" and more" if len(foreign) > _LISTED else "")
        raise UsageError(
            f"{folder} contains something other than a release: {names}. Move it away, or name an empty or new folder with --out."
        )


def diff(a: Release, b: Release) -> Iterator[tuple[str, str]]:
    """Return each quad that only one of two releases has, sorted; see `differing_lines`."""
    return differing_lines(quad_lines(a), quad_lines(b))


def differing_lines(a: Iterable[str], b: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each line that only one side has, sorted: ``-`` if only the first has it, ``+`` if only the second."""
    first, second = set(a), set(b)
    for line in sorted(first ^ second):
        yield ("-" if line in first else "+"), line


def quad_lines(release: Release) -> list[str]:
    """Return the quads of a release as lines of N-Quads.

    Raises:
        TutelaError: the file cannot be read, or was changed since the release was opened.

    """
    # Only a line feed ends a statement: a literal may contain other characters that `splitlines` takes for line ends.
    return release.read(NQUADS).decode("utf-8").split("\n")[:-1]


def _write_file(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _resolved(folder: Path) -> Path:
    """Return a folder without symbolic links, so that the folder they refer to is replaced, and not they.

    Raises:
        UsageError: they refer to each other, or the path is not valid.

    """
    try:
        resolved = folder.resolve()
        is_link = resolved.is_symlink()  # from Python 3.13, a link to itself is returned
    except RuntimeError:
        is_link = True
    except OSError as error:
        raise UsageError(f"{folder}: cannot be used as a folder ({error.strerror}).") from error
    if is_link:
        raise UsageError(f"{folder}: the symbolic link refers to itself.")
    return resolved
