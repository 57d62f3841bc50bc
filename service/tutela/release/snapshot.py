"""A snapshot: verified copies of the files of a release, which this process holds while it serves them.

The copies are temporary files without a name. Nobody else can change or remove them, and the system frees them when the process
ends, however it ends. ``/proc/PID/fd/N`` is their path for this process and for its children (proc(5)).
"""

import hashlib
import json
import os
import tempfile
import weakref
from collections.abc import Mapping
from io import FileIO
from pathlib import Path, PurePosixPath
from typing import Any

from tutela.errors import TutelaError
from tutela.release.bundle import CHECKSUMS, MANIFEST, NQUADS, SOURCE, Release

SHAPES = "shapes.ttl"
_CHUNK = 1 << 20


class Snapshot:
    """The files of one release. They are closed when the last reference to the snapshot is gone.

    Args:
        manifest: the manifest.
        files: the copy of each file, by its name in the release.
        digest: the SHA-256 of ``SHA256SUMS``, which identifies the content of the release.

    """

    def __init__(self, manifest: Mapping[str, Any], files: Mapping[str, FileIO], digest: str) -> None:
        self.manifest = manifest
        self.digest = digest
        self._files = files
        weakref.finalize(self, _close, list(files.values()))

    @classmethod
    def of(cls, release: Release) -> "Snapshot":
        """Copy the files of a release, and verify the copies against its checksums.

        Raises:
            TutelaError: a file is missing, unreadable or differs from its checksum.

        """
        files: dict[str, FileIO] = {}
        digests: dict[str, str] = {}
        try:
            for name in (CHECKSUMS, MANIFEST, *release.manifest["files"]):
                files[name], digests[name] = _copy(release.folder / name)
            expected = {MANIFEST: digests[MANIFEST], **{name: one["sha256"] for name, one in release.manifest["files"].items()}}
            lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(expected.items()))
            wrong = [name for name, digest in expected.items() if digests[name] != digest]
            if hashlib.sha256(lines.encode()).hexdigest() != digests[CHECKSUMS]:
                wrong.append(CHECKSUMS)
            if json.loads(_read(files[MANIFEST])) != release.manifest:
                wrong.append(MANIFEST)
            if wrong:
                names = ", ".join(str(release.folder / name) for name in wrong)
                raise TutelaError(
                    f"{names}: changed since the release was built, or while it was read; run `tutela build` again."
                )
        except BaseException:
            _close(list(files.values()))
            raise
        return cls(release.manifest, files, digests[CHECKSUMS])

    @property
    def version(self) -> str:
        """Version of the dataset."""
        return str(self.manifest["version"])

    @property
    def nquads(self) -> Path:
        """The path of the N-Quads file with the whole dataset."""
        return self.path(NQUADS)

    @property
    def tables(self) -> dict[str, str]:
        """The name of the file of each table, such as ``source/data/review/notes.csv``, by the name of the table."""
        return {PurePosixPath(name).stem: name for name in self.source("data", ".csv")}

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def source(self, folder: str, suffix: str) -> list[str]:
        """Return the names of the files below a folder of the inputs, sorted by their last part."""
        prefix = f"{SOURCE}/{folder}/"
        found = [name for name in self._files if name.startswith(prefix) and name.endswith(suffix)]
        return sorted(found, key=lambda name: PurePosixPath(name).name)

    def path(self, name: str) -> Path:
        """Return the path of a file for this process and its children."""
        return Path(f"/proc/{os.getpid()}/fd/{self._files[name].fileno()}")

    def read_text(self, name: str) -> str:
        """Return the content of a file as text."""
        return _read(self._files[name]).decode("utf-8")

    def link(self, folder: Path) -> None:
        """Make a folder of links to the files, which a child of this process can open as a release."""
        for name in self._files:
            link = folder / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(self.path(name))


def _copy(path: Path) -> tuple[FileIO, str]:
    """Copy a file; return the copy and its SHA-256."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as original:
            copy: FileIO = tempfile.TemporaryFile(prefix="tutela-", buffering=0)  # noqa: SIM115
            while chunk := original.read(_CHUNK):
                digest.update(chunk)
                copy.write(chunk)
            status = os.fstat(original.fileno())
            os.utime(copy.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))
    except OSError as error:
        raise TutelaError(f"{path}: cannot be copied to a temporary file ({error}).") from error
    return copy, digest.hexdigest()


def _read(file: FileIO) -> bytes:
    # `pread` does not move the position, which threads would share.
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)


def _close(files: list[FileIO]) -> None:
    for file in files:
        file.close()
