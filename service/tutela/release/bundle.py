"""The folder of a release: its files, manifest and checksums. It never changes once written."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tutela.errors import TutelaError, UsageError

MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"
NQUADS = "tutela.nq"


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


def is_release(folder: Path) -> bool:
    """Return whether a folder contains a release."""
    return (folder / MANIFEST).is_file()


def open_release(folder: Path) -> Release:
    """Open a release.

    Raises:
        TutelaError: the folder contains no release, or its manifest cannot be read.

    """
    try:
        return Release(folder, json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise TutelaError(f"{folder}: no release here; run `tutela build`.") from error
    except (OSError, ValueError) as error:
        raise TutelaError(f"{folder / MANIFEST}: not readable ({error}); run `tutela build` again.") from error


def write(folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Release:
    """Write a release next to its folder, then swap the folders, so that the last release stays until then.

    Raises:
        UsageError: the folder contains something else, or is not writable.

    """
    ensure_writable(folder)
    folder = folder.absolute()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise UsageError(f"{folder}: not writable ({error}).") from error
    try:
        content = dict(files)
        entries = {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in content.items()}
        document = {**manifest, "files": entries}
        content[MANIFEST] = (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
        sums = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(content.items())]
        content[CHECKSUMS] = "".join(sums).encode()
        for name, data in content.items():
            target = part / name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(data)
        part.chmod(0o755)
        _swap(part, folder)
    except OSError as error:
        raise UsageError(f"{folder}: the release cannot be written ({error}). The last release is unchanged.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return open_release(folder)


def ensure_writable(folder: Path) -> None:
    """Check that a folder is free for a release: missing, empty, or a release.

    Raises:
        UsageError: it contains something else.

    """
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not is_release(folder)):
        raise UsageError(f"{folder} contains something other than a release; name an empty or new folder with --out.")


def _swap(part: Path, folder: Path) -> None:
    old = part.with_name(part.name + "-old")
    if folder.exists():
        folder.replace(old)
    try:
        part.replace(folder)
    except OSError:
        if old.exists():
            old.replace(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def diff(a: Release, b: Release) -> Iterator[tuple[str, str]]:
    """Yield each quad that only one of two releases has, sorted: ``-`` if only the first has it, ``+`` if only the second."""
    first, second = (set(release.nquads.read_text(encoding="utf-8").splitlines()) for release in (a, b))
    for line in sorted(first ^ second):
        yield ("-" if line in first else "+"), line
