"""The answer to a catalogue query as people read it: names in the place of codes, links to pages, and pages of rows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tutela import namespaces
from tutela.catalog import Catalog
from tutela.web.components.answer_words import IDENTIFIERS, AnswerWords, shown_url
from tutela.web.components.page_breaks import page_starts
from tutela.web.markup import web_link
from tutela.web.page_urls import page_url
from tutela.web.templating import local_name

# A day or month, or a bound on it, such as "by 2026-05-21" or "between 2026-07-01 and 2026-07-31".
_MOMENT = r"\d{4}-\d\d(?:-\d\d)?"
_DATE = re.compile(rf"(?:(?:by|between|from|until|since|after|before|not later than|not before) )?{_MOMENT}(?: and {_MOMENT})?")
_NOT_DATES = ("number", "label", "wording")  # columns with values that only look like dates, such as the number of a law
_BOOLEAN = {"true": "yes", "false": "no", "1": "yes", "0": "no"}  # Virtuoso writes numbers
_ABBREVIATIONS = {"cldr": "CLDR", "eu": "EU", "id": "ID", "iri": "IRI", "isp": "ISP", "iso3": "ISO3", "url": "URL"}
_HEADINGS = {
    "alpha2": "ISO alpha-2 code",
    "list_reaches": "List current to",
    "name_cldr": "Name in CLDR",
    "numeric": "ISO numeric code",
    "read_from": "Summarised from",
    "topic_slug": "Topic",
    "url": "Page",
}
_PAGE_BYTES = 90_000  # of the rows of a page, estimated with their markup: no page is larger than 150,000 bytes


@dataclass(frozen=True)
class Cell:
    """One value.

    Args:
        text: the name, or the value if it has none.
        code: the ISO code beside the name of a jurisdiction; empty for anything else.
        value: what the answer has, or the end of its IRI.
        link: path or URL of its page; None if there is none.
        data: path of its properties, if it has no page.
        day: whether the text is a date or a bound on one.

    """

    text: str = ""
    code: str = ""
    value: str = ""
    link: str | None = None
    data: str | None = None
    day: bool = False


@dataclass(frozen=True)
class AnswerTable:
    """A page of the rows of an answer.

    Args:
        columns: the columns that are shown.
        rows: the rows of this page.
        total: the number of rows of the answer.
        first: the number of the first row of this page, from 1.
        page: the number of this page, from 1.
        pages: the number of pages.

    """

    columns: tuple[str, ...]
    rows: list[list[Cell]]
    total: int
    first: int
    page: int
    pages: int

    @property
    def headings(self) -> dict[str, str]:
        """The heading of each column: its name as words."""
        return {column: _heading(column) for column in self.columns}


@dataclass(frozen=True)
class Asked:
    """What a client asked for.

    Args:
        values: the values of the parameters.
        page: the number of the page of rows, from 1.

    """

    values: Mapping[str, str]
    page: int = 1


def answer_table(
    catalog: Catalog, concepts: Mapping[str, Mapping[str, str]], results: Mapping[str, Any], asked: Asked, root: str
) -> AnswerTable | None:
    """Return a page of an answer; None if it has fewer pages.

    Args:
        catalog: the catalogue.
        concepts: label and definition of each concept by the end of its IRI; see `PageRenderer.concepts`.
        results: the answer (SPARQL 1.1 Query Results JSON Format).
        asked: what the client asked for.
        root: path where the application is mounted.

    """
    columns, bindings = results["head"]["vars"], results["results"]["bindings"]
    starts = _starts(columns, bindings)
    page = asked.page
    if not 1 <= page <= len(starts):
        return None
    shown = bindings[starts[page - 1] : starts[page] if page < len(starts) else None]
    words = AnswerWords(catalog, concepts)
    words.read_labels(term["value"] for row in shown for term in row.values() if term["type"] == "uri")
    rows = [[_cell(words, column, row.get(column), root) for column in columns] for row in shown]
    told = {name for name in ("jurisdiction", "instrument", "criterion") if name in asked.values}
    kept = [
        number
        for number in _without_repetition(columns, rows)
        if columns[number] not in told or len({row[number].text for row in rows}) > 1 or len(columns) == 1
    ]
    return AnswerTable(
        columns=tuple(columns[number] for number in kept),
        rows=[[row[number] for number in kept] for row in rows],
        total=len(bindings),
        first=starts[page - 1] + 1,
        page=page,
        pages=len(starts),
    )


def _heading(column: str) -> str:
    if column in _HEADINGS:
        return _HEADINGS[column]
    words = " ".join(_ABBREVIATIONS.get(word, word) for word in column.split("_"))
    return words[:1].upper() + words[1:]


def _starts(columns: Sequence[str], bindings: Sequence[Mapping[str, Mapping[str, str]]]) -> list[int]:
    """Return the number of the first row of each page."""
    names = {column: len(_heading(column)) for column in columns}  # each cell has it, for the layout on a phone
    sizes = (sum(25 + names[column] + _content_bytes(column, term) for column, term in row.items()) for row in bindings)
    return page_starts(sizes, _PAGE_BYTES)


def _content_bytes(column: str, term: Mapping[str, str]) -> int:
    """Return about how long the content of a cell is, without looking up the name of a resource."""
    size = len(term["value"].encode())
    if term["type"] == "uri":  # a link with a name, which is about as long
        return 40 + 2 * size
    return 40 + 3 * size if column in IDENTIFIERS else size  # a link, a name, and the identifier


def _cell(words: AnswerWords, column: str, term: Mapping[str, str] | None, root: str) -> Cell:
    if term is None:
        return Cell()
    value = term["value"]
    if term["type"] == "uri" and value.startswith(namespaces.BASE):
        return _resource(value, words.of_resource(value), root)
    if term.get("datatype") == f"{namespaces.XSD}boolean":
        return Cell(_BOOLEAN.get(value, value), value=value)
    found = words.of_value(column, value)
    if found.iri:
        return _resource(found.iri, found.text, root)
    link = web_link(found.text)
    if link:
        return Cell(shown_url(link), value=value, link=link)
    return Cell(found.text, value=value, day=column not in _NOT_DATES and bool(_DATE.fullmatch(value)))


def _resource(iri: str, text: str, root: str) -> Cell:
    """Return the cell of a resource: with a link to its page, or else to its properties."""
    path, name = page_url(iri), local_name(iri)
    if path.startswith("/doc/"):
        return Cell(text, value=name, data=f"{root}{path}")
    code = name if "/id/jurisdiction/" in iri and text != name else ""
    return Cell(text, code, name, f"{root}{path}")


def _without_repetition(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Return the numbers of the columns without those that only repeat the name of another, and those without any value."""
    kept = []
    for number, column in enumerate(columns):
        texts = [row[number].text for row in rows]
        is_name = column in ("name", "label", "title") or column.endswith("_name")
        others = [other for other in range(len(columns)) if other != number and columns[other] != "name"] if is_name else []
        is_repeated = any(
            all(row[other].text == text for row, text in zip(rows, texts, strict=True))
            and any(row[other].link or row[other].data for row in rows)
            for other in others
        )
        # The short identifier of a resource that another column names.
        is_code = column in ("code", "id") and all(
            any(cell.value == row[number].text for cell in row if cell.link or cell.data) for row in rows
        )
        is_code = is_code or (column.endswith("_code") and f"{column.removesuffix('code')}name" in columns)
        if any(texts) and not is_repeated and not is_code:
            kept.append(number)
    return kept
