"""Prepared stores: a release as an Oxigraph database on disk, so that a command need not parse the N-Quads file again.

A prepared store is in the user's cache folder, named after the hash of the N-Quads file. It is complete or absent: it is
written next to its place and then renamed. Its own checksums are verified each time it is opened, because the database reports
some damage only when a query meets it. Without a writable cache folder the release is loaded into memory instead.
"""

import hashlib
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pyoxigraph as ox

from tutela import paths
from tutela.errors import TutelaError
from tutela.release.bundle import Release
from tutela.release.verification import CHECKSUMS, NQUADS, read_checksums, read_file
from tutela.sparql.embedded import EmbeddedStore

_MAX_STORES = 4  # the least recently used ones are removed
_PART = ".part-"
_PART_AGE_S = 3600  # what is older was left by a process that was killed


def open_prepared(release: Release, cache: Path | None = None) -> EmbeddedStore:
    """Open a release for queries.

    Args:
        release: the release.
        cache: the cache folder; by default the user's.

    Raises:
        TutelaError: the N-Quads file cannot be read, was changed, or does not contain what the manifest says.

    """
    digest = str(release.manifest["files"][NQUADS]["sha256"])
    folder = (cache or paths.cache()) / "stores" / f"{digest[:32]}-oxigraph-{ox.__version__}"
    store = _open(folder)
    if store is None:
        nquads = release.read(NQUADS)
        with suppress(OSError):  # no writable cache folder, or no space left
            _prepare(release, nquads, folder)
            store = _open(folder)
        if store is None:
            store = ox.Store()
            _load(store, release, nquads)
    return EmbeddedStore(store)


def _open(folder: Path) -> ox.Store | None:
    """Open a prepared store; None if it is absent or damaged."""
    try:
        if folder.is_symlink() or read_checksums(folder) != _checksums(folder):
            return None
        store = ox.Store.read_only(str(folder))
    except (OSError, TutelaError):
        return None
    with suppress(OSError):  # a cache that others own
        os.utime(folder)  # for `_remove_old`
    return store


def _checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a database, except its log, to which it writes whenever it is opened."""
    names = (path.name for path in folder.iterdir() if path.name != CHECKSUMS and not path.name.startswith("LOG"))
    return {name: hashlib.sha256(read_file(folder / name)).hexdigest() for name in names}


def _prepare(release: Release, nquads: bytes, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=_PART, dir=folder.parent))
    try:
        store = ox.Store(str(part))
        _load(store, release, nquads)
        store.optimize()
        del store  # closes the database
        sums = [f"{digest}  {name}\n" for name, digest in sorted(_checksums(part).items())]
        (part / CHECKSUMS).write_text("".join(sums), encoding="utf-8")
        _remove(folder)  # a damaged one
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _remove_old(folder.parent)


def _load(store: ox.Store, release: Release, nquads: bytes) -> None:
    try:
        store.bulk_load(nquads, format=ox.RdfFormat.N_QUADS)
    except SyntaxError as error:
        raise TutelaError(f"{release.nquads}: not valid N-Quads ({error}). Run `tutela build` again.") from error
    if len(store) != release.manifest["quads"]:
        raise TutelaError(f"{release.nquads}: a quad is repeated. Run `tutela build` again.")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _remove_old(folder: Path) -> None:
    stores = sorted(folder.glob("[!.]*"), key=lambda path: path.lstat().st_mtime, reverse=True)
    abandoned = [path for path in folder.glob(f"{_PART}*") if path.lstat().st_mtime < time.time() - _PART_AGE_S]
    for path in [*stores[_MAX_STORES:], *abandoned]:
        _remove(path)
