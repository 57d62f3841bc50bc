"""Prepared stores: a release as an Oxigraph database on disk, so that a command need not parse the N-Quads file again.

A prepared store is in the user's cache folder, named after the hash of the N-Quads file. It is complete or absent: it is
written next to its place and then renamed. Without a writable cache folder the release is loaded into memory instead.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import pyoxigraph as ox

from tutela import paths
from tutela.errors import TutelaError
from tutela.release.bundle import Release
from tutela.sparql.embedded import EmbeddedStore

_MAX_STORES = 4  # the least recently used ones are removed


def open_prepared(release: Release, cache: Path | None = None) -> EmbeddedStore:
    """Open a release for queries.

    Args:
        release: the release.
        cache: the cache folder; by default the user's.

    Raises:
        TutelaError: the N-Quads file cannot be read.

    """
    try:
        digest = hashlib.sha256(release.nquads.read_bytes()).hexdigest()
    except OSError as error:
        raise TutelaError(f"{release.nquads}: cannot be read ({error}). Run `tutela build` again.") from error
    folder = (cache or paths.cache()) / "stores" / f"{digest[:32]}-oxigraph-{ox.__version__}"
    store = _open(folder)
    if store is not None:
        return store
    try:
        _prepare(release, folder)
    except OSError:  # no writable cache folder
        return EmbeddedStore.open(release.nquads)
    return _open(folder) or EmbeddedStore.open(release.nquads)


def _open(folder: Path) -> EmbeddedStore | None:
    """Open a prepared store; None if it is absent or damaged."""
    try:
        store = ox.Store.read_only(str(folder))
        os.utime(folder)  # for `_remove_old`
    except OSError:
        return None
    return EmbeddedStore(store)


def _prepare(release: Release, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=folder.parent))
    try:
        store = ox.Store(str(part))
        try:
            store.bulk_load(path=str(release.nquads), format=ox.RdfFormat.N_QUADS)
        except SyntaxError as error:
            raise TutelaError(f"{release.nquads}: not valid N-Quads ({error}). Run `tutela build` again.") from error
        store.optimize()
        del store  # closes the database
        shutil.rmtree(folder, ignore_errors=True)  # a damaged one
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _remove_old(folder.parent)


def _remove_old(folder: Path) -> None:
    stores = sorted(folder.glob("[!.]*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in stores[_MAX_STORES:]:
        shutil.rmtree(path, ignore_errors=True)
