"""A release: the folder that a build writes and a service reads. It never changes once written."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tutela.errors import TutelaError, UsageError

MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"
DUMP = "tutela.nq"


@dataclass(frozen=True)
class Release:
    """A release on disk, with what its manifest says."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def version(self) -> str:
        """The dataset's version: a hash of everything that it was built from."""
        return str(self.manifest["version"])

    @property
    def dump(self) -> Path:
        """The N-Quads file that holds all of it."""
        return self.folder / DUMP


def is_release(folder: Path) -> bool:
    """Return whether a folder holds a release."""
    return (folder / MANIFEST).is_file()


def open_release(folder: Path) -> Release:
    """Open a release.

    Raises:
        TutelaError: there is none, or its manifest is not readable.

    """
    try:
        return Release(folder, json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise TutelaError(f"{folder}: there is no release here; run `tutela build`.") from error
    except (OSError, ValueError) as error:
        raise TutelaError(f"{folder / MANIFEST}: not readable ({error}); run `tutela build` again.") from error


def version_of(inputs: Iterable[tuple[str, Path]]) -> str:
    """Return twelve hexadecimal digits that stand for the inputs: their names and their bytes."""
    digest = hashlib.sha256()
    for name, path in sorted(inputs):
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:12]


def write(folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Release:
    """Write a release beside its place and then move it there, so that the last one stands until then.

    Raises:
        UsageError: the place is taken by something else, or cannot be written to.

    """
    check_place(folder)
    folder = folder.absolute()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written to ({error}).") from error
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
        _exchange(part, folder)
    except OSError as error:
        raise UsageError(f"{folder}: the release cannot be written ({error}); the last one is as it was.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return open_release(folder)


def check_place(folder: Path) -> None:
    """Refuse a place that holds something else than a release.

    Raises:
        UsageError: it does.

    """
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not is_release(folder)):
        raise UsageError(f"{folder} holds something else than a release; name an empty or a new folder with --out.")


def _exchange(part: Path, folder: Path) -> None:
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


def difference(a: Release, b: Release) -> Iterator[tuple[str, str]]:
    """Yield each quad that is in one release only, sorted: ``-`` if it is gone in the second, ``+`` if it came."""
    first, second = (set(release.dump.read_text(encoding="utf-8").splitlines()) for release in (a, b))
    for line in sorted(first ^ second):
        yield ("-" if line in first else "+"), line
