"""What the pages share: the catalogue that they ask, errors that people can read, and pages kept as long as their release is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cachetools import LRUCache
from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from tutela import header, names, paths
from tutela.catalog import Catalog, Question
from tutela.engine import Engine, Holding
from tutela.errors import UsageError
from tutela.web.negotiation import choose
from tutela.web.sparql import has, http_date, tag
from tutela.web.templating import program, root_of, templates

_KEPT_BYTES = 32 << 20
Row = dict[str, str]
# The edition whose findings are known by jurisdiction; of the others there are totals.
EDITION = "10"


class UnknownPageError(UsageError):
    """There is no such page; the message says what there is."""


@dataclass(frozen=True)
class Figure:
    """What a page shows of the catalogue: rows of an answer, and the question behind them.

    A value that an answer does not have is an empty text.
    """

    question: Question
    values: Mapping[str, str]
    rows: list[Row]

    @property
    def link(self) -> str:
        """Where the question is answered, with its rows, its SPARQL and its sources, below the root."""
        return f"/queries/{self.question.name}" + (f"?{urlencode(self.values)}" if self.values else "")

    @property
    def table(self) -> str:
        """The same as CSV."""
        return f"/queries/{self.question.name}?{urlencode({**self.values, 'format': 'csv'})}"

    def where(self, **wanted: str) -> list[Row]:
        """Return the rows that have these values."""
        return [row for row in self.rows if all(row[key] == value for key, value in wanted.items())]

    def by(self, column: str) -> dict[str, list[Row]]:
        """Return the rows by their value in a column, in the order in which the values come."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row[column], []).append(row)
        return found


class Frame:
    """The catalogue as the pages ask it, over an engine."""

    def __init__(self, catalog: Catalog, engine: Engine) -> None:
        self.catalog = catalog
        self.engine = engine
        self._words: tuple[str, dict[str, Row]] = ("", {})
        self._kept: LRUCache[str, bytes] = LRUCache(_KEPT_BYTES, getsizeof=len)

    def ask(self, question: str, **values: str) -> Figure:
        """Return the answer to a question of the catalogue; see `Catalog.ask`."""
        answer = self.catalog.ask(question, values)
        columns = answer.columns
        rows = [dict(zip(columns, ("" if cell is None else cell for cell in row), strict=True)) for row in answer.rows()]
        return Figure(self.catalog.question(question), values, rows)

    def names(self, kind: str) -> dict[str, str]:
        """Return the labels of what parameters of a kind may be, by value."""
        return {choice.value: choice.label for choice in self.catalog.choices(kind)}

    def default(self, question: str, parameter: str) -> str:
        """Return what a parameter of a question is unless it is given."""
        found = next(p for p in self.catalog.question(question).parameters if p.name == parameter)
        return found.default or found.example

    def findings_as_of(self) -> str:
        """Return the day as of which the findings are current."""
        (edition,) = self.ask("editions").where(number=EDITION)
        return edition["findings_as_of"]

    def check(self, question: str, **values: str) -> None:
        """Refuse values that parameters of a question cannot have; see `Catalog.term`."""
        for parameter in self.catalog.question(question).parameters:
            if parameter.name in values:
                self.catalog.term(parameter, values[parameter.name])

    def words(self) -> dict[str, Row]:
        """Return the terms of the schemes by the end of their address, such as ``strength/requires``."""
        version = self.catalog.store.version
        if self._words[0] != version:
            answer = self.catalog.store.query(header.read(paths.QUERIES / "pages" / "words.rq").text)
            rows = (("" if cell is None else cell for cell in row) for row in answer.rows())
            found = {names.short(term).removeprefix("id/"): {"label": label, "definition": more} for term, label, more in rows}
            self._words = version, found
        return self._words[1]

    async def page(
        self, request: Request, template: str, make: Callable[[], Mapping[str, Any]], headers: Mapping[str, str] | None = None
    ) -> Response:
        """Answer with a page.

        Args:
            request: what was asked; the page is kept by its address.
            template: its name.
            make: returns what the template shows; it may ask the catalogue, and raise `UsageError`.
            headers: of its own.

        """
        held = await self.engine.holding()
        etag = tag(held.version, program(), root_of(request), str(request.url))
        always = {
            "etag": etag,
            "last-modified": http_date(held.issued),
            "cache-control": "public, no-cache",
            "vary": "accept",
            "content-type": "text/html; charset=utf-8",
            **(headers or {}),
        }
        if has(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=always)
        body = self._kept.get(etag)
        if body is None:
            try:
                body = await run_in_threadpool(self._rendered, request, template, make, held)
            except UsageError as error:
                return failure(request, 404 if isinstance(error, UnknownPageError) else 400, str(error))
            if len(body) < _KEPT_BYTES:
                self._kept[etag] = body
        return Response(body, headers=always)

    def _rendered(self, request: Request, template: str, make: Callable[[], Mapping[str, Any]], held: Holding) -> bytes:
        content = {"held": held, "words": self.words(), **make()}
        return bytes(templates.TemplateResponse(request, template, content).body)


_HEADINGS = {
    404: "There is no such page",
    500: "Something went wrong here",
    503: "The service is busy",
    502: "The data cannot be reached",
    504: "That took too long",
}


def reads_html(request: Request) -> bool:
    """Return whether a client wants pages rather than texts."""
    chosen = choose({"text/html": "html", "text/plain": "text"}, request.headers.get("accept"))
    return chosen is not None and chosen[1] == "html"


def failure(request: Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as a page that says in a sentence what happened."""
    content = {"heading": _HEADINGS.get(status, "That cannot be answered"), "message": message}
    return templates.TemplateResponse(
        request, "failure.html", content, status_code=status, headers={"vary": "accept", **(headers or {})}
    )


def known(value: str, names: Mapping[str, str], what: str) -> str:
    """Return the name of what a page is about.

    Raises:
        UnknownPageError: there is none.

    """
    if value not in names:
        raise UnknownPageError(f"There is no {what} {value!r} here.")
    return names[value]


def ordered(rows: Iterable[Row], column: str, order: Iterable[str]) -> list[Row]:
    """Return rows in the order in which the values of a column are named."""
    place = {value: number for number, value in enumerate(order)}
    return sorted(rows, key=lambda row: place.get(row[column], len(place)))
