"""The two sides of a comparison: a published release, a release folder, or the working copy."""

import json
import lzma
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import pyoxigraph as ox

from tutela import tables
from tutela.errors import BuildFailedError, TutelaError, UsageError
from tutela.graph import construct, derive
from tutela.paths import METADATA_SUFFIX
from tutela.release.archive import NQUADS_ARCHIVE, find_published
from tutela.release.bundle import NQUADS, SOURCE, Release, is_release, open_release
from tutela.sparql import EmbeddedStore, rdf
from tutela.tables import Row
from tutela.tables.csv_file import parse_rows
from tutela.tables.published import PublishedRelease, published_releases
from tutela.validation import ValidationResult
from tutela.validation.inputs import read_inputs

WORKING = "working"  # the name of the working copy


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Args:
        name: how it is called: the name of a release, a folder, or ``working``.
        version: the hash of its inputs.
        nquads: the dataset as N-Quads.
        inputs: the content of each input by its path in a checkout; none if the release does not contain them.

    """

    name: str
    version: str
    nquads: bytes
    inputs: Mapping[str, bytes]

    @cached_property
    def store(self) -> EmbeddedStore:
        """A store with the dataset."""
        store = ox.Store()
        store.bulk_load(self.nquads, format=ox.RdfFormat.N_QUADS)
        return EmbeddedStore(store)

    @property
    def lines(self) -> list[str]:
        """The quads, as lines of N-Quads."""
        # Only a line feed ends a statement: a literal may contain other characters that `splitlines` takes for line ends.
        return self.nquads.decode("utf-8").split("\n")[:-1]

    @cached_property
    def table_files(self) -> dict[str, str]:
        """The path of each table in a checkout, by the table's name."""
        return {PurePosixPath(name).stem: name for name in self.inputs if name.startswith("data/") and name.endswith(".csv")}

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table; none if there is no such table."""
        name = self.table_files.get(table)
        return parse_rows(self.inputs[name].decode("utf-8-sig"), f"{self.name}:{name}")[1] if name else []

    def key(self, table: str) -> list[str] | None:
        """Return the columns of the primary key of a table; None if there is no such table."""
        if table not in self.table_files:
            return None
        key = json.loads(self.inputs[f"{self.table_files[table]}{METADATA_SUFFIX}"])["tableSchema"]["primaryKey"]
        return [key] if isinstance(key, str) else list(key)


def open_side(text: str) -> Side:
    """Return one side of a comparison.

    Args:
        text: ``working``, the name of a published release, or a folder with a release.

    Raises:
        UsageError: there is no such release.
        BuildFailedError: the tables of the working copy break their metadata.
        TutelaError: a release is damaged, or an input of the working copy cannot be read.

    """
    if text == WORKING:
        return of_working_copy()
    published = find_published(text)
    if published:
        return of_published(published)
    if Path(text).is_dir() and is_release(Path(text)):
        return of_release(open_release(Path(text)), text)
    names = ", ".join([WORKING, *(one.name for one in published_releases())])
    raise UsageError(f"{text}: no such release; expected {names}, or a folder with a release.")


def of_published(published: PublishedRelease) -> Side:
    """Return a published release as a side.

    Raises:
        TutelaError: its archive is damaged.

    """
    try:
        nquads = lzma.decompress(published.read(NQUADS_ARCHIVE))
    except lzma.LZMAError as error:
        raise TutelaError(f"{published.folder / NQUADS_ARCHIVE}: cannot be unpacked ({error}).") from error
    return Side(published.name, published.version, nquads, published.inputs)


def of_release(release: Release, name: str) -> Side:
    """Return a release as a side.

    Raises:
        TutelaError: one of its files was changed.

    """
    prefix = f"{SOURCE}/"
    files = [file for file in release.manifest["files"] if file.startswith(prefix)]
    inputs = {file.removeprefix(prefix): release.read(file) for file in files}
    return Side(name, release.version, release.read(NQUADS), inputs)


def of_working_copy() -> Side:
    """Return the working copy as a side: its graph is built in memory, and not validated against shapes and checks.

    Raises:
        BuildFailedError: the tables break their metadata.
        TutelaError: an input cannot be read.

    """
    inputs = read_inputs()
    with TemporaryDirectory(prefix="tutela-") as folder, inputs.unpacked(Path(folder)) as source:
        loaded = tables.load(source.data)
        errors = [
            ValidationResult("Violation", f"{loaded[one.table].location} row {one.row}", one.column, one.found, one.expected)
            for one in tables.validate(loaded)
        ]
        if errors:
            raise BuildFailedError(inputs.as_read(errors))
        builder = construct(loaded, source)
        derive(builder, source)
        nquads = rdf.serialize(builder.quads(), "nquads")
    return Side(WORKING, inputs.version, nquads, inputs.files)
