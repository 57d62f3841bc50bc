"""What the forms work on: the tables of one project, their graph in memory, and the workbook that was uploaded last."""

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from tutela.entry.consequences import ConsequenceCheck, Consequences
from tutela.entry.context import Context
from tutela.errors import NotFoundError, UsageError
from tutela.paths import Source
from tutela.sparql.vocabularies import read_vocabularies
from tutela.tables import Row, Table
from tutela.tables.edits import Edits, read_edits
from tutela.tables.published import last_published
from tutela.tables.record_file import save_rows
from tutela.validation.annotated_workbook import annotated_workbook
from tutela.validation.corrections import key_text
from tutela.validation.working_copy import Outcome, WorkingCopyCheck

_SUFFIXES = (".xlsx", ".xlsm", ".ods", ".csv", ".tsv", ".txt")
MOST_FOUND = 50  # rows that a search shows


@dataclass(frozen=True)
class Upload:
    """A file that was uploaded: its identifier, its name without a path, and its content."""

    identifier: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Found:
    """A row that a search found: its table, its key as text, and its cells in one line."""

    table: str
    key: str
    text: str


class Desk:
    """The tables of one project.

    Args:
        source: where they are.

    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._consequences: ConsequenceCheck | None = None
        self._check: WorkingCopyCheck | None = None
        self._upload: Upload | None = None
        self._lock = Lock()  # the graph in memory is changed by one request at a time

    def context(self) -> Context:
        """Read the tables as they are now.

        Raises:
            TutelaError: a table cannot be read.

        """
        return Context.read(self.source, date.today().isoformat())

    def consequences(
        self, tables: Mapping[str, Table], rows: Mapping[str, list[Row]], allow_loss: Collection[str] = ()
    ) -> Consequences:
        """Return what changes if tables get other rows; see `ConsequenceCheck.run`."""
        with self._lock:
            if self._consequences is None:
                self._consequences = ConsequenceCheck(self.source, last_published())
            try:
                return self._consequences.run(tables, rows, allow_loss)
            except Exception:
                self._consequences = None  # what it holds may be incomplete
                raise

    def check(self) -> Outcome:
        """Check the tables as they are now.

        Raises:
            TutelaError: a file other than a table cannot be read.

        """
        with self._lock:
            if self._check is None:
                self._check = WorkingCopyCheck(self.source, published=last_published())
            try:
                return self._check.run()
            except Exception:
                self._check = None
                raise

    def marked_workbook(self) -> bytes:
        """Return the tables with errors as a workbook, with each error marked.

        Raises:
            NotFoundError: there is no error.
            TutelaError: a file other than a table cannot be read.

        """
        problems = self.check().problems
        if not problems or self._check is None:
            raise NotFoundError("There is nothing to mark: the tables have no errors.")
        return annotated_workbook(self._check.tables, problems, read_vocabularies(self.source.ontology))[0]

    def save(self, context: Context, rows: Mapping[str, list[Row]]) -> None:
        """Write rows of tables, all or none; see `save_rows`."""
        with self._lock:
            save_rows(context.tables, rows)

    def keep_upload(self, name: str, content: bytes) -> Upload:
        """Keep an uploaded file until the next one.

        Raises:
            UsageError: the file has another ending than those that can be read, or is empty.

        """
        plain = name.replace("\\", "/").rpartition("/")[2]
        if Path(plain).suffix.lower() not in _SUFFIXES or not content:
            raise UsageError(f"'{plain}': expected a file that ends with {', '.join(_SUFFIXES)}.")
        self._upload = Upload(secrets.token_urlsafe(16), plain, content)
        return self._upload

    def upload(self, identifier: str) -> Upload:
        """Return the uploaded file.

        Raises:
            UsageError: another file was uploaded since.

        """
        if self._upload is None or self._upload.identifier != identifier:
            raise UsageError("The file is no longer here; upload it again.")
        return self._upload

    def edits(self, upload: Upload, context: Context, answers: Mapping[str, str]) -> Edits:
        """Compare an uploaded file with the tables; see `read_edits`."""
        with TemporaryDirectory(prefix="tutela-keep-") as folder:
            suffix = Path(upload.name).suffix.lower()
            # The name says which table a text file has; no other part of it is used as a path.
            stem = "".join(letter for letter in Path(upload.name).stem if letter.isalnum() or letter in "_- ")[:80] or "upload"
            path = Path(folder) / f"{stem}{suffix}"
            path.write_bytes(upload.content)
            return read_edits([path], context.tables, answers=answers, vocabularies=context.vocabularies)


def digest(rows: Mapping[str, list[Row]]) -> str:
    """Return what identifies rows of tables, so that what is written is what was shown."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def search(tables: Mapping[str, Table], text: str, only: str) -> list[Found]:
    """Return rows that have all words of a text in any cell.

    Args:
        tables: the tables, by name.
        text: the words; letter case does not matter.
        only: the name of the table to search; empty for all.

    """
    words = text.casefold().split()
    found: list[Found] = []
    for name, table in sorted(tables.items()):
        if words and only in ("", name):
            for row in table.rows:
                line = " · ".join(cell for cell in row.values() if cell)
                if all(word in line.casefold() for word in words):
                    found.append(Found(name, key_text(table.key_of(row)), line if len(line) <= 200 else f"{line[:197]}..."))
                    if len(found) == MOST_FOUND:
                        return found
    return found
