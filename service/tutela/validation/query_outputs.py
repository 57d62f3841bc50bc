"""What each build query and each rule makes of the tables of a release, kept in the user's cache folder.

A check of changed tables needs what a query made before the change; evaluating it again would take as long as after the change.
The files are a cache and nothing more: one that is missing or damaged is evaluated again.
"""

import os
import shutil
import tempfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pyoxigraph as ox

from tutela.sparql import rdf
from tutela.sparql.query_file import QueryFile
from tutela.sparql.rdf import Triples

_MAX_RELEASES = 4  # the least recently used ones are removed
_LEVEL = 1  # of compression: the statements repeat, so that a tenth of their bytes remain


class QueryOutputs:
    """The outputs of queries on one release.

    Args:
        folder: where they are; None if they are not kept.

    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @classmethod
    def of_release(cls, cache: Path, nquads_digest: str, version: str) -> "QueryOutputs":
        """Return the outputs for a release.

        Args:
            cache: the cache folder.
            nquads_digest: the SHA-256 of its N-Quads file.
            version: the hash of its inputs.

        """
        return cls(cache / "outputs" / f"{version}-{nquads_digest[:16]}-oxigraph-{ox.__version__}")

    def lines(self, query: QueryFile) -> list[bytes] | None:
        """Return an output as lines of N-Triples; None if it is not there."""
        content = self._read(query)
        return None if content is None else content.splitlines()

    def triples(self, query: QueryFile) -> list[ox.Triple] | None:
        """Return an output as triples; None if it is not there."""
        content = self._read(query)
        if content is None:
            return None
        # What was written by the engine need not be validated again.
        return [rdf.triple_of(quad) for quad in ox.parse(content, format=ox.RdfFormat.N_TRIPLES, lenient=True)]

    def keep(self, outputs: Iterable[tuple[QueryFile, Triples]]) -> None:
        """Write outputs. If the folder is not writable, nothing is kept."""
        if self._folder is None:
            return
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            for query, triples in outputs:
                _write(self._folder / _name(query), zlib.compress(rdf.serialize(triples, "ntriples"), _LEVEL))
            _remove_old(self._folder.parent)

    def _read(self, query: QueryFile) -> bytes | None:
        if self._folder is None:
            return None
        try:
            content = zlib.decompress((self._folder / _name(query)).read_bytes())  # it has a checksum
        except (OSError, zlib.error):
            return None
        with suppress(OSError):  # a cache that others own
            os.utime(self._folder)  # for `_remove_old`
        return content


def ntriples_lines(triples: Triples) -> list[bytes]:
    """Return triples as lines of N-Triples, as `QueryOutputs.lines` does."""
    return rdf.serialize(triples, "ntriples").splitlines()


def _name(query: QueryFile) -> str:
    return f"{query.folder}.{query.name}.nt.zlib"


def _write(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    descriptor, part = tempfile.mkstemp(prefix=".part-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _remove_old(folder: Path) -> None:
    for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)[_MAX_RELEASES:]:
        shutil.rmtree(path, ignore_errors=True)
