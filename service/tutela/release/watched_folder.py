"""A release folder in which another release may be put at any time."""

import os
from dataclasses import dataclass
from pathlib import Path

from tutela.errors import TutelaError
from tutela.release.bundle import CHECKSUMS, open_release
from tutela.release.snapshot import Snapshot

_ATTEMPTS = 3
Fingerprint = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True)
class WatchedFolder:
    """The folder; it may be a symbolic link that is switched from one release to the next."""

    folder: Path

    def fingerprint(self) -> Fingerprint | None:
        """Return the name, inode, size and time of change of each file; None if there is no release."""
        found = []
        for parent, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(parent, name)  # noqa: PTH118 - a quarter of the time of a `Path`
                try:
                    status = os.stat(path)  # noqa: PTH116
                except OSError:  # removed a moment ago
                    continue
                found.append((os.path.relpath(path, self.folder), status.st_ino, status.st_size, status.st_mtime_ns))
        return tuple(sorted(found)) if any(name == CHECKSUMS for name, *_ in found) else None

    def open(self) -> Snapshot:
        """Return the files of the release that is in the folder now.

        Raises:
            TutelaError: there is no release, or it is damaged.

        """
        for attempt in range(1, _ATTEMPTS + 1):
            before = self.fingerprint()
            try:
                return Snapshot.of(open_release(self.folder))
            except TutelaError:
                # Another release may have been put in place between two of its files.
                if attempt == _ATTEMPTS or self.fingerprint() == before:
                    raise
        raise AssertionError  # the last attempt returns or raises
