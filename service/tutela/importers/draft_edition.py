"""Editions as drafts: a draft begins with the findings of the last published edition, each of them open for review."""

from collections import Counter
from dataclasses import dataclass

from tutela import paths
from tutela.errors import UsageError
from tutela.tables import Row, read_rows
from tutela.tables.csv_file import canonical
from tutela.tables.files import metadata_file, read_metadata
from tutela.tables.record_file import write_files

OPEN = "carried-over"
_DRAFT, _PUBLISHED = "draft", "published"
_SOURCE = "tutela"  # that a finding was carried over is a statement of the project


@dataclass(frozen=True)
class Progress:
    """How far the review of an edition has come.

    Args:
        number: the number of the edition.
        status: published or draft.
        counts: the number of findings with each review status.
        open_findings: the criteria whose findings are open, by the name and code of the jurisdiction.

    """

    number: int
    status: str
    counts: dict[str, int]
    open_findings: dict[tuple[str, str], list[str]]

    @property
    def total(self) -> int:
        """The number of findings with a review status."""
        return sum(self.counts.values())

    @property
    def is_open(self) -> int:
        """The number of findings that nobody has reviewed."""
        return self.counts.get(OPEN, 0)


def create_draft(number: int) -> int:
    """Add a draft to the tables: the edition, its findings and a review of each, all with the status carried-over.

    The findings are those of the latest published edition with findings, with their sources. Notes, findings on territories
    described in notes, totals and corrections belong to the edition that they were made for, and are not copied.

    Args:
        number: the number of the edition.

    Returns:
        The number of findings.

    Raises:
        UsageError: the edition exists, is not later than the last one, another draft is open, or a table cannot be written.
        TutelaError: a table cannot be read.

    """
    editions, observations, reviews = (_rows(name) for name in ("editions", "observations", "finding_reviews"))
    _check_number(number, editions)
    base = _latest_with_findings(editions, observations)
    copied = [{**row, "edition": str(number)} for row in observations if row["edition"] == base]
    edition = dict.fromkeys(editions[0], "") | {
        "number": str(number),
        "status": _DRAFT,
        "note": f"a draft that begins with the findings of edition {base}",
        "source": _SOURCE,
    }
    key = ("edition", "jurisdiction", "criterion")
    opened = [
        {**{name: row[name] for name in key}, "status": OPEN, "reviewer": "", "date": "", "source": _SOURCE} for row in copied
    ]
    files = {}
    for name, rows in (
        ("editions", [*editions, edition]),
        ("observations", [*observations, *copied]),
        ("finding_reviews", [*reviews, *opened]),
    ):
        path = paths.table_files()[name]
        table = read_metadata(metadata_file(path))
        files[path] = (path.read_bytes(), canonical(rows, table.column_names, table.key).encode())
    write_files(files)
    return len(copied)


def progress_of(number: int) -> Progress:
    """Return how far the review of an edition has come, from the tables.

    Raises:
        UsageError: there is no such edition.
        TutelaError: a table cannot be read.

    """
    status = {row["number"]: row["status"] for row in _rows("editions")}
    if str(number) not in status:
        known = ", ".join(status)
        raise UsageError(f"There is no edition {number} in data/review/editions.csv; it has {known}.")
    rows = [row for row in _rows("finding_reviews") if row["edition"] == str(number)]
    names = {row["code"]: row["report_name"] for row in _rows("jurisdictions")}
    open_findings: dict[tuple[str, str], list[str]] = {}
    for row in sorted((row for row in rows if row["status"] == OPEN), key=lambda row: names[row["jurisdiction"]]):
        code = row["jurisdiction"]
        open_findings.setdefault((names[code], code), []).append(row["criterion"])
    return Progress(number, status[str(number)], dict(Counter(row["status"] for row in rows)), open_findings)


def _rows(name: str) -> list[Row]:
    return read_rows(paths.table_files()[name])


def _check_number(number: int, editions: list[Row]) -> None:
    """Raise an error unless a draft with this number can be added."""
    known = {int(row["number"]): row["status"] for row in editions}
    last = max(known)
    if number in known:
        raise UsageError(f"Edition {number} exists ({known[number]}); nothing was written. The next number is {last + 1}.")
    if number < last:
        raise UsageError(f"Edition {number} is before edition {last}; nothing was written. The next number is {last + 1}.")
    drafts = [one for one, status in known.items() if status == _DRAFT]
    if drafts:
        raise UsageError(f"Edition {drafts[0]} is a draft; nothing was written. Publish it before you begin another.")


def _latest_with_findings(editions: list[Row], observations: list[Row]) -> str:
    with_findings = {row["edition"] for row in observations}
    published = [row["number"] for row in editions if row["status"] == _PUBLISHED and row["number"] in with_findings]
    if not published:
        raise UsageError("No published edition has findings in data/review/observations.csv; nothing was written.")
    return max(published, key=int)
