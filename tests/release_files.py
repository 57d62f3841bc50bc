"""Small releases for tests."""

from pathlib import Path

from tutela.release import Release, bundle

QUAD = "<a:a> <a:b> <a:c> <a:g> .\n"


def write_release(folder: Path, nquads: str = QUAD, version: str = "0", **files: str) -> Release:
    """Write a small release into a folder.

    Args:
        folder: the folder.
        nquads: the dataset.
        version: the version.
        files: other files: the name without the extension ``.txt``, and the content.

    """
    others = {f"{name}.txt": text.encode() for name, text in files.items()}
    manifest = {"version": version, "issued": "2026-01-01", "quads": nquads.count("\n")}
    return bundle.write(folder, {bundle.NQUADS: nquads.encode(), **others}, manifest)
