"""The files that a release is built from, and the version that they give."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from tutela import paths


def current_version() -> str:
    """Return the version that a release built now would have."""
    return version_of(_inputs())


def version_of(files: Iterable[tuple[str, Path]]) -> str:
    """Return a version for files: 12 hexadecimal digits from a hash of their names and contents."""
    digest = hashlib.sha256()
    for name, path in sorted(files):
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:12]


def _inputs() -> Iterator[tuple[str, Path]]:
    folders = (
        (paths.DATA, ("*/*.csv", "*/*.csv-metadata.json")),
        (paths.ONTOLOGY, ("**/*.ttl",)),
        (paths.QUERIES, ("build/**/*.rq", "derive/*.rq")),
        (paths.SHAPES, ("*.ttl",)),
    )
    for folder, patterns in folders:
        for pattern in patterns:
            for path in folder.glob(pattern):
                yield f"{folder.name}/{path.relative_to(folder).as_posix()}", path
