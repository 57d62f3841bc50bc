"""Whether a release was built from the inputs that the project has now."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

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
