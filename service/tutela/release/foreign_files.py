"""Files in the folder of a release that no build wrote, so that a build never removes the files of someone else."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from tutela.errors import TutelaError
from tutela.release.verification import CHECKSUMS, MANIFEST, NQUADS, SOURCE, parse_manifest, read_checksums, read_file
from tutela.validation.input_files import is_input_name

_NAMES = (MANIFEST, CHECKSUMS, NQUADS, "tutela.ttl", "tutela.jsonld", "shapes.ttl", "validation.ttl")


def foreign_files(folder: Path) -> Iterator[str]:
    """Yield the path of each file in a folder that no build wrote.

    If manifest or checksums are damaged, each input counts as written by a build.

    Raises:
        OSError: the folder cannot be read.

    """
    names = set(_NAMES)
    listed = _listed(folder)
    if listed:
        names |= listed
    elif not os.path.lexists(folder / NQUADS):
        names = set()  # a file such as manifest.json alone does not make a release

    def fail(error: OSError) -> None:
        raise error

    for root, folders, files in os.walk(folder, onerror=fail) if folder.is_dir() else ():
        place = Path(root).relative_to(folder)
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        for name in sorted([*files, *links]):
            path = (place / name).as_posix()
            is_input = path.startswith(f"{SOURCE}/") and is_input_name(path.removeprefix(f"{SOURCE}/"))
            if path not in names and not (names and not listed and is_input):
                yield path


def _listed(folder: Path) -> set[str]:
    """Return the files that manifest and checksums list; none if they are missing or damaged."""
    try:
        sums, data = read_checksums(folder), read_file(folder / MANIFEST)
        if NQUADS in sums and sums.get(MANIFEST) == hashlib.sha256(data).hexdigest():
            return {*sums, *parse_manifest(folder / MANIFEST, data)["files"]}
    except TutelaError:
        pass
    return set()
