"""A published release of the project's own tables, for tests."""

import hashlib
import json
from pathlib import Path

from tutela import paths
from tutela.tables.published import INDEX, SOURCE_ARCHIVE, PublishedRelease, pack_source, published_releases


def publish_tables(folder: Path, data: Path = paths.DATA, name: str = "1.0") -> PublishedRelease:
    """Write the archive of the tables in a folder, and an index with this one release."""
    files = {f"data/{path.parent.name}/{path.name}": path.read_bytes() for path in data.glob("*/*.csv")}
    archive = pack_source(files)
    (folder / name).mkdir(parents=True)
    (folder / name / SOURCE_ARCHIVE).write_bytes(archive)
    entry = {"name": name, "version": "0" * 12, "date": "2026-11-26", "previous": ""}
    entry |= {"files": {SOURCE_ARCHIVE: hashlib.sha256(archive).hexdigest()}}  # type: ignore[dict-item]
    (folder / INDEX).write_text(json.dumps({"releases": [entry]}), encoding="utf-8")
    return published_releases(folder)[-1]
