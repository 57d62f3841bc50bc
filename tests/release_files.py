"""Small releases for tests."""

import json
from pathlib import Path

from tutela import namespaces
from tutela.release import Release, bundle

_METADATA = {
    "@context": "http://www.w3.org/ns/csvw",
    "url": "notes.csv",
    "tableSchema": {"columns": [{"name": "id"}, {"name": "text"}], "primaryKey": "id"},
}
# The only statement about it names the version, so a response shows which release it is from.
MARKER = "SELECT ?version WHERE { <https://w3id.org/tutela/id/marker> ?p ?version }"
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


def write_versioned_release(folder: Path, version: str, lines: int = 20) -> Release:
    """Write a release; every file of it contains its version."""
    graph = f"{namespaces.GRAPH}meta"
    quads = [f'<{namespaces.BASE}id/marker> <{namespaces.PREFIXES["rdfs"]}label> "{version}" <{graph}> .\n']
    quads += [f"<{namespaces.BASE}id/thing/{n}> <{namespaces.RDF}type> <x:{version}> <{graph}> .\n" for n in range(lines)]
    files = {
        bundle.NQUADS: "".join(quads),
        "shapes.ttl": f'<{namespaces.BASE}shapes#One> <{namespaces.PREFIXES["rdfs"]}label> "{version}" .\n',
        "source/data/review/notes.csv": "id,text\n" + "".join(f"{n},{version}\n" for n in range(lines)),
        "source/data/review/notes.csv-metadata.json": json.dumps({**_METADATA, "dc:title": " ".join([version] * lines)}),
    }
    manifest = {"version": version, "issued": "2026-01-01", "quads": len(quads), "triples": len(quads)}
    return bundle.write(folder, {name: text.encode() for name, text in files.items()}, manifest)
