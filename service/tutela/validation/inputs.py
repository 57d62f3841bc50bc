"""The inputs of a build: every file that it reads, read once and in canonical form, and the version that they give.

Tables are sorted by primary key and quoted only where needed; text files lose a byte order mark and end lines with a line
feed. So how an editor saves a file changes neither the version nor a byte of a release.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path

from tutela.errors import TutelaError
from tutela.paths import METADATA_SUFFIX, Source
from tutela.tables.csv_file import canonical, parse_rows, sort_order
from tutela.validation.input_files import input_paths, read_input, version_of
from tutela.validation.result import ValidationResult

_ROW = re.compile(r"\bdata/([^/\s]+)/(\S+)\.csv row (\d+)")
_SAME_TABLE = re.compile(r"(?<=first used in )row (\d+)")


@dataclass(frozen=True)
class Inputs:
    """The inputs of a build.

    Args:
        source: where they were read from.
        files: their contents, by path in a checkout, such as ``data/review/notes.csv``.
        row_numbers: for each table that was not in canonical order, the number that each row has in its file.

    """

    source: Source
    files: Mapping[str, bytes]
    row_numbers: Mapping[str, Sequence[int]]

    @property
    def version(self) -> str:
        """The version of a release with these inputs."""
        return version_of(self.files)

    @contextmanager
    def unpacked(self, folder: Path) -> Iterator[Source]:
        """Write the inputs into a folder. Errors that are raised meanwhile name the files that the inputs were read from.

        Raises:
            OSError: the folder is not writable.

        """
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        unpacked = Source.at(folder)
        try:
            yield unpacked
        except TutelaError as error:
            message = str(error)
            for field in fields(Source):
                message = message.replace(str(getattr(unpacked, field.name)), str(getattr(self.source, field.name)))
            error.args = (message,)
            raise

    def as_read(self, results: Iterable[ValidationResult]) -> list[ValidationResult]:
        """Return validation results with the row numbers of the files as they were read."""
        return sorted(self._as_read(result) for result in results) if self.row_numbers else list(results)

    def _as_read(self, result: ValidationResult) -> ValidationResult:
        def numbered(match: re.Match[str]) -> str:
            folder, table, row = match.groups()
            return f"data/{folder}/{table}.csv row {self._number(f'data/{folder}/{table}.csv', int(row))}"

        table = result.where.partition(" row ")[0]
        found = _SAME_TABLE.sub(lambda match: f"row {self._number(table, int(match[1]))}", _ROW.sub(numbered, result.found))
        return replace(result, where=_ROW.sub(numbered, result.where), found=found)

    def _number(self, table: str, row: int) -> int:
        numbers = self.row_numbers.get(table, ())
        return numbers[row - 2] if 2 <= row < len(numbers) + 2 else row


def read_inputs(source: Source | None = None) -> Inputs:
    """Read the inputs of a build.

    Args:
        source: where they are; by default in the project.

    Raises:
        TutelaError: a file cannot be read.

    """
    source = source or Source.of_project()
    raw = {name: read_input(path) for name, path in sorted(input_paths(source).items())}
    files, row_numbers = {}, {}
    for name, content in raw.items():
        files[name], order = canonical_form(name, content, raw.get(f"{name}{METADATA_SUFFIX}"))
        if order != sorted(order):
            row_numbers[name] = [number + 2 for number in order]  # the heading is row 1
    return Inputs(source, files, row_numbers)


def canonical_form(name: str, content: bytes, metadata: bytes | None) -> tuple[bytes, list[int]]:
    """Return the canonical form of an input, and for a table the index that each of its rows had before.

    A file that is not well formed is returned unchanged: reading it is then an error that names the file and the row.

    Args:
        name: its path in a checkout.
        content: its content.
        metadata: for a table, the content of its metadata file.

    """
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        if not name.endswith(".csv"):
            return text.encode(), []
        columns, rows = parse_rows(text, name)
        key = json.loads(metadata or b"{}")["tableSchema"]["primaryKey"]
        order = sort_order(rows, [key] if isinstance(key, str) else key)
        return canonical([rows[index] for index in order], columns, []).encode(), order
    except (ValueError, TypeError, LookupError, RecursionError, TutelaError):
        return content, []
