"""The archive of a published release in ``releases/``: written once, and unpacked to a release folder when it is used.

Turtle and JSON-LD are left out: they are large, and follow from the N-Quads. An archive takes about 1.2 MB.
"""

import hashlib
import lzma
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyoxigraph as ox

from tutela.errors import TutelaError, UsageError
from tutela.release import bundle, verification
from tutela.release.bundle import Release
from tutela.release.verification import CHECKSUMS, MANIFEST, NQUADS, SOURCE
from tutela.sparql import rdf
from tutela.tables.published import INDEX, NAME, SOURCE_ARCHIVE, PublishedRelease, pack_source, published_releases

NQUADS_ARCHIVE = f"{NQUADS}.xz"
NOTES = "notes.md"
_RESERVED = ("working", INDEX)
_KEPT = ("shapes.ttl", "validation.ttl")


def archive_files(release: Release) -> dict[str, bytes]:
    """Return the files of the archive of a release, by name.

    Raises:
        TutelaError: a file of the release was changed, or it has no inputs.

    """
    prefix = f"{SOURCE}/"
    inputs = {name.removeprefix(prefix): release.read(name) for name in release.manifest["files"] if name.startswith(prefix)}
    if not inputs:
        raise TutelaError(f"{release.folder}: has no inputs under {SOURCE}/; only releases that have them can be published.")
    return {
        MANIFEST: verification.read_file(release.folder / MANIFEST),
        NQUADS_ARCHIVE: lzma.compress(release.read(NQUADS), preset=9),
        SOURCE_ARCHIVE: pack_source(inputs),
        **{name: release.read(name) for name in _KEPT if name in release.manifest["files"]},
    }


def with_checksums(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return files with one more that lists their SHA-256, in the format of ``sha256sum``."""
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    return {**files, CHECKSUMS: sums.encode()}


def unpack(published: PublishedRelease, folder: Path) -> Release:
    """Unpack a published release to a release folder, with the files that its manifest gives a SHA-256 of.

    Args:
        published: the release.
        folder: a new or empty folder.

    Raises:
        TutelaError: a file of the archive is missing, damaged, or not the one that was published.
        UsageError: the folder cannot be written.

    """
    manifest = verification.parse_manifest(published.folder / MANIFEST, published.read(MANIFEST))
    try:
        nquads = lzma.decompress(published.read(NQUADS_ARCHIVE))
    except lzma.LZMAError as error:
        raise TutelaError(f"{published.folder / NQUADS_ARCHIVE}: cannot be unpacked ({error}).") from error
    files = {
        NQUADS: nquads,
        **{f"{SOURCE}/{name}": content for name, content in published.inputs.items()},
        **{name: published.read(name) for name in _KEPT if name in published.files},
    }
    for name, content in files.items():
        if not _is_listed(manifest, name, content):
            raise TutelaError(f"{published.folder}: {name} is not what {MANIFEST} says.")
    # Another version of the serializer may write them differently; then they are left out.
    files |= {name: content for name, content in _other_formats(nquads).items() if _is_listed(manifest, name, content)}
    return bundle.write(folder, files, {key: value for key, value in manifest.items() if key != "files"})


def _is_listed(manifest: Mapping[str, Any], name: str, content: bytes) -> bool:
    """Return whether a manifest lists a file with this content."""
    return bool(hashlib.sha256(content).hexdigest() == manifest["files"].get(name, {}).get("sha256"))


def _other_formats(nquads: bytes) -> dict[str, bytes]:
    """Return the dataset in the formats that the archive leaves out, as a build writes them."""
    quads = list(ox.parse(nquads, format=ox.RdfFormat.N_QUADS))
    triples = [rdf.triple_of(quad) for quad in quads]
    return {"tutela.ttl": rdf.serialize(triples, "turtle"), "tutela.jsonld": rdf.serialize(quads, "jsonld")}


def find_published(name: str) -> PublishedRelease | None:
    """Return the published release of a name; None if there is none."""
    return next((one for one in published_releases() if one.name == name), None)


@contextmanager
def unpacked(published: PublishedRelease) -> Iterator[Release]:
    """Unpack a published release to a temporary folder.

    Raises:
        TutelaError: see `unpack`.

    """
    with TemporaryDirectory(prefix="tutela-") as folder:
        yield unpack(published, Path(folder) / published.name)


def index_entry(files: Mapping[str, bytes], manifest: Mapping[str, object], name: str, previous: str) -> dict[str, object]:
    """Return the entry of a release in the index."""
    return {
        "name": name,
        "version": manifest["version"],
        "date": manifest["issued"],
        "previous": previous,
        "files": {file: hashlib.sha256(content).hexdigest() for file, content in sorted(files.items())},
    }


def ensure_unused(name: str, releases: list[PublishedRelease], folder: Path) -> None:
    """Check that a name can be that of a new release.

    Raises:
        UsageError: it is malformed or reserved, a release has it, or a file is in its place.

    """
    if not NAME.fullmatch(name) or name in _RESERVED:
        raise UsageError(f"{name}: expected a name of letters, digits, '.', '_' and '-' that begins with a letter or digit.")
    if any(one.name == name for one in releases):
        raise UsageError(f"{name}: there is a release of this name in {folder / INDEX}; published releases never change.")
    if (folder / name).exists():
        raise UsageError(f"{folder / name}: exists, but {INDEX} does not list it; move it away.")
