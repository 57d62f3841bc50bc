"""Verification of a release: its manifest, its checksums and every file that they list.

``SHA256SUMS`` has the format of ``sha256sum`` (GNU coreutils), so that readers can check a release without this program.
"""

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Mapping
from io import FileIO
from pathlib import Path, PurePosixPath
from typing import Any

from tutela.errors import TutelaError
from tutela.namespaces import VERSION

MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"
NQUADS = "tutela.nq"
SOURCE = "source"  # the folder with the inputs

_DIGEST = "[0-9a-f]{64}"
_LINE = re.compile(rf"({_DIGEST})  (.+)")
_BUFFER_BYTES = 1 << 18
_LISTED = 5  # files that a message names
_ADVICE = "Run `tutela build` again, or copy the release again."

_Check = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_version(value: Any) -> bool:
    return isinstance(value, str) and VERSION.fullmatch(value) is not None


def _is_numbers(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_number, value.values()))


def _is_files(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(one, dict) and _is_number(one.get("bytes")) and re.fullmatch(_DIGEST, str(one.get("sha256")))
        for one in value.values()
    )


# What the program needs, then what else a manifest contains.
_REQUIRED: Mapping[str, tuple[_Check, str]] = {
    "version": (_is_version, "letters, digits, '.', '_' and '-'"),
    "issued": (_is_text, "a date"),
    "quads": (_is_number, "a number"),
    "files": (_is_files, "size and SHA-256 of each file"),
}
_OPTIONAL: Mapping[str, tuple[_Check, str]] = {
    "dataset": (_is_text, "text"),
    "title": (_is_text, "text"),
    "licence": (_is_text, "text"),
    "triples": (_is_number, "a number"),
    "rows": (_is_numbers, "the number of rows of each table"),
}


def verify(folder: Path) -> Mapping[str, Any]:
    """Check every file of a release, and return its manifest.

    Raises:
        TutelaError: a file is missing, unreadable, truncated or edited, or manifest, checksums and dataset contradict each
            other. The message names the files.

    """
    sums = read_checksums(folder)
    data = read_file(folder / MANIFEST)
    if MANIFEST not in sums:
        raise _error(folder / CHECKSUMS, f"does not list {MANIFEST}")
    if hashlib.sha256(data).hexdigest() != sums[MANIFEST]:
        raise _error(folder / MANIFEST, f"was changed after it was written: its SHA-256 differs from {CHECKSUMS}")
    manifest = parse_manifest(folder / MANIFEST, data)
    files: Mapping[str, Any] = manifest["files"]
    for name in sorted({NQUADS} - set(files)):
        raise _error(folder / MANIFEST, f"does not list {name}")
    for name in sorted(set(files) ^ (set(sums) - {MANIFEST})):
        one, other = (MANIFEST, CHECKSUMS) if name in files else (CHECKSUMS, MANIFEST)
        raise _error(folder / CHECKSUMS, f"{name} is listed in {one} and not in {other}")
    for name in sorted(files):
        if files[name]["sha256"] != sums[name]:
            raise _error(folder / CHECKSUMS, f"has another SHA-256 of {name} than {MANIFEST}")
    buffer = bytearray(_BUFFER_BYTES)
    problems = []
    for name, one in sorted(files.items()):
        path = f"{folder}/{name}"
        if problem := _problem(path, one, manifest["quads"] if name == NQUADS else None, buffer):
            problems.append(f"{path}: {problem}")
    if problems:
        more = f"; and {len(problems) - _LISTED} more files" if len(problems) > _LISTED else ""
        raise TutelaError(f"{'; '.join(problems[:_LISTED])}{more}. {_ADVICE}")
    return manifest


def read_verified(folder: Path, name: str, manifest: Mapping[str, Any]) -> bytes:
    """Return the content of one file of a release, as the manifest describes it.

    Raises:
        TutelaError: the file cannot be read, or was changed.

    """
    data = read_file(folder / name)
    if hashlib.sha256(data).hexdigest() != manifest["files"][name]["sha256"]:
        raise _error(folder / name, f"was changed after it was written: its SHA-256 differs from {MANIFEST}")
    return data


def read_checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file that the checksums of a folder list.

    Raises:
        TutelaError: there are none, or they are malformed.

    """
    path = folder / CHECKSUMS
    try:
        lines = read_file(path).decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise _error(path, "is not UTF-8") from error
    if lines == [""]:
        raise _error(path, "is empty")
    if lines.pop():
        raise _error(path, "is truncated: its last line is not complete")
    sums: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line)
        if match is None or not is_safe(match[2]) or match[2] in sums:
            raise _error(path, f"line {number} is not a SHA-256, two spaces and a new file name inside the folder")
        sums[match[2]] = match[1]
    return sums


def is_safe(name: str) -> bool:
    """Return whether a path is relative, in its simplest form, and inside its folder."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and str(path) == name and name.isprintable() and "\\" not in name


def parse_manifest(path: Path, data: bytes) -> dict[str, Any]:
    """Return a manifest.

    Raises:
        TutelaError: it is not JSON, or a key is missing or has a value of another type.

    """
    try:
        document = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _error(path, f"is not JSON ({error})") from error
    if not isinstance(document, dict):
        raise _error(path, "is not a JSON object")
    for key, (is_valid, expected) in {**_REQUIRED, **_OPTIONAL}.items():
        if key not in document and key in _REQUIRED:
            raise _error(path, f"has no {key!r}; expected {expected}")
        if key in document and not is_valid(document[key]):
            raise _error(path, f"has an invalid value of {key!r}; expected {expected}")
    return document


def read_file(path: Path) -> bytes:
    """Return the content of a regular file.

    Raises:
        TutelaError: it is missing, is something else, or cannot be read.

    """
    try:
        with _open_regular(path) as file:
            return file.readall()
    except FileNotFoundError as error:
        raise _error(path, "is missing") from error
    except OSError as error:
        raise _error(path, f"cannot be read ({error.strerror})") from error


def _open_regular(path: str | Path) -> FileIO:
    """Open a regular file, without waiting for the writer of a named pipe.

    Raises:
        OSError: it is missing, is something else, or cannot be read.

    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a file")
        return FileIO(descriptor)
    except OSError:
        os.close(descriptor)
        raise


def _problem(path: str, expected: Mapping[str, Any], quads: int | None, buffer: bytearray) -> str:
    """Return what is wrong with a file; empty if nothing is. A dataset has one quad in each line."""
    size = lines = 0
    digest = hashlib.sha256()
    # Reading into one buffer takes half of the time of reading whole files.
    try:
        with _open_regular(path) as file:
            while count := file.readinto(buffer):
                digest.update(memoryview(buffer)[:count])
                size += count
                lines += 0 if quads is None else buffer.count(b"\n", 0, count)
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if size != expected["bytes"]:
        return f"has {size} bytes instead of {expected['bytes']}"
    if digest.hexdigest() != expected["sha256"]:
        return f"was changed after it was written: its SHA-256 differs from {CHECKSUMS}"
    if quads is not None and lines != quads:
        return f"has {lines} quads; {MANIFEST} says {quads}"
    return ""


def _error(path: Path, problem: str) -> TutelaError:
    return TutelaError(f"{path}: {problem}. {_ADVICE}")
