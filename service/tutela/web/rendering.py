"""Rendering of pages from answers of catalogue queries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from tutela import namespaces
from tutela.catalog import Catalog, CatalogQuery
from tutela.catalog.parameters import nearest
from tutela.engine import Engine, ReleaseInfo
from tutela.errors import InvalidValuesError, NotFoundError, UsageError
from tutela.reports.words import ordinal
from tutela.sparql.query_file import page_query
from tutela.web.edition import DRAFT, DRAFT_HEADER, PARAMETER
from tutela.web.http.caching import CACHEABLE
from tutela.web.templating import join_words, templates

Row = dict[str, str]


@dataclass(frozen=True)
class ResultTable:
    """The answer to a catalogue query, as a page shows it. A missing value is an empty text.

    Args:
        query: the query.
        values: its parameters.
        rows: its rows.

    """

    query: CatalogQuery
    values: Mapping[str, str]
    rows: list[Row]

    @property
    def link(self) -> str:
        """URL path of the answer with its rows, SPARQL and sources, below the root path."""
        return f"/queries/{self.query.name}" + (f"?{urlencode(self.values)}" if self.values else "")

    @property
    def csv_link(self) -> str:
        """URL path of the answer as CSV, below the root path."""
        return f"/queries/{self.query.name}?{urlencode({**self.values, 'format': 'csv'})}"

    def where(self, **wanted: str) -> list[Row]:
        """Return the rows with these values."""
        return [row for row in self.rows if all(row[key] == value for key, value in wanted.items())]

    def by(self, column: str) -> dict[str, list[Row]]:
        """Group the rows by their value in a column, in order of first occurrence."""
        groups: dict[str, list[Row]] = {}
        for row in self.rows:
            groups.setdefault(row[column], []).append(row)
        return groups


class PageRenderer:
    """Renders pages from the catalogue.

    Args:
        catalog: the catalogue.
        engine: the engine, for the current release.

    """

    def __init__(self, catalog: Catalog, engine: Engine) -> None:
        self.catalog = catalog
        self.engine = engine
        self._concepts: tuple[str, dict[str, Row]] = ("", {})
        self._abbreviations: tuple[str, dict[str, Row]] = ("", {})
        self._editions: tuple[str, dict[str, Row]] = ("", {})

    def run(self, query: str, **values: str) -> ResultTable:
        """Return the answer to a catalogue query.

        Raises:
            UsageError: a value, which comes from the URL of the page, is not valid; see `Catalog.run`.

        """
        try:
            return ResultTable(self.catalog.query(query), values, list(self.catalog.run(query, values).records()))
        except InvalidValuesError as error:
            raise UsageError(str(error)) from error

    def labels(self, parameter_type: str) -> dict[str, str]:
        """Return the label of each allowed value of a parameter type."""
        return {item.value: item.label for item in self.catalog.allowed_values(parameter_type)}

    def default(self, query: str, parameter: str) -> str:
        """Return the default of a parameter, or its example if it is required. It may run a query."""
        found = self.catalog.query(query).parameter(parameter)
        return self.catalog.default(found) or found.example

    def edition(self, number: str | None = None) -> Row:
        """Return the row of an edition of the review, by default the current one, with its name, year and title.

        Raises:
            NotFoundError: there is no such edition.

        """
        wanted = number or self.current_edition()
        version = self.catalog.store.version
        if self._editions[0] != version:
            rows = self.run("editions").rows
            self._editions = version, {row["number"]: _edition(row) for row in rows}
        if wanted not in self._editions[1]:
            raise NotFoundError(f"Unknown edition {wanted!r}. Choose one of {', '.join(self._editions[1])}.")
        return self._editions[1][wanted]

    def chosen_edition(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Return what a page about the findings of one edition says about it.

        Args:
            given: the parameters of the URL; ``edition`` is optional.

        Returns:
            Content for the template: `edition` (its row), `is_current`, `is_draft`, `kept_edition` (its number, which links keep;
            empty for the current edition) and `findings_as_of` (a date; empty if the edition has none yet).

        Raises:
            NotFoundError: there is no such edition, or it has no findings by jurisdiction.

        """
        edition = self.edition(given.get(PARAMETER))
        if not edition["cells"]:
            choices = join_words([row["number"] for row in self._editions[1].values() if row["cells"]], "or")
            raise NotFoundError(f"Of the {edition['name']}, only totals are known. Choose edition {choices}.")
        is_current = edition["number"] == self.current_edition()
        return {
            "edition": edition,
            "is_current": is_current,
            "is_draft": edition["status"] == "draft",
            "kept_edition": "" if is_current else edition["number"],
            "findings_as_of": edition["findings_as_of"],
        }

    def current_edition(self) -> str:
        """Return the number of the latest published edition with findings by jurisdiction."""
        return self.catalog.current_edition()

    def findings_as_of(self) -> str:
        """Return the date of the findings of the current edition."""
        return self.edition()["findings_as_of"]

    def check(self, query: str, **values: str) -> None:
        """Check values of parameters.

        Raises:
            UsageError: a value is not valid; see `Catalog.term`.

        """
        for name, value in values.items():
            self.catalog.term(self.catalog.query(query).parameter(name), value)

    def concepts(self) -> dict[str, Row]:
        """Return the label and definition of each concept by the end of its IRI, such as ``strength/requires``."""
        version = self.catalog.store.version
        if self._concepts[0] != version:
            rows = self.catalog.store.query(page_query("concepts").text).records()
            found = {}
            for row in rows:
                iri, label, definition = row.values()
                found[namespaces.strip_base(iri).removeprefix("id/")] = {"label": label, "definition": definition}
            self._concepts = version, found
        return self._concepts[1]

    def abbreviations(self) -> dict[str, Row]:
        """Return the identifier, definition and page of each abbreviation: those of the glossary, and names of instruments."""
        version = self.catalog.store.version
        if self._abbreviations[0] != version:
            found = {}
            for name, concept in self.concepts().items():
                scheme, _, slug = name.partition("/")
                if scheme == "abbreviation":
                    path = f"/glossary#{scheme}-{slug}"
                    found[concept["label"]] = {"id": f"{scheme}-{slug}", "definition": concept["definition"], "path": path}
            for row in self.run("instruments").rows:
                name, title = row["short_name"], row["title"]
                slug = namespaces.strip_base(row["instrument"]).removeprefix("id/instrument/")
                if name.upper() == name != title:
                    found[name] = {"id": f"instrument-{slug}", "definition": title, "path": f"/instruments/{slug}"}
            self._abbreviations = version, found
        return self._abbreviations[1]

    async def respond(
        self,
        request: Request,
        template: str,
        content: Callable[[], Mapping[str, Any]],
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Respond with a page.

        Args:
            request: the request.
            template: name of the template.
            content: returns the content of the template; it may run catalogue queries and raise `UsageError`.
            headers: additional headers.

        """
        release = await self.engine.current_release()
        body, is_draft = await run_in_threadpool(self._render, request, template, content, release)
        marking = {DRAFT_HEADER: DRAFT} if is_draft else {}
        return Response(body, headers={**CACHEABLE, "content-type": "text/html; charset=utf-8", **marking, **(headers or {})})

    def _render(
        self, request: Request, template: str, content: Callable[[], Mapping[str, Any]], release: ReleaseInfo
    ) -> tuple[bytes, bool]:
        """Return a page, and whether it is about a draft of an edition."""
        context = {"release": release, "concepts": self.concepts(), "review": self.edition(), **content()}
        context.setdefault("other_edition", self._other_edition(request, context))
        return bytes(templates.TemplateResponse(request, template, context).body), context.get("is_draft", False)

    def _other_edition(self, request: Request, context: Mapping[str, Any]) -> Row | None:
        """Return the edition that an address names and that its page is not about; None if there is none."""
        number = request.query_params.get(PARAMETER, "")
        about = (self.current_edition(), context.get("kept_edition"), dict(context.get("edition") or {}).get("number"))
        return None if number in about else self._editions[1].get(number)


def _edition(row: Row) -> Row:
    """Return the row of an edition with its name, the year of its publication and the title of the report."""
    name = f"{ordinal(row['number'])} edition"
    # The title of a source ends with the edition, which citations give on its own.
    title = row["source"][: -len(f", {name}")] if row["source"].lower().endswith(f", {name}") else row["source"]
    shown = f"{name} (draft)" if row["status"] == "draft" else name
    return {**row, "name": shown, "year": row["published"][:4], "title": title}


def get_or_404(labels: Mapping[str, str], value: str, kind: str) -> str:
    """Return the label of a value.

    Raises:
        NotFoundError: there is no such value; the message suggests the nearest.

    """
    if value not in labels:
        raise NotFoundError(f"Unknown {kind} {value!r}{nearest(value, list(labels))}.")
    return labels[value]
