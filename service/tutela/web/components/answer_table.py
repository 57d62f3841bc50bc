"""The answer to a catalogue query as people read it: names beside codes, links to pages, and pages of rows."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tutela import namespaces
from tutela.catalog import Catalog
from tutela.sparql.binding import bind_iris
from tutela.sparql.query_file import page_query
from tutela.web.components.page_breaks import page_starts
from tutela.web.markup import web_link
from tutela.web.page_urls import page_url
from tutela.web.templating import local_name

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_OWN_RESOURCE = re.compile(rf"{re.escape(namespaces.BASE)}id/[A-Za-z0-9._/-]+", re.ASCII)
_BOOLEAN = {"true": "yes", "false": "no", "1": "yes", "0": "no"}  # Virtuoso writes numbers
# Columns whose values are short identifiers of resources, by the type of parameter that has their names.
_IDENTIFIERS = {
    "criterion": "criterion",
    "instrument": "instrument",
    "organisation": "organisation",
    "other": "instrument",
    "rating": "rating",
    "region": "area",
    "topic": "topic",
    "topic_slug": "topic",
}
# Columns whose values are short identifiers of concepts, by the schemes that may have them.
_SCHEMES = {
    "action": ("action-type",),
    "basis": ("bound-basis", "relation-basis", "basis"),
    "bearing": ("bearing",),
    "capacity": ("capacity",),
    "certainty": ("certainty",),
    "confidence": ("confidence",),
    "event": ("action-type", "reservation-kind"),
    "extent": ("extent",),
    "force": ("force",),
    "form": ("form",),
    "kind": ("instrument-kind", "law-kind", "reservation-kind", "note-kind", "implementation-kind"),
    "level": ("mapping-level",),
    "measure": ("measure",),
    "read_from": ("read-from",),
    "relation": ("relation",),
    "review": ("review-status",),
    "source_kind": ("source-kind",),
    "status": ("instrument-status", "law-status"),
    "strength": ("strength",),
}
_ABBREVIATIONS = {"cldr": "CLDR", "eu": "EU", "id": "ID", "iri": "IRI", "isp": "ISP", "iso3": "ISO3", "url": "URL"}
_MAX_LABELLED = 2000  # resources whose labels are looked up for one page
_PAGE_BYTES = 90_000  # of the rows of a page, estimated with their markup: no page is larger than 150,000 bytes


@dataclass(frozen=True)
class Cell:
    """One value.

    Args:
        text: the name, or the value if it has none.
        code: the code beside a name; empty if there is none.
        link: path or URL of its page; None if there is none.
        data: path of its properties, if it has no page.
        day: whether the text is a date.

    """

    text: str = ""
    code: str = ""
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


class _Names:
    """Names of identifiers and concepts, and labels of resources."""

    def __init__(self, catalog: Catalog, concepts: Mapping[str, Mapping[str, str]]) -> None:
        self._catalog = catalog
        self._concepts = concepts
        self._labels = {
            one.iri: one.label for kind in ("jurisdiction", "instrument", "criterion") for one in catalog.allowed_values(kind)
        }
        self._identifiers: dict[str, dict[str, tuple[str, str]]] = {}

    def read_labels(self, iris: Iterable[str]) -> None:
        """Look up the labels of resources."""
        own = {iri for iri in iris if _OWN_RESOURCE.fullmatch(iri) and iri not in self._labels}
        unknown = sorted(own)[:_MAX_LABELLED]
        if unknown:
            text = bind_iris(page_query("labels").text, "resource", unknown)
            for row in self._catalog.store.query(text).records():
                self._labels.setdefault(row["resource"], row["label"])

    def of_resource(self, iri: str) -> str:
        """Return the label of a resource; empty if it has none."""
        return self._labels.get(iri, "")

    def of_identifier(self, column: str, value: str) -> tuple[str, str] | None:
        """Return the name and the IRI of a short identifier; the IRI of a concept is empty."""
        kind = _IDENTIFIERS.get(column)
        if kind is not None:
            if kind not in self._identifiers:
                found = self._catalog.allowed_values(kind)
                self._identifiers[kind] = {one.value: (one.label, one.iri) for one in found}
            return self._identifiers[kind].get(value)
        paths = (f"{scheme}/{value}" for scheme in _SCHEMES.get(column, ()))
        return next(((self._concepts[path]["label"], "") for path in paths if path in self._concepts), None)


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
    names = _Names(catalog, concepts)
    names.read_labels(term["value"] for row in shown for term in row.values() if term["type"] == "uri")
    rows = [[_cell(names, column, row.get(column), root) for column in columns] for row in shown]
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
    return 40 + 3 * size if column in _IDENTIFIERS else size  # a link, a name, and the identifier


def _cell(names: _Names, column: str, term: Mapping[str, str] | None, root: str) -> Cell:
    if term is None:
        return Cell()
    value = term["value"]
    if term["type"] == "uri" and value.startswith(namespaces.BASE):
        return _resource(value, names.of_resource(value), root)
    found = names.of_identifier(column, value)
    if found is not None:
        label, iri = found
        resource = _resource(iri, label, root) if iri else Cell(label)
        return Cell(resource.text, value if value.casefold() != label.casefold() else "", resource.link, resource.data)
    if term.get("datatype") == f"{namespaces.XSD}boolean":
        return Cell(_BOOLEAN.get(value, value))
    return Cell(value, link=web_link(value), day=bool(_DATE.fullmatch(value)))


def _resource(iri: str, label: str, root: str) -> Cell:
    """Return the cell of a resource: with a link to its page, or else to its properties."""
    path = page_url(iri)
    text = label or namespaces.strip_base(iri)
    if path.startswith("/doc/"):
        return Cell(text, data=f"{root}{path}")
    code = local_name(iri) if "/id/jurisdiction/" in iri and label else ""
    return Cell(text, code, f"{root}{path}")


def _without_repetition(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Return the numbers of the columns without those that only repeat the name of another, and those without any value."""
    kept = []
    for number, column in enumerate(columns):
        texts = [row[number].text for row in rows]
        is_name = column in ("name", "label", "title") or column.endswith("_name")
        others = [other for other in range(len(columns)) if other != number and columns[other] != "name"] if is_name else []
        is_repeated = any(
            all(row[other].text == text for row, text in zip(rows, texts, strict=True))
            and any(row[other].code or row[other].link or row[other].data for row in rows)
            for other in others
        )
        is_code = column == "code" and all(row[number].text in [cell.code for cell in row] for row in rows)
        if any(texts) and not is_repeated and not is_code:
            kept.append(number)
    return kept
