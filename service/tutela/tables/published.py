"""Published releases: the folder ``releases/``, with an index and a folder for each release. They never change.

The index, ``releases/index.json``, names the releases from the first to the last, with the SHA-256 of each of their files.
``source.tar.xz`` has the inputs of a release in canonical form, by their paths in a checkout.
"""

import hashlib
import io
import json
import lzma
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from tutela import paths
from tutela.errors import TutelaError
from tutela.tables.csv_file import Row, parse_rows

INDEX = "index.json"
SOURCE_ARCHIVE = "source.tar.xz"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ADVICE = "Restore the folder releases/ from the repository; published releases never change."


@dataclass(frozen=True)
class PublishedRelease:
    """A published release.

    Args:
        folder: its folder in ``releases/``.
        name: its name, such as ``0.1``.
        version: the hash of its inputs.
        date: its release date, as YYYY-MM-DD.
        previous: the name of the release before it; empty for the first.
        files: the SHA-256 of each file in its folder.

    """

    folder: Path
    name: str
    version: str
    date: str
    previous: str
    files: Mapping[str, str]

    def read(self, name: str) -> bytes:
        """Return the content of one of its files.

        Raises:
            TutelaError: the file is missing, or is not the one that was published.

        """
        path = self.folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise TutelaError(f"{path}: cannot be read ({error.strerror}). {_ADVICE}") from error
        if hashlib.sha256(content).hexdigest() != self.files.get(name):
            raise TutelaError(f"{path}: its SHA-256 differs from {INDEX}. {_ADVICE}")
        return content

    @cached_property
    def inputs(self) -> dict[str, bytes]:
        """The content of each input by its path in a checkout, such as ``data/review/notes.csv``.

        Raises:
            TutelaError: the archive cannot be read.

        """
        try:
            data = lzma.decompress(self.read(SOURCE_ARCHIVE))
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                return {one.name: file.read() for one in archive if (file := archive.extractfile(one)) is not None}
        except (lzma.LZMAError, tarfile.TarError, EOFError) as error:
            raise TutelaError(f"{self.folder / SOURCE_ARCHIVE}: cannot be unpacked ({error}). {_ADVICE}") from error

    @cached_property
    def table_files(self) -> dict[str, str]:
        """The path of each table in a checkout, by the table's name."""
        files = (PurePosixPath(name) for name in self.inputs if name.startswith("data/") and name.endswith(".csv"))
        return {path.stem: str(path) for path in files}

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table; none if the release has no such table.

        Raises:
            TutelaError: the archive or the table cannot be read.

        """
        name = self.table_files.get(table)
        return parse_rows(self.inputs[name].decode(), f"{self.name}:{name}")[1] if name else []


def published_releases(folder: Path | None = None) -> list[PublishedRelease]:
    """Return the published releases, from the first to the last; none if there is no index.

    Args:
        folder: the folder with the index; by default ``releases/``.

    Raises:
        TutelaError: the index cannot be read or is malformed.

    """
    folder = folder or paths.RELEASES
    index = folder / INDEX
    try:
        document = json.loads(index.read_text(encoding="utf-8"))
        return [_published(folder, entry) for entry in document["releases"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise TutelaError(f"{index}: not readable as an index of releases ({error}). {_ADVICE}") from error


def last_published() -> PublishedRelease | None:
    """Return the last published release; None if there is none.

    Raises:
        TutelaError: the index cannot be read or is malformed.

    """
    return next(iter(published_releases()[-1:]), None)


def _published(folder: Path, entry: Mapping[str, Any]) -> PublishedRelease:
    name = str(entry["name"])
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a name of a release")
    files = {str(key): str(value) for key, value in entry["files"].items()}
    version, date, previous = (str(entry[field]) for field in ("version", "date", "previous"))
    return PublishedRelease(folder / name, name, version, date, previous, files)


def pack_source(files: Mapping[str, bytes]) -> bytes:
    """Return inputs as a compressed archive. The same inputs give the same bytes: sorted, without times and owners."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return lzma.compress(buffer.getvalue(), preset=9 | lzma.PRESET_EXTREME)
