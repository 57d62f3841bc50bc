"""Files in the folder of a release that no build wrote, so that a build never removes the files of someone else."""

import os
from collections.abc import Iterator
from pathlib import Path

from tutela.errors import TutelaError
from tutela.release.verification import CHECKSUMS, MANIFEST, NQUADS, SOURCE, read_checksums
from tutela.validation.input_files import is_input_name

_NAMES = (MANIFEST, CHECKSUMS, NQUADS, "tutela.ttl", "tutela.jsonld", "shapes.ttl", "validation.ttl")


def foreign_files(folder: Path) -> Iterator[str]:
    """Yield the path of each file in a folder that no build wrote. A damaged release has none.

    Raises:
        OSError: the folder cannot be read.

    """
    names = set(_NAMES)
    try:
        listed = set(read_checksums(folder))
    except TutelaError:
        listed = set()
    if {MANIFEST, NQUADS} <= listed:
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
            if path not in names and not (names and is_input):
                yield path
