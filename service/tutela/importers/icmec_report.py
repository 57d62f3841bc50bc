"""Transcribe the table, notes and totals of the review from the plain text of an ICMEC report.

The text is extracted from the publisher's PDF. The table covers many pages, each with a heading line, rows (cells separated by
tabs) and the notes to these rows. Any line that cannot be parsed is an error with its number and text, and nothing is written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tutela.errors import TutelaError, UsageError
from tutela.tables import Row, read_rows
from tutela.tables.files import write_tables

YES, NO = "✓", "✗"
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_MARKER = re.compile(r"^(?P<text>.*?)(?: ?(?P<note>[⁰¹²³⁴⁵⁶⁷⁸⁹]+))?$")
_NOTE = re.compile(r"^(?P<note>[⁰¹²³⁴⁵⁶⁷⁸⁹]+) (?P<text>.+)$")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_LETTER = re.compile(
    r"\b(?P<form>Letter|Email)s? from (?:the )?(?P<sender>.{1,200}?),? to the International Centre for "
    r"Missing & Exploited Children \((?P<date>[^)]+)\)"
)
_OFFICE = re.compile(r"\b(Embassy|Ministry|Nunciature|Department|Division|Office|Group)\b")
_SOURCE = {10: "icmec-10"}
_EDITION_NAMES = {10: "10th Edition"}

# Heading of a column -> criterion. One page of the 10th edition keeps the older heading.
_COLUMNS = (
    {"Legislation Specific to CSAM": "specific-legislation"},
    {"“Child Sexual Abuse Material” Defined": "definition"},
    {
        "Technology-Facilitated CSAM Offenses": "technology-facilitated",
        "Computer-Facilitated Offenses": "technology-facilitated",
    },
    {"Simple Possession": "simple-possession"},
    {"ISP Reporting": "isp-reporting"},
)
CRITERIA = tuple(next(iter(names.values())) for names in _COLUMNS)

# First cell of a row of the results table -> the totals in each cell after it.
_SUFFICIENT = re.compile(
    r"^(?P<sufficient>\d+) countries ha(?:d|ve) sufficient legislation .*?(?P<five>\d+) countries (?:met|meet) "
    r"all 5 criteria .*?(?P<four>\d+) countries (?:met|meet) 4 of the 5 criteria *$"
)
_COUNT = re.compile(r"^(?P<count>\d+) countries *$")
_TOTALS = {
    "No legislation at all specifically addressing CSAM": "no-specific-legislation",
    "Do not define CSAM": "remaining-without-definition",
    "Do not provide for technology-facilitated CSAM offenses": "remaining-without-technology-facilitated",
    "Do not criminalize the knowing possession of CSAM, regardless of intent to distribute": (
        "remaining-without-simple-possession"
    ),
}
_RESULTS_HEADING = re.compile(r"^(\d+)(?:st|nd|rd|th) Edition \(\d{4}\)\*?$")


@dataclass(frozen=True)
class _Line:
    number: int
    text: str


@dataclass
class _Note:
    number: int
    line: int
    paragraphs: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)


@dataclass
class Transcript:
    """The content of a report, as rows of the tables with the same names."""

    observations: list[Row]
    notes: list[Row]
    note_wordings: list[Row]
    correspondence: list[Row]
    totals: list[Row]
    note_texts: dict[int, str]

    def tables(self) -> dict[str, list[Row]]:
        """Return the rows of each table, by table name."""
        names = ("observations", "notes", "note_wordings", "correspondence", "totals")
        return {name: getattr(self, name) for name in names}


class _ReportParser:
    """A parser for one report; each error names the file, the line and its text."""

    def __init__(self, path: Path, edition: int, codes: dict[str, str]) -> None:
        self.path, self.edition, self.codes = path, edition, codes
        self.source = _SOURCE[edition]
        self.observations: list[Row] = []
        self.targets: dict[int, tuple[_Line, Row]] = {}
        self.notes: dict[int, _Note] = {}
        self.seen: dict[str, _Line] = {}

    def error(self, line: _Line | None, why: str) -> TutelaError:
        where = f"{self.path}" if line is None else f"{self.path}, line {line.number}"
        text = "" if line is None else f"\n  the line: {line.text[:200]!r}"
        return TutelaError(
            f"{where}: {why}{text}\n  Nothing was written. Correct the text, or extend tutela.importers.icmec_report."
        )

    def split_marker(self, line: _Line, cell: str) -> tuple[str, int | None]:
        match = _MARKER.match(cell.strip())
        assert match is not None  # noqa: S101 - the pattern matches any single line
        text, note = match["text"], match["note"]
        if re.search("[⁰¹²³⁴⁵⁶⁷⁸⁹]", text):
            raise self.error(line, f"the cell {cell!r} has more than one note marker; expected at most one, at the end.")
        return text.strip(), int(note.translate(_SUPERSCRIPT)) if note else None

    def attach_note(self, line: _Line, note: int | None, target: str, jurisdiction: str, criterion: str) -> None:
        if note is None:
            return
        if note in self.targets:
            first = self.targets[note][0].number
            raise self.error(line, f"note {note} is marked here and on line {first}; expected once.")
        row = {"target": target, "jurisdiction": jurisdiction, "criterion": criterion}
        self.targets[note] = (line, row)

    def heading(self, line: _Line, cells: list[str]) -> None:
        plain = [re.sub(r"</?u>", "", cell) for cell in cells]
        for cell, names in zip(plain[1:], _COLUMNS, strict=True):
            name, note = self.split_marker(line, cell)
            if name not in names:
                expected = " or ".join(repr(known) for known in names)
                raise self.error(line, f"the column is headed {name!r}; expected {expected}.")
            self.attach_note(line, note, "criterion", "", names[name])

    def row(self, line: _Line, cells: list[str]) -> None:
        name, note = self.split_marker(line, cells[0])
        code = self.codes.get(name)
        if code is None:
            raise self.error(line, f"no jurisdiction has the report name {name!r} in jurisdictions.csv.")
        if code in self.seen:
            raise self.error(line, f"duplicate row for {name!r}, first on line {self.seen[code].number}.")
        self.seen[code] = line
        self.attach_note(line, note, "jurisdiction", code, "")
        for cell, criterion in zip(cells[1:], CRITERIA, strict=True):
            value, note = self.split_marker(line, cell)
            if value not in (YES, NO):
                raise self.error(
                    line,
                    f"the cell for {criterion} is {cell!r}; expected {YES} or {NO}, then at most one note.",
                )
            self.attach_note(line, note, "observation", code, criterion)
            self.observations.append(
                {
                    "edition": str(self.edition),
                    "jurisdiction": code,
                    "criterion": criterion,
                    "met": "true" if value == YES else "false",
                    "source": self.source,
                    "line": str(line.number),
                }
            )

    def table(self, lines: list[_Line]) -> None:
        note: _Note | None = None
        for line in lines:
            text = line.text.strip()
            if not text or text == f"{YES} = Yes | {NO} = No":
                continue
            if "\t" in line.text or YES in text or NO in text:
                note = None
                cells = line.text.split("\t")
                if len(cells) != len(_COLUMNS) + 1:
                    raise self.error(line, f"the row has {len(cells)} cells; expected {len(_COLUMNS) + 1}, separated by tabs.")
                is_heading = re.sub(r"</?u>", "", cells[0]) == "Country"
                (self.heading if is_heading else self.row)(line, cells)
            elif match := _NOTE.match(text):
                number = int(match["note"].translate(_SUPERSCRIPT))
                if number in self.notes:
                    raise self.error(line, f"duplicate note {number}, first on line {self.notes[number].line}.")
                note = self.notes[number] = _Note(number, line.number, [match["text"]])
            elif note is not None:
                note.paragraphs.append(text)
            else:
                raise self.error(line, "this is neither a heading, a row, nor a note or its continuation.")

    def check(self) -> None:
        missing = sorted(name for name, code in self.codes.items() if code not in self.seen)
        if missing:
            raise self.error(None, f"the table has no row for {', '.join(missing)}.")
        for number, (line, _) in self.targets.items():
            if number not in self.notes:
                raise self.error(line, f"note {number} is marked here, but its text is missing from the pages of the table.")
        for number, note in self.notes.items():
            if number not in self.targets:
                line = _Line(note.line, note.paragraphs[0])
                raise self.error(line, f"note {number} has no marker on any row or heading.")

    def note_rows(self) -> list[Row]:
        base = {"edition": str(self.edition)}
        return [
            base | {"number": str(number)} | self.targets[number][1] | {"source": self.source, "line": str(note.line)}
            for number, note in sorted(self.notes.items())
        ]

    def wording_rows(self) -> list[Row]:
        """Return the wordings that the report sets in bold in its notes on technology, on which these findings are based."""
        rows: list[Row] = []
        for number, note in sorted(self.notes.items()):
            if self.targets[number][1]["target"] != "observation":
                continue
            if self.targets[number][1]["criterion"] != "technology-facilitated":
                continue
            phrases = [phrase.strip(" .…,;:") for phrase in _BOLD.findall(note.text)]
            for item, phrase in enumerate(dict.fromkeys(phrases), start=1):
                rows.append(
                    {
                        "edition": str(self.edition),
                        "note": str(number),
                        "item": str(item),
                        "wording": phrase,
                        "source": self.source,
                    }
                )
        return rows

    def letter_rows(self) -> list[Row]:
        rows: list[Row] = []
        for number, note in sorted(self.notes.items()):
            line = _Line(note.line, note.paragraphs[0])
            found = list(_LETTER.finditer(note.text))
            if len(found) != note.text.count("(on file with the International Centre for Missing & Exploited Children)"):
                raise self.error(line, f"note {number} quotes correspondence in an unknown form.")
            for item, match in enumerate(found, start=1):
                rows.append(
                    {
                        "edition": str(self.edition),
                        "note": str(number),
                        "item": str(item),
                        "form": match["form"].lower(),
                        "office": self.office(line, match["sender"]),
                        "jurisdiction": self.targets[number][1]["jurisdiction"],
                        "date": self.date(line, match["date"]),
                        "source": self.source,
                    }
                )
        return rows

    def office(self, line: _Line, sender: str) -> str:
        """Return the office without a person's name or title, which the project does not keep."""
        parts = [part.strip() for part in sender.split(",")]
        start = next((i for i, part in enumerate(parts) if _OFFICE.search(part)), None)
        if start is None:
            raise self.error(line, f"the sender {sender!r} names no embassy, ministry or department.")
        kept = [re.sub(r"^(?:The|.* of the(?= [A-Z].* Department$)) ", "", part) for part in parts[start:]]
        kept = [part for part in kept if not part.startswith(("Washington", "D.C."))]
        return ", ".join(kept)

    def date(self, line: _Line, text: str) -> str:
        for form in ("%b. %d, %Y", "%b %d, %Y", "%B %d, %Y"):
            try:
                return datetime.strptime(text.replace("Sept.", "Sep."), form).date().isoformat()
            except ValueError:
                continue
        raise self.error(line, f"the date {text!r} of a letter is not like 'Sep. 4, 2012'.")

    def totals(self, lines: list[_Line]) -> Iterator[Row]:
        editions: list[str] = []
        found: set[str] = set()
        for line in lines:
            cells = line.text.split("\t")
            if cells[0] == "Criteria" and len(cells) == 4:
                headings = [_RESULTS_HEADING.match(cell.strip()) for cell in cells[1:]]
                editions = [match[1] for match in headings if match]
                if len(editions) != 3:
                    raise self.error(line, "the results table has no heading with three editions and their years.")
            elif editions and cells[0].startswith("Legislation sufficient"):
                found.add("sufficient")
                for edition, cell in zip(editions, cells[1:], strict=True):
                    match = _SUFFICIENT.match(cell)
                    if match is None:
                        raise self.error(line, f"the cell {cell!r} does not give the totals of five and four criteria.")
                    yield self.total(line, edition, "sufficient", match["sufficient"])
                    yield self.total(line, edition, "five-criteria", match["five"])
                    yield self.total(line, edition, "four-criteria", match["four"])
            elif editions and cells[0] in _TOTALS:
                found.add(_TOTALS[cells[0]])
                for edition, cell in zip(editions, cells[1:], strict=True):
                    match = _COUNT.match(cell)
                    if match is None:
                        raise self.error(line, f"the cell {cell!r} is not a count of countries.")
                    yield self.total(line, edition, _TOTALS[cells[0]], match["count"])
            elif editions and (match := re.match(r"^Of the remaining (\d+) countries", cells[0])):
                found.add("remaining")
                # The heading is above three editions, but its number belongs to this edition only.
                yield self.total(line, str(self.edition), "remaining", match[1])
        missing = {"sufficient", "remaining", *_TOTALS.values()} - found
        if missing:
            raise self.error(None, f"the results table lacks the totals {', '.join(sorted(missing))}.")

    def total(self, line: _Line, edition: str, measure: str, value: str) -> Row:
        return {
            "edition": edition, "measure": measure, "basis": "stated", "value": value,
            "source": self.source, "line": str(line.number),
        }  # fmt: skip

    def counts(self) -> Iterator[Row]:
        """Yield our own count of "yes" for each criterion, so that a cell changed later breaks a total."""
        for criterion in CRITERIA:
            met = sum(row["criterion"] == criterion and row["met"] == "true" for row in self.observations)
            yield {
                "edition": str(self.edition), "measure": f"met-{criterion}", "basis": "transcribed",
                "value": str(met), "source": "tutela", "line": "",
            }  # fmt: skip


def transcribe(report: Path, edition: int, jurisdictions: Path) -> Transcript:
    """Parse the text of a report.

    Args:
        report: the plain text, UTF-8.
        edition: its number; only editions with a known layout can be parsed.
        jurisdictions: the table with the code for each name in the report.

    Raises:
        TutelaError: a line cannot be parsed, or the text cannot be read.
        UsageError: the layout of the edition is unknown.

    """
    if edition not in _SOURCE:
        known = ", ".join(map(str, _SOURCE))
        raise UsageError(f"The layout of edition {edition} is unknown; known: {known}.")
    try:
        content = report.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"{report}: no such file; expected the plain text of the report.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise TutelaError(f"{report}: not readable as UTF-8 text ({error}).") from error
    codes = {r["report_name"]: r["code"] for r in read_rows(jurisdictions) if r["kind"] == "row"}
    parser = _ReportParser(report, edition, codes)
    lines = [_Line(i, text) for i, text in enumerate(content.splitlines(), start=1)]
    if not any(line.text.startswith(_EDITION_NAMES[edition]) for line in lines[:40]):
        raise parser.error(None, f"its title does not say {_EDITION_NAMES[edition]!r}; is --edition right?")
    start = _find(lines, "Global Legislative Review", parser)
    end = _find(lines[start + 1 :], "Conclusion", parser) + start + 1
    parser.table(lines[start + 1 : end])
    parser.check()
    totals = [*parser.totals(lines[:start]), *parser.counts()]
    return Transcript(
        observations=parser.observations,
        notes=parser.note_rows(),
        note_wordings=parser.wording_rows(),
        correspondence=parser.letter_rows(),
        totals=totals,
        note_texts={number: note.text for number, note in parser.notes.items()},
    )


def _find(lines: list[_Line], heading: str, parser: _ReportParser) -> int:
    for index, line in enumerate(lines):
        if line.text.strip() == heading:
            return index
    raise parser.error(None, f"no line reads {heading!r}.")


def ingest(report: Path, edition: int, out: Path, jurisdictions: Path) -> list[Path]:
    """Transcribe a report and write its tables into a folder.

    Returns:
        The files written.

    Raises:
        UsageError: the folder already contains one of the tables with other rows.
        TutelaError: see `transcribe`.

    """
    tables = transcribe(report, edition, jurisdictions).tables()
    return write_tables(out, tables)
