"""The catalogue: its queries, evaluated over a store with checked parameter values."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tutela import paths
from tutela.catalog.parameters import (
    CURRENT_EDITION,
    DATE,
    EDITION,
    RELEASE_DATE,
    Parameter,
    ParameterValue,
    date_term,
    listed_term,
    nearest,
)
from tutela.catalog.query import CatalogQuery, from_file
from tutela.errors import InvalidValuesError, TutelaError, UnknownQueryError, UsageError
from tutela.sparql import QueryResult, Store, query_file
from tutela.sparql.binding import bind
from tutela.sparql.query_file import page_query

FOLDER = paths.QUERIES / "catalog"


class Catalog:
    """The queries of a folder, evaluated over a store.

    Args:
        store: the store.
        folder: the folder with the query files.

    """

    def __init__(self, store: Store, folder: Path = FOLDER) -> None:
        self.store = store
        self.folder = folder
        self._queries: dict[str, CatalogQuery] | None = None
        self._allowed: dict[tuple[str, str], list[ParameterValue]] = {}
        self._release_date: dict[str, str] = {}
        self._current_edition: dict[str, str] = {}
        self._drafts: dict[str, tuple[str, ...]] = {}

    @staticmethod
    def load(folder: Path = FOLDER) -> list[CatalogQuery]:
        """Return the queries of a folder, sorted by name; this needs no store. A process reads them once."""
        return list(_load(folder))

    @property
    def queries(self) -> dict[str, CatalogQuery]:
        """All queries, by name."""
        if self._queries is None:
            self.preload()
        return self._queries or {}

    def preload(self) -> None:
        """Read all queries now, so that later changes of their files have no effect."""
        self._queries = {query.name: query for query in self.load(self.folder)}

    def query(self, name: str) -> CatalogQuery:
        """Return a query by its name.

        Raises:
            UnknownQueryError: no such query; the message suggests the nearest.

        """
        if self._queries is None:
            # One query needs one file; reading all of them takes longer than answering it.
            path = next(self.folder.glob(f"*/{name}.rq"), None) if name.replace("-", "").isalnum() else None
            if path is not None:
                return from_file(query_file.read(path))
        if name not in self.queries:
            near = nearest(name, list(self.queries))
            raise UnknownQueryError(f"There is no query {name!r} in the catalogue{near}.")
        return self.queries[name]

    def run(self, name: str, values: Mapping[str, str]) -> QueryResult:
        """Evaluate a query.

        Args:
            name: name of the query.
            values: text of each parameter.

        Raises:
            UnknownQueryError: see `query`.
            InvalidValuesError: a parameter is unknown, missing, or has a value that the graph does not contain.

        """
        return self.store.query(self.text(name, values))

    def text(self, name: str, values: Mapping[str, str]) -> str:
        """Return a query with these parameter values, ready for any engine; see `run`."""
        query = self.query(name)
        text = query.file.text
        for parameter, term in self._terms(query, values):
            text = bind(text, parameter.name, term)
        return text

    def resources(self, name: str, values: Mapping[str, str]) -> list[str]:
        """Return the IRIs of the resources that the parameter values identify; see `run`."""
        return [term[1:-1] for parameter, term in self._terms(self.query(name), values) if parameter.type != DATE]

    def _terms(self, query: CatalogQuery, values: Mapping[str, str]) -> list[tuple[Parameter, str]]:
        """Return each parameter with its value or default as a SPARQL term.

        Raises:
            InvalidValuesError: see `run`; the error has a message for each wrong parameter.

        """
        known = {parameter.name for parameter in query.parameters}
        messages = {}
        for name in values:
            if name not in known:
                takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
                messages[name] = f"{query.name} has no parameter {name!r}{nearest(name, list(known))}; {takes}."
        found = []
        for parameter in query.parameters:
            value = values.get(parameter.name, self.default(parameter))
            if value is None:
                messages[parameter.name] = (
                    f"{query.name} needs the parameter {parameter.name} ({parameter.description}), "
                    f"such as {parameter.name}={parameter.example}."
                )
                continue
            try:
                found.append((parameter, self.term(parameter, value)))
            except UsageError as error:
                messages[parameter.name] = str(error)
        if messages:
            raise InvalidValuesError(messages)
        return found

    def term(self, parameter: Parameter, value: str) -> str:
        """Return a parameter value as a SPARQL term.

        Raises:
            UsageError: the value is not valid; the message suggests the nearest.

        """
        if parameter.type == DATE:
            return date_term(parameter, value, self.release_date())
        if parameter.type == EDITION and value == CURRENT_EDITION:
            value = self.current_edition() or value
        return listed_term(parameter, value, self.allowed_values(parameter.type))

    def allowed_values(self, parameter_type: str) -> list[ParameterValue]:
        """Return the values of a parameter type, in the order of its query; none for dates."""
        if parameter_type == DATE:
            return []
        key = self.store.version, parameter_type
        if key not in self._allowed:
            self._allowed[key] = self._read_values(parameter_type)
        return self._allowed[key]

    def release_date(self) -> str:
        """Return the date of the release, which is the latest date that a query accepts; empty if the graph does not state it."""
        version = self.store.version
        if version not in self._release_date:
            [(latest,)] = self.store.query(page_query("release-date").text).rows()
            self._release_date = {version: str(latest or "")}
        return self._release_date[version]

    def current_edition(self) -> str:
        """Return the number of the latest published edition with findings by jurisdiction; empty if there is none."""
        version = self.store.version
        if version not in self._current_edition:
            [(current,)] = self.store.query(page_query("current-edition").text).rows()
            self._current_edition = {version: str(current or "")}
        return self._current_edition[version]

    def draft_editions(self) -> tuple[str, ...]:
        """Return the numbers of the editions that are drafts."""
        version = self.store.version
        if version not in self._drafts:
            found = self.store.query(page_query("draft-editions").text).rows()
            self._drafts = {version: tuple(str(number) for (number,) in found)}
        return self._drafts[version]

    def drafts_in(self, name: str, values: Mapping[str, str]) -> list[str]:
        """Return the numbers of the drafts that an answer is about."""
        types = {parameter.name: parameter.type for parameter in self.query(name).parameters}
        return [value for key, value in values.items() if types.get(key) == EDITION and value in self.draft_editions()]

    def default(self, parameter: Parameter) -> str | None:
        """Return the value of a parameter if none is given; None if it is required."""
        if parameter.default in (RELEASE_DATE, CURRENT_EDITION):
            return self.symbolic_defaults()[parameter.default] or parameter.example
        return parameter.default

    def symbolic_defaults(self) -> dict[str, str]:
        """Return the value that each symbolic default stands for in the graph; empty if the graph does not state it."""
        return {RELEASE_DATE: self.release_date(), CURRENT_EDITION: self.current_edition()}

    def _read_values(self, parameter_type: str) -> list[ParameterValue]:
        path = paths.QUERIES / "parameters" / f"{parameter_type}.rq"
        if not path.is_file():
            raise TutelaError(f"{path}: no such file, but a query has a parameter of the type {parameter_type!r}.")
        result = self.store.query(_read_text(path))
        return [ParameterValue(str(value), f"<{term}>", str(label)) for value, term, label in result.rows()]


@cache
def _load(folder: Path) -> tuple[CatalogQuery, ...]:
    return tuple(from_file(file) for file in query_file.read_all(folder))


@cache
def _read_text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
