"""Tables that had no error in any cell or key when they were read before, so that a check need not read each cell again.

They are known by a hash of everything that decides it: the table, its metadata, and the code that reads cells. The file is a
cache and nothing more: without it every cell is read.
"""

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path

from tutela.validation.input_files import version_of

_MOST = 1000  # marks; the oldest are forgotten
_READING_CODE = ("tables", "validation")


class ValidTables:
    """Which tables are known to have no error.

    Args:
        file: where this is kept; None if it is not.

    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._new: list[str] = []

    def mark(self, metadata: bytes, content: bytes) -> str:
        """Return what identifies a table.

        Args:
            metadata: the digest of its metadata.
            content: the digest of its content.

        """
        return hashlib.sha256(_code() + metadata + content).hexdigest()[:32]

    def has(self, mark: str) -> bool:
        """Return whether a table had no error."""
        return mark in self._known

    def add(self, mark: str) -> None:
        """Remember that a table has no error."""
        if self._file is not None and mark not in self._known:
            self._new.append(mark)

    def save(self) -> None:
        """Write what is new. If the file is not writable, nothing is kept."""
        if self._file is None or not self._new:
            return
        marks = [*self._known, *self._new][-_MOST:]
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            descriptor, part = tempfile.mkstemp(prefix=".part-", dir=self._file.parent)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(marks, file)
            Path(part).replace(self._file)
        self._known.update(dict.fromkeys(self._new))
        self._new = []

    @cached_property
    def _known(self) -> dict[str, None]:
        if self._file is None:
            return {}
        try:
            marks = json.loads(self._file.read_text(encoding="utf-8"))
            return dict.fromkeys(map(str, marks)) if isinstance(marks, list) else {}
        except (OSError, ValueError, RecursionError):
            return {}


@cache
def _code() -> bytes:
    """Return a hash of the code that reads cells."""
    package = Path(__file__).parents[1]
    files = [path for name in _READING_CODE for path in (package / name).glob("*.py")]
    digest = version_of({str(path.relative_to(package)): path.read_bytes() for path in files})
    return f"{digest} csvw {version('csvw')}".encode()
