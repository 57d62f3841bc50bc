"""Which files are inputs of a build. Apart from `inputs`, because reading tables takes longer to load."""

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from tutela.errors import TutelaError
from tutela.paths import METADATA_SUFFIX, Source

# For each folder of a source, which files are inputs. The query `rows` finds the rows that messages name.
_PATTERNS = {
    "data": ("*/*.csv", f"*/*.csv{METADATA_SUFFIX}"),
    "ontology": ("**/*.ttl",),
    "queries": ("build/**/*.rq", "derive/**/*.rq", "checks/**/*.rq", "pages/**/rows.rq"),
    "shapes": ("*.ttl",),
}


def input_paths(source: Source) -> dict[str, Path]:
    """Return the file of each input by its path in a checkout. Hidden files, which editors leave behind, are no inputs."""
    found = {}
    for folder, patterns in _PATTERNS.items():
        root: Path = getattr(source, folder)
        for pattern in patterns:
            for path in root.glob(pattern):
                if not path.name.startswith("."):
                    found[f"{folder}/{path.relative_to(root).as_posix()}"] = path
    return found


def is_input_name(name: str) -> bool:
    """Return whether an input can have this path in a checkout."""
    folder, _, rest = name.partition("/")
    path = PurePosixPath(rest)
    for pattern in _PATTERNS.get(folder, ()):
        prefix, deep, file_name = pattern.rpartition("**/")
        depth_fits = rest.startswith(prefix) if deep else len(path.parts) == len(PurePosixPath(pattern).parts)
        if depth_fits and path.match(file_name if deep else pattern) and not path.name.startswith("."):
            return True
    return False


def version_of(files: Mapping[str, bytes]) -> str:
    """Return a version for files: 12 hexadecimal digits from a hash of their names and contents."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()[:12]


def read_input(path: Path) -> bytes:
    """Return the content of the file of an input.

    Raises:
        TutelaError: it cannot be read.

    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise TutelaError(f"{path}: cannot be read ({error.strerror}).") from error
