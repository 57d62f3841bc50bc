"""Whether a release was built from the inputs that the project has now."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tutela.errors import TutelaError
from tutela.paths import METADATA_SUFFIX, Source
from tutela.release.bundle import SOURCE, Release
from tutela.validation.input_files import input_paths, read_input


def current_version() -> str:
    """Return the version that a release built now would have.

    Raises:
        TutelaError: an input cannot be read.

    """
    from tutela.validation.inputs import read_inputs  # noqa: PLC0415 - only builds and changed inputs need it

    return read_inputs().version


@contextmanager
def verified_source(release: Release) -> Iterator[Source]:
    """Copy the inputs that a release was built from: verified, and without files that someone has put among them.

    Raises:
        TutelaError: a file was changed since the release was opened, or cannot be copied.

    """
    from tutela.validation.inputs import Inputs  # noqa: PLC0415

    prefix = f"{SOURCE}/"
    names = [name for name in release.manifest["files"] if name.startswith(prefix)]
    inputs = Inputs(Source.at(release.source), {name.removeprefix(prefix): release.read(name) for name in names}, {})
    try:
        with TemporaryDirectory(prefix="tutela-") as folder, inputs.unpacked(Path(folder)) as source:
            yield source
    except OSError as error:
        raise TutelaError(f"A temporary folder cannot be written ({error.strerror or error}).") from error


def is_current(release: Release) -> bool:
    """Return whether a build now would give the same version as a release.

    It reads every input, but need not parse those that are in canonical form, so it takes a few milliseconds.

    Raises:
        TutelaError: an input cannot be read.

    """
    prefix = f"{SOURCE}/"
    files = release.manifest["files"]
    built_from = {name.removeprefix(prefix): one["sha256"] for name, one in files.items() if name.startswith(prefix)}
    inputs = input_paths(Source.of_project())
    return inputs.keys() == built_from.keys() and all(_has_digest(name, inputs, built_from[name]) for name in inputs)


def _has_digest(name: str, inputs: Mapping[str, Path], digest: str) -> bool:
    """Return whether the canonical form of an input has a SHA-256."""
    content = read_input(inputs[name])
    if hashlib.sha256(content).hexdigest() == digest:
        return True
    from tutela.validation.inputs import canonical_form  # noqa: PLC0415

    metadata = inputs.get(f"{name}{METADATA_SUFFIX}")
    content, _ = canonical_form(name, content, read_input(metadata) if metadata else None)
    return hashlib.sha256(content).hexdigest() == digest
